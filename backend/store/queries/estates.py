"""Lists to choose from when a case begins: estates, their lifts and pooled accounts, insurers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, Uuid, and_, func, literal, null, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from backend.domain.roles import OFFICERS, Role
from backend.domain.routes.catalogue import closed_states
from backend.domain.states import BEGINNING
from backend.store.ledger import Account, AccountBank
from backend.store.people import AccessGrant
from backend.store.purchases import CoveragePeriod, Purchase, PurchaseLift, PurchaseSource
from backend.store.queries.area import account_is_the_citys
from backend.store.queries.cases import Viewer, granted, homes, seats
from backend.store.queries.places import among, lifts_among, looked_up, units_served_in
from backend.store.registry import Building, Estate, Insurer, Lift, LiftToken, Unit


@dataclass(frozen=True)
class EstateLift:
    """A lift to choose; `covered_until` is its last covered day, None without cover today.

    `open_case` is the number of the case that is at work on it, None without one; since
    `stopped_on` it stands still.
    """

    id: UUID
    registration_code: str
    name: str
    building: str
    unit: str
    unit_id: UUID
    building_id: UUID
    covered_until: date | None
    open_case: str | None
    token: str | None
    stopped_on: date | None


@dataclass(frozen=True)
class EstateAccount:
    """A pooled account; `unit` is None when it belongs to a whole building, `building` is empty
    when it is the whole city's. Balance less holds. `banks` are the names of the bank accounts
    where its money lies."""

    id: UUID
    number: str
    name: str
    building: str
    unit: str | None
    available_fen: int
    banks: Sequence[str]


def estates_of(tx: Session, viewer: Viewer, after: UUID | None, page_size: int) -> Sequence[Estate]:
    """Estates towards which the person has a role; officers have one towards all."""
    office = select(AccessGrant.id).where(
        AccessGrant.person_id == viewer.person_id,
        AccessGrant.role.in_([str(role) for role in OFFICERS]),
        AccessGrant.valid(viewer.now),
    )
    query = (
        select(Estate)
        .where(
            or_(
                office.exists(),
                Estate.id.in_(granted(viewer, Role.PROPERTY_MANAGER)),
                Estate.district_id.in_(granted(viewer, Role.DISTRICT)),
                Estate.id.in_(homes(viewer)),
                Estate.id.in_(seats(viewer)),
            )
        )
        .order_by(Estate.id)
        .limit(page_size)
    )
    if after is not None:
        query = query.where(Estate.id > after)
    return tx.scalars(query).all()


def at_work() -> ColumnElement[bool]:
    """Of `Purchase` in a query: it was applied for, and something is still asked of somebody."""
    return Purchase.state.not_in(sorted(BEGINNING | closed_states()))


def case_paid_from(tx: Session, account_ids: Sequence[UUID]) -> str | None:
    """The number of a case that is at work and is paid from one of these accounts, if any."""
    return tx.scalar(
        select(Purchase.number)
        .join(PurchaseSource, PurchaseSource.purchase_id == Purchase.id)
        .where(PurchaseSource.account_id.in_(account_ids), at_work())
        .order_by(Purchase.number)
        .limit(1)
    )


def lifts_in(tx: Session, estate_id: UUID, today: date) -> Sequence[EstateLift]:
    """The lifts of an estate by building, unit and name, with the valid token of each."""
    lifts = lifts_among(select(literal(estate_id, Uuid)))
    here = select(lifts.c.id)
    served = units_served_in(estate_id).subquery()
    tokens = looked_up(
        "tokens",
        select(LiftToken.lift_id, LiftToken.token),
        among(LiftToken.lift_id, here),
        LiftToken.valid,
    )
    at_work_on = _cases_at_work_on(here)
    rows = tx.execute(
        select(
            Lift.id,
            Lift.registration_code,
            Lift.name,
            Building.name,
            served.c.units,
            Unit.id,
            Building.id,
            func.upper(CoveragePeriod.period),
            at_work_on.c.number,
            tokens.c.token,
            Lift.stopped_on,
        )
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .outerjoin(served, served.c.lift_id == Lift.id)
        .outerjoin(at_work_on, at_work_on.c.lift_id == Lift.id)
        .outerjoin(tokens, tokens.c.lift_id == Lift.id)
        .outerjoin(
            CoveragePeriod,
            and_(
                CoveragePeriod.lift_id == Lift.id,
                CoveragePeriod.insures(today),
            ),
        )
        .where(among(Lift.id, here))
        .order_by(Building.name, Unit.name, Lift.name, Lift.id)
    )
    return [EstateLift(*(*row[:7], _day_before(row[7]), *row[8:])) for row in map(tuple, rows)]


def _cases_at_work_on(lifts: Select[UUID]) -> CTE:
    """The number of the case that is at work on each of these lifts, where one is."""
    theirs = looked_up(
        "theirs",
        select(PurchaseLift.lift_id, PurchaseLift.purchase_id),
        among(PurchaseLift.lift_id, lifts),
    )
    cases = looked_up(
        "cases",
        select(Purchase.id, Purchase.number),
        among(Purchase.id, select(theirs.c.purchase_id).distinct()),
        at_work(),
    )
    return (
        select(theirs.c.lift_id, func.min(cases.c.number).label("number"))
        .join(cases, cases.c.id == theirs.c.purchase_id)
        .group_by(theirs.c.lift_id)
        .cte("at_work_on")
    )


def _day_before(day: date | None) -> date | None:
    return day - timedelta(days=1) if day else None


def accounts_in(tx: Session, estate_id: UUID) -> Sequence[EstateAccount]:
    """The pooled accounts of an estate by number."""
    return accounts_of(tx, [estate_id])[estate_id]


def accounts_of(tx: Session, estates: Sequence[UUID]) -> Mapping[UUID, Sequence[EstateAccount]]:
    """The pooled accounts of each of these estates by number."""
    places = select(Building.id, Building.estate_id, Building.name)
    buildings = looked_up("buildings", places, Building.estate_id.in_(estates))
    of_estates = select(buildings.c.id)
    units = looked_up(
        "units", select(Unit.id, Unit.building_id, Unit.name), among(Unit.building_id, of_estates)
    )
    can_spend = (Account.balance_fen - Account.held_fen).label("available_fen")
    columns = Account.id, Account.number, Account.name, can_spend
    pooled = (Account.kind == "pooled_income", Account.closed_on.is_(None))
    of_buildings = (
        select(buildings.c.estate_id, *columns, buildings.c.name.label("building"))
        .add_columns(null().label("unit"))
        .join(buildings, buildings.c.id == Account.building_id)
        .where(*pooled, Account.unit_id.is_(None), among(Account.building_id, of_estates))
    )
    of_units = (
        select(buildings.c.estate_id, *columns, buildings.c.name, units.c.name)
        .join(units, units.c.id == Account.unit_id)
        .join(buildings, buildings.c.id == units.c.building_id)
        .where(*pooled, among(Account.unit_id, select(units.c.id)))
    )
    found = of_buildings.union_all(of_units).cte("found").prefix_with("MATERIALIZED")
    banks = _banks_of(select(found.c.id))
    rows = tx.execute(
        select(found.c.estate_id, found.c.id, found.c.number, found.c.name, found.c.building)
        .add_columns(found.c.unit, found.c.available_fen, func.coalesce(banks.c.names, []))
        .outerjoin(banks, banks.c.account_id == found.c.id)
        .order_by(found.c.number)
    )
    accounts: dict[UUID, list[EstateAccount]] = {estate_id: [] for estate_id in estates}
    for row in rows:
        accounts[row.estate_id].append(EstateAccount(*row[1:]))
    return accounts


def city_pools(tx: Session) -> Sequence[EstateAccount]:
    """The pooled accounts of the whole city, the year that came first at first (SG 五（三）)."""
    pools = (Account.kind == "pooled_income", Account.closed_on.is_(None), account_is_the_citys())
    citys = select(Account.id).where(*pools)
    banks = _banks_of(citys)
    rows = tx.execute(
        select(Account.id, Account.number, Account.name, literal(""), null())
        .add_columns(Account.balance_fen - Account.held_fen, func.coalesce(banks.c.names, []))
        .outerjoin(banks, banks.c.account_id == Account.id)
        .where(*pools)
        .order_by(Account.year, Account.number)
    )
    return [EstateAccount(*row) for row in rows]


def _banks_of(accounts: Select[UUID]) -> CTE:
    """The names of the banks at which these accounts lie, by number; few banks hold many."""
    lies_at = looked_up(
        "lies_at",
        select(AccountBank.account_id, AccountBank.bank_id),
        among(AccountBank.account_id, accounts),
    )
    bank = aliased(Account)
    banks = looked_up(
        "banks",
        select(bank.id, bank.name, bank.number),
        among(bank.id, select(lies_at.c.bank_id).distinct()),
    )
    names = func.array_agg(aggregate_order_by(banks.c.name, banks.c.number)).label("names")
    return (
        select(lies_at.c.account_id, names)
        .join(banks, banks.c.id == lies_at.c.bank_id)
        .group_by(lies_at.c.account_id)
        .cte("named")
    )


def insurers(tx: Session) -> Sequence[Insurer]:
    """Every insurer by name."""
    return tx.scalars(select(Insurer).order_by(Insurer.name)).all()
