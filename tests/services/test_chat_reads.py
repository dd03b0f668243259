"""What chat tells a person is what the app shows them."""

import pytest
from sqlalchemy import update

from backend.services.base.context import Actor
from backend.services.reads import cases, chat, todos
from backend.services.reads.plan_cards import PlanCard
from backend.store.people import AccessGrant
from backend.store.registry import CommitteeMember, LiftToken
from tests.build.looking import at, vote
from tests.build.village import Village

EVERYBODY = (
    *("member0", "member1", "owner0", "owner3", "manager", "insurer"),
    *("clerk", "reviewer", "cashier", "supervisor", "auditor"),
)


def in_the_app(village: Village, actor: Actor) -> list[str]:
    return [purchase.number for purchase in cases.list_cases(village.ctx, actor, None, None, 10)]


def in_chat(village: Village, actor: Actor, number: str | None = None) -> list[str]:
    with village.ctx.sessions() as tx:
        found = chat.progress(tx, village.ctx, actor.person_id, number)
    return [progress.number for progress in found]


def waiting(village: Village, name: str) -> list[PlanCard]:
    with village.ctx.sessions() as tx:
        return list(chat.known_of(tx, village.ctx, village.actor(name).person_id).waiting)


@pytest.mark.parametrize("name", EVERYBODY)
def test_chat_and_app_list_the_same_cases(village: Village, name: str) -> None:
    village.planned()
    actor = village.actor(name)
    assert in_chat(village, actor) == in_the_app(village, actor) != []


def test_chat_forgets_a_manager_whose_grant_ended_as_the_app_does(village: Village) -> None:
    """Whoever applied sees the case for as long as the role lasts."""
    purchase = village.planned()
    manager = village.actor("manager")
    assert in_chat(village, manager) == [purchase.number]
    with village.ctx.sessions() as tx:
        mine = update(AccessGrant).where(AccessGrant.person_id == manager.person_id)
        tx.execute(mine.values(valid_until=village.clock()))
        tx.commit()
    assert in_the_app(village, manager) == []
    assert in_chat(village, manager) == []
    assert in_chat(village, manager, purchase.number) == []
    with village.ctx.sessions() as tx:
        assert chat.deadlines(tx, village.ctx, manager.person_id) == []
        assert todos.own_todos(tx, village.ctx, manager) == []


def test_chat_forgets_a_member_who_left_the_committee(village: Village) -> None:
    village.planned()
    member = village.actor("member0")
    with village.ctx.sessions() as tx:
        seat = update(CommitteeMember).where(CommitteeMember.person_id == member.person_id)
        tx.execute(seat.values(left_on=at("2025-03-03 09:00").date()))
        tx.commit()
    assert in_chat(village, member) == in_the_app(village, member)


@pytest.mark.parametrize(
    ("asked", "found"),
    [("1栋", 1), ("1号楼", 1), ("一幢", 1), ("第1栋", 1), ("2栋", 0), ("11栋", 0), ("%栋", 0)],
)
def test_cases_are_found_by_their_building_however_it_is_called(
    village: Village, asked: str, found: int
) -> None:
    village.planned()
    assert len(in_chat(village, village.actor("manager"), asked)) == found
    assert in_chat(village, village.actor("stranger"), asked) == []


def test_a_member_finds_the_plans_that_wait_for_them(village: Village) -> None:
    purchase = village.planned()
    (card,) = waiting(village, "member0")
    assert (card.number, len(card.lifts), card.answered) == (purchase.number, 2, None)
    vote(village, purchase, "member0", "approve")
    assert waiting(village, "member0")[0].answered == "approve"
    assert waiting(village, "member1")[0].answered is None
    vote(village, purchase, "member1", "approve")
    assert waiting(village, "member0") == []
    assert waiting(village, "owner0") == []


class TestLiftCode:
    @pytest.fixture
    def token(self, village: Village) -> str:
        with village.ctx.sessions() as tx:
            token = LiftToken(lift_id=village.lifts[0], token="k" * 26, issued_at=village.clock())
            tx.add(token)
            tx.commit()
            return token.token

    def found(self, village: Village, code: str) -> bool:
        with village.ctx.sessions() as tx:
            return chat.lift_status(tx, village.ctx, code) is not None

    def test_a_lift_is_found_by_its_code_as_a_scan_brings_it(
        self, village: Village, token: str
    ) -> None:
        assert self.found(village, token)

    def test_a_code_that_no_scan_would_bring_is_no_code_in_chat_either(
        self, village: Village, token: str
    ) -> None:
        for other in (token.upper(), token[:-1], token + "k", "i" * 26):
            assert not self.found(village, other)
