"""Who may do what, per object. What a person may not know of looks like nothing is there."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from backend.domain.errors import Refused, refuse
from backend.domain.local_time import local_date
from backend.domain.roles import OFFICERS, ROLE_NAMES, Role
from backend.services.base.context import Actor, Context
from backend.store.people import AccessGrant, Lockout, Person
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Household,
    Owner,
    Unit,
)

# An estate or an insurer, or the column of a query that names it.
Scope = UUID | InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None] | None


def nothing_there(what: str = "内容") -> Refused:
    """The answer for ids that do not exist and for ids of others alike."""
    return refuse("not_found", f"没有找到该{what}，请检查链接或编号。", kind="missing")


def granted_roles(
    tx: Session, ctx: Context, actor: Actor, estate_id: UUID | None, insurer_id: UUID | None
) -> frozenset[Role]:
    """Roles granted for the city, this estate, its district or this insurer, valid now."""
    rows = tx.scalars(grants_of(ctx, actor.person_id, estate_id, insurer_id))
    return frozenset(Role(row) for row in rows)


def roles_in_estate(tx: Session, ctx: Context, actor: Actor, estate_id: UUID) -> frozenset[Role]:
    """Every role the actor has towards this estate: granted, owner, committee member."""
    person_id = actor.person_id
    granted, owns, sits = tx.execute(
        select(
            array_of(grants_of(ctx, person_id, estate_id, None)),
            owners_of(person_id, estate_id).exists(),
            seats_of(person_id, estate_id, local_date(ctx.clock())).exists(),
        )
    ).one()
    return roles_from(granted, owns=owns, sits=sits)


def roles_from(granted: Iterable[str], *, owns: bool, sits: bool) -> frozenset[Role]:
    """Granted roles and those that the roster gives."""
    roster = {Role.OWNER: owns, Role.COMMITTEE_MEMBER: sits}
    return frozenset(map(Role, granted)) | {role for role, held in roster.items() if held}


def array_of(query: Select[Any]) -> ColumnElement[list[Any]]:
    """The rows of a query with one column, as one value of another query."""
    return func.array(query.scalar_subquery(), type_=ARRAY(query.selected_columns[0].type))


def grants_of(ctx: Context, person_id: UUID, estate_id: Scope, insurer_id: Scope) -> Select[str]:
    """The person's roles for the city, this estate, its district or this insurer, valid now."""
    scopes = [AccessGrant.scope_kind == "city"]
    if estate_id is not None:
        scopes += [
            AccessGrant.scope_id == estate_id,
            AccessGrant.scope_id == district_of(estate_id),
        ]
    if insurer_id is not None:
        scopes.append(AccessGrant.scope_id == insurer_id)
    return select(AccessGrant.role).where(
        AccessGrant.person_id == person_id,
        or_(*scopes),
        AccessGrant.valid(ctx.clock()),
    )


def district_of(estate_id: Scope) -> ScalarSelect[UUID]:
    """The district of an estate, or of the one that a query names."""
    home = aliased(Estate)
    of_estate = select(home.district_id).where(home.id == estate_id)
    return of_estate.correlate_except(home).scalar_subquery()


def owners_of(person_id: UUID, estate_id: UUID) -> Select[UUID]:
    """The person's entries on the estate's roster of owners."""
    return (
        select(Owner.id)
        .join(Household, Household.id == Owner.household_id)
        .join(Unit, Unit.id == Household.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(Owner.person_id == person_id, Building.estate_id == estate_id)
    )


def seats_of(person_id: UUID, estate_id: UUID, today: date) -> Select[UUID]:
    """The person's seats on a committee of the estate that is in office."""
    return (
        select(CommitteeMember.id)
        .join(Committee, Committee.id == CommitteeMember.committee_id)
        .where(
            CommitteeMember.person_id == person_id,
            Committee.estate_id == estate_id,
            Committee.in_office(today),
            CommitteeMember.sits(today),
        )
    )


def require(held: Iterable[Role], allowed: Iterable[Role]) -> Role:
    """The first allowed role that is held; raises Refused `role_required` if none is."""
    held, allowed = set(held), list(allowed)
    for role in allowed:
        if role in held:
            return role
    names = "、".join(ROLE_NAMES[role] for role in allowed)
    raise refuse("role_required", f"这一步只能由{names}办理，请联系其办理。", kind="forbidden")


def require_officer(tx: Session, ctx: Context, actor: Actor, *allowed: Role) -> Role:
    """A city-wide role among `allowed`; people without any office learn nothing."""
    held = granted_roles(tx, ctx, actor, None, None)
    if not held & OFFICERS:
        raise nothing_there()
    return require(held, allowed)


def session_invalid() -> Refused:
    """The token is unknown, ended or was signed out."""
    return refuse("session_invalid", "登录已失效，请重新登录。", kind="unauthenticated")


def still_here(tx: Session, actor: Actor) -> Person:
    """The person behind a request, locked until the transaction ends.

    The request may have begun a moment before they left; nothing is written for them any more.
    Raises Refused `session_invalid`.
    """
    person = tx.get_one(Person, actor.person_id, with_for_update=True)
    if person.left_at is not None:
        raise session_invalid()
    return person


def check_let_in(tx: Session, person_id: UUID) -> None:
    """For what is done in somebody's name after they asked for it. Raises Refused `locked_out` for
    one who is kept out or left since."""
    kept_out = tx.scalar(select(Lockout.keeps_out(person_id)))
    if kept_out or tx.get_one(Person, person_id).left_at is not None:
        message = "交办这件事的人已被停用或已注销账号，没有办理。"
        raise refuse("locked_out", message, kind="forbidden")
