"""Who put their name to a purchase: owners who apply together, members who answer to a plan."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.approval import Answer
from backend.store.base import Base, Id, OneOf, one_of


class Cosignature(Base):
    """An affected owner who applies together with others (联名), on a phone or on paper.

    `entered_by` is the clerk who entered it from paper, null where the owner signed here. A
    signature that was taken back counts no more; who signs again signs anew in the same row.
    """

    __tablename__ = "cosignature"

    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("owner.id"), primary_key=True, index=True)
    signed_at: Mapped[datetime]
    entered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]

    @hybrid_property
    def counts(self) -> bool:
        """Whether it was not taken back."""
        return self.withdrawn_at is None

    @counts.inplace.expression
    @classmethod
    def _counts(cls) -> ColumnElement[bool]:
        return cls.withdrawn_at.is_(None)


class Approval(Base):
    """审议意见: a member's answer to one plan. Append-only; the latest of a member counts.

    One that a clerk entered from the minutes (会议纪要) names their scan; of a member who is known
    here it counts from a day on, until which the member may say otherwise.
    """

    __tablename__ = "approval"
    __table_args__ = (
        one_of("answer", Answer),
        UniqueConstraint("plan_id", "member_id", "seq"),
    )

    id: Mapped[Id]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("committee_member.id"), index=True)
    seq: Mapped[int]
    answer: Mapped[Answer] = mapped_column(OneOf(Answer))
    reason: Mapped[str | None]
    plan_hash: Mapped[str]
    medium: Mapped[str]
    message_id: Mapped[str | None]
    answered_at: Mapped[datetime]
    minutes_sha256: Mapped[str | None] = mapped_column(ForeignKey("file.sha256"), index=True)
    counts_from: Mapped[date | None]
