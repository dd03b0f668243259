"""Files of the fund's own system that were booked, as officers see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain.fund_books import BatchKind
from backend.store.fund_books import FundBatch, FundSent
from backend.store.ledger import Account


@dataclass(frozen=True)
class BatchView:
    """A batch that was booked; sums in fen."""

    bank: str
    number: str
    kind: BatchKind
    as_of: date
    count: int
    in_fen: int
    out_fen: int
    file_name: str
    brought_at: datetime


def batch_rows(tx: Session, skipped: int, most: int) -> Sequence[BatchView]:
    """The latest first."""
    query = (
        select(FundBatch, Account.name, Account.number)
        .join(Account, Account.id == FundBatch.bank_id)
        .order_by(FundBatch.id.desc())
        .offset(skipped)
        .limit(most)
    )
    return [
        BatchView(
            f"{name} {number}",
            one.number,
            one.kind,
            one.as_of,
            one.count,
            one.in_fen,
            one.out_fen,
            one.file_name,
            one.brought_at,
        )
        for one, name, number in tx.execute(query)
    ]


def count_batches(tx: Session, most: int) -> int:
    """How many there are, counted up to `most`."""
    some = select(FundBatch.id).limit(most).subquery()
    return tx.execute(select(func.count()).select_from(some)).scalar_one()


def latest_sent(tx: Session, most: int) -> Sequence[FundSent]:
    """The files that were written last for the fund's system."""
    return tx.scalars(select(FundSent).order_by(FundSent.written_at.desc()).limit(most)).all()
