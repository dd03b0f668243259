"""回避: whoever has an interest of their own in a case is no officer of it, and is not asked to be;
what owners asked for is not the property company's to be reminded of."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.services.case import reminders
from backend.services.people import grants
from backend.store.messages import Outbox
from backend.store.purchases import Purchase
from backend.store.registry import CommitteeMember, Owner
from tests.build.looking import add_building, add_person, codes, letters
from tests.build.owners_case import applied_by_owners, posted_by_owners
from tests.build.village import Village


def owns_a_flat(village: Village, name: str, number: int = 3) -> None:
    """This person is the owner of this number."""
    with village.ctx.sessions() as tx:
        tx.get_one(Owner, village.owners[number]).person_id = village.actor(name).person_id
        tx.commit()


def sits_on_the_committee(village: Village, name: str) -> None:
    with village.ctx.sessions() as tx:
        member = tx.scalars(select(CommitteeMember).order_by(CommitteeMember.id)).first()
        assert member
        member.person_id = village.actor(name).person_id
        tx.commit()


def applied(village: Village) -> UUID:
    purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    return purchase.id


@pytest.mark.parametrize("becomes", [owns_a_flat, sits_on_the_committee])
def test_an_officer_with_a_flat_or_a_seat_there_does_not_handle_the_case(
    village: Village, becomes: Callable[[Village, str], None]
) -> None:
    purchase_id = applied(village)
    becomes(village, "clerk")
    with pytest.raises(Refused) as refused:
        village.clerk.queries_funds(purchase_id, "正常")
    assert codes(refused) == ["officer_is_party"]
    assert "换人" in refused.value.refusals[0].message


def test_an_officer_with_a_flat_elsewhere_handles_the_case(village: Village) -> None:
    add_building(village)
    purchase_id = applied(village)
    with village.ctx.sessions() as tx:
        elsewhere = tx.scalars(select(Owner).where(Owner.id.not_in(village.owners))).one()
        elsewhere.person_id = village.actor("clerk").person_id
        tx.commit()
    village.clerk.queries_funds(purchase_id, "正常")
    with village.ctx.sessions() as tx:
        assert tx.get_one(Purchase, purchase_id).state == "funds_queried"


@pytest.mark.parametrize("becomes", [owns_a_flat, sits_on_the_committee])
def test_of_two_clerks_the_one_without_an_interest_is_asked(
    village: Village, becomes: Callable[[Village, str], None]
) -> None:
    add_person(village, "second clerk", "clerk")
    becomes(village, "clerk")
    purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    told = {name for name, _, _ in letters(village, purchase)}
    assert "second clerk" in told
    assert "clerk" not in told


def test_the_company_is_not_reminded_of_what_owners_applied_for(village: Village) -> None:
    purchase, _ = posted_by_owners(village)
    village.clock.advance(days=6)
    reminders.sweep(village.ctx)
    told = {(name, template) for name, template, _ in letters(village, purchase)}
    assert ("owner0", "deadline_reminder") in told
    assert {name for name, _ in told if name == "manager"} == set()


def test_who_applied_hears_of_an_objection_and_the_company_does_not(village: Village) -> None:
    add_person(village, "second manager")
    grants.grant(
        village.ctx,
        village.actor("clerk"),
        village.actor("second manager").person_id,
        Role.PROPERTY_MANAGER,
        village.estate,
    )
    purchase, notice = posted_by_owners(village)
    village.person("owner3").objects(notice, "price", "太贵")
    with village.ctx.sessions() as tx:
        hear = set(tx.scalars(select(Outbox.person_id).where(Outbox.purchase_id == purchase.id)))
    names = {name for name, actor in village.people.items() if actor.person_id in hear}
    assert {"owner0", "clerk"} <= names
    assert not {"manager", "second manager"} & names


def test_owners_who_applied_are_told_of_what_happens(village: Village) -> None:
    purchase = applied_by_owners(village)
    village.clerk.queries_funds(purchase.id, "正常")
    told = {name for name, _, _ in letters(village, purchase)}
    assert {"owner0", "owner1", "owner2"} <= told
    assert "owner3" not in told
