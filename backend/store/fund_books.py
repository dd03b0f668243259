"""The fund's own books as files: what came in by batches, line by line, and what was sent back."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.fund_books import BatchKind, LineKind
from backend.store.base import Base, Id, OneOf, one_of


class FundBatch(Base):
    """资金系统的一批: one file, booked whole. Its number again is the same file, or refused."""

    __tablename__ = "fund_batch"
    __table_args__ = (
        one_of("kind", BatchKind),
        CheckConstraint("count > 0 AND in_fen >= 0 AND out_fen >= 0", name="sums"),
        UniqueConstraint("bank_id", "number"),
    )

    id: Mapped[Id]
    bank_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    number: Mapped[str]
    kind: Mapped[BatchKind] = mapped_column(OneOf(BatchKind))
    as_of: Mapped[date]
    count: Mapped[int]
    in_fen: Mapped[int]
    out_fen: Mapped[int]
    file_name: Mapped[str]
    digest: Mapped[str]
    brought_at: Mapped[datetime]


class FundLine(Base):
    """A line of a batch: the flat that its place was found to be, and what it adds or takes in fen.
    A reference of the fund's system comes once for a bank account. Whole cities come at a time: the
    guards of what is booked from a line look at its flat."""

    __tablename__ = "fund_line"
    __table_args__ = (
        one_of("kind", LineKind),
        CheckConstraint("amount_fen >= 0", name="amount"),
        CheckConstraint("(reference IS NULL) = (kind = 'balance')", name="reference"),
        Index(
            "uq_fund_line_reference",
            "bank_id",
            "reference",
            unique=True,
            postgresql_where=text("reference IS NOT NULL"),
        ),
        Index("ix_fund_line_booked_on", "batch_id", "booked_on", "kind"),
    )

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("fund_batch.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bank_id: Mapped[UUID] = mapped_column(Uuid)
    reference: Mapped[str | None]
    household_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[LineKind] = mapped_column(OneOf(LineKind))
    booked_on: Mapped[date]
    amount_fen: Mapped[int]
    balance_fen: Mapped[int | None]


class FundSent(Base):
    """分户入账文件: what a year's close gave the flats, written once for the fund's system."""

    __tablename__ = "fund_sent"

    close_id: Mapped[UUID] = mapped_column(ForeignKey("year_close.id"), primary_key=True)
    file_name: Mapped[str]
    lines: Mapped[int]
    written_at: Mapped[datetime]
