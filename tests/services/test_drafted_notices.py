"""A drafted notice holds money and lifts until it hangs, or until somebody takes it back."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backend.domain.errors import Refused
from backend.domain.states import State
from backend.services.case import reminders
from backend.services.public_notice.objections import PaperObjection
from backend.services.reads.todos import my_todos
from backend.store.notices import PublicNotice
from backend.store.purchases import CoveragePeriod
from tests.build.looking import (
    approve,
    assert_sound,
    case,
    codes,
    covers,
    letters,
    limits,
    planned_for,
    pool,
    steps,
)
from tests.build.owners_case import drafted_by_owners
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village

DUE_FEN = 2 * PREMIUM_FEN
NOBODY_POSTS = "物业换人，暂时没有人张贴"


def test_a_drafted_notice_keeps_its_money_and_its_lifts(village: Village) -> None:
    purchase = village.approved()
    assert covers(village, purchase) == []
    village.manager.drafts_notice(purchase.id)
    assert pool(village) == (POOL_FEN, DUE_FEN)
    assert {state for state, *_ in covers(village, purchase)} == {"reserved"}
    assert_sound(village)


@pytest.mark.usefixtures("cases_from_before")
def test_the_second_notice_for_a_lift_is_refused_when_it_is_drafted(village: Village) -> None:
    first = village.approved()
    second = planned_for(village, village.lifts)
    approve(village, second)
    village.manager.drafts_notice(first.id)
    held = pool(village)
    with pytest.raises(Refused) as refused:
        village.manager.drafts_notice(second.id)
    assert set(codes(refused)) == {"lift_already_covered"}
    assert pool(village) == held
    village.manager.undoes_draft(first.id, NOBODY_POSTS)
    village.manager.drafts_notice(second.id)
    assert covers(village, second)[0][0] == "reserved"
    assert_sound(village)


@pytest.mark.parametrize("name", ["manager", "clerk"])
def test_whoever_may_draft_a_notice_takes_it_back_with_a_reason(
    village: Village, name: str
) -> None:
    purchase = village.approved()
    notice = village.manager.drafts_notice(purchase.id)
    village.person(name).undoes_draft(purchase.id, NOBODY_POSTS)
    assert case(village, purchase).state == State.APPROVED
    assert pool(village) == (POOL_FEN, 0)
    assert {state for state, *_ in covers(village, purchase)} == {"released"}
    assert limits(village, purchase).keys() == {"posting"}
    assert steps(village, purchase)[-1].reason == NOBODY_POSTS
    with village.ctx.sessions() as tx:
        assert tx.get_one(PublicNotice, notice.id).state == "void"
    told = {to: data for to, _, data in letters(village, purchase)}
    assert told["manager"]["next"] == "待张贴的公示已撤回"
    assert_sound(village)


def test_what_was_taken_back_stands_on_the_list_of_whoever_posts(village: Village) -> None:
    purchase = village.approved()
    village.manager.drafts_notice(purchase.id)
    village.clerk.undoes_draft(purchase.id, NOBODY_POSTS)
    (todo,) = my_todos(village.ctx, village.actor("manager")).items
    assert (todo.mine, todo.why) == (True, f"撤回待张贴的公示：{NOBODY_POSTS}")


def test_a_notice_that_was_taken_back_is_drafted_and_posted_anew(village: Village) -> None:
    purchase = village.approved()
    first = village.manager.drafts_notice(purchase.id)
    village.clerk.undoes_draft(purchase.id, NOBODY_POSTS)
    second = village.manager.drafts_notice(purchase.id)
    assert second.id != first.id
    village.photograph(second.id, "start")
    assert case(village, purchase).state == State.POSTED
    assert pool(village) == (POOL_FEN, DUE_FEN)
    live = [state for state, *_ in covers(village, purchase) if state != "released"]
    assert live == ["reserved"] * 2
    assert_sound(village)


def test_the_property_company_takes_no_notice_of_the_owners_back(village: Village) -> None:
    purchase, _ = drafted_by_owners(village)
    with pytest.raises(Refused) as refused:
        village.manager.undoes_draft(purchase.id, NOBODY_POSTS)
    assert codes(refused) == ["not_the_applicant"]
    village.person("owner0").undoes_draft(purchase.id, NOBODY_POSTS)


def test_only_a_frozen_notice_that_does_not_hang_yet_is_taken_back(village: Village) -> None:
    purchase = village.approved()
    with pytest.raises(Refused) as refused:
        village.manager.undoes_draft(purchase.id, NOBODY_POSTS)
    assert codes(refused) == ["notice_not_drafted"]
    village.manager.drafts_notice(purchase.id)
    with pytest.raises(Refused) as refused:
        village.manager.undoes_draft(purchase.id, " ")
    assert codes(refused) == ["text_required"]
    for name in ("insurer", "cashier"):
        with pytest.raises(Refused) as refused:
            village.person(name).undoes_draft(purchase.id, NOBODY_POSTS)
        assert codes(refused) == ["role_required"]
    with village.ctx.sessions() as tx:
        notice = tx.scalars(select(PublicNotice.id)).one()
    village.photograph(notice, "start")
    with pytest.raises(Refused) as refused:
        village.manager.undoes_draft(purchase.id, NOBODY_POSTS)
    assert codes(refused) == ["step_not_possible"]


def test_nobody_takes_back_a_notice_to_get_rid_of_an_objection(village: Village) -> None:
    purchase = village.approved()
    notice = village.manager.drafts_notice(purchase.id)
    village.clock.advance(days=1)
    paper = PaperObjection("price", "保费偏高", "王芳", village.clock(), village.owners[0])
    village.clerk.enters_paper(notice.id, paper)
    with pytest.raises(Refused) as refused:
        village.manager.undoes_draft(purchase.id, NOBODY_POSTS)
    assert codes(refused) == ["objection_open"]


def test_the_clerk_hears_that_a_notice_is_not_posted_in_time(village: Village) -> None:
    purchase = village.approved()
    village.manager.drafts_notice(purchase.id)
    village.clock.set(limits(village, purchase)["posting"].ends_before + timedelta(days=1))
    reminders.sweep(village.ctx)
    reminded = {to for to, name, _ in letters(village, purchase) if name == "deadline_reminder"}
    assert reminded >= {"manager", "clerk"}


def test_a_notice_drafted_before_lifts_were_kept_so_early_keeps_them_when_it_hangs(
    village: Village,
) -> None:
    purchase = village.approved()
    notice = village.manager.drafts_notice(purchase.id)
    with village.ctx.sessions() as tx:
        tx.execute(update(CoveragePeriod).values(state="released"))
        tx.commit()
    village.photograph(notice.id, "start")
    assert [state for state, *_ in covers(village, purchase)].count("reserved") == 2
    assert_sound(village)
