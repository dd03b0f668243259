"""What the cashier looks at: premiums that are due, batches, their payments and answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    any_,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.domain.deadlines import DeadlineState
from backend.domain.ledger import PaymentState
from backend.store.batches import BankAnswer, PaymentBatch
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import Contract, Payment, Plan, Purchase
from backend.store.registry import Estate, Insurer


@dataclass(frozen=True)
class DueRow:
    """A case whose premium the cashier may order: to whom, how much, until when (the first moment
    too late), and what stands in the way as far as one query tells."""

    purchase: Purchase
    estate: str
    amount_fen: int
    payee: str
    payee_bank: str
    payee_account: str
    cover_from: date
    cover_ends_before: date
    ends_before: datetime | None
    account_came_back: bool
    account_changed: bool
    objections: int


@dataclass(frozen=True)
class BatchRow:
    """A batch of the list: its payments, what they come to, and how many of them are open."""

    batch: PaymentBatch
    payments: int
    amount_fen: int
    open: int
    paid: int


def came_back() -> ColumnElement[bool]:
    """Whether the row's contract names an account that a payment came back from after it was
    handed in (ids are in the order of time); of any case, since a closed account pays nobody."""
    return exists().where(
        Payment.account_unusable,
        Payment.payee_bank == Contract.payee_bank,
        Payment.payee_account == Contract.payee_account,
        Payment.id > Contract.id,
    )


def paid_elsewhere() -> ColumnElement[bool]:
    """Whether the insurer has another account today than the row's contract names."""
    same = (Insurer.bank_name == Contract.payee_bank) & (
        Insurer.bank_account == Contract.payee_account
    )
    return exists().where(Insurer.id == Contract.insurer_id, ~same)


def due_rows(
    tx: Session, states: Collection[str], holding: Collection[str], skipped: int, most: int
) -> Sequence[DueRow]:
    """Cases in these states, which can be paid, by the last day to pay; `holding` are the states
    in which an objection holds its case."""
    query = _due(holding).where(Purchase.state.in_(sorted(states)))
    rows: Sequence[Any] = tx.execute(query.offset(skipped).limit(most)).all()
    return [DueRow(*row) for row in rows]


def ordered_rows(tx: Session, holding: Collection[str], batch_id: UUID) -> Sequence[DueRow]:
    """The same of the cases whose payment in this batch the bank has not answered."""
    ordered = select(Payment.purchase_id).where(
        Payment.batch_id == batch_id, Payment.state == PaymentState.ORDERED
    )
    rows: Sequence[Any] = tx.execute(_due(holding).where(Purchase.id.in_(ordered))).all()
    return [DueRow(*row) for row in rows]


def _due(holding: Collection[str]) -> Select[*tuple[Any, ...]]:
    ends = (
        select(func.min(DeadlineRecord.ends_before))
        .where(
            DeadlineRecord.purchase_id == Purchase.id, DeadlineRecord.state == DeadlineState.OPEN
        )
        .scalar_subquery()
    )
    objections = (
        select(func.count())
        .select_from(Objection)
        .join(PublicNotice, PublicNotice.id == Objection.notice_id)
        .where(PublicNotice.purchase_id == Purchase.id, Objection.status.in_(sorted(holding)))
        .correlate(Purchase)
        .scalar_subquery()
    )
    return (
        select(
            Purchase,
            Estate.name,
            Contract.premium_fen,
            Contract.payee_name,
            Contract.payee_bank,
            Contract.payee_account,
            Plan.cover_from,
            Plan.cover_ends_before,
            ends,
            came_back(),
            paid_elsewhere(),
            objections,
        )
        .join(Estate, Estate.id == Purchase.estate_id)
        .join(Contract, Contract.id == Purchase.contract_id)
        .join(Plan, Plan.id == Purchase.plan_id)
        .order_by(ends.asc().nulls_last(), Purchase.number)
    )


def count_due(tx: Session, states: Collection[str], most: int) -> int:
    """How many there are, counted up to `most`."""
    some = select(Purchase.id).where(Purchase.state.in_(sorted(states))).limit(most)
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def batches(tx: Session, skipped: int, most: int) -> Sequence[BatchRow]:
    """Batches, the latest first."""
    of_batch = Payment.batch_id == PaymentBatch.id
    query = (
        select(
            PaymentBatch,
            func.count(Payment.id),
            func.coalesce(func.sum(Payment.amount_fen), 0),
            func.count(Payment.id).filter(Payment.state == PaymentState.ORDERED),
            func.count(Payment.id).filter(Payment.state == PaymentState.CONFIRMED),
        )
        .outerjoin(Payment, of_batch)
        .group_by(PaymentBatch.id)
        .order_by(PaymentBatch.made_at.desc(), PaymentBatch.number.desc())
    )
    rows = tx.execute(query.offset(skipped).limit(most))
    return [BatchRow(batch, n, int(fen), opened, paid) for batch, n, fen, opened, paid in rows]


def count_batches(tx: Session, most: int) -> int:
    """How many there are, counted up to `most`."""
    some = select(PaymentBatch.id).limit(most).subquery()
    return tx.scalar(select(func.count()).select_from(some)) or 0


def payments_of(batch_id: UUID) -> Select[Payment, Purchase, str]:
    """The payments of a batch in the order of their numbers, with the case and its estate."""
    return (
        select(Payment, Purchase, Estate.name)
        .join(Purchase, Purchase.id == Payment.purchase_id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(Payment.batch_id == batch_id)
        .order_by(Payment.number)
    )


def elsewhere(
    tx: Session,
    batch_id: UUID,
    amounts: Collection[int],
    numbers: Collection[str],
    references: Collection[str],
) -> Sequence[Payment]:
    """Payments that are not of this batch: ordered ones of one of these amounts, rejected ones with
    one of these numbers, and those that the bank paid by one of these references."""

    def is_of(column: InstrumentedAttribute[Any], some: Collection[str]) -> ColumnElement[bool]:
        return column == any_(literal(sorted(some), ARRAY(Text)))

    alike = (Payment.state == PaymentState.ORDERED) & Payment.amount_fen.in_(amounts)
    named = (Payment.state == PaymentState.REJECTED) & is_of(Payment.number, numbers)
    paid = is_of(Payment.bank_reference, references)
    not_here = Payment.batch_id.is_distinct_from(batch_id)
    return tx.scalars(select(Payment).where(not_here, or_(alike, named, paid))).all()


def answers_of(tx: Session, batch_id: UUID) -> Sequence[BankAnswer]:
    """What the bank answered, as it was read."""
    query = select(BankAnswer).where(BankAnswer.batch_id == batch_id)
    return tx.scalars(query.order_by(BankAnswer.taken_at, BankAnswer.row, BankAnswer.id)).all()
