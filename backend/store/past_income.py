"""Income of before these books, by the year whose close shares it."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.base import Base, Id
from backend.store.proposals import DecidedByTwo, by_two


class PastIncome(DecidedByTwo, Base):
    """以前年度收益: of what the openings owe the owners, this much interest and this much
    value-added income counts for `year`, as the paper with this scan says. `entry_id` moves the
    value-added part to the year's unallocated income. One that `undoes` another takes it all back.
    """

    __tablename__ = "past_income"
    __table_args__ = (
        *by_two(),
        CheckConstraint(
            "least(statutory_fen, value_added_fen) >= 0 AND statutory_fen + value_added_fen > 0",
            name="amounts",
        ),
        CheckConstraint(
            "(entry_id IS NOT NULL)"
            " = (confirmed IS NOT NULL AND confirmed AND value_added_fen > 0)",
            name="booked",
        ),
        Index(
            "uq_past_income_waiting",
            text("(decided_at IS NULL)"),
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
        Index(
            "uq_past_income_undone",
            "undoes_id",
            unique=True,
            postgresql_where=text("confirmed"),
        ),
    )

    id: Mapped[Id]
    year: Mapped[int]
    statutory_fen: Mapped[int]
    value_added_fen: Mapped[int]
    undoes_id: Mapped[UUID | None] = mapped_column(ForeignKey("past_income.id"))
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entry.id"))
