"""What the platform pushed to us: stored at once, answered at once, worked on later.

Bodies are sealed, since they say who writes and what. All times here are real time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.clock import system_clock
from backend.domain.errors import Refused
from backend.domain.retention import CHAT_KEPT
from backend.seldom import logger_of
from backend.services.base.batches import forget
from backend.services.base.context import Context
from backend.store.messages import Inbox, InboxState, UnreadableCallback

logger = logger_of(__name__)

KEPT = CHAT_KEPT
MAX_ATTEMPTS = 7  # the pauses between them add up to more than three hours
FIRST_PAUSE_SECONDS = 8
WOKEN_WITHIN = timedelta(seconds=2)  # whoever received a callback wakes a worker for it
UNAVAILABLE = "platform_unavailable"  # the platform is away, or our account is set up wrongly


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
    now, new_id = system_clock(), uuid7()
    with ctx.sessions() as tx:
        row_id = tx.scalar(
            insert(Inbox)
            .values(
                id=new_id,
                appid=appid,
                dedupe_key=dedupe_key,
                body_sealed=ctx.cipher.seal(Inbox.body_sealed, new_id, body),
                received_at=now,
                try_at=now,
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
    row_id = uuid7()
    with ctx.sessions() as tx:
        tx.add(
            UnreadableCallback(
                id=row_id,
                appid=appid,
                body_sealed=ctx.cipher.seal(UnreadableCallback.body_sealed, row_id, body),
                error=error,
                received_at=system_clock(),
            )
        )
        tx.commit()


def due_ids(ctx: Context, batch_size: int = 500) -> list[UUID]:
    """Callbacks that nobody was woken for, and those to try again."""
    with ctx.sessions() as tx:
        rows = tx.scalars(
            select(Inbox.id)
            .where(Inbox.state == InboxState.NEW, Inbox.try_at <= system_clock() - WOKEN_WITHIN)
            .order_by(Inbox.try_at)
            .limit(batch_size)
        ).all()
    return list(rows)


def process(ctx: Context, ids: Sequence[UUID], handle: Handle) -> None:
    """Work on callbacks one by one, each in its own transaction, so that one cannot spoil another.

    Those whose pause is not over are left alone, however often somebody is woken for them: harmless
    when repeated or run twice at the same time.
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
            _count_failure(ctx, row_id, error)


def _work_on(ctx: Context, row_id: UUID, handle: Handle, vouched: Vouched | None = None) -> None:
    with ctx.sessions() as tx:
        row = tx.scalar(
            select(Inbox)
            .where(
                Inbox.id == row_id, Inbox.state == InboxState.NEW, Inbox.try_at <= system_clock()
            )
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return
        body = ctx.cipher.open(Inbox.body_sealed, row.id, row.body_sealed)
        handle(tx, Callback(row.id, row.appid, body, row.received_at, vouched))
        row.state, row.done_at = InboxState.DONE, system_clock()
        row.attempts += 1
        tx.commit()


def forget_old(ctx: Context) -> None:
    """Drop callbacks that are long settled, and what people wrote in them."""
    before = system_clock() - KEPT
    forget(ctx, Inbox.id, Inbox.received_at, *settled_before(before))
    of_old = UnreadableCallback.received_at < before
    forget(ctx, UnreadableCallback.id, UnreadableCallback.received_at, of_old)


def settled_before(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """Callbacks that came before it and wait for nobody any more."""
    return Inbox.received_at < moment, Inbox.state != InboxState.NEW


def _count_failure(ctx: Context, row_id: UUID, error: Exception) -> None:
    """Try it again after a pause of 8 s, 32 s, 128 s …, or give it up.

    While the platform does not answer what a callback needs to know, it waits for as long as that
    lasts. Only the kind of error is kept: its words may quote what a person wrote.
    """
    waits = isinstance(error, Refused) and error.refusals[0].code == UNAVAILABLE
    kind = UNAVAILABLE if waits else type(error).__name__
    with ctx.sessions() as tx:
        row = tx.scalar(
            select(Inbox).where(Inbox.id == row_id, Inbox.state == InboxState.NEW).with_for_update()
        )
        if row is None:
            return
        row.error, row.attempts = kind, row.attempts + 1
        row.try_at = system_clock() + _pause(row.attempts)
        if row.attempts >= MAX_ATTEMPTS and not waits:
            row.state = InboxState.DEAD
            logger.error("callback %s is given up: %s", row_id, kind)
        tx.commit()


def _pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts; at most as long as before the last one."""
    return timedelta(seconds=FIRST_PAUSE_SECONDS * 4 ** (min(attempts, MAX_ATTEMPTS - 1) - 1))
