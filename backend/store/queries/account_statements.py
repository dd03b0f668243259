"""An account's movements of a period, found by the index of its days; nothing else is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.orm import Session

from backend.store.ledger import Account, Entry, Posting
from backend.store.purchases import Purchase
from backend.store.registry import Building, Unit


@dataclass(frozen=True)
class MovedLine:
    """One movement, debits positive, and what the period moved until then."""

    booked_on: date
    kind: str
    case: str | None
    amount_fen: int
    moved_fen: int


def moved_in(tx: Session, account_id: UUID, first: date, last: date) -> tuple[int, int, int]:
    """How many movements these days have, and their debits and credits, in fen."""
    fen = Posting.amount_fen
    count, debit_fen, credit_fen = tx.execute(
        select(
            func.count(),
            func.coalesce(func.sum(fen).filter(fen > 0), 0),
            func.coalesce(-func.sum(fen).filter(fen < 0), 0),
        ).where(*_within(account_id, first, last))
    ).one()
    return count, int(debit_fen), int(credit_fen)


def lines_in(
    tx: Session, account_id: UUID, days: tuple[date, date], skipped: int, most: int
) -> Sequence[MovedLine]:
    """`most` of them after the first `skipped`, the oldest first."""
    order = Posting.booked_on, Posting.entry_id, Posting.id
    moved = func.sum(Posting.amount_fen).over(order_by=order, rows=(None, 0))
    page = (
        select(Posting.id, Posting.entry_id, Posting.booked_on, Posting.amount_fen)
        .add_columns(cast(moved, BigInteger).label("moved_fen"))
        .where(*_within(account_id, *days))
        .order_by(*order)
        .offset(skipped)
        .limit(most)
        .subquery()
    )
    rows = tx.execute(
        select(page.c.booked_on, Entry.kind, Purchase.number, page.c.amount_fen, page.c.moved_fen)
        .join(Entry, Entry.id == page.c.entry_id)
        .outerjoin(Purchase, Purchase.id == Entry.purchase_id)
        .order_by(page.c.booked_on, page.c.entry_id, page.c.id)
    )
    return [MovedLine(*row) for row in rows]


def account_in(tx: Session, account_id: UUID) -> tuple[Account, UUID | None] | None:
    """The account, and the estate that it is held for, if for one."""
    building = func.coalesce(Account.building_id, Unit.building_id)
    query = (
        select(Account, Building.estate_id)
        .outerjoin(Unit, Unit.id == Account.unit_id)
        .outerjoin(Building, Building.id == building)
    )
    row = tx.execute(query.where(Account.id == account_id)).first()
    return None if row is None else (row[0], row[1])


def _within(account_id: UUID, first: date, last: date) -> Sequence[ColumnElement[bool]]:
    return Posting.account_id == account_id, Posting.booked_on.between(first, last)
