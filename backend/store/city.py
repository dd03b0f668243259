"""The city's rules as a case began with them, and imported holiday years."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.base import Base, Id


class CityProfileRecord(Base):
    """One version of the city file; a purchase keeps the version it began with."""

    __tablename__ = "city_profile"

    version: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    text: Mapped[str]
    loaded_at: Mapped[datetime]


class HolidayYearRecord(Base):
    """A holiday year imported by an officer: the State Council's, or a local notice (`scope`)."""

    __tablename__ = "holiday_year"
    __table_args__ = (
        UniqueConstraint("scope", "year"),
        CheckConstraint("scope IN ('national', 'local')", name="scope"),
    )

    id: Mapped[Id]
    scope: Mapped[str]
    year: Mapped[int]
    body: Mapped[dict[str, Any]]
    source: Mapped[str]
    imported_at: Mapped[datetime]
