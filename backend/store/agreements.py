"""存款协议: what was agreed with a bank, and what the banks that were asked had offered."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.agreements import AgreementKind
from backend.store.base import Base, Id, OneOf, one_of


class BankAgreement(Base):
    """An agreement for deposits at one bank account of the fund, by its document; both days are
    part of it. One entered by mistake is withdrawn."""

    __tablename__ = "bank_agreement"
    __table_args__ = (
        one_of("kind", AgreementKind),
        CheckConstraint("until_on >= from_on", name="days"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
            " AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
            name="taken_back",
        ),
        Index(
            "uq_bank_agreement_number",
            "bank_id",
            "number",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    bank_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    number: Mapped[str]
    kind: Mapped[AgreementKind] = mapped_column(OneOf(AgreementKind))
    from_on: Mapped[date]
    until_on: Mapped[date]
    note: Mapped[str]
    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None]


class BankOffer(Base):
    """A rate that a bank offered for a term (`months`, 0: on demand), whether it was agreed."""

    __tablename__ = "bank_offer"
    __table_args__ = (
        CheckConstraint("rate > 0 AND rate < 1", name="rate"),
        CheckConstraint("months >= 0", name="months"),
        Index(
            "uq_bank_offer_agreed",
            "agreement_id",
            "months",
            unique=True,
            postgresql_where=text("agreed"),
        ),
    )

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("bank_agreement.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bank: Mapped[str]
    months: Mapped[int]
    rate: Mapped[Decimal] = mapped_column(Numeric(9, 8))
    agreed: Mapped[bool]
