"""移交: what the successor may not take stays, openly; what moved is told once and on record."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select

from backend.domain import handing_over as rules
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused
from backend.domain.right_ends import RightEnd
from backend.domain.roles import Role
from backend.services.people import grants, handing_over, lockouts
from backend.services.people.handing_over import Preview
from backend.store.audit import AuditEntry
from backend.store.handovers import CaseHandover
from backend.store.messages import Outbox
from backend.store.people import AccessGrant
from backend.store.purchases import OfficerAct, Purchase
from tests.build.looking import add_person, codes
from tests.build.many_cases import copy_case
from tests.build.players import change
from tests.build.village import Village
from tests.build.waiting import InBetween, at_once


def right_of(village: Village, name: str) -> UUID:
    mine = AccessGrant.person_id == village.actor(name).person_id
    with village.ctx.sessions() as tx:
        return tx.scalars(select(AccessGrant.id).where(mine).order_by(AccessGrant.id)).all()[0]


def leaving(village: Village) -> list[UUID]:
    """Four cases wait for the reviewer; in the third the successor was the clerk."""
    first = village.cleared().id
    cases = [first, *copy_case(village.ctx, first, 3)]
    add_person(village, "administrator", "administrator")
    for name in ("successor", "other"):
        add_person(village, name, "reviewer")
    was_clerk(village, "successor", cases[2])
    village.clock.advance(hours=1)  # the copies changed some minutes after the first
    return cases


def was_clerk(village: Village, name: str, case: UUID) -> None:
    act = {"subject_kind": "purchase", "subject_id": case, "role": "clerk"}
    person_id = village.actor(name).person_id
    change(
        village.ctx,
        insert(OfficerAct).values({**act, "person_id": person_id, "since": village.clock()}),
    )


def looks(
    village: Village, to: str | None, of: str = "reviewer", by: str = "administrator"
) -> Preview:
    successor = village.actor(to).person_id if to else None
    return handing_over.preview(village.ctx, village.actor(by), right_of(village, of), successor)


def hands(village: Village, seen: Preview, because: RightEnd | None = None) -> Preview:
    assert seen.successor_id
    by = village.actor("administrator")
    return handing_over.hand_over(
        village.ctx, by, seen.grant_id, seen.successor_id, seen.version, because
    )


def of(village: Village, name: str) -> list[UUID]:
    """What was handed to this person, the newest first."""
    return [each.id for each in handing_over.handed_to(village.ctx, village.actor(name))]


def refused(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        act()
    return codes(refused)


def test_looking_names_every_case_and_moves_none(village: Village) -> None:
    cases = leaving(village)
    nobody_yet = looks(village, None)
    assert (nobody_yet.role_name, nobody_yet.scope_name) == ("中心复核", "全市")
    assert (list(nobody_yet.moving), nobody_yet.successor) == ([], "")
    assert [each.id for each in nobody_yet.staying] == sorted(cases)
    others = {village.actor(name).person_id for name in ("successor", "other")}
    assert set(nobody_yet.choices) == others
    assert {len(each.heirs) for each in nobody_yet.staying if each.id != cases[2]} == {2}
    seen = looks(village, "successor")
    assert {each.id for each in seen.moving} == {*cases} - {cases[2]}
    (stays,) = seen.staying
    assert (stays.id, list(stays.obstacles)) == (cases[2], ["在本案中已办过中心经办"])
    assert list(stays.heirs) == [seen.choices[village.actor("other").person_id]]
    assert of(village, "successor") == []


def test_one_confirmation_moves_what_may_move_tells_once_and_ends_the_right(
    village: Village,
) -> None:
    cases = leaving(village)
    seen = looks(village, "successor")
    done = hands(village, seen, RightEnd.LEFT)
    assert done == seen
    assert {*of(village, "successor")} == {*cases} - {cases[2]}
    with village.ctx.sessions() as tx:
        ended = tx.get_one(AccessGrant, seen.grant_id)
        assert (ended.valid_until, ended.ended_because) == (village.clock(), "left")
        steps = select(func.count()).where(AuditEntry.action == AuditAction.PURCHASE_HAND_OVER)
        assert tx.scalar(steps.select_from(AuditEntry)) == 3
        told = select(func.count()).where(Outbox.natural_key.like("handover/cases/%"))
        assert tx.scalar(told.select_from(Outbox)) == 1
    assert refused(partial(hands, village, seen)) == ["handover_changed"]
    left = looks(village, "successor")
    assert (left.valid, [each.id for each in left.staying]) == (False, [cases[2]])
    assert refused(partial(hands, village, left)) == ["handover_empty"]
    hands(village, looks(village, "other"))
    assert of(village, "other") == [cases[2]]


def test_who_left_is_asked_of_nothing_that_began_to_wait_afterwards(village: Village) -> None:
    cases = leaving(village)
    grants.revoke(village.ctx, None, right_of(village, "reviewer"), RightEnd.LEFT)
    assert {each.id for each in looks(village, None).staying} == {*cases}
    village.clock.advance(hours=1)
    village.person("other").registers(cases[0])
    assert {each.id for each in looks(village, None).staying} == {*cases[1:]}


def test_nothing_moves_that_was_not_looked_at(village: Village) -> None:
    cases = leaving(village)
    seen = looks(village, "successor")
    was_clerk(village, "successor", cases[3])
    assert refused(partial(hands, village, seen, RightEnd.LEFT)) == ["handover_changed"]
    assert of(village, "successor") == []
    assert looks(village, None).valid
    hands(village, looks(village, "successor"))
    assert len(of(village, "successor")) == 2


def test_of_two_confirmations_at_once_one_moves_the_cases(village: Village) -> None:
    cases = leaving(village)
    seen = [looks(village, name) for name in ("successor", "other")]

    def confirm(one: Preview) -> list[str]:
        try:
            hands(village, one)
        except Refused as refusal:
            return [each.code for each in refusal.refusals]
        return []

    said = at_once([partial(confirm, each) for each in seen])
    assert sorted(said) == [[], ["handover_changed"]]
    with village.ctx.sessions() as tx:
        moved = tx.scalars(select(CaseHandover.purchase_id)).all()
    assert len(moved) == len({*moved})
    assert {*moved} <= {*cases}


def test_a_right_that_gets_another_end_meanwhile_stands_in_no_handovers_way(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has locked what the other writes: the right, and the person whose it is."""
    cases = leaving(village)
    seen, by = looks(village, "successor"), village.actor("administrator")
    leaver, end = village.actor("reviewer").person_id, village.clock() + timedelta(days=9)
    give = partial(grants.grant, village.ctx, by, leaver, Role.REVIEWER, until=end)
    late, version_of = InBetween(village.ctx.sessions, give), rules.version_of

    def begun(*cases: Sequence[UUID]) -> str:
        late.begin()
        return version_of(*cases)

    monkeypatch.setattr(rules, "version_of", begun)
    hands(village, seen)
    assert late.result() == seen.grant_id
    assert {*of(village, "successor")} == {*cases} - {cases[2]}


def test_a_case_goes_on_from_its_successor_and_is_no_more_with_who_had_it(
    village: Village,
) -> None:
    cases = leaving(village)
    hands(village, looks(village, "successor"))
    on = looks(village, "other", of="successor")
    assert {each.id for each in on.moving} >= {*cases} - {cases[2]}
    hands(village, on)
    assert of(village, "successor") == []
    moved = handing_over.handed_to(village.ctx, village.actor("other"))
    newest = moved[0]
    assert (newest.role_name, newest.estate, newest.handed_at) == (
        "中心复核",
        "示例小区",
        village.clock(),
    )
    with village.ctx.sessions() as tx:
        assert tx.get_one(Purchase, newest.id).number == newest.number
    assert [each.id for each in looks(village, None).staying] == [cases[2]]


def test_whoever_holds_the_right_no_more_has_no_case_of_it(village: Village) -> None:
    leaving(village)
    hands(village, looks(village, "successor"))
    until = village.clock() + timedelta(days=1)
    person = village.actor("successor").person_id
    grants.grant(village.ctx, None, person, Role.REVIEWER, until=until)
    assert len(of(village, "successor")) == 3
    village.clock.advance(days=2)
    assert of(village, "successor") == []


def test_somebody_kept_out_takes_no_case_on(village: Village) -> None:
    leaving(village)
    lockouts.lock_out(village.ctx, None, village.actor("other").person_id, "手机丢失")
    seen = looks(village, "other")
    assert list(seen.moving) == []
    assert {tuple(each.obstacles) for each in seen.staying} == {("已停用",)}
    assert refused(partial(hands, village, seen)) == ["handover_empty"]


@pytest.mark.parametrize(("name", "scope"), [("manager", "示例小区"), ("insurer", "示例保险")])
def test_a_clerk_hands_over_the_cases_of_a_company_within_its_scope(
    village: Village, name: str, scope: str
) -> None:
    case = village.surveyed().id
    role = {"manager": "property_manager", "insurer": "insurer"}[name]
    within = village.estate if name == "manager" else village.insurer
    add_person(village, "colleague", role, within)
    seen = looks(village, "colleague", of=name, by="clerk")
    assert seen.scope_name == scope
    assert [each.id for each in seen.moving] == [case]
    to = village.actor("colleague").person_id
    clerk = village.actor("clerk")
    handing_over.hand_over(village.ctx, clerk, seen.grant_id, to, seen.version)
    assert of(village, "colleague") == [case]


def test_cases_go_to_nobody_without_the_right_and_by_nobody_who_does_not_keep_it(
    village: Village,
) -> None:
    leaving(village)
    for name in ("cashier", "reviewer", "stranger"):
        assert refused(partial(looks, village, name)) == ["successor_unfit"]
    for name, code in (
        ("clerk", "role_required"),
        ("auditor", "role_required"),
        ("manager", "not_found"),
    ):
        assert refused(partial(looks, village, None, by=name)) == [code]
    keeper = village.actor("administrator")
    nowhere = partial(handing_over.preview, village.ctx, keeper, uuid4(), None)
    assert refused(nowhere) == ["not_found"]
