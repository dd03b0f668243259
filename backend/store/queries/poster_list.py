"""Estates with what was printed for them, what of it leads nowhere any more, and their orders."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, false, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.domain.cover import LiftUse
from backend.domain.public_notice import TO_BE_PRINTED
from backend.store.notices import PublicNotice
from backend.store.people import Person
from backend.store.posters import Poster, PrintItem, PrintOrder, PrintOrderState
from backend.store.purchases import Purchase
from backend.store.queries.places import among, lifts_among, looked_up
from backend.store.queries.searches import has_letters, holds_words
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
    """Estates by name, `most` after the first `skipped`. Which ones is asked first, then what was
    printed for all of them together."""
    order = (Estate.name, Estate.id)
    page = select(Estate.id).where(*_where(chosen)).order_by(*order).offset(skipped).limit(most)
    estates = select(looked_up("page", page).c.id)
    lifts, notices, orders = _lifts_in(estates), _notices_in(estates), _orders_in(estates)
    query = (
        select(
            Estate.id,
            Estate.code,
            Estate.name,
            func.coalesce(lifts.c.number, 0),
            func.coalesce(lifts.c.cards, 0),
            func.coalesce(notices.c.number, 0),
            orders.c.last_order,
            func.coalesce(orders.c.prints, false()),
        )
        .outerjoin(lifts, lifts.c.estate_id == Estate.id)
        .outerjoin(notices, notices.c.estate_id == Estate.id)
        .outerjoin(orders, orders.c.estate_id == Estate.id)
        .where(among(Estate.id, estates))
        .order_by(*order)
    )
    return [PrintedEstate(*row) for row in tx.execute(query)]


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


def _lifts_in(estates: Select[UUID]) -> CTE:
    """How many lifts stand in each of these estates, and those of them with a cab card that leads
    to them."""
    lifts = lifts_among(estates)
    tokens = looked_up(
        "tokens",
        select(LiftToken.token),
        among(LiftToken.lift_id, select(lifts.c.id)),
        LiftToken.valid,
    )
    carded = looked_up(
        "carded",
        select(Poster.lift_id).join(tokens, tokens.c.token == Poster.token).distinct(),
        among(Poster.lift_id, select(lifts.c.id)),
        Poster.kind == "cab_card",
    )
    return (
        select(
            lifts.c.estate_id,
            func.count().label("number"),
            func.count(carded.c.lift_id).label("cards"),
        )
        .outerjoin(carded, carded.c.lift_id == lifts.c.id)
        .group_by(lifts.c.estate_id)
        .cte("lifts_in")
    )


def _notices_in(estates: Select[UUID]) -> CTE:
    """How many notices of these estates want posters."""
    cases = looked_up(
        "cases", select(Purchase.id, Purchase.estate_id), among(Purchase.estate_id, estates)
    )
    notices = looked_up(
        "notices",
        select(PublicNotice.purchase_id),
        among(PublicNotice.purchase_id, select(cases.c.id)),
        PublicNotice.state.in_(TO_BE_PRINTED),
    )
    return (
        select(cases.c.estate_id, func.count().label("number"))
        .join(notices, notices.c.purchase_id == cases.c.id)
        .group_by(cases.c.estate_id)
        .cte("notices_in")
    )


def _orders_in(estates: Select[UUID]) -> CTE:
    """When posters were last ordered for each of these estates, and whether some are worked on."""
    return (
        select(
            PrintOrder.estate_id,
            func.max(PrintOrder.ordered_at).label("last_order"),
            func.bool_or(PrintOrder.state == PrintOrderState.OPEN).label("prints"),
        )
        .where(among(PrintOrder.estate_id, estates))
        .group_by(PrintOrder.estate_id)
        .cte("orders_in")
    )


def _where(chosen: PosterFilter) -> Sequence[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if chosen.within is not None:
        where.append(Estate.id.in_(chosen.within))
    if chosen.words:
        where.append(has_letters(Estate.letters(), chosen.words))
        named = (holds_words(field, chosen.words) for field in (Estate.name, Estate.code))
        where.append(or_(*named))
    return where
