"""What somebody ordered at the desk and a worker makes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.ordered import OrderedKind, OrderedState
from backend.store.base import Base, Id, OneOf, one_of


class OrderedFile(Base):
    """A file that a worker makes for whoever ordered it: the papers of a case in one PDF, or a list
    as it was narrowed down (`asked`: its name and its address). It goes some days later, whole.

    `same` tells two orders for one thing: a person has one open order of each. Whoever works on it
    holds it until `leased_until` (real time); `attempts` counts how often that was begun. `done` of
    `total` parts are there.
    """

    __tablename__ = "ordered_file"
    __table_args__ = (
        one_of("kind", OrderedKind),
        one_of("state", OrderedState),
        CheckConstraint("(kind = 'case_file') = (purchase_id IS NOT NULL)", name="purchase"),
        CheckConstraint("(state = 'open') = (finished_at IS NULL)", name="finished"),
        CheckConstraint("(state = 'done') = (file_sha256 IS NOT NULL)", name="file"),
        CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failure"),
        Index(
            "uq_ordered_file_open",
            "ordered_by",
            "same",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_ordered_file_mine", "ordered_by", "ordered_at"),
    )

    id: Mapped[Id]
    kind: Mapped[OrderedKind] = mapped_column(OneOf(OrderedKind))
    title: Mapped[str]
    purchase_id: Mapped[UUID | None] = mapped_column(ForeignKey("purchase.id"), index=True)
    asked: Mapped[dict[str, Any]]
    same: Mapped[str]
    state: Mapped[OrderedState] = mapped_column(OneOf(OrderedState))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=1)
    attempts: Mapped[int] = mapped_column(default=0)
    ordered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    ordered_at: Mapped[datetime] = mapped_column(index=True)
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    file_sha256: Mapped[str | None] = mapped_column(ForeignKey("file.sha256"), index=True)
    failure: Mapped[str | None]
