"""From a role to the people who have it towards a case."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from backend.domain.roles import Role
from backend.services.case.case import at_hand
from backend.services.case.recipients import people_for_each
from backend.store.people import AccessGrant
from backend.store.purchases import Purchase
from backend.store.registry import CommitteeMember
from backend.store.signatures import Cosignature
from tests.build.village import Village


def told(village: Village, purchase: Purchase, role: Role) -> set[str]:
    names = {actor.person_id: name for name, actor in village.people.items()}
    with village.ctx.sessions() as tx:
        case = at_hand(tx, village.ctx, tx.get_one(Purchase, purchase.id))
        people = people_for_each(case, [role])[role]
    assert len(people) == len(set(people))
    return {names[person] for person in people}


def also_granted(village: Village, name: str, role: Role, scope: UUID | None = None) -> None:
    with village.ctx.sessions() as tx:
        tx.add(
            AccessGrant(
                person_id=village.actor(name).person_id,
                role=str(role),
                scope_kind="city" if scope is None else "estate",
                scope_id=scope,
                granted_at=village.clock(),
            )
        )
        tx.commit()


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.PROPERTY_MANAGER, {"manager"}),
        (Role.COMMITTEE_MEMBER, {"member0", "member1", "member2"}),
        (Role.INSURER, {"insurer"}),
        (Role.CLERK, {"clerk"}),
        (Role.CASHIER, {"cashier"}),
        (Role.SUPERVISOR, {"supervisor"}),
        (Role.OWNER, set()),
        (Role.SYSTEM, set()),
    ],
)
def test_each_role(village: Village, role: Role, names: set[str]) -> None:
    assert told(village, village.drafted(), role) == names


def test_an_officer_who_acted_keeps_the_case(village: Village) -> None:
    also_granted(village, "stranger", Role.CLERK)
    assert told(village, village.drafted(), Role.CLERK) == {"clerk", "stranger"}
    assert told(village, village.surveyed(), Role.CLERK) == {"clerk"}


def test_whoever_acted_as_clerk_is_not_asked_as_cashier(village: Village) -> None:
    also_granted(village, "clerk", Role.CASHIER)
    assert told(village, village.drafted(), Role.CASHIER) == {"cashier", "clerk"}
    assert told(village, village.surveyed(), Role.CASHIER) == {"cashier"}


def test_an_officer_who_left_hands_the_case_to_the_others(village: Village) -> None:
    also_granted(village, "stranger", Role.CLERK)
    purchase = village.surveyed()
    with village.ctx.sessions() as tx:
        clerk = village.actor("clerk").person_id
        ended = update(AccessGrant).values(valid_until=village.clock())
        tx.execute(ended.where(AccessGrant.person_id == clerk))
        tx.commit()
    assert told(village, purchase, Role.CLERK) == {"stranger"}


def test_a_grant_that_ran_out_or_is_for_another_estate_does_not_count(village: Village) -> None:
    purchase = village.drafted()
    also_granted(village, "stranger", Role.PROPERTY_MANAGER, scope=village.insurer)
    with village.ctx.sessions() as tx:
        manager = village.actor("manager").person_id
        theirs = update(AccessGrant).where(AccessGrant.person_id == manager)
        tx.execute(theirs.values(valid_until=village.clock() + timedelta(days=1)))
        tx.commit()
    assert told(village, purchase, Role.PROPERTY_MANAGER) == {"manager"}
    village.clock.advance(days=1)
    assert told(village, purchase, Role.PROPERTY_MANAGER) == set()


def test_members_who_left_hear_nothing_more(village: Village) -> None:
    purchase = village.drafted()
    with village.ctx.sessions() as tx:
        member = village.actor("member0").person_id
        left = update(CommitteeMember).where(CommitteeMember.person_id == member)
        tx.execute(left.values(left_on=village.clock().date()))
        tx.commit()
    assert told(village, purchase, Role.COMMITTEE_MEMBER) == {"member1", "member2"}


def test_owners_are_those_who_apply_and_never_everybody(village: Village) -> None:
    purchase = village.drafted("owners", "owner0")
    with village.ctx.sessions() as tx:
        tx.add(
            Cosignature(
                purchase_id=purchase.id, owner_id=village.owners[1], signed_at=village.clock()
            )
        )
        tx.commit()
    assert told(village, purchase, Role.OWNER) == {"owner0", "owner1"}
