"""备案条款: what an insurer filed with its supervisor and insures lifts by here."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.base import Base, Id


class FiledClause(Base):
    """The clauses of one product of an insurer, by the number under which they are filed
    (条款备案). In use until `ended_on`, the first day without."""

    __tablename__ = "filed_clause"
    __table_args__ = (
        UniqueConstraint("insurer_id", "number"),
        CheckConstraint("(ended_on IS NULL) = (ended_because IS NULL)", name="ended"),
    )

    id: Mapped[Id]
    insurer_id: Mapped[UUID] = mapped_column(ForeignKey("insurer.id"))
    name: Mapped[str]
    number: Mapped[str]
    filed_on: Mapped[date]
    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    ended_on: Mapped[date | None]
    ended_because: Mapped[str | None]
