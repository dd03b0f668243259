"""Whose phone a number is, by its digests: on the rosters, on committees, among those with a right.
A number that somebody only typed is nobody's proof, and is not looked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, Select, select, union
from sqlalchemy.orm import Session

from backend.store.people import AccessGrant, Person
from backend.store.queries.cases import Viewer
from backend.store.queries.rights import name_of_scope
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Household,
    Owner,
    Unit,
)

MOST = 20  # of each kind; a number that more people have is an office's
MOST_FOUND = (
    5 * MOST
)  # before those that are over fall out: said, so that few are joined one by one


@dataclass(frozen=True)
class OwnersFlat:
    """An owner whose number it is, and where the flat is."""

    owner: Owner
    room: str
    unit: str
    building: str
    estate: str
    estate_id: UUID


def owners_by_phone(tx: Session, digests: Sequence[bytes]) -> Sequence[OwnersFlat]:
    """Owners that the roster has this number of, or who proved that it is theirs."""
    known = union(
        select(Owner.id).where(Owner.phone_hash.in_(digests)),
        select(Owner.id).where(Owner.person_id.in_(_proved(digests))),
    )
    few = known.limit(MOST_FOUND).subquery("few")
    query = (
        select(Owner, Household.room, Unit.name, Building.name, Estate.name, Estate.id)
        .join(few, few.c.id == Owner.id)
        .join(Household, Household.id == Owner.household_id)
        .join(Unit, Unit.id == Household.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .join(Estate, Estate.id == Building.estate_id)
        .where(Owner.ended_at.is_(None))
        .order_by(Estate.name, Building.name, Unit.name, Household.room, Owner.id)
    )
    return [OwnersFlat(*row) for row in tx.execute(query.limit(MOST))]


def members_by_phone(
    tx: Session, digests: Sequence[bytes], viewer: Viewer
) -> Sequence[Row[CommitteeMember, str, UUID]]:
    """Members of committees in office, with their estate."""
    known = union(
        select(CommitteeMember.id).where(CommitteeMember.phone_hash.in_(digests)),
        select(CommitteeMember.id).where(CommitteeMember.person_id.in_(_proved(digests))),
    )
    few = known.limit(MOST_FOUND).subquery("few")
    query = (
        select(CommitteeMember, Estate.name, Estate.id)
        .join(few, few.c.id == CommitteeMember.id)
        .join(Committee, Committee.id == CommitteeMember.committee_id)
        .join(Estate, Estate.id == Committee.estate_id)
        .where(
            Committee.in_office(viewer.today),
            CommitteeMember.sits(viewer.today),
        )
        .order_by(Estate.name, CommitteeMember.id)
    )
    return tx.execute(query.limit(MOST)).all()


def rights_by_phone(
    tx: Session, digests: Sequence[bytes], viewer: Viewer
) -> Sequence[Row[Person, str, str | None]]:
    """Valid rights of whoever proved that the number is theirs: the role, and where."""
    query = (
        select(Person, AccessGrant.role, name_of_scope(AccessGrant.scope_id))
        .join(AccessGrant, AccessGrant.person_id == Person.id)
        .where(Person.id.in_(_proved(digests)), AccessGrant.valid(viewer.now))
        .order_by(AccessGrant.role, AccessGrant.id)
    )
    return tx.execute(query.limit(MOST)).all()


def _proved(digests: Sequence[bytes]) -> Select[UUID]:
    return select(Person.id).where(
        Person.phone_hash.in_(digests), Person.phone_verified_at.is_not(None)
    )
