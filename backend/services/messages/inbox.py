"""What the platform pushed to us: stored at once, answered at once, worked on later.

Bodies are sealed, since they say who writes and what. All times here are real time.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.services.base.context import Context
from backend.store.messages import Inbox, InboxState, UnreadableCallback

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)
MAX_ATTEMPTS = 7  # the pauses between them add up to more than half an hour


@dataclass(frozen=True)
class Vouched:
    """What the platform said when it was asked who somebody is across our apps."""

    unionid: str | None


@dataclass(frozen=True)
class Callback:
    """A stored callback with its body opened; `vouched` once the platform had to be asked."""

    id: UUID
    appid: str
    body: str
    received_at: datetime
    vouched: Vouched | None = None


# Works on one callback inside the transaction that also marks it done.
Handle = Callable[[Session, Callback], None]


class NotYet(Exception):
    """What this callback speaks of is not there yet; try again later, without alarm."""


class AskFirst(Exception):
    """The platform must first say who has this openid, and no transaction waits for that.

    The callback is then worked on anew, with the answer as `vouched`.
    """

    def __init__(self, openid: str) -> None:
        super().__init__()
        self.openid = openid


def receive(ctx: Context, appid: str, dedupe_key: str, body: str) -> UUID | None:
    """Store a callback that was proved and read; its id, or None for a repetition."""
    with ctx.sessions() as tx:
        row_id = tx.scalar(
            insert(Inbox)
            .values(
                appid=appid,
                dedupe_key=dedupe_key,
                body_sealed=ctx.cipher.seal(body),
                received_at=system_clock(),
                state=InboxState.NEW,
                attempts=0,
            )
            .on_conflict_do_nothing(index_elements=[Inbox.appid, Inbox.dedupe_key])
            .returning(Inbox.id)
        )
        tx.commit()
    return row_id


def keep_unreadable_callback(ctx: Context, appid: str, body: str, error: str) -> None:
    """Keep a body that the platform sent and nobody can read, for a person to look at."""
    with ctx.sessions() as tx:
        tx.add(
            UnreadableCallback(
                appid=appid,
                body_sealed=ctx.cipher.seal(body),
                error=error,
                received_at=system_clock(),
            )
        )
        tx.commit()


def due_ids(ctx: Context, batch_size: int = 500) -> list[UUID]:
    """Callbacks nobody has worked on, and those to try again: after 2 s, 8 s, 32 s …"""
    wait = func.make_interval(0, 0, 0, 0, 0, 0, 2 * func.power(4, Inbox.attempts))
    with ctx.sessions() as tx:
        rows = tx.scalars(
            select(Inbox.id)
            .where(Inbox.state == InboxState.NEW, Inbox.received_at + wait <= system_clock())
            .order_by(Inbox.received_at)
            .limit(batch_size)
        ).all()
    return list(rows)


def process(ctx: Context, ids: Sequence[UUID], handle: Handle) -> None:
    """Work on callbacks one by one, each in its own transaction, so that one cannot spoil another.

    Harmless when repeated or run twice at the same time.
    """
    for row_id in ids:
        try:
            try:
                _work_on(ctx, row_id, handle)
            except AskFirst as first:
                _work_on(ctx, row_id, handle, Vouched(ctx.platform.unionid(first.openid)))
        except Exception as error:  # whatever it is, the next callback deserves its turn
            if not isinstance(error, NotYet):
                logger.exception("callback %s failed", row_id)
            _count_failure(ctx, row_id, type(error).__name__)


def _work_on(ctx: Context, row_id: UUID, handle: Handle, vouched: Vouched | None = None) -> None:
    with ctx.sessions() as tx:
        row = tx.scalar(
            select(Inbox)
            .where(Inbox.id == row_id, Inbox.state == InboxState.NEW)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return
        body = ctx.cipher.open(row.body_sealed)
        handle(tx, Callback(row.id, row.appid, body, row.received_at, vouched))
        row.state, row.done_at = InboxState.DONE, system_clock()
        row.attempts += 1
        tx.commit()


def forget_old(ctx: Context) -> None:
    """Drop callbacks that are long settled, and what people wrote in them."""
    before = system_clock() - KEPT
    with ctx.sessions() as tx:
        tx.execute(delete(Inbox).where(Inbox.state != InboxState.NEW, Inbox.received_at < before))
        tx.execute(delete(UnreadableCallback).where(UnreadableCallback.received_at < before))
        tx.commit()


def _count_failure(ctx: Context, row_id: UUID, error: str) -> None:
    """Only the kind of error is kept: its words may quote what a person wrote."""
    with ctx.sessions() as tx:
        attempts = tx.scalar(
            update(Inbox)
            .where(Inbox.id == row_id, Inbox.state == InboxState.NEW)
            .values(attempts=Inbox.attempts + 1, error=error)
            .returning(Inbox.attempts)
        )
        if attempts is not None and attempts >= MAX_ATTEMPTS:
            tx.execute(update(Inbox).where(Inbox.id == row_id).values(state=InboxState.DEAD))
            logger.error("callback %s is given up: %s", row_id, error)
        tx.commit()
