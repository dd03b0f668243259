"""The list of estates, and of one of them what stands there and who decides: fixed queries each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.domain.cover import LiftUse
from backend.store.purchases import Purchase
from backend.store.queries.cases import Reach
from backend.store.queries.estates import at_work
from backend.store.queries.searches import named_like, within
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Household,
    Lift,
    Mandate,
    Owner,
    PropertyCompany,
    Unit,
)


@dataclass(frozen=True)
class EstateRow:
    """One line: how many lifts stand there, and cases are at work."""

    id: UUID
    code: str
    name: str
    address: str
    district: str
    company: str | None
    lifts: int
    cases: int


@dataclass(frozen=True)
class UnitRow:
    """A unit of a building: its flats, those with a verified owner, and its lifts."""

    building_id: UUID
    building: str
    unit_id: UUID
    unit: str
    flats: int
    verified: int


@dataclass(frozen=True)
class CommitteeRow:
    """A committee whose term is not over: how many sit on it, and how many of them are bound to
    somebody who can answer."""

    id: UUID
    term_from: date
    term_until: date
    members: int
    verified: int


@dataclass(frozen=True)
class MandateRow:
    """Until when a company may apply for the committee."""

    company: str
    valid_from: date
    valid_until: date


def count(tx: Session, reach: Reach, words: str, most: int) -> int:
    """How many estates, counted up to `most`."""
    some = _chosen(words).where(within(reach)).with_only_columns(Estate.id).limit(most)
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def rows(tx: Session, reach: Reach, words: str, skipped: int, most: int) -> Sequence[EstateRow]:
    """Estates by name, `most` after the first `skipped`."""
    lifts = (
        select(func.count())
        .select_from(Lift)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(Building.estate_id == Estate.id, Lift.use != LiftUse.RETIRED)
        .correlate(Estate)
    )
    cases = select(func.count()).where(Purchase.estate_id == Estate.id, at_work())
    query = (
        _chosen(words)
        .where(within(reach))
        .with_only_columns(
            Estate.id,
            Estate.code,
            Estate.name,
            Estate.address,
            Estate.district,
            PropertyCompany.name,
            lifts.scalar_subquery(),
            cases.correlate(Estate).scalar_subquery(),
        )
        .order_by(Estate.name, Estate.id)
    )
    return [EstateRow(*row) for row in tx.execute(query.offset(skipped).limit(most))]


def _chosen(words: str) -> Select[Any]:
    query = select(Estate).outerjoin(
        PropertyCompany, PropertyCompany.id == Estate.property_company_id
    )
    if not words:
        return query
    like = named_like(words)
    fields = (Estate.name, Estate.code, Estate.address, PropertyCompany.name)
    return query.where(or_(*(field.ilike(like) for field in fields)))


def units_of(tx: Session, estate_id: UUID) -> Sequence[UnitRow]:
    """The units of an estate by building and name."""
    query = (
        select(Building.id, Building.name, Unit.id, Unit.name, _flats(), _flats(Owner.person_id))
        .join(Unit, Unit.building_id == Building.id)
        .where(Building.estate_id == estate_id)
        .order_by(Building.name, Unit.name)
    )
    return [UnitRow(*row) for row in tx.execute(query)]


def _flats(owned_by: InstrumentedAttribute[UUID | None] | None = None) -> ScalarSelect[int]:
    flats = select(func.count()).select_from(Household).where(Household.unit_id == Unit.id)
    if owned_by is not None:
        owned = select(Owner.id).where(Owner.household_id == Household.id, owned_by.is_not(None))
        flats = flats.where(owned.exists())
    return flats.correlate(Unit).scalar_subquery()


def committees_of(tx: Session, estate_id: UUID, today: date) -> Sequence[CommitteeRow]:
    """The committees that are in office, or will be."""
    sits = (CommitteeMember.committee_id == Committee.id) & CommitteeMember.sits(today)
    members = select(func.count()).select_from(CommitteeMember).where(sits).correlate(Committee)
    bound = members.where(CommitteeMember.person_id.is_not(None))
    query = (
        select(
            Committee.id,
            Committee.term_from,
            Committee.term_until,
            members.scalar_subquery(),
            bound.scalar_subquery(),
        )
        .where(Committee.estate_id == estate_id, ~Committee.term_over(today))
        .order_by(Committee.term_from)
    )
    return [CommitteeRow(*row) for row in tx.execute(query)]


def mandates_of(tx: Session, estate_id: UUID, today: date) -> Sequence[MandateRow]:
    """The mandates of the estate's committees that hold, or will."""
    query = (
        select(PropertyCompany.name, Mandate.valid_from, Mandate.valid_until)
        .join(Mandate, Mandate.property_company_id == PropertyCompany.id)
        .join(Committee, Committee.id == Mandate.committee_id)
        .where(Committee.estate_id == estate_id, Mandate.not_over(today))
        .order_by(Mandate.valid_until)
    )
    return [MandateRow(*row) for row in tx.execute(query)]
