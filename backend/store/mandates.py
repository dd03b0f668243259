"""委托: what a committee asks its property company to do in its name."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, and_, or_
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.base import Base, Id


class Mandate(Base):
    """委托: the committee asks the property company to apply on its behalf, for a time.

    With the company it ends on `ended_on`, the first day without, and never runs again by itself.
    """

    __tablename__ = "mandate"
    __table_args__ = (UniqueConstraint("committee_id", "property_company_id", "valid_from"),)

    id: Mapped[Id]
    committee_id: Mapped[UUID] = mapped_column(ForeignKey("committee.id"))
    property_company_id: Mapped[UUID] = mapped_column(ForeignKey("property_company.id"), index=True)
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    file_sha256: Mapped[str | None] = mapped_column(ForeignKey("file.sha256"), index=True)
    ended_on: Mapped[date | None]

    @hybrid_method
    def valid(self, on: date) -> bool:
        """Whether the company may apply on this day, the last one included (JS annex 一.1)."""
        ended = self.ended_on is not None and self.ended_on <= on
        return self.valid_from <= on <= self.valid_until and not ended

    @valid.expression
    @classmethod
    def _valid(cls, on: date) -> ColumnElement[bool]:
        return and_(cls.valid_from <= on, cls.not_over(on))

    @classmethod
    def not_over(cls, on: date) -> ColumnElement[bool]:
        """Whether it holds on this day, or will from a later one on."""
        return and_(cls.valid_until >= on, or_(cls.ended_on.is_(None), cls.ended_on > on))
