"""The ledger: double entry in fen, append-only, corrected by reversal.

`posting.amount_fen` is signed: debit positive, credit negative. Triggers keep `account.balance_fen`
(in the account's natural sign) and `account.held_fen`, and refuse an entry that does not balance,
an availability below zero, and any change of what was written.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.ledger import AccountKind, HoldState
from backend.store.base import Base, Id, OneOf, one_of
from backend.store.subjects import BOTH_OR_NEITHER, OfSubject, PerhapsOfSubject

ACCOUNT_KINDS = tuple(kind.value for kind in AccountKind)


class Account(Base):
    """账户: one per kind and holder; a pooled one is a building's or a unit's, or the city's, then
    perhaps of one `year` of its income.

    One that was split or merged is closed: no new case is paid from it.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(k) for k in ACCOUNT_KINDS)})", name="kind"),
        CheckConstraint("normal IN ('debit', 'credit')", name="normal"),
        Index(
            "ix_account_citys",
            "kind",
            postgresql_where=text("building_id IS NULL AND unit_id IS NULL"),
        ),
        CheckConstraint(
            "year IS NULL OR (kind = 'pooled_income' AND building_id IS NULL AND unit_id IS NULL)",
            name="year",
        ),
        CheckConstraint("held_fen >= 0", name="held"),
        CheckConstraint("balance_fen - held_fen >= 0", name="available"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    normal: Mapped[str]
    name: Mapped[str]
    building_id: Mapped[UUID | None] = mapped_column(ForeignKey("building.id"), index=True)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    insurer_id: Mapped[UUID | None] = mapped_column(ForeignKey("insurer.id"))
    year: Mapped[int | None]
    balance_fen: Mapped[int]
    held_fen: Mapped[int]
    closed_on: Mapped[date | None]


class AccountBank(Base):
    """The bank account (专户) where money of an account lies; with several, at each a part."""

    __tablename__ = "account_bank"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    bank_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)


class Entry(PerhapsOfSubject, Base):
    """分录: one balanced booking; `natural_key` makes a repeat book once, and `lines` is the number
    of its postings, so that none can be added later.
    """

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("natural_key"),
        CheckConstraint(BOTH_OR_NEITHER, name="subject"),
        CheckConstraint("lines >= 2", name="lines"),
        Index("ix_entry_opening", "id", postgresql_where=text("kind = 'opening'")),
    )

    id: Mapped[Id]
    natural_key: Mapped[str]
    kind: Mapped[str]
    booked_on: Mapped[date]
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("entry.id"), unique=True)
    memo: Mapped[str]
    lines: Mapped[int]
    created_at: Mapped[datetime]


class Posting(Base):
    """One line of an entry. `booked_on` repeats the entry's day; the database itself sets it."""

    __tablename__ = "posting"
    __table_args__ = (
        CheckConstraint("amount_fen <> 0", name="amount"),
        Index("ix_posting_account_day", "account_id", "booked_on"),
    )

    id: Mapped[Id]
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    amount_fen: Mapped[int]
    booked_on: Mapped[date]


class AccountYear(Base):
    """What an account moved in a year, debits less credits: what it began a year with is the sum of
    those before. The database itself keeps it, with the balance."""

    __tablename__ = "account_year"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    moved_fen: Mapped[int]


class Hold(OfSubject, Base):
    """冻结: money of an account set aside for a subject: pending, then posted or voided, once."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        one_of("state", HoldState),
        CheckConstraint("(state = 'pending') = (settled_at IS NULL)", name="settled"),
        Index(
            "uq_hold_pending",
            "subject_kind",
            "subject_id",
            "account_id",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    amount_fen: Mapped[int]
    state: Mapped[HoldState] = mapped_column(OneOf(HoldState))
    placed_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class HouseholdBalance(Base):
    """分户余额（期初）: what a flat had in the maintenance fund on the day of its opening, from the
    centre's books; what came later is `HouseholdMovement`."""

    __tablename__ = "household_balance"

    id: Mapped[Id]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"), unique=True)
    as_of: Mapped[date]
    principal_fen: Mapped[int]
