"""The lifts that are insured on a day: as a list, and counted by district."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from backend.domain.cover import LiftUse
from backend.store.purchases import CoveragePeriod
from backend.store.queries.cases import Reach
from backend.store.queries.estate_list import district_id
from backend.store.queries.searches import named_like, within
from backend.store.registry import Building, Estate, Insurer, Lift, Maintainer, Unit


@dataclass(frozen=True)
class CoveredFilter:
    """What the list is narrowed to: the day, a district, an insurer by its name, words in the code
    or in the estate's name."""

    on: date
    district: str = ""
    insurer: str = ""
    words: str = ""


@dataclass(frozen=True)
class CoveredRow:
    """A lift with its cover, and who looks after it."""

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
    insurer: str
    policy: str
    last_day: date


@dataclass(frozen=True)
class DistrictRow:
    """What stands in a district: estates, lifts in use, and those of them insured on the day."""

    district: str
    estates: int
    lifts: int
    covered: int


def count(tx: Session, reach: Reach, chosen: CoveredFilter, most: int) -> int:
    """How many, counted up to `most`."""
    some = _of(Lift.id).where(*_where(reach, chosen)).limit(most)
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def rows(
    tx: Session, reach: Reach, chosen: CoveredFilter, skipped: int, most: int
) -> Sequence[CoveredRow]:
    """By the estate's name and the code."""
    query = (
        _of(
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
            Insurer.name,
            CoveragePeriod.policy_number,
            func.upper(CoveragePeriod.period) - 1,
        )
        .outerjoin(Maintainer, Maintainer.id == Lift.maintainer_id)
        .join(Insurer, Insurer.id == CoveragePeriod.insurer_id)
        .where(*_where(reach, chosen))
        .order_by(Estate.name, Estate.id, Lift.registration_code)
    )
    return [CoveredRow(*row) for row in tx.execute(query.offset(skipped).limit(most))]


def by_district(tx: Session, reach: Reach, on: date) -> Sequence[DistrictRow]:
    """Every district within reach, by name. Reads the whole registry, by its nature."""
    insured = (CoveragePeriod.lift_id == Lift.id) & CoveragePeriod.insures(on)
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
        .outerjoin(CoveragePeriod, insured)
        .where(within(reach))
        .group_by(Estate.district)
        .order_by(Estate.district)
    )
    return [DistrictRow(*row) for row in tx.execute(query)]


def _of(*columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(CoveragePeriod)
        .join(Lift, Lift.id == CoveragePeriod.lift_id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .join(Estate, Estate.id == Building.estate_id)
    )


def _where(reach: Reach, chosen: CoveredFilter) -> Sequence[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [
        and_(CoveragePeriod.insures(chosen.on)),
        and_(Lift.use != LiftUse.RETIRED),
        within(reach),
    ]
    if chosen.district:
        where.append(Estate.district_id == district_id(chosen.district))
    if chosen.insurer:
        of_name = select(Insurer.id).where(Insurer.name == chosen.insurer)
        where.append(CoveragePeriod.insurer_id.in_(of_name))
    if chosen.words:
        like = named_like(chosen.words)
        where.append(or_(Estate.name.ilike(like), Lift.registration_code.ilike(like)))
    return where
