"""What two officers enter about property companies, before it holds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.base import Base, Id


class Succession(Base):
    """承继: a property company took over another one, as a notice says of which this is the scan.

    One officer enters it, another one decides; only then the estate, its people and its mandates
    pass on. `in_stead_of` is whose work the entry was (代办). Whoever entered it may take it back.
    """

    __tablename__ = "succession"
    __table_args__ = (
        CheckConstraint("company_id <> former_id", name="another_company"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)"
            " AND (decided_at IS NULL) = (confirmed IS NULL)"
            " AND (turned_down_because IS NOT NULL) = (confirmed IS FALSE)",
            name="decided",
        ),
        CheckConstraint("NOT confirmed OR decided_by <> entered_by", name="another_officer"),
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
    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    reason: Mapped[str]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    in_stead_of: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    confirmed: Mapped[bool | None]
    turned_down_because: Mapped[str | None]
