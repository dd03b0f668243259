"""What a batch of the fund's books comes to, asked and written of all its lines at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeVarTuple
from uuid import UUID

import psycopg
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    Insert,
    ScalarSelect,
    Select,
    Subquery,
    Uuid,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.domain.closing import CloseState
from backend.domain.fund_books import LineKind
from backend.domain.households import MovementKind
from backend.store.fund_books import FundLine, FundSent
from backend.store.households import HouseholdControl, HouseholdMovement
from backend.store.income import YearClose
from backend.store.ledger import HouseholdBalance
from backend.store.registry import Building, Estate, Household, Unit

SIGNED = func.sum(
    case((FundLine.kind == LineKind.PAID_OUT, -FundLine.amount_fen), else_=FundLine.amount_fen)
)

Columns = TypeVarTuple("Columns")


class LineRow(NamedTuple):
    """A row of `fund_line` as it is copied there."""

    batch_id: UUID
    line: int
    bank_id: UUID
    reference: str | None
    household_id: UUID
    kind: str
    booked_on: date
    amount_fen: int
    balance_fen: int | None


COPY = f"COPY fund_line ({', '.join(LineRow._fields)}) FROM STDIN"


class OffBalance(NamedTuple):
    """A flat that a batch does not fit: its last line there, what the file says the flat has after
    it (None where it says nothing), what it has here before and would have after it, in fen."""

    line: int
    stated_fen: int | None
    before_fen: int
    fen: int


def copy_lines(tx: Session, rows: Sequence[LineRow]) -> None:
    """Write them at once."""
    connection = tx.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in rows:
            copy.write_row(row)


def flats_of(tx: Session, code: str) -> Sequence[tuple[str, str, str, UUID]]:
    """All flats of an estate: building, unit, room, id."""
    rows = (
        select(Building.name, Unit.name, Household.room, Household.id)
        .join(Unit, Unit.building_id == Building.id)
        .join(Household, Household.unit_id == Unit.id)
        .join(Estate, Estate.id == Building.estate_id)
        .where(Estate.code == code)
    )
    return [(building, unit, room, flat) for building, unit, room, flat in tx.execute(rows)]


def estate_codes(tx: Session) -> Sequence[str]:
    """The codes of all estates."""
    return tx.scalars(select(Estate.code)).all()


def known_references(
    tx: Session, bank_id: UUID, references: Sequence[str]
) -> Mapping[str, tuple[UUID, int]]:
    """Which of these came for this bank account, each with its batch and line."""
    came = select(FundLine.reference, FundLine.batch_id, FundLine.line).where(
        FundLine.bank_id == bank_id, FundLine.reference == func.any(list(references))
    )
    return {reference: (batch, line) for reference, batch, line in tx.execute(came) if reference}


def flats_with_account(tx: Session, flats: Sequence[UUID]) -> set[UUID]:
    """Which of these flats have their opening, or were moved without one."""
    among = literal(list(flats), ARRAY(Uuid))
    opened = select(HouseholdBalance.household_id).where(
        HouseholdBalance.household_id == func.any(among)
    )
    moved = select(HouseholdMovement.household_id).where(
        HouseholdMovement.household_id == func.any(among)
    )
    return set(tx.scalars(union_all(opened, moved)))


def repeated_flats(tx: Session, batch_id: UUID, most: int) -> Sequence[tuple[int, int]]:
    """Flats of which a batch has more than one line: the last and the first, `most` of them."""
    first, last = func.min(FundLine.line), func.max(FundLine.line)
    rows = (
        select(last, first)
        .where(FundLine.batch_id == batch_id)
        .group_by(FundLine.household_id)
        .having(func.count() > 1)
        .order_by(last)
        .limit(most)
    )
    return [(again, line) for again, line in tx.execute(rows)]


def before_opening(tx: Session, batch_id: UUID, most: int) -> Sequence[tuple[int, date]]:
    """Movements of a day before their flat's opening: the line, and the opening's day; `most` of
    them. None are lines of balances, whose flats have no opening yet."""
    rows = (
        select(FundLine.line, HouseholdBalance.as_of)
        .join(HouseholdBalance, HouseholdBalance.household_id == FundLine.household_id)
        .where(FundLine.batch_id == batch_id, FundLine.booked_on < HouseholdBalance.as_of)
        .order_by(FundLine.line)
        .limit(most)
    )
    return [(line, as_of) for line, as_of in tx.execute(rows)]


def off_balance(tx: Session, batch_id: UUID, most: int) -> Sequence[OffBalance]:
    """Flats that would have less than nothing, or another balance than their last line in the batch
    says; the first `most` by line. Nothing of the batch is booked yet."""
    of_batch = (
        select(
            FundLine.household_id,
            SIGNED.label("fen"),
            func.max(FundLine.line).label("line"),
        )
        .where(FundLine.batch_id == batch_id)
        .group_by(FundLine.household_id)
        .subquery("of_batch")
    )
    before = _all_of(HouseholdBalance, HouseholdBalance.principal_fen, of_batch) + _all_of(
        HouseholdMovement, HouseholdMovement.amount_fen, of_batch
    )
    stated = (
        select(FundLine.balance_fen)
        .where(FundLine.batch_id == batch_id, FundLine.line == of_batch.c.line)
        .scalar_subquery()
    )
    known = select(
        of_batch.c.line,
        of_batch.c.fen.label("moved_fen"),
        stated.label("stated_fen"),
        before.label("before_fen"),
    ).subquery("known")
    fen = known.c.before_fen + known.c.moved_fen
    wrong = (
        select(known.c.line, known.c.stated_fen, known.c.before_fen, fen)
        .where(or_(fen < 0, known.c.stated_fen != fen))
        .order_by(known.c.line)
        .limit(most)
    )
    rows = tx.execute(wrong)
    return [OffBalance(line, stated, int(had), int(has)) for line, stated, had, has in rows]


def _all_of(
    table: type[HouseholdBalance | HouseholdMovement],
    fen: InstrumentedAttribute[int],
    of_batch: Subquery,
) -> ScalarSelect[int]:
    """What a flat of the batch has in this table, in fen."""
    of_flat = table.household_id == of_batch.c.household_id
    return select(func.coalesce(func.sum(fen), 0)).where(of_flat).scalar_subquery()


def buildings_of(batch_id: UUID) -> Select[UUID]:
    """The buildings of a batch's flats."""
    return (
        select(Unit.building_id)
        .join(Household, Household.unit_id == Unit.id)
        .join(FundLine, FundLine.household_id == Household.id)
        .where(FundLine.batch_id == batch_id)
        .distinct()
    )


def days_of(tx: Session, batch_id: UUID) -> Sequence[tuple[date, LineKind, int]]:
    """What a batch of movements comes to: day, in or out, fen. What came in is first, whatever its
    day: so nothing falls below what it has after the whole batch."""
    rows = (
        select(FundLine.booked_on, FundLine.kind, func.sum(FundLine.amount_fen))
        .where(FundLine.batch_id == batch_id)
        .group_by(FundLine.booked_on, FundLine.kind)
        .order_by(FundLine.kind, FundLine.booked_on)
    )
    return [(on, kind, int(fen)) for on, kind, fen in tx.execute(rows)]


def control_lines(batch_id: UUID, on: date, kind: LineKind) -> Select[UUID, int]:
    """What a day's lines of one kind book on each control account, credit negative."""
    sign = 1 if kind is LineKind.PAID_OUT else -1
    return (
        _with_control(select(HouseholdControl.account_id, _sum(sign).label("fen")))
        .where(_of(batch_id, on, kind))
        .group_by(HouseholdControl.account_id)
    )


def write_movements(batch_id: UUID, on: date, kind: LineKind, entry_id: UUID) -> Insert:
    """The same on each flat, of this entry."""
    sign = -1 if kind is LineKind.PAID_OUT else 1
    rows = (
        _with_control(
            select(
                FundLine.household_id,
                literal(entry_id),
                literal(MovementKind.PRINCIPAL.value),
                HouseholdControl.account_id,
                literal(on, Date),
                _sum(sign),
            )
        )
        .where(_of(batch_id, on, kind))
        .group_by(FundLine.household_id, HouseholdControl.account_id)
        .order_by(FundLine.household_id)
    )
    columns = ("household_id", "entry_id", "kind", "account_id", "booked_on", "amount_fen")
    return insert(HouseholdMovement).from_select(columns, rows)


def write_openings(batch_id: UUID) -> Insert:
    """What a batch of balances says, as the openings of its flats."""
    rows = select(
        func.gen_random_uuid(), FundLine.household_id, FundLine.booked_on, FundLine.amount_fen
    ).where(FundLine.batch_id == batch_id)
    columns = ("id", "household_id", "as_of", "principal_fen")
    return insert(HouseholdBalance).from_select(columns, rows)


def closes_to_send(tx: Session) -> Sequence[YearClose]:
    """Posted closes of which the fund's system has no file yet, the oldest first."""
    unsent = ~select(FundSent.close_id).where(FundSent.close_id == YearClose.id).exists()
    posted = YearClose.state == CloseState.POSTED
    return tx.scalars(select(YearClose).where(posted, unsent).order_by(YearClose.posted_at)).all()


def _of(batch_id: UUID, on: date, kind: LineKind) -> ColumnElement[bool]:
    return and_(FundLine.batch_id == batch_id, FundLine.booked_on == on, FundLine.kind == kind)


def _sum(sign: int) -> ColumnElement[int]:
    return cast(func.sum(FundLine.amount_fen) * sign, BigInteger)


def _with_control(query: Select[*Columns]) -> Select[*Columns]:
    return (
        query.select_from(FundLine)
        .join(Household, Household.id == FundLine.household_id)
        .join(Unit, Unit.id == Household.unit_id)
        .join(HouseholdControl, HouseholdControl.building_id == Unit.building_id)
    )
