"""What whoever keeps the server looks at: what waits to leave, what was given up, which channels
are closed and which limits end next. Without words of messages and without their readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from backend.domain.deadlines import DeadlineState
from backend.domain.routes.catalogue import limit_title
from backend.services.base.access import nothing_there
from backend.services.base.context import Context
from backend.services.messages import channel_states
from backend.store.messages import DeadlineRecord, Inbox, Outbox, OutboxState
from backend.store.purchases import Purchase
from backend.store.queries import message_list
from backend.store.queries.message_list import MessageFilter, MessageRow

OPEN_ENDED = (OutboxState.CREATED, OutboxState.SENDING, OutboxState.FAILED, OutboxState.UNKNOWN)


@dataclass(frozen=True)
class Depth:
    """How many messages of a channel are in a state, the oldest written at `oldest`."""

    channel: str
    state: OutboxState
    number: int
    oldest: datetime


@dataclass(frozen=True)
class GivenUp:
    """A callback that nobody works on any more, and what broke it."""

    id: UUID
    appid: str
    received_at: datetime
    attempts: int
    error: str | None


@dataclass(frozen=True)
class Closed:
    """A channel by which nothing leaves, why, since when, and when one message tries it."""

    channel: str
    since: datetime
    reason: str
    errcode: int | None
    failures: int
    probe_at: datetime


@dataclass(frozen=True)
class NextLimit:
    """A limit that runs, of a case, by its number."""

    number: str
    title: str
    ends_before: datetime
    next_reminder_at: datetime | None


def depths(ctx: Context) -> Sequence[Depth]:
    """What is not settled well, by channel and state."""
    number, oldest = func.count(), func.min(Outbox.written_at)
    query = select(Outbox.channel, Outbox.state, number, oldest).where(Outbox.state.in_(OPEN_ENDED))
    grouped = query.group_by(Outbox.channel, Outbox.state).order_by(Outbox.channel, Outbox.state)
    with ctx.sessions() as tx:
        return [Depth(*row) for row in tx.execute(grouped)]


def messages(ctx: Context, state: OutboxState, most: int) -> Sequence[MessageRow]:
    """Messages in this state, the latest first, `most` at most."""
    with ctx.sessions() as tx:
        return message_list.rows(tx, MessageFilter(state=state), 0, most)


def message(ctx: Context, message_id: UUID) -> MessageRow:
    """One of them; raises Refused `not_found`."""
    with ctx.sessions() as tx:
        row = message_list.one(tx, message_id)
    if row is None:
        raise nothing_there("消息")
    return row


def given_up(ctx: Context, most: int) -> Sequence[GivenUp]:
    """Callbacks that were given up, the latest first."""
    with ctx.sessions() as tx:
        return [_given_up(row) for row in message_list.dead_callbacks(tx, most)]


def closed(ctx: Context) -> Sequence[Closed]:
    """The channels that are closed."""
    with ctx.sessions() as tx:
        rows = channel_states.closed(tx).values()
    return [
        Closed(row.channel, row.since, row.reason or "", row.errcode, row.failures, row.probe_at)
        for row in sorted(rows, key=lambda row: row.channel)
        if row.since and row.probe_at
    ]


def limits(ctx: Context, most: int) -> Sequence[NextLimit]:
    """Limits of cases that run, the first to end first."""
    query = (
        select(
            Purchase.number,
            DeadlineRecord.kind,
            DeadlineRecord.ends_before,
            DeadlineRecord.next_reminder_at,
        )
        .join(Purchase, Purchase.id == DeadlineRecord.purchase_id)
        .where(DeadlineRecord.state == DeadlineState.OPEN)
        .order_by(DeadlineRecord.ends_before, DeadlineRecord.id)
        .limit(most)
    )
    with ctx.sessions() as tx:
        return [
            NextLimit(number, limit_title(kind), ends_before, reminder)
            for number, kind, ends_before, reminder in tx.execute(query)
        ]


def _given_up(row: Inbox) -> GivenUp:
    return GivenUp(row.id, row.appid, row.received_at, row.attempts, row.error)
