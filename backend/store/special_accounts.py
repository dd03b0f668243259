"""What came in on special accounts (专户)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.base import Base, Id


class SpecialDeposit(Base):
    """专户缴存: one sum that came in on the special account of a case, an owner's years' premium or
    the share of a flat (`household_id`), by the bank's receipt of which `file_sha256` is the scan;
    it names the payer, and nothing else does. Entered by mistake it is undone, and its reference
    may be used again."""

    __tablename__ = "special_deposit"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone"),
        Index(
            "uq_special_deposit_reference",
            "bank_id",
            "bank_reference",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index(
            "uq_special_deposit_counts",
            "purchase_id",
            "household_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    bank_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    household_id: Mapped[UUID | None] = mapped_column(ForeignKey("household.id"), index=True)
    amount_fen: Mapped[int]
    received_on: Mapped[date]
    bank_reference: Mapped[str]
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), unique=True)
    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    undone_at: Mapped[datetime | None]


class PlanShare(Base):
    """分摊: what a flat pays of a plan's premium; written with the plan by one statement, and they
    add up to it."""

    __tablename__ = "plan_share"
    __table_args__ = (CheckConstraint("fen > 0", name="fen"),)

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    household_id: Mapped[UUID] = mapped_column(
        ForeignKey("household.id"), primary_key=True, index=True
    )
    fen: Mapped[int]
