"""领导小组决定: what was decided about money that is owed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.base import Base, Id


class LeadingDecision(Base):
    """What `body` decided, by the paper with this scan, about interest that lacks of the statutory
    one or about a pooled account that should give back what it has spent: `owed_fen` as it stood
    then. It moves no money. One entered by mistake is withdrawn."""

    __tablename__ = "leading_decision"
    __table_args__ = (
        CheckConstraint("(interest_id IS NULL) <> (account_id IS NULL)", name="about"),
        CheckConstraint("owed_fen > 0", name="owed"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
            " AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
            name="taken_back",
        ),
        Index(
            "uq_leading_decision_interest",
            "interest_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_leading_decision_account", "account_id", "id"),
    )

    id: Mapped[Id]
    interest_id: Mapped[UUID | None] = mapped_column(ForeignKey("deposit_interest.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    owed_fen: Mapped[int]
    decided_on: Mapped[date]
    body: Mapped[str]
    decision: Mapped[str]
    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None]
