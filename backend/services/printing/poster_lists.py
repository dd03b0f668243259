"""海报 for those who print: what was printed for estates, what must be printed anew, orders."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.posters import NoticePaper
from backend.domain.roles import OFFICERS, Role
from backend.services.base.access import granted_roles, nothing_there, require
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.base.paging import Paged, paged, whole
from backend.services.printing.print_orders import KIND_NAMES, Failure
from backend.services.printing.requests import PRINTERS, check_printer
from backend.store.people import AccessGrant
from backend.store.queries import poster_list
from backend.store.queries.poster_list import DeadPoster, OrderRow, PosterFilter, PrintedEstate
from backend.store.queries.posters import printed_notices
from backend.store.registry import Estate

ORDERS_SHOWN = 20


@dataclass(frozen=True)
class PosterLine:
    """An estate with how many of its posters must be printed anew."""

    estate: PrintedEstate
    dead: int


@dataclass(frozen=True)
class ShownOrder:
    """An order: what it is for, by whom and when, how far it is, and what could not be made."""

    id: UUID
    what: str
    where: str | None
    paper: NoticePaper
    format: str
    ordered_by: str | None
    ordered_at: datetime
    finished_at: datetime | None
    done: int
    total: int
    failures: Sequence[Failure]
    has_file: bool


@dataclass(frozen=True)
class EstatePosters:
    """One estate: what must be printed anew, notices that want posters, orders, and buildings for
    which one may be given."""

    estate: Estate
    dead: Sequence[DeadPoster]
    notices: Sequence[str]
    orders: Sequence[ShownOrder]
    buildings: Sequence[tuple[UUID, str]]


def page_of_posters(ctx: Context, actor: Actor, words: str, page: int) -> Paged[PosterLine]:
    """Estates for which this person prints, by name, fifty a page; raises Refused `not_found`,
    `role_required` for others."""
    with ctx.sessions() as tx:
        chosen = PosterFilter(_within(tx, ctx, actor), words)
        return paged(
            page,
            lambda most: poster_list.count(tx, chosen, most),
            lambda skipped, most: _lines(tx, chosen, skipped, most),
        )


def whole_posters(
    ctx: Context, actor: Actor, words: str, most: int | None = None
) -> Sequence[PosterLine]:
    """Every line, `most` at most; raises Refused as `page_of_posters`, and `export_too_long`."""
    with ctx.sessions() as tx:
        chosen = PosterFilter(_within(tx, ctx, actor), words)
        return whole(lambda skipped, some: _lines(tx, chosen, skipped, some), most)


def read_posters(ctx: Context, actor: Actor, estate_id: UUID) -> EstatePosters:
    """One estate; raises Refused `not_found` for others', `role_required`."""
    with ctx.sessions() as tx:
        check_printer(tx, ctx, actor, estate_id)
        orders = poster_list.orders_of(tx, estate_id, ORDERS_SHOWN)
        failures = poster_list.failures_of(tx, [row.order.id for row in orders])
        return EstatePosters(
            tx.get_one(Estate, estate_id),
            poster_list.dead_of(tx, [estate_id]),
            [notice.number for notice in printed_notices(tx, estate_id)],
            [
                _shown(
                    ctx,
                    row,
                    [
                        Failure(item.name, item.place, item.failure or "")
                        for item in failures.get(row.order.id, ())
                    ],
                )
                for row in orders
            ],
            poster_list.buildings_of(tx, estate_id),
        )


def _within(tx: Session, ctx: Context, actor: Actor) -> Sequence[UUID] | None:
    """The estates for which the person prints; None for all."""
    held = granted_roles(tx, ctx, actor, None, None)
    if not held.isdisjoint(PRINTERS):
        return None
    managed = tx.scalars(
        select(AccessGrant.scope_id).where(
            AccessGrant.person_id == actor.person_id,
            AccessGrant.role == Role.PROPERTY_MANAGER,
            AccessGrant.valid(ctx.clock()),
        )
    )
    estates = [estate for estate in managed if estate is not None]
    if not estates:
        if not held & OFFICERS:
            raise nothing_there()
        require(held, PRINTERS)
    return estates


def _lines(tx: Session, chosen: PosterFilter, skipped: int, most: int) -> Sequence[PosterLine]:
    found = poster_list.rows(tx, chosen, skipped, most)
    dead = Counter(row.estate_id for row in poster_list.dead_of(tx, [row.id for row in found]))
    return [PosterLine(row, dead[row.id]) for row in found]


def _shown(ctx: Context, row: OrderRow, failures: Sequence[Failure]) -> ShownOrder:
    order = row.order
    return ShownOrder(
        order.id,
        "、".join(name for kind, name in KIND_NAMES.items() if kind in order.kinds),
        row.building,
        order.paper,
        order.format,
        shown_name(ctx.cipher, row.ordered_by) if row.ordered_by else None,
        order.ordered_at,
        order.finished_at,
        row.done,
        row.total,
        failures,
        order.file_sha256 is not None,
    )
