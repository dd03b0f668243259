"""The flats of a case's circle, and what each of them pays of its plan (分摊)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from backend.domain.deposit_facts import Shares
from backend.domain.shares import Flat
from backend.store.purchases import Purchase
from backend.store.queries.area import circle
from backend.store.registry import Building, Household, Owner, Unit
from backend.store.special_accounts import PlanShare, SpecialDeposit


@dataclass(frozen=True)
class ShareRow:
    """What a flat pays (fen), and when and by which reference the bank got it, once it did."""

    household_id: UUID
    place: str
    area_dm2: int
    fen: int
    received_on: date | None
    bank_reference: str | None


def flats_of(tx: Session, purchase: Purchase) -> Sequence[Flat]:
    """The flats of the circle, by building, unit and room."""
    rows = tx.execute(
        select(Household.id, _place(), Household.area_dm2, _owned())
        .join(Unit, Unit.id == Household.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(Household.unit_id.in_(circle(purchase.id)))
        .order_by(Building.name, Unit.name, Household.room)
    )
    return [Flat(flat, place, area, owned) for flat, place, area, owned in rows]


def shares_of_case(tx: Session, purchase: Purchase) -> Shares:
    """How the shares of the current plan stand, as rules look at them."""
    flats = flats_of(tx, purchase)
    asked, paid, came = tx.execute(
        select(
            func.count(),
            func.count(SpecialDeposit.id),
            func.coalesce(func.sum(SpecialDeposit.amount_fen), 0),
        )
        .select_from(PlanShare)
        .outerjoin(SpecialDeposit, _paid(purchase))
        .where(PlanShare.plan_id == purchase.plan_id)
    ).one()
    unowned = tuple(flat.place for flat in flats if not flat.owned)
    return Shares(len(flats), unowned, asked - paid, int(came))


def share_rows(tx: Session, purchase: Purchase, *which: ColumnElement[bool]) -> Sequence[ShareRow]:
    """The shares of the current plan, by building, unit and room; `which` is about `Household`."""
    rows = tx.execute(
        select(
            Household.id,
            _place(),
            Household.area_dm2,
            PlanShare.fen,
            SpecialDeposit.received_on,
            SpecialDeposit.bank_reference,
        )
        .join(Household, Household.id == PlanShare.household_id)
        .join(Unit, Unit.id == Household.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .outerjoin(SpecialDeposit, _paid(purchase))
        .where(PlanShare.plan_id == purchase.plan_id, *which)
        .order_by(Building.name, Unit.name, Household.room)
    )
    return [
        ShareRow(household_id, place, area, fen, on, reference)
        for household_id, place, area, fen, on, reference in rows
    ]


def _paid(purchase: Purchase) -> ColumnElement[bool]:
    """Of `SpecialDeposit`: what the flat of a `PlanShare` paid for this case."""
    return and_(
        SpecialDeposit.purchase_id == purchase.id,
        SpecialDeposit.household_id == PlanShare.household_id,
        SpecialDeposit.undone_at.is_(None),
    )


def _place() -> ColumnElement[str]:
    return func.concat(Building.name, Unit.name, Household.room, "室")


def _owned() -> ColumnElement[bool]:
    return exists().where(Owner.household_id == Household.id, Owner.ended_at.is_(None))
