"""The circle (相关范围) of a case: the units concerned, and what follows from them.

Who may apply and object as an affected owner (相关业主), where a notice hangs, who is asked: all of
that is answered here and nowhere else. Who pays is another matter (`store/queries/sources.py`).
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, delete, literal, or_, select, union
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.verification import VerificationKind, VerificationState
from backend.store.ledger import Account
from backend.store.people import OwnerVerification
from backend.store.purchases import PurchaseLift, PurchaseSource, PurchaseUnit
from backend.store.registry import Building, Household, Lift, LiftUnit, Owner, Unit

Units = Sequence[UUID] | Select[UUID]


def in_covered_area() -> ColumnElement[bool]:
    """Of `Unit` and `Account` in a query: the account is the unit's, or its whole building's."""
    return or_(
        Unit.id == Account.unit_id,
        and_(Account.unit_id.is_(None), Unit.building_id == Account.building_id),
    )


def account_is_the_citys() -> ColumnElement[bool]:
    """Of `Account` in a query: it belongs to no place."""
    return and_(Account.unit_id.is_(None), Account.building_id.is_(None))


def circle_of_draft(account_id: UUID | None, lift_ids: Sequence[UUID]) -> Select[UUID]:
    """The circle of a case that begins now.

    The covered area of its account (JS 四（二）: it is a building's or a unit's, whose owners are
    concerned), and the units that its lifts serve, whoever pays: who rides in the lift reads the
    notice and may object [D].
    """
    covered = select(Unit.id).join(Account, in_covered_area()).where(Account.id == account_id)
    served = select(LiftUnit.unit_id).where(LiftUnit.lift_id.in_(lift_ids))
    return select(union(covered, served).subquery().c.id)


def serve_lifts_of(tx: Session, purchase_id: UUID) -> None:
    """Let the circle of a case that no plan fixed yet be the units that its lifts serve, whoever
    pays: so on a route that the whole city's account pays for (SG 五（三）)."""
    named = select(PurchaseLift.lift_id).where(PurchaseLift.purchase_id == purchase_id)
    served = select(LiftUnit.unit_id).where(LiftUnit.lift_id.in_(named)).distinct()
    own = PurchaseUnit.purchase_id == purchase_id
    tx.execute(delete(PurchaseUnit).where(own, PurchaseUnit.unit_id.not_in(served)))
    units = served.with_only_columns(literal(purchase_id, Uuid), LiftUnit.unit_id)
    write = insert(PurchaseUnit).from_select(["purchase_id", "unit_id"], units)
    tx.execute(write.on_conflict_do_nothing())


def in_reach(purchase_id: UUID) -> ColumnElement[bool]:
    """Of `Lift` in a query: the case's account pays for it, since it serves a unit there (JS
    四（二）); where the account belongs to no place or comes later, it serves the circle."""
    paying = (
        select(Unit.id)
        .join(Account, in_covered_area())
        .join(PurchaseSource, PurchaseSource.account_id == Account.id)
        .where(PurchaseSource.purchase_id == purchase_id)
    )
    anywhere = and_(~paying.exists(), Lift.id.in_(lifts_serving(circle(purchase_id))))
    return or_(Lift.id.in_(lifts_serving(paying)), anywhere)


def circle(purchase_id: UUID) -> Select[UUID]:
    """The units of the case's circle."""
    return select(PurchaseUnit.unit_id).where(PurchaseUnit.purchase_id == purchase_id)


def units_of(tx: Session, purchase_id: UUID) -> list[tuple[UUID, str]]:
    """The circle by building and unit, id and name: a notice drafted now must hang there."""
    rows = tx.execute(
        select(Unit.id, Building.name, Unit.name)
        .join(Building, Building.id == Unit.building_id)
        .where(Unit.id.in_(circle(purchase_id)))
        .order_by(Building.name, Unit.name)
    )
    return [(unit_id, f"{building}{unit}") for unit_id, building, unit in rows]


def lifts_serving(units: Units) -> Select[UUID]:
    """The lifts that serve at least one of the units."""
    return select(LiftUnit.lift_id).where(LiftUnit.unit_id.in_(units))


def roll(units: Units) -> Select[Owner]:
    """Every entry of the roster there that has not ended, by id: the owners concerned."""
    return (
        select(Owner)
        .join(Household, Household.id == Owner.household_id)
        .where(Household.unit_id.in_(units), Owner.ended_at.is_(None))
        .order_by(Owner.id)
    )


def owners_concerned(cases: Sequence[UUID]) -> Select[UUID, UUID | None]:
    """Of each of these cases the owners concerned: the case, and the person, if known."""
    return (
        select(PurchaseUnit.purchase_id, Owner.person_id)
        .join(Household, Household.unit_id == PurchaseUnit.unit_id)
        .join(Owner, Owner.household_id == Household.id)
        .where(PurchaseUnit.purchase_id.in_(cases), Owner.ended_at.is_(None))
    )


def owners_of(tx: Session, units: Units, person_id: UUID) -> Sequence[Owner]:
    """The entries of this person on the roll of the units."""
    return tx.scalars(roll(units).where(Owner.person_id == person_id)).all()


def waiting_to_own(units: Units, person_id: UUID) -> Select[UUID]:
    """What this person asks of the centre, still open: to be known as the owner of a flat there."""
    return (
        select(OwnerVerification.id)
        .join(Household, Household.id == OwnerVerification.subject_id)
        .where(
            OwnerVerification.person_id == person_id,
            OwnerVerification.kind == VerificationKind.OWNER,
            OwnerVerification.state == VerificationState.OPEN,
            Household.unit_id.in_(units),
        )
    )


def waits_to_own(tx: Session, units: Units, person_id: UUID) -> bool:
    """Whether the person waits for the centre's word on a flat there."""
    return bool(tx.scalar(waiting_to_own(units, person_id).limit(1)))


def homes_of(tx: Session, person_id: UUID) -> Sequence[UUID]:
    """The flats that this person is known to own, anywhere."""
    return tx.scalars(
        select(Owner.household_id).where(Owner.person_id == person_id).order_by(Owner.id)
    ).all()


def concerning(person_id: UUID) -> Select[UUID]:
    """The cases whose circle holds a home of this person (verified)."""
    return (
        select(PurchaseUnit.purchase_id)
        .join(Household, Household.unit_id == PurchaseUnit.unit_id)
        .join(Owner, Owner.household_id == Household.id)
        .where(Owner.person_id == person_id)
    )
