"""移交: which case went from whom to whom, in which role; it gives nobody a right."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.base import Base, Id


class CaseHandover(Base):
    """One case of a leaver passed to a successor; never changed, a later one goes on from it."""

    __tablename__ = "case_handover"
    __table_args__ = (CheckConstraint("from_person <> to_person", name="people"),)

    id: Mapped[Id]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    role: Mapped[str]
    from_person: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    to_person: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    handed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    handed_at: Mapped[datetime]
