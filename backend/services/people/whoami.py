"""Everything a person may act as at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.local_time import local_date
from backend.domain.personal import masked_name, masked_phone
from backend.domain.roles import ROLE_NAMES, Role
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of, phone_of
from backend.store.people import AccessGrant, Identity, Person
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Household,
    Owner,
    Unit,
)


@dataclass(frozen=True)
class HeldGrant:
    """A granted role; `scope_id` is None for the whole city."""

    role: str
    role_name: str
    scope_kind: str
    scope_id: UUID | None


@dataclass(frozen=True)
class Home:
    """A household of which the person is a verified owner."""

    owner_id: UUID
    estate_id: UUID
    estate: str
    building: str
    unit: str
    room: str


@dataclass(frozen=True)
class Seat:
    """A seat in a committee in office."""

    member_id: UUID
    estate_id: UUID
    estate: str
    position: str


@dataclass(frozen=True)
class Whoami:
    """One person's parts. `reachable` says whether the service account can write to them.

    `phone_verified` tells a number that the platform vouched for from one that was typed.
    """

    person_id: UUID
    reachable: bool
    name_masked: str | None
    phone_masked: str | None
    phone_verified: bool
    grants: Sequence[HeldGrant]
    homes: Sequence[Home]
    seats: Sequence[Seat]


def who_am_i(ctx: Context, actor: Actor) -> Whoami:
    """The person's grants, homes and seats, valid now."""
    with ctx.sessions() as tx:
        person = tx.get_one(Person, actor.person_id)
        reachable = select(Identity.id).where(
            Identity.person_id == actor.person_id,
            Identity.appid == ctx.platform.service_appid,
            Identity.reachable,
        )
        name, phone = name_of(ctx.cipher, person), phone_of(ctx.cipher, person)
        return Whoami(
            person_id=actor.person_id,
            reachable=tx.scalar(reachable) is not None,
            name_masked=masked_name(name) if name else None,
            phone_masked=masked_phone(phone) if phone else None,
            phone_verified=person.phone_verified_at is not None,
            grants=grants_of(tx, ctx, actor),
            homes=homes_of(tx, actor),
            seats=seats_of(tx, ctx, actor),
        )


def grants_of(tx: Session, ctx: Context, actor: Actor) -> Sequence[HeldGrant]:
    """Roles granted to the person, valid now."""
    rows = tx.execute(
        select(AccessGrant.role, AccessGrant.scope_kind, AccessGrant.scope_id)
        .where(
            AccessGrant.person_id == actor.person_id,
            AccessGrant.valid(ctx.clock()),
        )
        .order_by(AccessGrant.id)
    )
    return [HeldGrant(role, ROLE_NAMES[Role(role)], kind, scope) for role, kind, scope in rows]


def homes_of(tx: Session, actor: Actor) -> Sequence[Home]:
    """Households of which the person is a verified owner."""
    rows = tx.execute(
        select(Owner.id, Estate.id, Estate.name, Building.name, Unit.name, Household.room)
        .join(Household, Household.id == Owner.household_id)
        .join(Unit, Unit.id == Household.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .join(Estate, Estate.id == Building.estate_id)
        .where(Owner.person_id == actor.person_id)
        .order_by(Owner.id)
    )
    return [Home(*row) for row in rows]


def seats_of(tx: Session, ctx: Context, actor: Actor) -> Sequence[Seat]:
    """Seats in committees in office."""
    today = local_date(ctx.clock())
    rows = tx.execute(
        select(CommitteeMember.id, Estate.id, Estate.name, CommitteeMember.position)
        .join(Committee, Committee.id == CommitteeMember.committee_id)
        .join(Estate, Estate.id == Committee.estate_id)
        .where(
            CommitteeMember.person_id == actor.person_id,
            Committee.in_office(today),
            CommitteeMember.sits(today),
        )
        .order_by(CommitteeMember.id)
    )
    return [Seat(*row) for row in rows]
