"""The household sub-ledger in sets: what flats weigh in a year, their shares, and whether they add
up to the control accounts of the ledger.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    Insert,
    Numeric,
    Select,
    Subquery,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from backend.domain.closing import CloseState
from backend.domain.households import IncomeMode, MovementKind
from backend.domain.ledger import AccountKind
from backend.store.households import HouseholdControl, HouseholdMovement, HouseholdShare
from backend.store.income import YearClose
from backend.store.ledger import Account, HouseholdBalance
from backend.store.registry import Building, Estate, Household, Unit

ZERO = literal(0, BigInteger)
STATUTORY_MOVED = HouseholdShare.statutory_fen - HouseholdShare.statutory_before_fen
VALUE_ADDED_MOVED = HouseholdShare.value_added_fen - HouseholdShare.value_added_before_fen


@dataclass(frozen=True)
class FlatsBasis:
    """What a year's close rests on, of the flats: how many take part, all weights together (fen ×
    days), what was given them before (fen), and a hash of all that their shares follow from."""

    flats: int
    weight: int
    statutory_before_fen: int
    value_added_before_fen: int
    hash: str


@dataclass(frozen=True)
class SharesSum:
    """Of all flats of a close, in fen: what they get of the year, and what of that moves now."""

    statutory_fen: int
    statutory_moved_fen: int
    value_added_fen: int
    value_added_moved_fen: int


def flat_weights(year: int) -> CTE:
    """By flat: what it had in the year, in fen × days. The opening and each movement count from
    their day until the year ends, so that no balance of a day is needed: one look at each row."""
    first, ends = literal(date(year, 1, 1), Date), literal(date(year + 1, 1, 1), Date)
    since = HouseholdBalance.as_of, HouseholdMovement.booked_on
    had = union_all(
        select(
            HouseholdBalance.household_id,
            since[0].label("since"),
            HouseholdBalance.principal_fen.label("fen"),
        ).where(since[0] < ends),
        select(HouseholdMovement.household_id, since[1], HouseholdMovement.amount_fen).where(
            since[1] < ends
        ),
    ).subquery("had")
    days = ends - func.greatest(had.c.since, first)
    # A row is a bigint (fen × 366 days at most), their sum a numeric: no row is turned into one.
    weight = cast(func.sum(had.c.fen * days), Numeric)
    by_flat = select(had.c.household_id, weight.label("weight")).group_by(had.c.household_id)
    return by_flat.having(weight > 0).cte("flat_weights")


def flats_basis(tx: Session, year: int) -> FlatsBasis:
    """What the year's close would rest on now. Hashed unit by unit: the lines of a whole city are
    longer than a text may be."""
    flats = _taking_part(year)
    line = func.concat_ws(
        " ", flats.c.household_id, flats.c.weight, flats.c.statutory, flats.c.value_added
    )
    lines = func.string_agg(line, aggregate_order_by(literal("\n"), flats.c.household_id))
    units = (
        select(
            Household.unit_id,
            func.count().label("flats"),
            *(func.sum(flats.c[name]).label(name) for name in ("weight", *_GIVEN)),
            func.encode(func.sha256(func.convert_to(lines, "UTF8")), "hex").label("hash"),
        )
        .join(Household, Household.id == flats.c.household_id)
        .group_by(Household.unit_id)
        .subquery("units")
    )
    hashes = func.string_agg(units.c.hash, aggregate_order_by(literal("\n"), units.c.unit_id))
    sha256 = func.sha256(func.convert_to(func.coalesce(hashes, ""), "UTF8"))
    row = tx.execute(
        select(
            *(
                func.coalesce(func.sum(units.c[name]), 0).label(name)
                for name in ("flats", "weight", "statutory", "value_added")
            ),
            func.encode(sha256, "hex").label("hash"),
        )
    ).one()
    return FlatsBasis(
        int(row.flats), int(row.weight), int(row.statutory), int(row.value_added), row.hash
    )


def write_flat_shares(close: YearClose) -> Insert:
    """Every flat's share of a close: `money.split` of both sums in one statement, ties to the flat
    whose key comes first."""
    value_added = close.total_fen if close.mode is IncomeMode.HOUSEHOLD else 0
    flats = _taking_part(close.year)
    whole = literal(Decimal(close.weight), Numeric)
    sums = {"statutory": close.statutory_fen, "value_added": value_added}
    columns: list[ColumnElement[int | Decimal]] = []
    for name, total in sums.items():
        exact = cast(literal(total), Numeric) * flats.c.weight
        columns += [
            func.div(exact, whole).label(f"{name}_floor"),
            func.mod(exact, whole).label(f"{name}_remainder"),
        ]
    floors = select(flats, *columns).subquery("floors")
    extras = {name: _extra(floors, name, total) for name, total in sums.items()}
    ranked = select(
        floors, *(extra.label(f"{name}_extra") for name, extra in extras.items())
    ).subquery("ranked")
    shares = select(
        literal(close.id),
        ranked.c.household_id,
        ranked.c.weight,
        *(
            column
            for name in sums
            for column in (
                ranked.c[f"{name}_extra"],
                cast(ranked.c[f"{name}_floor"] + ranked.c[f"{name}_extra"], BigInteger),
                ranked.c[name],
            )
        ),
    ).order_by(ranked.c.household_id)
    given = [f"{name}_{what}" for name in sums for what in ("extra", "fen", "before_fen")]
    return insert(HouseholdShare).from_select(
        ["close_id", "household_id", "weight", *given], shares
    )


def shares_sum(tx: Session, close_id: UUID) -> SharesSum:
    """All flats of a close together."""
    row = tx.execute(
        select(
            *(
                func.coalesce(func.sum(column), 0)
                for column in (
                    *(HouseholdShare.statutory_fen, STATUTORY_MOVED),
                    *(HouseholdShare.value_added_fen, VALUE_ADDED_MOVED),
                )
            )
        ).where(HouseholdShare.close_id == close_id)
    ).one()
    return SharesSum(*map(int, row))


def flats_move(close_id: UUID) -> Select[bool]:
    """Whether a close books anything on any flat."""
    moves = or_(STATUTORY_MOVED != 0, VALUE_ADDED_MOVED != 0)
    return select(select(HouseholdShare).where(HouseholdShare.close_id == close_id, moves).exists())


def buildings_sharing(close_id: UUID) -> Select[UUID]:
    """The buildings whose flats take part in a close."""
    return (
        select(Unit.building_id)
        .join(Household, Household.unit_id == Unit.id)
        .join(HouseholdShare, HouseholdShare.household_id == Household.id)
        .where(HouseholdShare.close_id == close_id)
        .distinct()
    )


def control_lines(close: YearClose) -> Select[UUID, int]:
    """What a close books on each control account, credit negative: a line for what its flats get,
    and one for what they give back, so that there is an entry where a building moves within."""
    moved = _every_move(close)
    return (
        select(
            HouseholdControl.account_id.label("account_id"),
            cast(-func.sum(moved.c.fen), BigInteger).label("fen"),
        )
        .select_from(moved)
        .join(Household, Household.id == moved.c.household_id)
        .join(Unit, Unit.id == Household.unit_id)
        .join(HouseholdControl, HouseholdControl.building_id == Unit.building_id)
        .group_by(HouseholdControl.account_id, moved.c.fen > 0)
    )


def write_movements(close: YearClose, entry_id: UUID, booked_on: date) -> Insert:
    """What a close moves on every flat, of this entry; in the order of flats, as the key is."""
    moved = _every_move(close)
    rows = (
        select(
            moved.c.household_id,
            literal(entry_id),
            moved.c.kind,
            HouseholdControl.account_id,
            literal(booked_on, Date),
            moved.c.fen,
        )
        .join(Household, Household.id == moved.c.household_id)
        .join(Unit, Unit.id == Household.unit_id)
        .join(HouseholdControl, HouseholdControl.building_id == Unit.building_id)
        .order_by(moved.c.household_id)
    )
    columns = ("household_id", "entry_id", "kind", "account_id", "booked_on", "amount_fen")
    return insert(HouseholdMovement).from_select(columns, rows)


def flats_moved(close: YearClose) -> Select[str, str, str, str, str, int]:
    """The same by place: estate, building, unit, room, kind and fen, estate by estate."""
    moved = _every_move(close)
    place = Estate.code, Building.name, Unit.name, Household.room
    return (
        select(*place, moved.c.kind, moved.c.fen)
        .join(Household, Household.id == moved.c.household_id)
        .join(Unit, Unit.id == Household.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .join(Estate, Estate.id == Building.estate_id)
        .order_by(*place, moved.c.kind)
    )


def controls_off() -> CompoundSelect[str]:
    """Numbers of control accounts whose flats do not add up to what guards and ledger say, and of
    the owners' principal where flats without a control account have more."""
    flats = union_all(
        select(HouseholdBalance.household_id, HouseholdBalance.principal_fen.label("fen")),
        select(HouseholdMovement.household_id, HouseholdMovement.amount_fen),
    ).subquery("flats")
    buildings = (
        select(Unit.building_id, func.sum(flats.c.fen).label("fen"))
        .join(Household, Household.id == flats.c.household_id)
        .join(Unit, Unit.id == Household.unit_id)
        .group_by(Unit.building_id)
        .subquery("buildings")
    )
    have = func.coalesce(buildings.c.fen, 0)
    wrong = (
        select(Account.number)
        .join(HouseholdControl, HouseholdControl.account_id == Account.id)
        .outerjoin(buildings, buildings.c.building_id == HouseholdControl.building_id)
        .where(or_(have != HouseholdControl.households_fen, have != Account.balance_fen))
    )
    without = ~(
        select(HouseholdControl.account_id)
        .where(HouseholdControl.building_id == buildings.c.building_id)
        .exists()
    )
    uncontrolled = select(func.coalesce(func.sum(buildings.c.fen), 0)).where(without)
    principal = select(Account.number).where(
        Account.kind == AccountKind.OWNERS_PRINCIPAL,
        uncontrolled.scalar_subquery() > Account.balance_fen,
    )
    return union_all(wrong, principal)


_GIVEN = ("statutory", "value_added")


def _taking_part(year: int) -> Subquery:
    """Every flat that takes part: its weight now, and what the last revision gave it."""
    weights, given = flat_weights(year), _given(year)
    return (
        select(
            func.coalesce(weights.c.household_id, given.c.household_id).label("household_id"),
            func.coalesce(weights.c.weight, 0).label("weight"),
            *(func.coalesce(given.c[f"{name}_fen"], 0).label(name) for name in _GIVEN),
        )
        .select_from(
            weights.outerjoin(given, weights.c.household_id == given.c.household_id, full=True)
        )
        .subquery("flats")
    )


def _given(year: int) -> Subquery:
    last = (
        select(YearClose.id)
        .where(YearClose.year == year, YearClose.state == CloseState.POSTED)
        .order_by(YearClose.revision.desc())
        .limit(1)
    )
    return (
        select(
            HouseholdShare.household_id,
            HouseholdShare.statutory_fen,
            HouseholdShare.value_added_fen,
        )
        .where(HouseholdShare.close_id == last.scalar_subquery())
        .subquery("given")
    )


def _extra(floors: Subquery, name: str, total: int) -> ColumnElement[int]:
    """The spare fen for the largest remainders; of nothing there is none to rank."""
    if not total:
        return ZERO
    spare = total - func.sum(floors.c[f"{name}_floor"]).over()
    order = floors.c[f"{name}_remainder"].desc(), floors.c.household_id
    place = func.row_number().over(order_by=order)
    return cast(case((place <= spare, 1), else_=0), BigInteger)


def _every_move(close: YearClose) -> Subquery:
    parts: list[Select[UUID, str, int]] = [_moved(close.id, MovementKind.STATUTORY_INTEREST)]
    if close.mode is IncomeMode.HOUSEHOLD:
        parts.append(_moved(close.id, MovementKind.VALUE_ADDED))
    return union_all(*parts).subquery("moved")


def _moved(close_id: UUID, kind: MovementKind) -> Select[UUID, str, int]:
    fen = STATUTORY_MOVED if kind is MovementKind.STATUTORY_INTEREST else VALUE_ADDED_MOVED
    return select(
        HouseholdShare.household_id, literal(str(kind)).label("kind"), fen.label("fen")
    ).where(HouseholdShare.close_id == close_id, fen != 0)
