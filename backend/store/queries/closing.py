"""The yearly close in sets: what `domain.closing` says of one account, for a whole city.

An account's weight is what its flats had in the fund, in fen, times the days of the year that they
had it (`queries.households`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Insert,
    Numeric,
    ScalarSelect,
    Select,
    Subquery,
    Update,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from backend.domain.closing import CloseState
from backend.domain.ledger import AccountKind
from backend.store.households import HouseholdControl
from backend.store.income import YearClose, YearShare
from backend.store.ledger import Account
from backend.store.queries.households import flat_weights
from backend.store.queries.income_parts import parts
from backend.store.registry import Household, Unit

BY_CODE_POINT = Account.number.collate("C")


@dataclass(frozen=True)
class PoolsBasis:
    """What a year's close would rest on now, of the accounts: how many take part, what was given
    them before (fen), how many flats have no account, the number of an account that was given
    something and closed since, and a hash of all that the shares follow from."""

    accounts: int
    before_fen: int
    without_account: int
    closed: str | None
    hash: str


def income_of(tx: Session, year: int) -> tuple[int, int]:
    """A year's income by the records, in fen: the value-added part, and the owners' by statute."""
    of_years = parts().subquery("of_years")
    value_added, owners = tx.execute(
        select(
            func.coalesce(func.sum(of_years.c.value_added_fen), 0),
            func.coalesce(func.sum(of_years.c.owners_fen), 0),
        ).where(of_years.c.year == year)
    ).one()
    return int(value_added), int(owners)


def statutory_waiting(tx: Session, year: int) -> int:
    """Of a year's statutory interest, what no posted close gave to the flats, in fen."""
    last = (
        select(YearClose.statutory_fen)
        .where(YearClose.year == year, YearClose.state == CloseState.POSTED)
        .order_by(YearClose.revision.desc())
        .limit(1)
    )
    return income_of(tx, year)[1] - (tx.scalar(last) or 0)


def pools_basis(tx: Session, year: int) -> PoolsBasis:
    """What the year's close would rest on now."""
    taking_part = _taking_part(year)
    line = func.concat_ws(" ", Account.number, taking_part.c.weight, taking_part.c.before_fen)
    lines = func.string_agg(line, aggregate_order_by(literal("\n"), BY_CODE_POINT))
    sha256 = func.sha256(func.convert_to(func.coalesce(lines, ""), "UTF8"))
    given = and_(Account.closed_on.is_not(None), taking_part.c.before_fen > 0)
    row = tx.execute(
        select(
            func.count(Account.id).label("accounts"),
            func.coalesce(func.sum(taking_part.c.before_fen), 0).label("before"),
            func.coalesce(func.sum(taking_part.c.flats).filter(Account.id.is_(None)), 0).label(
                "without_account"
            ),
            func.min(Account.number).filter(given).label("closed"),
            func.encode(sha256, "hex").label("hash"),
        ).select_from(taking_part.outerjoin(Account, Account.id == taking_part.c.account_id))
    ).one()
    return PoolsBasis(row.accounts, int(row.before), int(row.without_account), row.closed, row.hash)


def write_shares(close: YearClose) -> Insert:
    """Every account's share of a close: `money.split` in one statement. Floors, then a fen each to
    the largest remainders, ties to the number that sorts first by code point."""
    floors = _floors(close)
    ranked = select(floors, _spare_fen(floors, literal(close.total_fen))).subquery()
    shares = select(
        literal(close.id),
        ranked.c.account_id,
        ranked.c.weight,
        ranked.c.remainder,
        ranked.c.extra,
        cast(ranked.c.floor + ranked.c.extra, BigInteger),
        ranked.c.before_fen,
        literal(0, BigInteger),
        literal(0, BigInteger),
    )
    return insert(YearShare).from_select(
        [
            *(YearShare.close_id, YearShare.account_id, YearShare.weight, YearShare.remainder),
            *(YearShare.extra, YearShare.fen, YearShare.before_fen),
            *(YearShare.receivable_fen, YearShare.settled_fen),
        ],
        shares,
    )


def write_receivables(close_id: UUID) -> Update:
    """Whoever must give back more than is there owes the rest; the accounts are locked."""
    there = Account.balance_fen - Account.held_fen
    due = YearShare.before_fen - YearShare.fen
    return (
        update(YearShare)
        .where(YearShare.close_id == close_id, Account.id == YearShare.account_id, due > there)
        .values(receivable_fen=due - there)
        .execution_options(synchronize_session=False)
    )


def write_settled(close: YearClose) -> Update:
    """What an account gets now pays first what it could not give back in closes before."""
    owed = (
        select(
            YearShare.account_id,
            func.sum(YearShare.receivable_fen - YearShare.settled_fen).label("fen"),
        )
        .join(YearClose, YearClose.id == YearShare.close_id)
        .where(YearClose.state == CloseState.POSTED)
        .group_by(YearShare.account_id)
        .having(func.sum(YearShare.receivable_fen - YearShare.settled_fen) > 0)
        .subquery("owed")
    )
    due = YearShare.fen - YearShare.before_fen
    return (
        update(YearShare)
        .where(YearShare.close_id == close.id, owed.c.account_id == YearShare.account_id, due > 0)
        .values(settled_fen=func.least(due, owed.c.fen))
        .execution_options(synchronize_session=False)
    )


def lock_accounts(tx: Session, close_id: UUID, house: Collection[UUID]) -> None:
    """Keep what a close moves for this transaction: its pools, the control accounts of buildings
    and these of the house, all in one order of ids as everybody does."""
    moved = select(YearShare.account_id).where(YearShare.close_id == close_id)
    controls = select(HouseholdControl.account_id)
    every = or_(Account.id.in_(house), Account.id.in_(union_all(moved, controls)))
    locked = select(Account.id).where(every).order_by(Account.id)
    tx.execute(locked.with_for_update(key_share=True)).all()


def _floors(close: YearClose) -> Subquery:
    taking_part = _taking_part(close.year)
    exact = cast(literal(close.total_fen), Numeric) * taking_part.c.weight
    whole = literal(Decimal(close.weight), Numeric)
    return (
        select(
            taking_part.c.account_id,
            Account.number,
            taking_part.c.weight,
            taking_part.c.before_fen,
            func.div(exact, whole).label("floor"),
            func.mod(exact, whole).label("remainder"),
        )
        .join(Account, Account.id == taking_part.c.account_id)
        .subquery()
    )


def _spare_fen(
    floors: Subquery, total: ColumnElement[int], within: ColumnElement[UUID] | None = None
) -> ColumnElement[int]:
    """The `extra` fen, one or none, of each of these floors: what they leave of the total goes to
    the largest remainders, ties to the number that sorts first; `within` each group by itself."""
    by_remainder = (floors.c.remainder.desc(), floors.c.number.collate("C"))
    place = func.row_number().over(partition_by=within, order_by=by_remainder)
    spare = total - func.sum(floors.c.floor).over(partition_by=within)
    return case((place <= spare, 1), else_=0).label("extra")


def _taking_part(year: int) -> Subquery:
    """Every account that takes part: its weight now, how many flats it has, and what the last
    revision gave it. A row without an account stands for the flats that have none."""
    weights = _weights(year)
    given = _given(year, weights)
    return (
        select(
            func.coalesce(weights.c.account_id, given.c.account_id).label("account_id"),
            func.coalesce(weights.c.weight, 0).label("weight"),
            func.coalesce(weights.c.flats, 0).label("flats"),
            func.coalesce(given.c.fen, 0).label("before_fen"),
        )
        .select_from(
            weights.outerjoin(given, weights.c.account_id == given.c.account_id, full=True)
        )
        .subquery("taking_part")
    )


def _weights(year: int) -> CTE:
    """The flats of a unit belong to its account, else to its building's, else to the city's: to
    that of the year, or to one, by number, should there be several."""
    units = _fen_days(year)
    of_unit = _pool(Account.unit_id == units.c.unit_id)
    of_building = _pool(Account.unit_id.is_(None), Account.building_id == units.c.building_id)
    citys = Account.unit_id.is_(None), Account.building_id.is_(None)
    of_city = func.coalesce(
        _pool(*citys, Account.year == year), _pool(*citys, Account.year.is_(None))
    )
    held = select(
        func.coalesce(of_unit, of_building, of_city).label("account_id"),
        units.c.weight,
        units.c.flats,
    ).subquery("held")
    return (
        select(
            held.c.account_id,
            func.sum(held.c.weight).label("weight"),
            func.sum(held.c.flats).label("flats"),
        )
        .group_by(held.c.account_id)
        .cte("weights")
    )


def _pool(*which: ColumnElement[bool]) -> ScalarSelect[UUID]:
    """The open pooled account of these."""
    return (
        select(Account.id)
        .where(Account.kind == AccountKind.POOLED_INCOME, Account.closed_on.is_(None), *which)
        .order_by(BY_CODE_POINT)
        .limit(1)
        .scalar_subquery()
    )


def _fen_days(year: int) -> CTE:
    """By unit: what its flats had in the year, in fen × days, and how many had anything."""
    flats = flat_weights(year)
    return (
        select(
            Unit.id.label("unit_id"),
            Unit.building_id,
            func.sum(flats.c.weight).label("weight"),
            func.count().label("flats"),
        )
        .select_from(flats)
        .join(Household, Household.id == flats.c.household_id)
        .join(Unit, Unit.id == Household.unit_id)
        .group_by(Unit.id)
        .cte("fen_days")
    )


def _given(year: int, weights: CTE) -> Subquery:
    """What each account has got of the year by the last posted revision. What an account got that
    ended since (拆分、合并), the open ones of its building have got, by what they weigh."""
    last: Select[UUID] = (
        select(YearClose.id)
        .where(YearClose.year == year, YearClose.state == CloseState.POSTED)
        .order_by(YearClose.revision.desc())
        .limit(1)
    )
    given = (
        select(YearShare.account_id, YearShare.fen, Account.building_id, Account.closed_on)
        .join(Account, Account.id == YearShare.account_id)
        .where(YearShare.close_id == last.scalar_subquery())
        .cte("given")
    )
    passed_on = _passed_on(given, weights)
    stayed = select(given.c.account_id, given.c.fen).where(
        given.c.building_id.is_(None) | given.c.building_id.not_in(select(passed_on.c.building_id))
    )
    return union_all(stayed, select(passed_on.c.account_id, passed_on.c.fen)).subquery()


def _passed_on(given: CTE, weights: CTE) -> CTE:
    """All that a building's accounts got, divided among those that are open, where one of them
    ended that had got something."""
    ended = func.bool_or(and_(given.c.closed_on.is_not(None), given.c.fen > 0))
    changed = (
        select(given.c.building_id, func.sum(given.c.fen).label("fen"))
        .group_by(given.c.building_id)
        .having(ended)
        .subquery("changed")
    )
    whole = func.sum(weights.c.weight).over(partition_by=Account.building_id)
    heirs = (
        select(Account.id, Account.number, Account.building_id, changed.c.fen, weights.c.weight)
        .add_columns(whole.label("whole"))
        .join(weights, weights.c.account_id == Account.id)
        .join(changed, changed.c.building_id == Account.building_id)
        .where(weights.c.weight > 0)
        .subquery("heirs")
    )
    exact = cast(heirs.c.fen, Numeric) * heirs.c.weight
    floors = select(
        heirs,
        func.div(exact, heirs.c.whole).label("floor"),
        func.mod(exact, heirs.c.whole).label("remainder"),
    ).subquery("heirs_floors")
    part = floors.c.floor + _spare_fen(floors, floors.c.fen, floors.c.building_id)
    return select(
        floors.c.id.label("account_id"),
        floors.c.building_id,
        cast(part, BigInteger).label("fen"),
    ).cte("passed_on")
