"""Who may do what, as their keepers ask for it: rights with their holders, in pages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from backend.domain.roles import Role
from backend.store.desk import DeskAccount
from backend.store.people import AccessGrant, Identity, Person
from backend.store.registry import Estate, Insurer

# Whom somebody has the right of, and who stands for whom.
Giver, Absent = aliased(Person), aliased(Person)


@dataclass(frozen=True)
class RightFilter:
    """What the list is narrowed to, at `now`: a role, with those that ended, those that end before
    a moment, those of people who have not been here since one."""

    now: datetime
    role: str | None = None
    ended: bool = False
    ends_before: datetime | None = None
    idle_since: datetime | None = None


@dataclass(frozen=True)
class RightRow:
    """A right: who holds it, gave it (None: the command line) and is stood in for, the name of its
    scope, and when the holder was here last."""

    grant: AccessGrant
    holder: Person
    giver: Person | None
    absent: Person | None
    scope: str | None
    seen_at: datetime | None


def count(tx: Session, chosen: RightFilter, most: int) -> int:
    """How many rights, counted up to `most`."""
    some = select(AccessGrant.id).where(*_where(chosen)).limit(most)
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def counts(tx: Session, chosen: Sequence[RightFilter]) -> Sequence[int]:
    """How many rights of each of these lists, in one statement."""
    lists = (select(func.count(AccessGrant.id)).where(*_where(each)) for each in chosen)
    return tuple(tx.execute(select(*(each.scalar_subquery() for each in lists))).one())


def rows(tx: Session, chosen: RightFilter, skipped: int, most: int) -> Sequence[RightRow]:
    """Rights by person."""
    query = _whole().where(*_where(chosen))
    query = query.order_by(AccessGrant.person_id, AccessGrant.role, AccessGrant.id)
    return [RightRow(*row) for row in tx.execute(query.offset(skipped).limit(most))]


def one(tx: Session, grant_id: UUID) -> RightRow | None:
    """One right."""
    row = tx.execute(_whole().where(AccessGrant.id == grant_id)).one_or_none()
    return RightRow(*row) if row else None


def of_person(tx: Session, person_id: UUID) -> Sequence[RightRow]:
    """All that a person holds or held, in the order in which they were given."""
    query = _whole().where(AccessGrant.person_id == person_id)
    return [RightRow(*row) for row in tx.execute(query.order_by(AccessGrant.id))]


def lent_by(tx: Session, person_id: UUID, now: datetime) -> Sequence[RightRow]:
    """What others hold in this person's stead then (代办)."""
    query = _whole().where(AccessGrant.stands_in_for == person_id, AccessGrant.valid(now))
    return [RightRow(*row) for row in tx.execute(query.order_by(AccessGrant.id))]


def count_ending(tx: Session, now: datetime, before: datetime, roles: Collection[Role]) -> int:
    """How many rights of these roles end in that time."""
    ending = AccessGrant.valid(now), AccessGrant.ends_by(before), AccessGrant.role.in_(roles)
    return tx.scalar(select(func.count()).where(*ending)) or 0


def others(tx: Session, grant: AccessGrant, now: datetime) -> Sequence[Person]:
    """Who else has the same right then."""
    query = (
        select(Person)
        .join(AccessGrant, AccessGrant.person_id == Person.id)
        .where(
            AccessGrant.role == grant.role,
            AccessGrant.scope_id.is_not_distinct_from(grant.scope_id),
            AccessGrant.person_id != grant.person_id,
            AccessGrant.valid(now),
            Person.left_at.is_(None),
        )
        .order_by(Person.id)
    )
    return tx.scalars(query).all()


def name_of_scope(scope_id: InstrumentedAttribute[UUID | None]) -> ColumnElement[str | None]:
    """How to call an estate, an insurer or a district; None for the whole city."""
    district = select(Estate.district).where(Estate.district_id == scope_id).limit(1)
    return func.coalesce(
        select(Estate.name).where(Estate.id == scope_id).scalar_subquery(),
        select(Insurer.name).where(Insurer.id == scope_id).scalar_subquery(),
        district.scalar_subquery(),
    )


def _whole() -> Select[AccessGrant, Person, Person, Person, str, datetime]:
    phone = select(func.max(Identity.seen_at)).where(Identity.person_id == AccessGrant.person_id)
    return (
        select(
            AccessGrant,
            Person,
            Giver,
            Absent,
            name_of_scope(AccessGrant.scope_id),
            func.greatest(phone.scalar_subquery(), DeskAccount.seen_at),
        )
        .join(Person, Person.id == AccessGrant.person_id)
        .outerjoin(Giver, Giver.id == AccessGrant.granted_by)
        .outerjoin(Absent, Absent.id == AccessGrant.stands_in_for)
        .outerjoin(DeskAccount, DeskAccount.person_id == AccessGrant.person_id)
    )


def _where(chosen: RightFilter) -> Sequence[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if not chosen.ended:
        where.append(and_(AccessGrant.valid(chosen.now)))
    if chosen.role:
        where.append(AccessGrant.role == chosen.role)
    if chosen.ends_before is not None:
        where.append(AccessGrant.ends_by(chosen.ends_before))
    if chosen.idle_since is not None:
        here = Identity.person_id == AccessGrant.person_id
        where.append(~exists().where(here, Identity.seen_at >= chosen.idle_since))
        by_number = DeskAccount.person_id == AccessGrant.person_id
        at_a_desk = exists().where(by_number, DeskAccount.seen_at >= chosen.idle_since)
        where.append(~at_a_desk.correlate(AccessGrant))
    return where
