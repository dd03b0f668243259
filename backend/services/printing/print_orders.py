"""Print orders: which posters of a whole estate are to be made, and how far they are.

Nothing is drawn here: `print_run` makes them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import get_args
from uuid import UUID

from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.posters import FileFormat, NoticePaper, PosterKind
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case.live_notice import required_places
from backend.services.printing.requests import check_printer
from backend.store.posters import PrintItem, PrintOrder, PrintOrderState
from backend.store.queries.estates import lifts_in
from backend.store.queries.posters import (
    open_order_ids,
    open_order_of,
    order_items,
    printed_notices,
    progress,
    units_of_building,
)
from backend.store.registry import Building, Estate

ZIP = "application/zip"
KIND_NAMES: dict[PosterKind, str] = {
    "cab_card": "轿厢卡",
    "lobby_notice": "大堂公示",
    "about_sheet": "保险说明",
}
UNSAFE = re.compile(r'[\x00-\x1f/\\:*?"<>|]+')


@dataclass(frozen=True)
class PrintRequest:
    """What to print for an estate, or for one building of it; `paper` is that of the lobby
    notices."""

    estate_id: UUID
    kinds: Sequence[PosterKind]
    paper: NoticePaper = "A4"
    format: FileFormat = "pdf"
    bleed: bool = False
    building_id: UUID | None = None


@dataclass(frozen=True)
class Failure:
    """A poster that could not be made: where it should hang, and why."""

    name: str
    place: str
    reason: str


@dataclass(frozen=True)
class PrintProgress:
    """How far an order is: `done` of `total` posters are settled, some of them as failures.

    `state` is `open` until the ZIP is there.
    """

    id: UUID
    estate_id: UUID
    state: str
    done: int
    total: int
    ordered_at: datetime
    finished_at: datetime | None
    file_sha256: str | None
    failures: Sequence[Failure]


def order_posters(ctx: Context, actor: Actor | None, request: PrintRequest) -> PrintProgress:
    """Write down every poster to be made; whoever is woken makes them.

    The same request again, while it is worked on, gives the same order. `actor` is None on the
    command line. Raises Refused: not_found, role_required, kinds_missing, nothing_to_print,
    order_open (another request of this person for this estate is worked on).
    """
    person_id = actor.person_id if actor else None
    with ctx.sessions() as tx:
        if tx.get(Estate, request.estate_id, with_for_update={"key_share": True}) is None:
            raise nothing_there("小区")
        if actor is not None:
            check_printer(tx, ctx, actor, request.estate_id)
        _check_building(tx, request)
        if not request.kinds:
            raise refuse("kinds_missing", "请至少选择一种海报。", "kinds")
        unfinished = open_order_of(tx, request.estate_id, person_id)
        if unfinished is not None:
            _check_same(unfinished, request)
            return _progress(tx, unfinished)
        now = ctx.clock()
        order = PrintOrder(
            estate_id=request.estate_id,
            building_id=request.building_id,
            kinds=sorted(set(request.kinds)),
            paper=request.paper,
            format=request.format,
            bleed=request.bleed,
            state=PrintOrderState.OPEN,
            ordered_by=person_id,
            ordered_at=now,
        )
        tx.add(order)
        tx.flush()
        items = _numbered(_items(tx, ctx, request), order)
        if not items:
            place = "小区" if request.building_id is None else "楼栋"
            raise refuse(
                "nothing_to_print",
                f"该{place}没有可印的内容：没有电梯，或没有公示。",
                "kinds",
                "conflict",
            )
        tx.add_all(items)
        facts = {"estate_id": str(request.estate_id), "kinds": order.kinds, "posters": len(items)}
        audit.append(
            tx, now, person_id, AuditAction.PRINT_ORDER_OPEN, ("print_order", order.id), facts
        )
        tx.flush()
        ordered = _progress(tx, order)
        tx.commit()
    return ordered


def _check_building(tx: Session, request: PrintRequest) -> None:
    if request.building_id is not None:
        building = tx.get(Building, request.building_id)
        if building is None or building.estate_id != request.estate_id:
            raise nothing_there("楼栋")


def _check_same(order: PrintOrder, request: PrintRequest) -> None:
    asked = (sorted(set(request.kinds)), request.paper, request.format, request.bleed)
    same_place = request.building_id == order.building_id
    if not same_place or asked != (order.kinds, order.paper, order.format, order.bleed):
        message = f"您为该小区下的印制单 {order.id} 还没有印完，请等它印完再下新的。"
        raise refuse("order_open", message, kind="conflict")


def _items(tx: Session, ctx: Context, request: PrintRequest) -> Iterator[PrintItem]:
    """The posters that are asked for: by kind, building, unit and lift."""
    only = request.building_id
    lifts = lifts_in(tx, request.estate_id, local_date(ctx.clock()))
    lifts = [lift for lift in lifts if only in (None, lift.building_id)]
    units = set(units_of_building(tx, only)) if only else None
    for kind in get_args(PosterKind):
        if kind not in request.kinds:
            continue
        if kind == "lobby_notice":
            for notice in printed_notices(tx, request.estate_id):
                for unit_id, place in required_places(notice):
                    if units is not None and unit_id not in units:
                        continue
                    where = f"{notice.number} {place}"
                    yield PrintItem(kind=kind, notice_id=notice.id, unit_id=unit_id, place=where)
            continue
        for lift in lifts:
            place = f"{lift.building}{lift.unit}{lift.name}"
            yield PrintItem(kind=kind, lift_id=lift.id, unit_id=lift.unit_id, place=place)


def _numbered(items: Iterator[PrintItem], order: PrintOrder) -> list[PrintItem]:
    """Give each its place in the order and a file name that no other has."""
    numbered = []
    for position, item in enumerate(items, 1):
        kind = KIND_NAMES[item.kind]
        words = UNSAFE.sub("_", item.place)[:60]
        item.order_id, item.position = order.id, position
        item.name = f"{kind}/{position:03d} {words}.{order.format}"
        numbered.append(item)
    return numbered


def read_order(ctx: Context, actor: Actor | None, order_id: UUID) -> PrintProgress:
    """How far an order is. Raises Refused not_found, role_required."""
    with ctx.sessions() as tx:
        return _progress(tx, _order(tx, ctx, actor, order_id))


def read_zip(ctx: Context, actor: Actor | None, order_id: UUID) -> tuple[str, Path]:
    """Hash of a finished order's ZIP, and where the file lies.

    Raises Refused not_found, role_required, order_not_done.
    """
    with ctx.sessions() as tx:
        order = _order(tx, ctx, actor, order_id)
        if order.file_sha256 is None:
            message = "海报还没有全部印好，请稍后再下载。"
            raise refuse("order_not_done", message, kind="missing")
        return order.file_sha256, ctx.files.path(order.file_sha256)


def _order(tx: Session, ctx: Context, actor: Actor | None, order_id: UUID) -> PrintOrder:
    order = tx.get(PrintOrder, order_id)
    if order is None:
        raise nothing_there("印制单")
    if actor is not None:
        check_printer(tx, ctx, actor, order.estate_id, "印制单")
    return order


def _progress(tx: Session, order: PrintOrder) -> PrintProgress:
    done, total = progress(tx, order.id)
    return PrintProgress(
        id=order.id,
        estate_id=order.estate_id,
        state=order.state,
        done=done,
        total=total,
        ordered_at=order.ordered_at,
        finished_at=order.finished_at,
        file_sha256=order.file_sha256,
        failures=[
            Failure(item.name, item.place, item.failure)
            for item in order_items(tx, order.id)
            if item.failure is not None
        ],
    )


def due_ids(ctx: Context, batch_size: int = 20) -> Sequence[UUID]:
    """Open orders that nobody works on."""
    with ctx.sessions() as tx:
        return open_order_ids(tx, system_clock(), batch_size)
