"""The lifts in use, whether insured on a day or not: as a list, and counted by district, by who
looks after them and by who insures them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from backend.domain.cover import LiftUse
from backend.domain.roles import OFFICERS
from backend.store.clauses import FiledClause
from backend.store.purchases import CoveragePeriod
from backend.store.queries.cases import Reach
from backend.store.queries.estate_list import district_id
from backend.store.queries.searches import named_like, within
from backend.store.registry import Building, Estate, Insurer, Lift, Maintainer, Unit


class Which(StrEnum):
    """Lifts that are alike in what somebody watches them for."""

    COVERED = "covered"
    UNCOVERED = "uncovered"
    STOPPED = "stopped"
    INSPECTION_OVER = "inspection_over"


NOBODY = "none"  # in place of a maintainer's name: the registry names none


@dataclass(frozen=True)
class LiftFilter:
    """What the list is narrowed to: the day that is asked about, which lifts, a district, an
    insurer and a maintainer by name (`NOBODY`: none), words in the code or in the estate's name."""

    on: date
    which: Which | None = None
    district: str = ""
    insurer: str = ""
    maintainer: str = ""
    words: str = ""


@dataclass(frozen=True)
class ListedLift:
    """A lift, who looks after it, and its cover, if it has one on the day."""

    id: UUID
    code: str
    name: str
    building: str
    unit: str
    estate: str
    estate_id: UUID
    district: str
    maintainer: str | None
    next_inspection_on: date | None
    stopped_on: date | None
    insurer: str | None
    policy: str | None
    last_day: date | None


@dataclass(frozen=True)
class MaintainerRow:
    """Who looks after lifts (None: nobody is named), and how many of them stand how."""

    maintainer: str | None
    lifts: int
    covered: int
    stopped: int
    inspection_over: int


@dataclass(frozen=True)
class InsurerRow:
    """An insurer: how many lifts it insures on the day, the last day of its selection, and how many
    clauses it filed that are in use."""

    id: UUID
    insurer: str
    covered: int
    selected_until: date | None
    clauses: int


@dataclass(frozen=True)
class DistrictRow:
    """What stands in a district: estates, lifts in use, and those of them insured on the day."""

    district: str
    estates: int
    lifts: int
    covered: int


def count(tx: Session, reach: Reach, chosen: LiftFilter, most: int) -> int:
    """How many, counted up to `most`."""
    some = _needed(reach, chosen).where(*_where(reach, chosen)).limit(most)
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def rows(
    tx: Session, reach: Reach, chosen: LiftFilter, skipped: int, most: int
) -> Sequence[ListedLift]:
    """By the estate's name and the code."""
    query = (
        _of(
            chosen.on,
            Lift.id,
            Lift.registration_code,
            Lift.name,
            Building.name,
            Unit.name,
            Estate.name,
            Estate.id,
            Estate.district,
            Maintainer.name,
            Lift.next_inspection_on,
            Lift.stopped_on,
            Insurer.name,
            CoveragePeriod.policy_number,
            func.upper(CoveragePeriod.period) - 1,
        )
        .where(*_where(reach, chosen))
        .order_by(Estate.name, Estate.id, Lift.registration_code)
    )
    return [ListedLift(*row) for row in tx.execute(query.offset(skipped).limit(most))]


def by_district(tx: Session, reach: Reach, on: date) -> Sequence[DistrictRow]:
    """Every district within reach, by name. Reads the whole registry, by its nature."""
    query = (
        select(
            Estate.district,
            func.count(Estate.id.distinct()),
            func.count(Lift.id),
            func.count(CoveragePeriod.id),
        )
        .outerjoin(Building, Building.estate_id == Estate.id)
        .outerjoin(Unit, Unit.building_id == Building.id)
        .outerjoin(Lift, (Lift.unit_id == Unit.id) & (Lift.use != LiftUse.RETIRED))
        .outerjoin(CoveragePeriod, _insured(on))
        .where(within(reach))
        .group_by(Estate.district)
        .order_by(Estate.district)
    )
    return [DistrictRow(*row) for row in tx.execute(query)]


def by_maintainer(tx: Session, reach: Reach, on: date) -> Sequence[MaintainerRow]:
    """Whoever looks after lifts within reach, by name; lifts of nobody last. Reads all of them."""
    query = (
        _of(
            on,
            Maintainer.name,
            func.count(),
            func.count(CoveragePeriod.id),
            func.count().filter(_is(Which.STOPPED, on)),
            func.count().filter(_is(Which.INSPECTION_OVER, on)),
        )
        .where(Lift.use != LiftUse.RETIRED, within(reach))
        .group_by(Maintainer.name)
        .order_by(Maintainer.name.asc().nulls_last())
    )
    return [MaintainerRow(*row) for row in tx.execute(query)]


def by_insurer(tx: Session, reach: Reach, on: date) -> Sequence[InsurerRow]:
    """Insurers that insure a lift within reach on the day, or are selected then, by name."""
    covered = (
        _of(on, CoveragePeriod.insurer_id.label("insurer_id"), func.count().label("lifts"))
        .where(CoveragePeriod.id.is_not(None), Lift.use != LiftUse.RETIRED, within(reach))
        .group_by(CoveragePeriod.insurer_id)
        .subquery()
    )
    clauses = select(func.count()).where(
        FiledClause.insurer_id == Insurer.id,
        or_(FiledClause.ended_on.is_(None), FiledClause.ended_on > on),
    )
    query = (
        select(
            Insurer.id,
            Insurer.name,
            func.coalesce(covered.c.lifts, 0),
            Insurer.selected_until,
            clauses.correlate(Insurer).scalar_subquery(),
        )
        .outerjoin(covered, covered.c.insurer_id == Insurer.id)
        .where(or_(covered.c.lifts > 0, Insurer.selected(on)))
        .order_by(Insurer.name)
    )
    return [InsurerRow(*row) for row in tx.execute(query)]


def _insured(on: date) -> ColumnElement[bool]:
    return and_(CoveragePeriod.lift_id == Lift.id, CoveragePeriod.insures(on))


def _of(on: date, *columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(Lift)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .join(Estate, Estate.id == Building.estate_id)
        .outerjoin(Maintainer, Maintainer.id == Lift.maintainer_id)
        .outerjoin(CoveragePeriod, _insured(on))
        .outerjoin(Insurer, Insurer.id == CoveragePeriod.insurer_id)
    )


def _needed(reach: Reach, chosen: LiftFilter) -> Select[UUID]:
    """Lifts, joined to no more than what the filter looks at: a city has a thousand to count, as
    they were registered where no place is asked for."""
    query = select(Lift.id)
    if not reach.offices & OFFICERS or chosen.district or chosen.words:
        query = query.join(Unit, Unit.id == Lift.unit_id).join(
            Building, Building.id == Unit.building_id
        )
        query = query.join(Estate, Estate.id == Building.estate_id)
    else:
        query = query.order_by(Lift.id)
    if chosen.maintainer:
        query = query.outerjoin(Maintainer, Maintainer.id == Lift.maintainer_id)
    if chosen.insurer or chosen.which in (Which.COVERED, Which.UNCOVERED):
        query = query.outerjoin(CoveragePeriod, _insured(chosen.on))
        query = query.outerjoin(Insurer, Insurer.id == CoveragePeriod.insurer_id)
    return query


def _is(which: Which, on: date) -> ColumnElement[bool]:
    match which:
        case Which.COVERED:
            return CoveragePeriod.id.is_not(None)
        case Which.UNCOVERED:
            return CoveragePeriod.id.is_(None)
        case Which.STOPPED:
            return Lift.stopped_on.is_not(None)
        case Which.INSPECTION_OVER:
            return Lift.next_inspection_on < on


def _where(reach: Reach, chosen: LiftFilter) -> Sequence[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [and_(Lift.use != LiftUse.RETIRED), within(reach)]
    if chosen.which:
        where.append(_is(chosen.which, chosen.on))
    if chosen.district:
        where.append(Estate.district_id == district_id(chosen.district))
    if chosen.insurer:
        where.append(Insurer.name == chosen.insurer)
    if chosen.maintainer:
        of_name = Maintainer.name == chosen.maintainer
        where.append(Maintainer.id.is_(None) if chosen.maintainer == NOBODY else of_name)
    if chosen.words:
        like = named_like(chosen.words)
        where.append(or_(Estate.name.ilike(like), Lift.registration_code.ilike(like)))
    return where
