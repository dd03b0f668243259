"""Printed things: every poster that was made, and orders for a whole estate's."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.posters import FileFormat, NoticePaper, PosterKind
from backend.store.base import Base, Id, OneOf, one_of


class Poster(Base):
    """A finished poster, named by its bytes, and what it shows. Append-only.

    The code printed on it leads to `token`'s lift, or to the notice where `token` is null.
    `content_hash` is that of the notice's frozen text. `missing` are characters that no font of
    ours has: the poster shows 〓 for them and says so.
    """

    __tablename__ = "poster"
    __table_args__ = (
        CheckConstraint("kind IN ('cab_card', 'lobby_notice', 'about_sheet')", name="kind"),
        CheckConstraint("(kind = 'lobby_notice') = (notice_id IS NOT NULL)", name="notice"),
        CheckConstraint("(notice_id IS NULL) = (lift_id IS NOT NULL)", name="subject"),
        CheckConstraint("(notice_id IS NULL) = (content_hash IS NULL)", name="content"),
        CheckConstraint("token IS NOT NULL OR notice_id IS NOT NULL", name="code"),
    )

    sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), primary_key=True)
    kind: Mapped[str]
    paper: Mapped[str]
    format: Mapped[str]
    bleed: Mapped[bool]
    lift_id: Mapped[UUID | None] = mapped_column(ForeignKey("lift.id"), index=True)
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("public_notice.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    token: Mapped[str | None] = mapped_column(ForeignKey("lift_token.token"))
    content_hash: Mapped[str | None]
    missing: Mapped[str]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]


class PrintOrderState(StrEnum):
    """`open` until the ZIP is there."""

    OPEN = "open"
    DONE = "done"


class PrintOrder(Base):
    """The posters of an estate, or of one building of it, to be made one after the other and put
    into one ZIP file.

    Whoever works on it holds it until `leased_until` (real time). Without `ordered_by` it came from
    the command line. A person has one open order per estate.
    """

    __tablename__ = "print_order"
    __table_args__ = (
        CheckConstraint("(state = 'done') = (finished_at IS NOT NULL)", name="finished"),
        one_of("state", PrintOrderState),
        Index(
            "uq_print_order_open",
            "estate_id",
            "ordered_by",
            unique=True,
            postgresql_where=text("state = 'open'"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_print_order_estate", "estate_id", "id"),
    )

    id: Mapped[Id]
    estate_id: Mapped[UUID] = mapped_column(ForeignKey("estate.id"))
    building_id: Mapped[UUID | None] = mapped_column(ForeignKey("building.id"), index=True)
    kinds: Mapped[list[Any]]
    paper: Mapped[NoticePaper] = mapped_column(Text)
    format: Mapped[FileFormat] = mapped_column(Text)
    bleed: Mapped[bool]
    state: Mapped[PrintOrderState] = mapped_column(OneOf(PrintOrderState))
    ordered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    ordered_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    file_sha256: Mapped[str | None] = mapped_column(ForeignKey("file.sha256"), index=True)


class PrintItem(Base):
    """One poster of an order: to be made, made (`poster_sha256`), or impossible (`failure` says
    why). `attempts` counts how often its drawing was begun. `name` is the file's in the ZIP,
    `place` how people call where it hangs.
    """

    __tablename__ = "print_item"
    __table_args__ = (
        CheckConstraint("kind IN ('cab_card', 'lobby_notice', 'about_sheet')", name="kind"),
        CheckConstraint("poster_sha256 IS NULL OR failure IS NULL", name="one_outcome"),
        UniqueConstraint("order_id", "name"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("print_order.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[PosterKind] = mapped_column(Text)
    lift_id: Mapped[UUID | None] = mapped_column(ForeignKey("lift.id"))
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("public_notice.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str]
    place: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    poster_sha256: Mapped[str | None] = mapped_column(ForeignKey("poster.sha256"))
    failure: Mapped[str | None]
