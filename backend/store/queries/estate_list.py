"""The list of estates, and of one of them what stands there and who decides: fixed queries each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, Uuid, cast, func, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.store.mandates import Mandate
from backend.store.purchases import CoveragePeriod, Purchase
from backend.store.queries.cases import Reach
from backend.store.queries.estates import at_work
from backend.store.queries.places import among, lifts_among, looked_up
from backend.store.queries.searches import has_letters, holds_words, within
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Household,
    Owner,
    PropertyCompany,
    Unit,
)

OF_AN_ESTATE = (
    *(Estate.id, Estate.code, Estate.name, Estate.address, Estate.district),
    Estate.property_company_id,
)


@dataclass(frozen=True)
class EstateRow:
    """One line: how many lifts stand there, how many of them are insured on the day that was asked
    for, and how many cases are at work."""

    id: UUID
    code: str
    name: str
    address: str
    district: str
    company: str | None
    lifts: int
    covered: int
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


@dataclass(frozen=True)
class EstateFilter:
    """What the list is narrowed to: words in what is said of an estate, a district."""

    words: str = ""
    district: str = ""


def count(tx: Session, reach: Reach, chosen: EstateFilter, most: int) -> int:
    """How many estates, counted up to `most`."""
    some = union(*(each.limit(most) for each in _chosen(reach, chosen, Estate.id)))
    found = tx.scalar(select(func.count()).select_from(some.subquery())) or 0
    return min(found, most)


def rows(
    tx: Session, reach: Reach, chosen: EstateFilter, today: date, span: tuple[int, int]
) -> Sequence[EstateRow]:
    """Estates by name, in the `span` (how many are skipped, and how many follow). Which ones is
    asked first, then what stands there of all of them together."""
    skipped, most = span
    order = (Estate.name, Estate.id)
    ways = [
        each.order_by(*order).limit(skipped + most)
        for each in _chosen(reach, chosen, Estate.name, Estate.id)
    ]
    found = union(*ways).subquery("found")
    page = select(found.c.id).order_by(found.c.name, found.c.id).offset(skipped).limit(most)
    ids = looked_up("page", page)
    here = looked_up("here", select(*OF_AN_ESTATE), among(Estate.id, select(ids.c.id)))
    companies = looked_up(
        "companies",
        select(PropertyCompany.id, PropertyCompany.name),
        among(PropertyCompany.id, select(here.c.property_company_id).distinct()),
    )
    lifts, cases = _lifts_in(select(ids.c.id), today), _cases_in(select(ids.c.id))
    query = (
        select(
            here.c.id,
            here.c.code,
            here.c.name,
            here.c.address,
            here.c.district,
            companies.c.name,
            func.coalesce(lifts.c.number, 0),
            func.coalesce(lifts.c.covered, 0),
            func.coalesce(cases.c.number, 0),
        )
        .outerjoin(companies, companies.c.id == here.c.property_company_id)
        .outerjoin(lifts, lifts.c.estate_id == here.c.id)
        .outerjoin(cases, cases.c.estate_id == here.c.id)
        .order_by(here.c.name, here.c.id)
    )
    return [EstateRow(*row) for row in tx.execute(query)]


def _chosen(
    reach: Reach, chosen: EstateFilter, *columns: InstrumentedAttribute[Any]
) -> list[Select[Any]]:
    """Estates with these words in what is said of them, or in their company's name: two ways to
    find them, each along an index of its own."""
    words, query = chosen.words, select(*columns).where(within(reach))
    if chosen.district:
        query = query.where(Estate.district_id == district_id(chosen.district))
    if not words:
        return [query]
    own = or_(*(holds_words(field, words) for field in (Estate.name, Estate.code, Estate.address)))
    company = (
        has_letters(PropertyCompany.letters(), words),
        holds_words(PropertyCompany.name, words),
    )
    return [
        query.where(has_letters(Estate.letters(), words), own),
        query.join(PropertyCompany, PropertyCompany.id == Estate.property_company_id).where(
            *company
        ),
    ]


def district_id(name: str) -> ColumnElement[UUID]:
    """What stands for a district of this name, as the table makes it."""
    return cast(func.md5(name), Uuid)


def _lifts_in(estates: Select[UUID], today: date) -> CTE:
    """How many lifts stand in each of these estates, and are insured today: by their cases, of
    which there are fewer than lifts."""
    lifts = lifts_among(estates)
    cases = looked_up("insuring", select(Purchase.id), among(Purchase.estate_id, estates))
    cover = looked_up(
        "cover",
        select(CoveragePeriod.lift_id),
        among(CoveragePeriod.purchase_id, select(cases.c.id)),
        CoveragePeriod.insures(today),
    )
    numbers = (
        select(
            lifts.c.estate_id,
            func.count().label("number"),
            func.count(cover.c.lift_id).label("covered"),
        )
        .select_from(lifts)
        .outerjoin(cover, cover.c.lift_id == lifts.c.id)
    )
    return numbers.group_by(lifts.c.estate_id).cte("lifts_in")


def _cases_in(estates: Select[UUID]) -> CTE:
    """How many cases are at work in each of these estates."""
    return (
        select(Purchase.estate_id, func.count().label("number"))
        .where(among(Purchase.estate_id, estates), at_work())
        .group_by(Purchase.estate_id)
        .cte("cases_in")
    )


def units_of(tx: Session, estate_id: UUID) -> Sequence[UnitRow]:
    """The units of an estate by building and name; their flats are read together."""
    units = looked_up(
        "units",
        select(
            Building.id.label("building_id"), Building.name.label("building"), Unit.id, Unit.name
        )
        .join(Unit, Unit.building_id == Building.id)
        .where(Building.estate_id == estate_id),
    )
    flats = looked_up(
        "flats",
        select(Household.id, Household.unit_id),
        among(Household.unit_id, select(units.c.id)),
    )
    owned = looked_up(
        "owned",
        select(Owner.household_id).distinct(),
        among(Owner.household_id, select(flats.c.id)),
        Owner.person_id.is_not(None),
    )
    query = (
        select(
            units.c.building_id,
            units.c.building,
            units.c.id,
            units.c.name,
            func.count(flats.c.id),
            func.count(owned.c.household_id),
        )
        .outerjoin(flats, flats.c.unit_id == units.c.id)
        .outerjoin(owned, owned.c.household_id == flats.c.id)
        .group_by(*units.c)
        .order_by(units.c.building, units.c.name)
    )
    return [UnitRow(*row) for row in tx.execute(query)]


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
