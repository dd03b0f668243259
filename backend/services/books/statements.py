"""The statement of an account (明细账): its movements and what it held. A year is read by itself,
however long the books are.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend.domain import ledger as rules
from backend.domain.ledger import AccountKind
from backend.domain.subject import Subject
from backend.store.ledger import Account, AccountYear, Entry, Posting
from backend.store.queries.places import among, looked_up

OF_AN_ENTRY = (
    *(Entry.id, Entry.booked_on, Entry.created_at, Entry.kind, Entry.memo),
    *(Entry.subject_kind, Entry.subject_id),
)


@dataclass(frozen=True)
class StatementLine:
    """One movement of an account: positive when the balance grew, and the balance after it."""

    booked_on: date
    kind: str
    memo: str
    subject: Subject | None
    amount_fen: int
    balance_fen: int


def statement(
    tx: Session, account_id: UUID, from_on: date, ends_before: date
) -> list[StatementLine]:
    """Movements booked from `from_on` up to and without `ends_before`, oldest first. Reads nothing
    of earlier years."""
    kind = AccountKind(
        tx.execute(select(Account.kind).where(Account.id == account_id)).scalar_one()
    )
    lines = looked_up(
        "lines",
        select(Posting.id, Posting.entry_id, Posting.amount_fen),
        Posting.account_id == account_id,
        Posting.booked_on >= _first_of_year(from_on),
        Posting.booked_on < ends_before,
    )
    entries = looked_up("entries", select(*OF_AN_ENTRY), among(Entry.id, select(lines.c.entry_id)))
    order = (entries.c.booked_on, entries.c.created_at, entries.c.id, lines.c.id)
    moved = (
        select(
            entries.c.booked_on,
            entries.c.kind,
            entries.c.memo,
            entries.c.subject_kind,
            entries.c.subject_id,
            lines.c.amount_fen,
            (
                _brought_forward(account_id, from_on)
                + func.sum(lines.c.amount_fen).over(order_by=order)
            ).label("balance"),
            func.row_number().over(order_by=order).label("place"),
        )
        .join(entries, entries.c.id == lines.c.entry_id)
        .subquery()
    )
    rows = tx.execute(select(moved).where(moved.c.booked_on >= from_on).order_by(moved.c.place))
    return [
        StatementLine(
            row.booked_on,
            row.kind,
            row.memo,
            Subject(row.subject_kind, row.subject_id) if row.subject_kind else None,
            rules.natural(kind, row.amount_fen),
            rules.natural(kind, int(row.balance)),
        )
        for row in rows
    ]


def balance_before(tx: Session, account_id: UUID, on: date) -> int:
    """What an account held as that day began, in fen."""
    since = Posting.booked_on >= _first_of_year(on), Posting.booked_on < on
    moved = select(func.coalesce(func.sum(Posting.amount_fen), 0))
    this_year = moved.where(Posting.account_id == account_id, *since).scalar_subquery()
    kind, fen = tx.execute(
        select(Account.kind, _brought_forward(account_id, on) + this_year).where(
            Account.id == account_id
        )
    ).one()
    return rules.natural(AccountKind(kind), int(fen))


def _first_of_year(on: date) -> date:
    return date(on.year, 1, 1)


def _brought_forward(account_id: UUID, on: date) -> ColumnElement[Decimal]:
    """Debits less credits of all years before the one of this day."""
    before = AccountYear.account_id == account_id, AccountYear.year < on.year
    moved = select(func.coalesce(func.sum(AccountYear.moved_fen), 0)).where(*before)
    return moved.scalar_subquery()
