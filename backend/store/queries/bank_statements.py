"""Statements of the fund's bank accounts, for those who keep or watch the books."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.domain.ledger import OPENINGS
from backend.store.bank_statements import BankMatch, BankStatement, BankStatementLine
from backend.store.ledger import Account, Entry, Posting

COUNTS = BankStatement.withdrawn_at.is_(None)
MATCHED = BankMatch.undone_at.is_(None)


@dataclass(frozen=True)
class StatementView:
    """A statement, in fen; how many lines it has, and of how many it is known what they are."""

    id: UUID
    bank_id: UUID
    bank_number: str
    bank_name: str
    from_on: date
    until_on: date
    opening_fen: int
    closing_fen: int
    lines: int
    matched: int
    file_name: str
    imported_at: datetime
    withdrawn_because: str | None

    @property
    def unmatched(self) -> int:
        """Lines of which nobody said what they are."""
        return self.lines - self.matched


@dataclass(frozen=True)
class Covered:
    """The days that statements of a bank account cover, and with what they end."""

    from_on: date
    until_on: date
    closing_fen: int


def statement_view(tx: Session, statement_id: UUID) -> StatementView | None:
    """One statement."""
    row = tx.execute(_statements().where(BankStatement.id == statement_id)).first()
    return _view(row) if row else None


def page_of_statements(
    tx: Session, after: UUID | None, page_size: int, bank_id: UUID | None = None
) -> Sequence[StatementView]:
    """`page_size` of them, those withdrawn too, the latest first, below the id `after`."""
    query = _statements().order_by(BankStatement.id.desc()).limit(page_size)
    if after:
        query = query.where(BankStatement.id < after)
    if bank_id:
        query = query.where(BankStatement.bank_id == bank_id)
    return [_view(row) for row in tx.execute(query)]


def _statements() -> Select[Any]:
    matched = (
        select(func.count().label("matched"))
        .select_from(BankMatch)
        .join(BankStatementLine, BankStatementLine.id == BankMatch.line_id)
        .where(BankStatementLine.statement_id == BankStatement.id, MATCHED)
        .lateral()
    )
    return (
        select(BankStatement, Account.number, Account.name, matched.c.matched)
        .join(Account, Account.id == BankStatement.bank_id)
        .join(matched, true())
    )


def _view(row: Any) -> StatementView:
    statement, number, name, matched = row
    return StatementView(
        statement.id,
        statement.bank_id,
        number,
        name,
        statement.from_on,
        statement.until_on,
        statement.opening_fen,
        statement.closing_fen,
        statement.lines,
        matched,
        statement.file_name,
        statement.imported_at,
        statement.withdrawn_because,
    )


def covered(tx: Session, bank_id: UUID) -> Covered | None:
    """What the statements of this bank account cover so far."""
    return all_covered(tx, BankStatement.bank_id == bank_id).get(bank_id)


def all_covered(tx: Session, *which: ColumnElement[bool]) -> Mapping[UUID, Covered]:
    """The same of every bank account that has statements, or of those of them."""
    bank_id = BankStatement.bank_id
    first = func.min(BankStatement.from_on).over(partition_by=bank_id)
    rows = tx.execute(
        select(bank_id, first, BankStatement.until_on, BankStatement.closing_fen)
        .where(COUNTS, *which)
        .order_by(bank_id, BankStatement.until_on.desc())
        .ext(distinct_on(bank_id))
    )
    return {bank: Covered(since, until, fen) for bank, since, until, fen in rows}


def opened_on(tx: Session, bank_id: UUID) -> date | None:
    """The day of the bank account's opening balance in the books."""
    opening = Entry.kind.in_(OPENINGS), Posting.account_id == bank_id
    first = select(func.min(Entry.booked_on)).join(Posting, Posting.entry_id == Entry.id)
    found: date | None = tx.scalar(first.where(*opening))
    return found


def known_references(tx: Session, bank_id: UUID, asked: Collection[str]) -> frozenset[str]:
    """Those of these references that lines of the bank account's statements have."""
    one = select(BankStatementLine.reference).join(
        BankStatement, BankStatement.id == BankStatementLine.statement_id
    )
    mine = BankStatement.bank_id == bank_id, COUNTS
    return frozenset(tx.scalars(one.where(*mine, BankStatementLine.reference.in_(asked))))


def bank_balance(tx: Session, bank_id: UUID, on: date) -> int | None:
    """What the bank had at the end of this day by its statements; None where none covers it."""
    covering = BankStatement.from_on <= on, BankStatement.until_on >= on
    found = tx.scalars(
        select(BankStatement).where(BankStatement.bank_id == bank_id, COUNTS, *covering)
    ).first()
    if found is None:
        return None
    moved = select(func.coalesce(func.sum(BankStatementLine.amount_fen), 0)).where(
        BankStatementLine.statement_id == found.id, BankStatementLine.day <= on
    )
    return found.opening_fen + int(tx.scalars(moved).one())


def lines_of(
    tx: Session, *which: ColumnElement[bool]
) -> Sequence[tuple[BankStatementLine, BankMatch | None]]:
    """Lines of statements that count, with what they are matched with, by day and row."""
    rows = tx.execute(
        select(BankStatementLine, BankMatch)
        .join(BankStatement, BankStatement.id == BankStatementLine.statement_id)
        .outerjoin(BankMatch, (BankMatch.line_id == BankStatementLine.id) & MATCHED)
        .where(*which)
        .order_by(BankStatementLine.day, BankStatement.from_on, BankStatementLine.row)
    )
    return [(line, match) for line, match in rows]
