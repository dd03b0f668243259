"""Up to which day the books take no more bookings."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.base import Base, Id
from backend.store.proposals import WordOfTwo, by_two


class PeriodLock(WordOfTwo, Base):
    """锁账: the books are locked up to and with `until_on`, or (NULL) open, once that is confirmed;
    before it they were so up to `former_until_on`. The last one that was confirmed counts. One of
    the close of a year was entered and confirmed with it.
    """

    __tablename__ = "period_lock"
    __table_args__ = (
        *by_two(),
        CheckConstraint("until_on IS DISTINCT FROM former_until_on", name="changes"),
        CheckConstraint("extract(day FROM until_on + 1) = 1", name="month_end"),
        Index(
            "uq_period_lock_waiting",
            text("(decided_at IS NULL)"),
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    until_on: Mapped[date | None]
    former_until_on: Mapped[date | None]
    close_id: Mapped[UUID | None] = mapped_column(ForeignKey("year_close.id"))
