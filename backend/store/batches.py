"""拨付批次: payments that one file tells the bank, and what the bank answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.bank_answers import BankLine
from backend.store.base import Base, Id


class PaymentBatch(Base):
    """One batch, out of one bank account; its payments name it. `content` is the bank's file, made
    once with it. `left_out` are cases that were ticked and could not be ordered: their ids, numbers
    and what was in the way."""

    __tablename__ = "payment_batch"
    __table_args__ = (
        CheckConstraint("(submitted_at IS NULL) = (submitted_by IS NULL)", name="submitted"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    bank_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    content: Mapped[bytes] = mapped_column(deferred=True)
    sha256: Mapped[str]
    left_out: Mapped[list[Any]]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(index=True)
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]


class BankAnswer(Base):
    """A line of a statement or of receipts that the bank gave out after a batch, as it wrote it;
    what it says of which payment is judged anew whenever it is looked at. Append-only: the same
    line again is the same row."""

    __tablename__ = "bank_answer"
    __table_args__ = (UniqueConstraint("batch_id", "digest"),)

    id: Mapped[Id]
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("payment_batch.id"))
    digest: Mapped[str]
    file_name: Mapped[str]
    row: Mapped[int]
    reference: Mapped[str]
    amount_fen: Mapped[int | None]
    payee: Mapped[str]
    purpose: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str]
    taken_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime]

    @property
    def line(self) -> BankLine:
        """What the bank wrote."""
        return BankLine(
            self.reference, self.amount_fen, self.payee, self.purpose, self.outcome, self.reason
        )
