"""The work on a print order: its posters made one by one, and put into one ZIP file.

Every poster is committed as it is made, so a killed worker costs one poster at most; the next one
goes on when the lease is over. What cannot be made, or killed three workers, is told in its own row
and holds up nothing.
"""

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import IO
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused
from backend.seldom import logger_of
from backend.services.base import audit
from backend.services.base.context import Context
from backend.services.printing.posters import Made, make_poster
from backend.services.printing.print_orders import ZIP
from backend.services.printing.requests import PosterRequest
from backend.store.files import NO_ROOM
from backend.store.notices import StoredFile
from backend.store.posters import PrintItem, PrintOrder, PrintOrderState
from backend.store.queries.posters import (
    count_attempt,
    enlarged_positions,
    lease_order,
    next_item,
    order_items,
)

logger = logger_of(__name__)

MOST_ATTEMPTS = 3
LEASE = timedelta(seconds=30)  # real time; renewed with every poster
ZIP_DATE = (2024, 1, 1, 0, 0, 0)  # the same for all, so that the same posters give the same file
FAILURES = "没有印成的.txt"
ON_A3 = "A4排不下、要用A3纸打印的.txt"
GIVEN_UP = "试了三次都没有印成，请联系管理员。"


def carry_on(
    ctx: Context,
    order_id: UUID,
    public_url: str,
    go_on: Callable[[], bool] = lambda: True,
    ending: tuple[type[Exception], ...] = (),
) -> bool:
    """Make the posters of an order that are left, then its ZIP; asks `go_on` before each.

    An error is the poster's own, but those of `ending` end the whole work, and so does a full disk
    (OSError): when the lease is over, another run goes on as if it had not tried. Does nothing
    while somebody else works on it. Returns whether it stopped before the end.
    """
    if not _lease(ctx, order_id):
        return False
    while go_on():
        with ctx.sessions() as tx:
            order, item = tx.get_one(PrintOrder, order_id), next_item(tx, order_id)
        if item is None:
            _bind(ctx, order_id)
            return False
        tried_enough = _attempt(ctx, item) > MOST_ATTEMPTS
        try:
            outcome = GIVEN_UP if tried_enough else _make(ctx, order, item, public_url, ending)
        except OSError:
            _attempt(ctx, item, -1)
            raise
        _settle(ctx, item, outcome)
    _let_go(ctx, order_id)
    return True


def _lease(ctx: Context, order_id: UUID) -> bool:
    now = system_clock()
    with ctx.sessions() as tx:
        leased = lease_order(tx, order_id, now, now + LEASE)
        tx.commit()
    return leased


def _let_go(ctx: Context, order_id: UUID) -> None:
    with ctx.sessions() as tx:
        tx.execute(update(PrintOrder).where(PrintOrder.id == order_id).values(leased_until=None))
        tx.commit()


def _attempt(ctx: Context, item: PrintItem, more: int = 1) -> int:
    """Count an attempt before it begins, since a killed worker counts nothing afterwards."""
    with ctx.sessions() as tx:
        attempts = count_attempt(tx, item, more)
        tx.commit()
        return attempts


def _make(
    ctx: Context,
    order: PrintOrder,
    item: PrintItem,
    public_url: str,
    ending: tuple[type[Exception], ...],
) -> Made | str:
    """The poster, or why there is none."""
    request = PosterRequest(
        kind=item.kind,
        lift_id=item.lift_id,
        notice_id=item.notice_id,
        unit_id=item.unit_id,
        paper=order.paper,
        format=order.format,
        bleed=order.bleed,
    )
    try:
        return _made(ctx, request, public_url)
    except Refused as refused:
        return "；".join(refusal.message for refusal in refused.refusals)
    except ending:
        raise
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        return _accident(item)
    except Exception:  # one poster that cannot be made must not hold up the others
        return _accident(item)


def _accident(item: PrintItem) -> str:
    logger.exception("poster %s of order %s cannot be made", item.position, item.order_id)
    return "出了意外，没有印成，请联系管理员。"


def _made(ctx: Context, request: PosterRequest, public_url: str) -> Made:
    """A notice that overflows A4 is made on A3: nobody is there to be asked."""
    try:
        return make_poster(ctx, None, request, public_url)
    except Refused as refused:
        too_long = refused.refusals[0].code == "poster_too_long"
        if not too_long or request.kind != "lobby_notice" or request.paper == "A3":
            raise
        return make_poster(ctx, None, replace(request, paper="A3"), public_url)


def _settle(ctx: Context, item: PrintItem, outcome: Made | str) -> None:
    values = {"failure": outcome} if isinstance(outcome, str) else {"poster_sha256": outcome.sha256}
    with ctx.sessions() as tx:
        tx.execute(
            update(PrintItem)
            .where(PrintItem.order_id == item.order_id, PrintItem.position == item.position)
            .values(values)
        )
        tx.execute(
            update(PrintOrder)
            .where(PrintOrder.id == item.order_id)
            .values(leased_until=system_clock() + LEASE)
        )
        tx.commit()


def _bind(ctx: Context, order_id: UUID) -> None:
    """Put all posters into the ZIP and finish the order."""
    with ctx.sessions() as tx:
        items, enlarged = order_items(tx, order_id), enlarged_positions(tx, order_id)
    sha256, size_bytes = ctx.files.put_written(lambda file: _zip(ctx, items, enlarged, file))
    with ctx.sessions() as tx:
        order = tx.get_one(PrintOrder, order_id, with_for_update=True)
        if order.state == PrintOrderState.DONE:
            return
        now = ctx.clock()
        file = {
            "sha256": sha256,
            "media_type": ZIP,
            "size_bytes": size_bytes,
            "stored_at": now,
        }
        tx.execute(insert(StoredFile).values(file).on_conflict_do_nothing())
        order.state = PrintOrderState.DONE
        order.finished_at, order.file_sha256 = now, sha256
        order.leased_until = None
        facts = {"sha256": sha256, "failures": sum(item.failure is not None for item in items)}
        audit.append(
            tx,
            now,
            order.ordered_by,
            AuditAction.PRINT_ORDER_FINISH,
            ("print_order", order_id),
            facts,
        )
        tx.commit()


def _zip(
    ctx: Context, items: Sequence[PrintItem], enlarged: frozenset[int], file: IO[bytes]
) -> None:
    """The posters, and lists of those that need A3 and of those that could not be made."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as bundle:  # pictures are packed already
        on_a3 = []
        for item in items:
            if item.poster_sha256 is None:
                continue
            name = item.name
            if item.position in enlarged:
                stem, _, ending = name.rpartition(".")
                name = f"{stem}（A3）.{ending}"
                on_a3.append(name)
            content = ctx.files.read(item.poster_sha256)
            bundle.writestr(zipfile.ZipInfo(name, ZIP_DATE), content)
        failures = [f"{item.name}：{item.failure}" for item in items if item.failure is not None]
        for title, lines in ((ON_A3, on_a3), (FAILURES, failures)):
            if lines:
                bundle.writestr(zipfile.ZipInfo(title, ZIP_DATE), "\n".join(lines) + "\n")
