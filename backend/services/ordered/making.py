"""The work on an ordered file: a case is bound, or a list is written.

A killed worker costs the attempt; the next one begins anew when the lease is over, three times at
most. What cannot be made is told where it was ordered, and holds up nothing.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused
from backend.domain.ordered import MOST_ATTEMPTS, MOST_LINES, OrderedState
from backend.pictures.apart import bind_case_file
from backend.seldom import logger_of
from backend.services.base import audit
from backend.services.base.context import Actor, Context
from backend.services.files.uploads import PDF
from backend.services.lists.desk_list import about_list
from backend.services.lists.every import LISTS
from backend.services.ordered.case_files import case_file_of, case_for_archive
from backend.services.ordered.orders import check_rights_since
from backend.services.workbooks.lists import XLSX, ListSheet, Value, list_workbook
from backend.store.files import NO_ROOM
from backend.store.notices import StoredFile
from backend.store.ordered import OrderedFile
from backend.store.queries import ordered
from backend.store.queries.files import lock_file

logger = logger_of(__name__)

LEASE = timedelta(minutes=3)  # real time; renewed with every part
AT_ONCE = 1000  # rows of a workbook between two words of progress
GIVEN_UP = "试了三次都没有做成，请联系系统管理员。"
ACCIDENT = "出了意外，没有做成，请重新下单；还是不行的，请联系系统管理员。"
# So many parts of so many are there.
Progress = Callable[[int, int], None]
# What was made, and what it is.
Made = tuple[bytes, str]


def make(ctx: Context, order_id: UUID, ending: tuple[type[Exception], ...] = ()) -> bool:
    """Make what was ordered; whether it was an ordered file that nobody worked on.

    An error is the order's own, but those of `ending`, and a full disk (OSError), end the work:
    when the lease is over, another run begins.
    """
    order = _lease(ctx, order_id)
    if order is None:
        return False
    if order.attempts > MOST_ATTEMPTS:
        _settle(ctx, order_id, GIVEN_UP)
        return True
    try:
        outcome: Made | str = _made(ctx, order)
    except Refused as refused:
        outcome = "；".join(refusal.message for refusal in refused.refusals)
    except ending:
        raise
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        outcome = _accident(order_id)
    except Exception:  # one that cannot be made must not hold up the others
        outcome = _accident(order_id)
    _settle(ctx, order_id, outcome)
    return True


def _lease(ctx: Context, order_id: UUID) -> OrderedFile | None:
    now = system_clock()
    with ctx.sessions() as tx:
        order = ordered.lease(tx, order_id, now, now + LEASE)
        tx.commit()
        return order


def _made(ctx: Context, order: OrderedFile) -> Made:
    def progress(done: int, total: int) -> None:
        with ctx.sessions() as tx:
            ordered.note_progress(tx, order.id, done, total, system_clock() + LEASE)
            tx.commit()

    actor = Actor(order.ordered_by)
    if order.purchase_id is not None:
        return _bound(ctx, actor, order.purchase_id, progress)
    with ctx.sessions() as tx:
        check_rights_since(tx, ctx, order)
    return _written(ctx, actor, order.asked, progress)


def _bound(ctx: Context, actor: Actor, purchase_id: UUID, progress: Progress) -> Made:
    """The case as it is now, as whoever ordered it may see it now."""
    with ctx.sessions() as tx:
        case = case_for_archive(tx, ctx, actor, purchase_id)
        archived = case_file_of(case)
    total = len(archived.files) + 1
    progress(0, total)
    files = [None if sha256 is None else ctx.files.read(sha256) for sha256 in archived.files]
    progress(total // 2, total)
    return bind_case_file(archived.case_file, files).content, PDF


def _written(ctx: Context, actor: Actor, asked: Mapping[str, Any], progress: Progress) -> Made:
    """The list as it is now, for whoever ordered it."""
    chosen = LISTS[asked["list"]]
    narrowed = chosen.narrowed(ctx, actor, asked["address"])
    rows = narrowed.lines(MOST_LINES)
    about = about_list(ctx, chosen.title, narrowed.active, len(rows))
    progress(0, max(len(rows), 1))

    def shown() -> Iterator[Sequence[Value]]:
        for nth, row in enumerate(rows):
            if nth and nth % AT_ONCE == 0:
                progress(nth, len(rows))
            yield row

    sheet = ListSheet(chosen.title, chosen.headings, rows, about)
    return list_workbook(sheet, shown()), XLSX


def _settle(ctx: Context, order_id: UUID, outcome: Made | str) -> None:
    now = ctx.clock()
    with ctx.sessions() as tx:
        order = tx.get_one(OrderedFile, order_id, with_for_update=True)
        if order.state is not OrderedState.OPEN:
            return
        if isinstance(outcome, str):
            order.state, order.failure = OrderedState.FAILED, outcome
        else:
            order.file_sha256 = _keep(tx, ctx, *outcome)
            order.state, order.done = OrderedState.DONE, order.total
        order.finished_at, order.leased_until = now, None
        facts = {"kind": order.kind, "sha256": order.file_sha256}
        subject = ("ordered_file", order_id)
        audit.append(tx, now, order.ordered_by, AuditAction.ORDERED_FILE_FINISH, subject, facts)
        tx.commit()


def _keep(tx: Session, ctx: Context, content: bytes, media_type: str) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    lock_file(tx, sha256)
    ctx.files.put(content)
    file = {
        "sha256": sha256,
        "media_type": media_type,
        "size_bytes": len(content),
        "stored_at": ctx.clock(),
    }
    tx.execute(insert(StoredFile).values(file).on_conflict_do_nothing())
    return sha256


def _accident(order_id: UUID) -> str:
    logger.exception("ordered file %s cannot be made", order_id)
    return ACCIDENT
