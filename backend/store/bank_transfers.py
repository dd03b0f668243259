"""Money that was moved between the fund's own bank accounts."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.base import Base, Id
from backend.store.proposals import DecidedByTwo, by_two


class BankTransfer(DecidedByTwo, Base):
    """划转: the bank moved money from one account of the fund to another on `moved_on`, by the
    receipt of which `file_sha256` is the scan. Once it is confirmed, `entry_id` holds it."""

    __tablename__ = "bank_transfer"
    __table_args__ = (
        *by_two(),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("from_bank_id <> to_bank_id", name="banks"),
        CheckConstraint(
            "(entry_id IS NOT NULL) = (confirmed IS NOT NULL AND confirmed)", name="booked"
        ),
        Index(
            "uq_bank_transfer_reference",
            "from_bank_id",
            "bank_reference",
            unique=True,
            postgresql_where=text("confirmed IS NULL OR confirmed"),
        ),
        Index("ix_bank_transfer_waiting", "id", postgresql_where=text("decided_at IS NULL")),
    )

    id: Mapped[Id]
    from_bank_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    to_bank_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    amount_fen: Mapped[int]
    moved_on: Mapped[date]
    bank_reference: Mapped[str]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entry.id"))
