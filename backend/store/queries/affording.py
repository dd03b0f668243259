"""What a forecast of insurable lifts rests on: pools, lifts, premiums of plans, flats, and what the
last close gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.domain.affording import YEARS_FORESEEN
from backend.domain.closing import CloseState
from backend.domain.cover import CoverState, LiftUse
from backend.domain.ledger import AccountKind
from backend.store.households import HouseholdMovement
from backend.store.income import Deposit, YearClose, YearShare
from backend.store.ledger import Account, HouseholdBalance
from backend.store.purchases import CoveragePeriod, PlanLift
from backend.store.queries.area import account_is_the_citys, in_covered_area
from backend.store.queries.places import among, lifts_among
from backend.store.registry import Building, Household, Lift, LiftUnit, Unit

# Of a reserved one the money is set aside already, and of one whose premium came back it still is.
COVERED = (CoverState.RESERVED, CoverState.IN_FORCE, CoverState.UNPAID)


@dataclass(frozen=True)
class Pool:
    """An open pooled account: what it can spend now, and its place."""

    id: UUID
    number: str
    name: str
    available_fen: int
    building: str
    unit: str | None


@dataclass(frozen=True)
class LiftHere:
    """A lift in use, the account that would pay for it (the first by number that is for a unit that
    it serves), the last day of the cover that it has or gets, and its premium in the last plan."""

    id: UUID
    words: str
    account_id: UUID | None
    covered_until: date | None
    planned_fen: int | None


@dataclass(frozen=True)
class FlatHere:
    """A flat, the account of its unit, its area, and what it has in the fund."""

    id: UUID
    account_id: UUID | None
    area_dm2: int
    principal_fen: int


@dataclass(frozen=True)
class CityYear:
    """Of all pools of places that can insure all their lifts in the same year (None: in none): how
    many, their lifts, and what they lack now."""

    closes_in: int | None
    accounts: int
    lifts: int
    shortfall_fen: int


def last_close(tx: Session) -> tuple[UUID, int] | None:
    """The last revision of the latest year that was closed, and the year."""
    posted = select(YearClose.id, YearClose.year).where(YearClose.state == CloseState.POSTED)
    latest = posted.order_by(YearClose.year.desc(), YearClose.revision.desc()).limit(1)
    row = tx.execute(latest).first()
    return None if row is None else (row[0], row[1])


def shares_in(tx: Session, close_id: UUID, accounts: Sequence[UUID]) -> Mapping[UUID, int]:
    """What that close gave each of these accounts of its year, in fen."""
    of_close = YearShare.close_id == close_id, YearShare.account_id.in_(accounts)
    return dict(tx.execute(select(YearShare.account_id, YearShare.fen).where(*of_close)).all())


def pools_in(tx: Session, estate_id: UUID) -> Sequence[Pool]:
    """The estate's pools by number."""
    rows = tx.execute(
        select(Account.id, Account.number, Account.name, _available(), Building.name, Unit.name)
        .outerjoin(Unit, Unit.id == Account.unit_id)
        .join(Building, Building.id == func.coalesce(Account.building_id, Unit.building_id))
        .where(*_pooled(), Building.estate_id == estate_id)
        .order_by(Account.number)
    )
    return [Pool(*row) for row in rows]


def lifts_here(tx: Session, estate_id: UUID, today: date) -> Sequence[LiftHere]:
    """The estate's lifts in use."""
    here = lifts_among(select(literal(estate_id, Uuid)))
    planned = (
        select(PlanLift.premium_fen)
        .where(PlanLift.lift_id == Lift.id)
        .order_by(PlanLift.plan_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    payer = _payer().where(LiftUnit.lift_id == Lift.id).limit(1).scalar_subquery()
    cover = (
        select(func.max(func.upper(CoveragePeriod.period)) - 1)
        .where(CoveragePeriod.lift_id == Lift.id, CoveragePeriod.state.in_(COVERED))
        .where(func.upper(CoveragePeriod.period) > today)
        .scalar_subquery()
    )
    rows = tx.execute(
        select(Lift.id, Building.name, Unit.name, Lift.name, payer, cover, planned)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(among(Lift.id, select(here.c.id)))
    )
    return [
        LiftHere(lift, f"{building}{unit}{name}", account, until, planned_fen)
        for lift, building, unit, name, account, until, planned_fen in rows
    ]


def flats_here(tx: Session, estate_id: UUID) -> Sequence[FlatHere]:
    """The estate's flats."""
    account = (
        select(Account.id)
        .where(*_pooled(), in_covered_area())
        .order_by(Account.number)
        .limit(1)
        .correlate(Unit)
        .scalar_subquery()
    )
    moved = (
        select(func.coalesce(func.sum(HouseholdMovement.amount_fen), 0))
        .where(HouseholdMovement.household_id == Household.id)
        .scalar_subquery()
    )
    had = func.coalesce(HouseholdBalance.principal_fen, 0) + moved
    rows = tx.execute(
        select(Household.id, account, Household.area_dm2, cast(had, BigInteger))
        .join(Unit, Unit.id == Household.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .outerjoin(HouseholdBalance, HouseholdBalance.household_id == Household.id)
        .where(Building.estate_id == estate_id)
    )
    return [FlatHere(*row) for row in rows]


def running_deposits(tx: Session, today: date) -> Sequence[tuple[int, Decimal, Decimal]]:
    """Of each deposit that runs: principal (fen), its rate and its benchmark."""
    running = Deposit.matures_on.is_(None) | (Deposit.matures_on > today)
    query = select(Deposit.principal_fen, Deposit.rate, Deposit.benchmark_rate)
    rows = tx.execute(query.where(Deposit.withdrawn_at.is_(None), running)).all()
    return [(fen, rate, benchmark) for fen, rate, benchmark in rows]


def earning_since(tx: Session) -> date | None:
    """The day from which the first deposit earned."""
    return tx.scalar(select(func.min(Deposit.value_on)).where(Deposit.withdrawn_at.is_(None)))


def flats_money(tx: Session) -> int:
    """What all flats of the city have in the fund, by the ledger, in fen."""
    kinds = (AccountKind.OWNERS_PRINCIPAL, AccountKind.HOUSEHOLD_FUND)
    total = select(func.coalesce(func.sum(Account.balance_fen), 0)).where(Account.kind.in_(kinds))
    return int(tx.scalar(total) or 0)


def city_by_year(
    tx: Session, close_id: UUID | None, premium_fen: int, booking: int
) -> Sequence[CityYear]:
    """All pools of places by the year in which they can insure all their lifts at this premium:
    what `income.affordability` says of one, in one statement for the city. Years of which none is
    said are one."""
    in_use = _payer().join(Lift, Lift.id == LiftUnit.lift_id).where(Lift.use != LiftUse.RETIRED)
    lifts = in_use.add_columns(LiftUnit.lift_id).ext(distinct_on(LiftUnit.lift_id)).subquery()
    number = func.count().label("number")
    of_account = select(lifts.c.id, number).group_by(lifts.c.id).subquery("of_account")
    income = func.coalesce(YearShare.fen, 0)
    lacks = func.greatest(0, of_account.c.number * premium_fen - _available())
    bookings = func.div(lacks + income - 1, func.nullif(income, 0))
    of_close = and_(YearShare.account_id == Account.id, YearShare.close_id == close_id)
    closes = case(
        (lacks == 0, booking - 1),
        (income > 0, booking - 1 + func.least(bookings, YEARS_FORESEEN + 1)),
    )
    years = (
        select(
            cast(closes, Integer).label("closes_in"),
            of_account.c.number,
            lacks.label("lacks"),
        )
        .select_from(Account)
        .join(of_account, of_account.c.id == Account.id)
        .outerjoin(YearShare, of_close)
        .subquery("years")
    )
    rows = tx.execute(
        select(
            years.c.closes_in,
            func.count(),
            func.sum(years.c.number),
            func.sum(years.c.lacks),
        )
        .group_by(years.c.closes_in)
        .order_by(years.c.closes_in)
    )
    return [CityYear(year, count, int(some), int(fen)) for year, count, some, fen in rows]


def citys_own(tx: Session, close_id: UUID | None) -> tuple[int, int, int]:
    """Of a city whose pools are no place's: what they can spend, what the last close gave them (in
    fen), and how many lifts the city has in use."""
    of_city = select(Account.id).where(*_pooled(), account_is_the_citys())
    can_spend = select(func.coalesce(func.sum(_available()), 0)).where(Account.id.in_(of_city))
    given = select(func.coalesce(func.sum(YearShare.fen), 0)).where(YearShare.close_id == close_id)
    lifts = select(func.count()).select_from(Lift).where(Lift.use != LiftUse.RETIRED)
    return (
        int(tx.scalar(can_spend) or 0),
        int(tx.scalar(given.where(YearShare.account_id.in_(of_city))) or 0),
        tx.scalar(lifts) or 0,
    )


def _payer() -> Select[UUID]:
    """Of lifts: the account that would pay, the first by number."""
    return (
        select(Account.id)
        .join(Unit, in_covered_area())
        .join(LiftUnit, LiftUnit.unit_id == Unit.id)
        .where(*_pooled())
        .order_by(LiftUnit.lift_id, Account.number)
    )


def _pooled() -> tuple[ColumnElement[bool], ...]:
    return Account.kind == AccountKind.POOLED_INCOME, Account.closed_on.is_(None)


def _available() -> ColumnElement[int]:
    return Account.balance_fen - Account.held_fen
