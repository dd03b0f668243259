"""Which lifts an applicant may name where no account does, and whose the flats are that they
serve: all of one owner (独立产权人), JS 四（四）."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.store.queries.places import among, looked_up
from backend.store.registry import Building, Household, Lift, LiftUnit, Owner, Unit

Person = UUID | InstrumentedAttribute[UUID]


def all_of(units: Select[UUID], person_id: Person) -> ColumnElement[bool]:
    """Whether the flats in these units are all of this person, and there are some; of a flat with
    joint owners they are one."""
    flats = among(Household.unit_id, units)
    theirs = exists().where(
        Owner.household_id == Household.id,
        Owner.person_id == person_id,
        Owner.ended_at.is_(None),
    )
    return and_(exists().where(flats, theirs), ~exists().where(flats, ~theirs))


def lifts_owned_alone(tx: Session, estate_id: UUID, person_id: UUID) -> Sequence[UUID]:
    """The lifts of an estate that serve flats of this person alone, looked for from those flats."""
    own = Owner.person_id == person_id, Owner.ended_at.is_(None)
    homes = looked_up(
        "homes",
        select(Household.unit_id).join(Owner, Owner.household_id == Household.id).where(*own),
    )
    at_home = looked_up(
        "at_home",
        select(LiftUnit.lift_id).distinct(),
        among(LiftUnit.unit_id, select(homes.c.unit_id)),
    )
    served = select(LiftUnit.unit_id).where(LiftUnit.lift_id == Lift.id)
    return tx.scalars(
        select(Lift.id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(
            among(Lift.id, select(at_home.c.lift_id)),
            Building.estate_id == estate_id,
            Lift.retired_on.is_(None),
            all_of(served.correlate(Lift), person_id),
        )
        .order_by(Building.name, Unit.name, Lift.name)
    ).all()


def lifts_in(tx: Session, estate_id: UUID, owner: UUID | None) -> Sequence[UUID]:
    """The lifts of an estate that were not taken out; with an owner, those that serve a flat of
    theirs."""
    homes = (
        select(Household.unit_id)
        .join(Owner, Owner.household_id == Household.id)
        .where(Owner.person_id == owner, Owner.ended_at.is_(None))
    )
    serves = exists().where(LiftUnit.lift_id == Lift.id, LiftUnit.unit_id.in_(homes))
    return tx.scalars(
        select(Lift.id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(
            Building.estate_id == estate_id,
            Lift.retired_on.is_(None),
            *((serves,) if owner else ()),
        )
        .order_by(Building.name, Unit.name, Lift.name)
    ).all()
