"""代办: another officer does the work for a time; the three officers stay different people."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.services.messages import leases
from backend.services.people import delegations, grants, whoami
from backend.services.purchase import applications
from backend.store.audit import AuditEntry
from backend.store.people import AccessGrant
from backend.store.purchases import OfficerAct, Purchase
from backend.store.registry import Estate
from tests.build.looking import add_person, case, codes
from tests.build.village import Village


def grant_of(village: Village, name: str) -> UUID:
    with village.ctx.sessions() as tx:
        mine = AccessGrant.person_id == village.actor(name).person_id
        return tx.scalars(select(AccessGrant.id).where(mine).order_by(AccessGrant.id)).all()[0]


def delegates(village: Village, name: str, to: str, days: int = 7) -> UUID:
    until, other = village.clock() + timedelta(days=days), village.actor(to).person_id
    own = grant_of(village, name)
    return delegations.delegate(village.ctx, village.actor(name), own, other, until)


def roles_of(village: Village, name: str) -> set[str]:
    held = whoami.who_am_i(village.ctx, village.actor(name)).grants
    return {each.role for each in held}


def applied(village: Village) -> Purchase:
    purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    return case(village, purchase)


def test_a_colleague_does_the_clerks_work_until_the_day_and_it_is_on_record(
    village: Village,
) -> None:
    purchase = applied(village)
    delegates(village, "clerk", "cashier")
    village.cashier.queries_funds(purchase.id, "正常")
    with village.ctx.sessions() as tx:
        acts = tx.scalars(select(OfficerAct).where(OfficerAct.role == "clerk"))
        people = {act.person_id for act in acts}
        entry = tx.scalars(select(AuditEntry).where(AuditEntry.action == "grant.delegate")).one()
    assert {village.actor(name).person_id for name in ("clerk", "cashier")} == people
    assert str(village.actor("clerk").person_id).encode() in entry.body
    village.clock.advance(days=8)
    assert roles_of(village, "cashier") == {"cashier"}


def test_what_is_open_is_told_to_who_stands_in(village: Village) -> None:
    applied(village)
    delegates(village, "clerk", "reviewer")
    taken = leases.take_due(village.ctx, 1000)
    (letter,) = [
        each
        for each in taken
        if (each.person_id, each.template) == (village.actor("reviewer").person_id, "handover")
    ]
    assert (letter.data["role"], letter.data["count"]) == ("中心经办", "1件待办理")


def test_nobody_reviews_by_another_what_they_did_as_clerk(village: Village) -> None:
    """The clerk is reviewer too, and lets the cashier review in their stead."""
    grants.grant(village.ctx, None, village.actor("clerk").person_id, Role.REVIEWER)
    with village.ctx.sessions() as tx:
        mine = AccessGrant.person_id == village.actor("clerk").person_id
        second = tx.scalars(
            select(AccessGrant.id).where(mine, AccessGrant.role == "reviewer")
        ).one()
    purchase = village.cleared()
    until = village.clock() + timedelta(days=7)
    cashier = village.actor("cashier").person_id
    delegations.delegate(village.ctx, village.actor("clerk"), second, cashier, until)
    with pytest.raises(Refused) as refused:
        village.cashier.registers(purchase.id)
    assert codes(refused) == ["same_officer"]


def test_nor_does_the_one_who_was_stood_in_for_act_in_another_part(village: Village) -> None:
    purchase = applied(village)
    add_person(village, "colleague")
    grants.grant(village.ctx, None, village.actor("colleague").person_id, Role.CASHIER)
    delegates(village, "clerk", "colleague")
    village.person("colleague").queries_funds(purchase.id, "正常")
    grants.grant(village.ctx, None, village.actor("clerk").person_id, Role.REVIEWER)
    with pytest.raises(Refused) as refused:
        applications.terminate(village.ctx, village.actor("clerk"), purchase.id, "不办")
    assert codes(refused)[0] == "same_officer"


def test_who_delegated_takes_it_back_and_so_do_the_keepers_by_ending_the_right(
    village: Village,
) -> None:
    given = delegates(village, "clerk", "cashier")
    grants.revoke(village.ctx, village.actor("clerk"), given)
    assert roles_of(village, "cashier") == {"cashier"}
    delegates(village, "clerk", "cashier")
    grants.revoke(village.ctx, None, grant_of(village, "clerk"))
    assert roles_of(village, "cashier") == {"cashier"}


def test_a_delegation_has_an_end_no_later_than_the_right_itself(village: Village) -> None:
    with pytest.raises(Refused) as refused:
        delegates(village, "clerk", "cashier", days=0)
    assert codes(refused) == ["until_past"]
    with village.ctx.sessions() as tx:
        own = tx.get_one(AccessGrant, grant_of(village, "clerk"))
        own.valid_until = village.clock() + timedelta(days=3)
        tx.commit()
    with pytest.raises(Refused) as refused:
        delegates(village, "clerk", "cashier")
    assert codes(refused) == ["until_too_late"]


@pytest.mark.parametrize("to", ["clerk", "stranger", "manager", "auditor"])
def test_only_another_officer_of_cases_stands_in_for_one(village: Village, to: str) -> None:
    with pytest.raises(Refused) as refused:
        delegates(village, "clerk", to)
    assert codes(refused) == ["delegate_unfit"]


def test_a_right_of_others_and_one_held_in_anothers_stead_is_not_passed_on(
    village: Village,
) -> None:
    given, until = delegates(village, "clerk", "cashier"), village.clock() + timedelta(days=1)
    reviewer = village.actor("reviewer").person_id
    for who, grant_id, code in (
        ("cashier", given, "not_delegable"),
        ("reviewer", given, "not_found"),
        ("insurer", grant_of(village, "insurer"), "not_delegable"),
    ):
        with pytest.raises(Refused) as refused:
            delegations.delegate(village.ctx, village.actor(who), grant_id, reviewer, until)
        assert codes(refused) == [code]


def test_a_manager_lets_one_of_another_estate_of_the_company_stand_in(village: Village) -> None:
    other = add_person(village, "other manager")
    with village.ctx.sessions() as tx:
        company = tx.get_one(Estate, village.estate).property_company_id
        estates = [
            Estate(
                code=code,
                name=code,
                address="示例路2号",
                district="示例区",
                property_company_id=company_id,
            )
            for code, company_id in (("E2", company), ("E3", None))
        ]
        tx.add_all(estates)
        tx.commit()
    grants.grant(village.ctx, None, other.person_id, Role.PROPERTY_MANAGER, estates[1].id)
    with pytest.raises(Refused) as refused:
        delegates(village, "manager", "other manager")
    assert codes(refused) == ["delegate_unfit"]
    grants.grant(village.ctx, None, other.person_id, Role.PROPERTY_MANAGER, estates[0].id)
    delegates(village, "manager", "other manager")
    purchase = village.drafted("property_company", "other manager")
    village.person("other manager").applies(purchase.id, village.upload("other manager"))


def test_nobody_stands_in_for_longer_than_the_right_lasts(village: Village) -> None:
    delegates(village, "clerk", "cashier", days=7)
    clerk, tomorrow = village.actor("clerk").person_id, village.clock() + timedelta(days=1)
    grants.grant(village.ctx, None, clerk, Role.CLERK, until=tomorrow)
    assert roles_of(village, "cashier") == {"cashier", "clerk"}
    village.clock.advance(days=2)
    assert roles_of(village, "cashier") == {"cashier"}
