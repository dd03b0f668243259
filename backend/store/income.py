"""Where the money comes from: deposits, the interest that banks paid, and the yearly close that
gives the value-added part of it (增值收益) to the pooled accounts.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Numeric,
    UniqueConstraint,
    and_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.closing import CloseState
from backend.domain.households import IncomeMode
from backend.store.base import Base, Id, OneOf, one_of
from backend.store.proposals import DecidedByTwo, by_two


class Deposit(Base):
    """存款: money of the fund that a bank keeps for a term at a rate, by its certificate.

    `months` is 0 for money on demand, which ends on no day. `benchmark_rate` is the central bank's
    for this very term on the day of value, frozen with its source. One entered by mistake is
    withdrawn, until interest was entered for it.
    """

    __tablename__ = "deposit"
    __table_args__ = (
        CheckConstraint("principal_fen > 0", name="principal"),
        CheckConstraint("rate > 0 AND rate < 1", name="rate"),
        CheckConstraint("benchmark_rate > 0 AND benchmark_rate < 1", name="benchmark"),
        CheckConstraint("(months = 0) = (matures_on IS NULL)", name="term"),
        CheckConstraint("matures_on > value_on", name="matures"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
            " AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
            name="taken_back",
        ),
        Index(
            "uq_deposit_number",
            "bank_id",
            "number",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    bank_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    number: Mapped[str]
    principal_fen: Mapped[int]
    rate: Mapped[Decimal] = mapped_column(Numeric(9, 8))
    months: Mapped[int]
    value_on: Mapped[date]
    matures_on: Mapped[date | None]
    benchmark_rate: Mapped[Decimal] = mapped_column(Numeric(9, 8))
    benchmark_source: Mapped[str]
    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None]


class DepositInterest(DecidedByTwo, Base):
    """结息: interest A that a bank paid for a deposit's days from `from_on` up to and without
    `until_on`, by the receipt of which `file_sha256` is the scan; cut at the statutory interest S.

    What A lacks of S stays owed to the owners and is listed for the leading group. Once it is
    confirmed, `entry_id` holds the money, if the bank paid any. What was undone counts no more.
    """

    __tablename__ = "deposit_interest"
    __table_args__ = (
        *by_two(),
        CheckConstraint("until_on > from_on AND posted_on >= until_on", name="days"),
        CheckConstraint("actual_fen >= 0 AND statutory_fen >= 0", name="amounts"),
        CheckConstraint(
            "(entry_id IS NULL) OR (confirmed IS NOT NULL AND confirmed)", name="booked"
        ),
        CheckConstraint("undone_at IS NULL OR confirmed IS TRUE", name="undone"),
        Index(
            "uq_deposit_interest_waiting",
            "deposit_id",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
        Index(
            "uq_deposit_interest_reference",
            "bank_id",
            "bank_reference",
            unique=True,
            postgresql_where=text("undone_at IS NULL AND (confirmed IS NULL OR confirmed)"),
        ),
        Index(
            "uq_deposit_interest_days",
            "deposit_id",
            "until_on",
            unique=True,
            postgresql_where=text("confirmed AND undone_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    deposit_id: Mapped[UUID] = mapped_column(ForeignKey("deposit.id"), index=True)
    bank_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    bank_reference: Mapped[str]
    posted_on: Mapped[date]
    from_on: Mapped[date]
    until_on: Mapped[date]
    actual_fen: Mapped[int]
    statutory_fen: Mapped[int]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entry.id"))
    undone_at: Mapped[datetime | None]

    @classmethod
    def counts(cls) -> ColumnElement[bool]:
        """Of this table in a query: it was confirmed, and not undone."""
        return and_(cls.confirmed.is_(True), cls.undone_at.is_(None))

    @classmethod
    def stands(cls) -> ColumnElement[bool]:
        """Of this table in a query: it counts, or waits for the second officer."""
        return and_(cls.confirmed.is_not(False), cls.undone_at.is_(None))


class InterestUndo(DecidedByTwo, Base):
    """撤销结息: interest was confirmed by mistake, as the paper with this scan says. Once that is
    confirmed, `entry_id` reverses the entry, if there was one, and the days may be entered anew."""

    __tablename__ = "interest_undo"
    __table_args__ = (
        *by_two(),
        CheckConstraint("entry_id IS NULL OR confirmed IS TRUE", name="booked"),
        Index(
            "uq_interest_undo_waiting",
            "interest_id",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    interest_id: Mapped[UUID] = mapped_column(ForeignKey("deposit_interest.id"), index=True)
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entry.id"))


class InterestYear(Base):
    """What belongs to one calendar year (JS 四（二）) of an interest: of its value-added part, and
    of what is the owners' by statute."""

    __tablename__ = "interest_year"
    __table_args__ = (
        CheckConstraint(
            "least(value_added_fen, owners_fen) >= 0 AND value_added_fen + owners_fen > 0",
            name="parts",
        ),
    )

    interest_id: Mapped[UUID] = mapped_column(ForeignKey("deposit_interest.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value_added_fen: Mapped[int]
    owners_fen: Mapped[int] = mapped_column(server_default=text("0"))


class YearClose(Base):
    """年度分配: a year's income shared by balance × days (JS 四（二）): the statutory interest
    among the flats, the value-added income among the accounts, or among the flats too where the
    city's `mode` was so at the year's first close.

    The first close of a year is revision 1; money that comes to the year later, or weights that
    were corrected, make another revision, which books the differences. `basis` is a hash of all
    that it rests on: a preview whose basis moved is not posted.
    """

    __tablename__ = "year_close"
    __table_args__ = (
        one_of("state", CloseState),
        one_of("mode", IncomeMode),
        UniqueConstraint("year", "revision"),
        CheckConstraint("total_fen >= 0 AND revision > 0", name="total"),
        CheckConstraint(
            "(state = 'posted') = (posted_by IS NOT NULL)"
            " AND (posted_by IS NULL) = (posted_at IS NULL)"
            " AND (posted_by IS NULL) = (entry_id IS NULL)",
            name="is_posted",
        ),
        CheckConstraint(
            "posted_by IS NULL OR (posted_by <> previewed_by"
            " AND posted_by IS DISTINCT FROM in_stead_of)",
            name="another_officer",
        ),
    )

    id: Mapped[Id]
    year: Mapped[int]
    revision: Mapped[int]
    state: Mapped[CloseState] = mapped_column(OneOf(CloseState))
    mode: Mapped[IncomeMode] = mapped_column(OneOf(IncomeMode), server_default=text("'pooled'"))
    total_fen: Mapped[int]
    moved_fen: Mapped[int]
    receivable_fen: Mapped[int]
    accounts: Mapped[int]
    statutory_fen: Mapped[int] = mapped_column(server_default=text("0"))
    statutory_moved_fen: Mapped[int] = mapped_column(server_default=text("0"))
    households: Mapped[int] = mapped_column(server_default=text("0"))
    weight: Mapped[Decimal] = mapped_column(Numeric)
    basis: Mapped[str]
    previewed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    in_stead_of: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    previewed_at: Mapped[datetime]
    posted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    posted_at: Mapped[datetime | None]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entry.id"))


class YearShare(Base):
    """One account's share of a year: `fen` is all that it gets of the year, `before_fen` what
    earlier revisions gave. Its weight is fen × days; `remainder` is what the floor left over (in
    parts of the whole weight), and `extra` the spare fen for one of the largest remainders.

    Where less is due than was given and the account has spent it, `receivable_fen` stays owed by
    it, for the leading group; of what it gets later `settled_fen` pays that first.
    """

    __tablename__ = "year_share"
    __table_args__ = (
        CheckConstraint("weight >= 0 AND remainder >= 0", name="weight"),
        CheckConstraint("fen >= 0 AND before_fen >= 0 AND extra IN (0, 1)", name="fen"),
        CheckConstraint("receivable_fen BETWEEN 0 AND greatest(before_fen - fen, 0)", name="owed"),
        CheckConstraint("settled_fen BETWEEN 0 AND greatest(fen - before_fen, 0)", name="settled"),
    )

    close_id: Mapped[UUID] = mapped_column(ForeignKey("year_close.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    weight: Mapped[Decimal] = mapped_column(Numeric)
    remainder: Mapped[Decimal] = mapped_column(Numeric)
    extra: Mapped[int]
    fen: Mapped[int]
    before_fen: Mapped[int]
    receivable_fen: Mapped[int]
    settled_fen: Mapped[int]
