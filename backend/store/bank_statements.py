"""银行流水: what the bank says of an account of the fund, line by line, and what of the books each
line stands for."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.bank_matching import ThingKind
from backend.store.base import Base, Id, OneOf, one_of


class BankStatement(Base):
    """A statement of one bank account, taken whole. `digest` is of all that it says, so that the
    same one is known again. The last one, if no line of it is matched, may be withdrawn. The words
    of its lines end in time (`domain.retention`)."""

    __tablename__ = "bank_statement"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="period"),
        CheckConstraint("lines >= 0", name="lines"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
            " AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
            name="taken_back",
        ),
        ExcludeConstraint(
            ("bank_id", "="),
            (text("daterange(from_on, until_on, '[]')"), "&&"),
            where=text("withdrawn_at IS NULL"),
            name="ex_bank_statement_overlap",
            using="gist",
        ),
        Index(
            "ix_bank_statement_words",
            "until_on",
            postgresql_where=text("words_ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    bank_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    opening_fen: Mapped[int]
    closing_fen: Mapped[int]
    lines: Mapped[int]
    digest: Mapped[str]
    file_name: Mapped[str]
    imported_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    imported_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None]
    words_ended_at: Mapped[datetime | None]


class BankStatementLine(Base):
    """A line of a statement: fen received are positive. `words_sealed` is a JSON list: from or to
    whom, at which account, and the purpose, which may be a person's."""

    __tablename__ = "bank_line"
    __table_args__ = (
        CheckConstraint("amount_fen <> 0", name="amount"),
        UniqueConstraint("statement_id", "reference"),
        UniqueConstraint("statement_id", "row"),
        Index("ix_bank_line_bank_id", "bank_id", "day"),
        Index("ix_bank_line_reference", "reference"),
    )

    id: Mapped[Id]
    statement_id: Mapped[UUID] = mapped_column(ForeignKey("bank_statement.id"))
    bank_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    row: Mapped[int]
    day: Mapped[date]
    amount_fen: Mapped[int]
    reference: Mapped[str]
    words_sealed: Mapped[bytes | None]


class BankMatch(Base):
    """核对: an officer says that a line stands for an entry of the bank account, or for the
    beginning or the end of a deposit. What was wrong is undone with a reason and stays."""

    __tablename__ = "bank_match"
    __table_args__ = (
        one_of("kind", ThingKind),
        CheckConstraint(
            "(deposit_id IS NOT NULL) = (kind IN ('deposit_placed', 'deposit_matured'))"
            " AND num_nonnulls(entry_id, deposit_id) = 1",
            name="thing",
        ),
        CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)"
            " AND (undone_at IS NULL) = (undone_because IS NULL)",
            name="undone",
        ),
        Index(
            "uq_bank_match_line",
            "line_id",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index(
            "uq_bank_match_entry",
            "entry_id",
            "bank_id",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index(
            "uq_bank_match_deposit",
            "deposit_id",
            "kind",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    line_id: Mapped[UUID] = mapped_column(ForeignKey("bank_line.id"), index=True)
    bank_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[ThingKind] = mapped_column(OneOf(ThingKind))
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entry.id"))
    deposit_id: Mapped[UUID | None] = mapped_column(ForeignKey("deposit.id"))
    matched_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    matched_at: Mapped[datetime]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    undone_at: Mapped[datetime | None]
    undone_because: Mapped[str | None]

    @property
    def thing_id(self) -> UUID:
        """The entry's, or the deposit's."""
        found = self.entry_id or self.deposit_id
        assert found is not None
        return found
