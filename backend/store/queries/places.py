"""How to call a place: lifts, flats and committees in the words people use for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    ScalarSelect,
    Select,
    Uuid,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from backend.domain.cover import LiftUse
from backend.domain.normal import normal_code, normal_place
from backend.domain.wording import area
from backend.store.purchases import Purchase, PurchaseLift
from backend.store.registry import (
    Building,
    Committee,
    Estate,
    Household,
    Lift,
    LiftToken,
    LiftUnit,
    Unit,
)


@dataclass(frozen=True)
class Place:
    """A unit as one names it when claiming a flat there."""

    estate_code: str
    estate: str
    building: str
    unit: str


def units_served() -> ScalarSelect[str]:
    """Of `Lift` in a query: the units that it serves, as people read them (1单元、2单元)."""
    served = aliased(Unit)
    return (
        select(_names(served.name))
        .join(LiftUnit, LiftUnit.unit_id == served.id)
        .where(LiftUnit.lift_id == Lift.id)
        .correlate(Lift)
        .scalar_subquery()
    )


def units_served_in(estate_id: UUID) -> Select[UUID, str]:
    """`units_served` of each lift of an estate: its id, and the units."""
    units = looked_up(
        "units_served",
        select(Unit.id, Unit.name).join(Building, Building.id == Unit.building_id),
        Building.estate_id == estate_id,
    )
    serves = looked_up(
        "serves",
        select(LiftUnit.lift_id, LiftUnit.unit_id),
        among(LiftUnit.unit_id, select(units.c.id)),
    )
    return (
        select(serves.c.lift_id, _names(units.c.name).label("units"))
        .join(units, units.c.id == serves.c.unit_id)
        .group_by(serves.c.lift_id)
    )


def _names(name: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[str]:
    return func.string_agg(name, aggregate_order_by(literal("、"), name))


def _as_place() -> Select[str, str, str, str]:
    return (
        select(Estate.code, Estate.name, Building.name, Unit.name)
        .join(Building, Building.estate_id == Estate.id)
        .join(Unit, Unit.building_id == Building.id)
    )


def place_behind_code(tx: Session, token: str) -> Place | None:
    """Where the lift stands whose valid code this is; None for codes unknown or revoked."""
    row = tx.execute(
        _as_place()
        .join(Lift, Lift.unit_id == Unit.id)
        .join(LiftToken, LiftToken.lift_id == Lift.id)
        .where(LiftToken.token == token, LiftToken.valid)
    ).one_or_none()
    return Place(*row) if row else None


def units_as_places(tx: Session, unit_ids: Sequence[UUID]) -> list[Place]:
    """These units, by building and name."""
    rows = tx.execute(_as_place().where(Unit.id.in_(unit_ids)).order_by(Building.name, Unit.name))
    return [Place(*row) for row in rows]


def buildings_of() -> ScalarSelect[Sequence[str]]:
    """Of `Purchase` in a query: the building of each of its lifts, for `area`."""
    return (
        select(func.array_agg(Building.name))
        .select_from(PurchaseLift)
        .join(Lift, Lift.id == PurchaseLift.lift_id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(PurchaseLift.purchase_id == Purchase.id)
        .correlate(Purchase)
        .scalar_subquery()
    )


def among(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], ids: Select[UUID]
) -> ColumnElement[bool]:
    """The column is one of these ids, which are looked for together: neighbours are found on one
    page of the index, where a join goes down from its root for each."""
    return column == any_(func.array(ids.scalar_subquery(), type_=ARRAY(Uuid)))


def buildings_among(cases: Select[UUID]) -> ScalarSelect[Sequence[str]]:
    """As `buildings_of`, where a query is about these cases: of all of them at once."""
    lifts = looked_up(
        "lifts",
        select(PurchaseLift.purchase_id, PurchaseLift.lift_id),
        among(PurchaseLift.purchase_id, cases),
    )
    homes = looked_up(
        "homes", select(Lift.id, Lift.unit_id), among(Lift.id, select(lifts.c.lift_id))
    )
    units = looked_up(
        "units", select(Unit.id, Unit.building_id), among(Unit.id, select(homes.c.unit_id))
    )
    buildings = looked_up(
        "buildings",
        select(Building.id, Building.name),
        among(Building.id, select(units.c.building_id)),
    )
    areas = looked_up(
        "areas",
        select(lifts.c.purchase_id, func.array_agg(buildings.c.name).label("names"))
        .join(homes, homes.c.id == lifts.c.lift_id)
        .join(units, units.c.id == homes.c.unit_id)
        .join(buildings, buildings.c.id == units.c.building_id)
        .group_by(lifts.c.purchase_id),
    )
    of_case = select(areas.c.names).where(areas.c.purchase_id == Purchase.id)
    return of_case.correlate(Purchase).scalar_subquery()


def lifts_among(estates: Select[UUID]) -> CTE:
    """The lifts in use of these estates, read together: `estate_id` and `id`."""
    buildings = looked_up(
        "buildings", select(Building.id, Building.estate_id), among(Building.estate_id, estates)
    )
    units = looked_up(
        "units",
        select(Unit.id, Unit.building_id),
        among(Unit.building_id, select(buildings.c.id)),
    )
    lifts = looked_up(
        "lifts",
        select(Lift.id, Lift.unit_id),
        among(Lift.unit_id, select(units.c.id)),
        Lift.use != LiftUse.RETIRED,
    )
    return looked_up(
        "lifts_of_estates",
        select(buildings.c.estate_id, lifts.c.id)
        .select_from(lifts)
        .join(units, units.c.id == lifts.c.unit_id)
        .join(buildings, buildings.c.id == units.c.building_id),
    )


def looked_up(name: str, query: Select[*tuple[Any, ...]], *where: SQLCoreOperations[bool]) -> CTE:
    """These rows, read once for the whole statement and joined in memory."""
    return query.where(*where).cte(name).prefix_with("MATERIALIZED")


def areas_of(tx: Session, purchases: Iterable[UUID]) -> dict[UUID, str]:
    """Which buildings each of these cases is about, and how many lifts: 6栋 · 4台."""
    rows = tx.execute(select(Purchase.id, buildings_of()).where(Purchase.id.in_(list(purchases))))
    return {purchase_id: area(of_lifts or ()) for purchase_id, of_lifts in rows}


def places_of(tx: Session, subjects: Sequence[UUID]) -> dict[UUID, str]:
    """How to call the households and committees that claims are about."""
    flats = tx.execute(
        select(Household.id, Estate.name, Building.name, Unit.name, Household.room)
        .join(Unit, Unit.id == Household.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .join(Estate, Estate.id == Building.estate_id)
        .where(Household.id.in_(subjects))
    )
    committees = tx.execute(
        select(Committee.id, Estate.name)
        .join(Estate, Estate.id == Committee.estate_id)
        .where(Committee.id.in_(subjects))
    )
    places = {flat_id: "".join(place) for flat_id, *place in flats}
    return {**places, **{committee_id: f"{name}业委会" for committee_id, name in committees}}


def household_at(tx: Session, estate_code: str, *place: str) -> UUID | None:
    """The flat at this building, unit and room, however they are written."""
    units = tx.execute(
        select(Building.name, Unit.name, Unit.id)
        .join(Unit, Unit.building_id == Building.id)
        .join(Estate, Estate.id == Building.estate_id)
        .where(Estate.code == normal_code(estate_code))
        .order_by(Unit.id)
    ).all()
    *unit, room = map(normal_place, place)
    here = [unit_id for *names, unit_id in units if list(map(normal_place, names)) == unit]
    flats = tx.execute(
        select(Household.room, Household.id)
        .where(Household.unit_id.in_(here))
        .order_by(Household.id)
    )
    return next((flat for written, flat in flats if normal_place(written) == room), None)
