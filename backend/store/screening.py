"""摸底筛选: what a district found of an estate before its case began."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.base import Base


class ScreeningFinding(Base):
    """摸底筛选: what was found of one criterion of the plan, by its code. Append-only."""

    __tablename__ = "screening_finding"

    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), primary_key=True)
    criterion: Mapped[str] = mapped_column(primary_key=True)
    finding: Mapped[str]
    found_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    found_at: Mapped[datetime]
