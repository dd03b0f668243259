"""What one officer enters and another confirms before it counts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.paper_entries import PaperKind
from backend.domain.refund import RefundKind, RefundOutcome
from backend.store.base import Base, Id, OneOf, one_of


class Refund(Base):
    """退费、退保 as the cashier entered it by the bank's receipt; nothing has moved until another
    officer confirms it. `in_stead_of` is whose work that was (代办): that one does not confirm it
    either. Settled by nobody where it ended with its case.
    """

    __tablename__ = "refund"
    __table_args__ = (
        one_of("kind", RefundKind),
        one_of("outcome", RefundOutcome),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled"),
        CheckConstraint(
            "outcome IS NULL OR (outcome = 'ended') = (settled_by IS NULL)", name="settled_by"
        ),
        CheckConstraint(
            "(refused_because IS NOT NULL) = (outcome IS NOT NULL AND outcome = 'refused')",
            name="refused",
        ),
        CheckConstraint(
            "outcome <> 'confirmed' OR (settled_by <> proposed_by"
            " AND settled_by IS DISTINCT FROM in_stead_of)",
            name="another_officer",
        ),
        Index(
            "uq_refund_waiting",
            "purchase_id",
            unique=True,
            postgresql_where=text("outcome IS NULL"),
        ),
    )

    id: Mapped[Id]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    kind: Mapped[RefundKind] = mapped_column(OneOf(RefundKind))
    amount_fen: Mapped[int]
    receipt_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    reason: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    in_stead_of: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    outcome: Mapped[RefundOutcome | None] = mapped_column(OneOf(RefundOutcome))
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    refused_because: Mapped[str | None]


class EnteredByOne:
    """The columns of what one officer enters and another one decides.

    `in_stead_of` is whose work the entry was (代办): that one does not confirm it either. Whoever
    entered it may take it back.
    """

    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    in_stead_of: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    confirmed: Mapped[bool | None]
    turned_down_because: Mapped[str | None]


class WordOfTwo(EnteredByOne):
    """The same, where whoever enters it says why."""

    reason: Mapped[str]


class DecidedByTwo(WordOfTwo):
    """The same, where whoever enters it hands in the scan of a paper."""

    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)


def by_two() -> tuple[CheckConstraint, CheckConstraint]:
    """What the database holds of everything `EnteredByOne`."""
    return (
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)"
            " AND (decided_at IS NULL) = (confirmed IS NULL)"
            " AND (turned_down_because IS NOT NULL) = (confirmed IS NOT NULL AND NOT confirmed)",
            name="decided",
        ),
        CheckConstraint(
            "NOT confirmed OR (decided_by <> entered_by"
            " AND decided_by IS DISTINCT FROM in_stead_of)",
            name="another_officer",
        ),
    )


class PayeeChange(DecidedByTwo, Base):
    """更换收款账户: another account of an insurer, as its letter says of which this is the scan.
    Until it is confirmed the former account is the insurer's."""

    __tablename__ = "payee_change"
    __table_args__ = (
        *by_two(),
        Index(
            "uq_payee_change_waiting",
            "insurer_id",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    insurer_id: Mapped[UUID] = mapped_column(ForeignKey("insurer.id"), index=True)
    former_bank: Mapped[str]
    former_account: Mapped[str]
    bank_name: Mapped[str]
    bank_account: Mapped[str]


class Succession(DecidedByTwo, Base):
    """承继: a property company took over another one, as a notice says of which this is the scan.
    Once it is confirmed the estate, its people and its mandates pass on."""

    __tablename__ = "succession"
    __table_args__ = (
        CheckConstraint("company_id <> former_id", name="another_company"),
        *by_two(),
        Index(
            "uq_succession_open",
            "estate_id",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    estate_id: Mapped[UUID] = mapped_column(ForeignKey("estate.id"), index=True)
    former_id: Mapped[UUID] = mapped_column(ForeignKey("property_company.id"))
    company_id: Mapped[UUID] = mapped_column(ForeignKey("property_company.id"))


class OpeningCorrection(DecidedByTwo, Base):
    """期初更正: other figures (`OpeningFigure`) of an opening entry, with the scan of what shows
    them. Once it is confirmed, the opening as it stood is reversed and `entry_id` is booked in its
    place. `opening_id` is what the workbook booked, however often it was corrected since."""

    __tablename__ = "opening_correction"
    __table_args__ = (
        *by_two(),
        CheckConstraint(
            "(entry_id IS NOT NULL) = (confirmed IS NOT NULL AND confirmed)", name="booked"
        ),
        Index(
            "uq_opening_correction_waiting",
            "opening_id",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    opening_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), index=True)
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entry.id"))


class OpeningFigure(Base):
    """What one account's opening balance becomes by a correction, in fen."""

    __tablename__ = "opening_figure"
    __table_args__ = (CheckConstraint("fen >= 0 AND fen <> former_fen", name="fen"),)

    correction_id: Mapped[UUID] = mapped_column(
        ForeignKey("opening_correction.id"), primary_key=True
    )
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    former_fen: Mapped[int]
    fen: Mapped[int]


class PaperEntry(EnteredByOne, Base):
    """纸质材料 as a clerk entered it; nothing of it counts until another clerk compared it with the
    scan. `about_id` is the case, the plan or the objection that it is about, `received_at` when the
    centre got it. `content` names owners and members by the roster's ids, never by their names.
    """

    __tablename__ = "paper_entry"
    __table_args__ = (
        one_of("kind", PaperKind),
        *by_two(),
        Index(
            "uq_paper_entry_waiting",
            "about_id",
            "kind",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    kind: Mapped[PaperKind] = mapped_column(OneOf(PaperKind))
    about_id: Mapped[UUID]
    received_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]
    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
