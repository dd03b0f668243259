"""Estates with what was printed for them, what of it leads nowhere any more, and their orders."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.domain.cover import LiftUse
from backend.domain.public_notice import TO_BE_PRINTED
from backend.store.notices import PublicNotice
from backend.store.people import Person
from backend.store.posters import Poster, PrintItem, PrintOrder, PrintOrderState
from backend.store.purchases import Purchase
from backend.store.queries.searches import named_like
from backend.store.registry import Building, Estate, Lift, LiftToken, Unit


@dataclass(frozen=True)
class PosterFilter:
    """What the list is narrowed to: estates (None: all of the city), words in the name or code."""

    within: Collection[UUID] | None
    words: str = ""


@dataclass(frozen=True)
class PrintedEstate:
    """One line: lifts, those of them with a cab card that leads to them, notices that want posters,
    the last order and whether one is worked on."""

    id: UUID
    code: str
    name: str
    lifts: int
    cards: int
    notices: int
    last_order: datetime | None
    is_printing: bool


@dataclass(frozen=True)
class DeadPoster:
    """A printed poster whose code leads nowhere since `revoked_at`, and that was not printed anew:
    of a lift, or of a notice (`notice`, its number)."""

    estate_id: UUID
    kind: str
    building: str
    unit: str
    lift: str
    notice: str | None
    made_at: datetime
    revoked_at: datetime


@dataclass(frozen=True)
class OrderRow:
    """An order: who gave it (None: the command line), for which building (None: all), how many of
    its posters are settled."""

    order: PrintOrder
    ordered_by: Person | None
    building: str | None
    done: int
    total: int


def count(tx: Session, chosen: PosterFilter, most: int) -> int:
    """How many estates, counted up to `most`."""
    some = select(Estate.id).where(*_where(chosen)).limit(most)
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def rows(tx: Session, chosen: PosterFilter, skipped: int, most: int) -> Sequence[PrintedEstate]:
    """Estates by name, `most` after the first `skipped`."""
    orders = select(func.max(PrintOrder.ordered_at)).where(PrintOrder.estate_id == Estate.id)
    prints = exists().where(
        PrintOrder.estate_id == Estate.id, PrintOrder.state == PrintOrderState.OPEN
    )
    query = (
        select(
            Estate.id,
            Estate.code,
            Estate.name,
            _lifts(),
            _lifts(_has_card()),
            _notices(),
            orders.correlate(Estate).scalar_subquery(),
            prints,
        )
        .where(*_where(chosen))
        .order_by(Estate.name, Estate.id)
    )
    return [PrintedEstate(*row) for row in tx.execute(query.offset(skipped).limit(most))]


def dead_of(tx: Session, estate_ids: Collection[UUID]) -> Sequence[DeadPoster]:
    """What must be printed anew in these estates, by place."""
    latest = (
        select(
            Poster.kind,
            Poster.token,
            Poster.notice_id,
            Poster.made_at,
            Building.estate_id,
            Building.name.label("building"),
            Unit.name.label("unit"),
        )
        .ext(distinct_on(Poster.kind, Poster.unit_id, Poster.lift_id, Poster.notice_id))
        .join(Unit, Unit.id == Poster.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(Building.estate_id.in_(estate_ids))
        .order_by(
            Poster.kind, Poster.unit_id, Poster.lift_id, Poster.notice_id, Poster.made_at.desc()
        )
        .subquery()
    )
    columns = latest.c
    query = (
        select(
            columns.estate_id,
            columns.kind,
            columns.building,
            columns.unit,
            Lift.name,
            PublicNotice.number,
            columns.made_at,
            LiftToken.revoked_at,
        )
        .join(LiftToken, LiftToken.token == columns.token)
        .join(Lift, Lift.id == LiftToken.lift_id)
        .outerjoin(PublicNotice, PublicNotice.id == columns.notice_id)
        .where(
            ~LiftToken.valid,
            or_(
                columns.notice_id.is_(None) & (Lift.use != LiftUse.RETIRED),
                PublicNotice.state.in_(TO_BE_PRINTED),
            ),
        )
        .order_by(columns.building, columns.unit, columns.kind, Lift.name)
    )
    return [DeadPoster(*row) for row in tx.execute(query)]


def orders_of(tx: Session, estate_id: UUID, most: int) -> Sequence[OrderRow]:
    """The orders of an estate, the latest first."""
    settled = or_(PrintItem.poster_sha256.is_not(None), PrintItem.failure.is_not(None))
    items = select(func.count()).where(PrintItem.order_id == PrintOrder.id).correlate(PrintOrder)
    query = (
        select(
            PrintOrder,
            Person,
            Building.name,
            items.where(settled).scalar_subquery(),
            items.scalar_subquery(),
        )
        .outerjoin(Person, Person.id == PrintOrder.ordered_by)
        .outerjoin(Building, Building.id == PrintOrder.building_id)
        .where(PrintOrder.estate_id == estate_id)
        .order_by(PrintOrder.id.desc())
        .limit(most)
    )
    return [OrderRow(*row) for row in tx.execute(query)]


def failures_of(tx: Session, order_ids: Collection[UUID]) -> Mapping[UUID, Sequence[PrintItem]]:
    """The posters of these orders that could not be made, by order."""
    query = (
        select(PrintItem)
        .where(PrintItem.order_id.in_(order_ids), PrintItem.failure.is_not(None))
        .order_by(PrintItem.order_id, PrintItem.position)
    )
    found: dict[UUID, list[PrintItem]] = {}
    for item in tx.scalars(query):
        found.setdefault(item.order_id, []).append(item)
    return found


def buildings_of(tx: Session, estate_id: UUID) -> Sequence[tuple[UUID, str]]:
    """The buildings of an estate by name."""
    query = select(Building.id, Building.name).where(Building.estate_id == estate_id)
    return [(row.id, row.name) for row in tx.execute(query.order_by(Building.name))]


def _lifts(which: ColumnElement[bool] | None = None) -> ScalarSelect[int]:
    lifts = (
        select(func.count())
        .select_from(Lift)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(Building.estate_id == Estate.id, Lift.use != LiftUse.RETIRED)
    )
    if which is not None:
        lifts = lifts.where(which)
    return lifts.correlate(Estate).scalar_subquery()


def _has_card() -> ColumnElement[bool]:
    cards: Select[Any] = (
        select(Poster.sha256)
        .join(LiftToken, LiftToken.token == Poster.token)
        .where(Poster.kind == "cab_card", Poster.lift_id == Lift.id, LiftToken.valid)
        .correlate(Lift)
    )
    return cards.exists()


def _notices() -> ScalarSelect[int]:
    notices = (
        select(func.count())
        .select_from(PublicNotice)
        .join(Purchase, Purchase.id == PublicNotice.purchase_id)
        .where(Purchase.estate_id == Estate.id, PublicNotice.state.in_(TO_BE_PRINTED))
    )
    return notices.correlate(Estate).scalar_subquery()


def _where(chosen: PosterFilter) -> Sequence[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if chosen.within is not None:
        where.append(Estate.id.in_(chosen.within))
    if chosen.words:
        like = named_like(chosen.words)
        where.append(or_(Estate.name.ilike(like), Estate.code.ilike(like)))
    return where
