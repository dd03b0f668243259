"""Which channels are closed, for every process of the house (decision 85).

A verdict on a channel closes it, and what waits for it stays where it is. When its time has come
exactly one message tries; what the platform says of that one opens the channel or keeps it closed.
Real time throughout.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, DateTime, Text, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.channels import CHANNELS
from backend.domain.outages import Closing, is_told, probe_at
from backend.seldom import logger_of
from backend.services.base.context import Context
from backend.store.messages import ChannelState

logger = logger_of(__name__)

IS_CLOSED = ChannelState.since.is_not(None)
CLOSED = select(ChannelState).where(IS_CLOSED)
TRIES = select(ChannelState.channel, ChannelState.probe_at).where(IS_CLOSED)
# Within a claim: the names of the channels that are open, and of the closed ones to try `now`.
NAME = func.unnest(literal(list(CHANNELS), ARRAY(Text))).column_valued("name")
OPEN = select(NAME).where(NAME.not_in(select(ChannelState.channel).where(IS_CLOSED)))
ITS_TIME = ChannelState.probe_at <= bindparam("now", type_=DateTime(timezone=True))
TO_TRY = select(ChannelState.channel).where(IS_CLOSED, ITS_TIME)
TRY = (
    update(ChannelState)
    .where(ChannelState.channel == bindparam("name"), IS_CLOSED, ITS_TIME)
    .values(probe_at=bindparam("tried_until"))
    .returning(ChannelState.channel)
)


@dataclass(frozen=True)
class Ways:
    """The channels that are open now, and the closed ones that may be tried now."""

    open: Sequence[str]
    to_try: Sequence[str]


def closed(tx: Session) -> Mapping[str, ChannelState]:
    """The channels that are closed, by name."""
    return {row.channel: row for row in tx.scalars(CLOSED)}


def ways(tx: Session, now: datetime) -> Ways:
    """What may leave at this moment, and by which channel."""
    shut = {row.channel: row.probe_at for row in tx.connection().execute(TRIES)}
    return Ways(
        [name for name in CHANNELS if name not in shut],
        [name for name, probe in shut.items() if probe <= now],
    )


def begin_try(tx: Session, channel: str, now: datetime, within: timedelta) -> bool:
    """Whether this transaction is the one that tries a closed channel now; nobody else does before
    `within` is over, whatever becomes of it."""
    mine = tx.connection().scalar(TRY, {"name": channel, "now": now, "tried_until": now + within})
    return mine is not None


def close(ctx: Context, channel: str, closing: Closing, *, tried: bool) -> None:
    """Nothing leaves by this channel until a try of it succeeds; the operator is told once.

    `tried`: this was the try of a closed channel. What was in flight when it closed says nothing
    new.
    """
    now = system_clock()
    with ctx.sessions() as tx:
        row = tx.get(ChannelState, channel, with_for_update=True)
        if row is None:
            empty = insert(ChannelState).values(channel=channel, failures=0)
            tx.execute(empty.on_conflict_do_nothing())
            row = tx.get_one(ChannelState, channel, with_for_update=True)
        if row.since is not None and not tried:
            return
        row.since = row.since or now
        row.failures += 1
        row.reason, row.errcode = closing.reason, closing.errcode
        row.probe_at = probe_at(closing, row.failures, now, random.random())  # noqa: S311 - spreads load
        is_news = row.told_at is None and is_told(closing, row.failures, now)
        if is_news:
            row.told_at = now
        since, again = row.since, row.probe_at
        tx.commit()
    if is_news:
        logger.error(
            "nothing leaves by %s since %s: %s; what waits is kept, tried again from %s on",
            *(channel, since, closing.reason, again),
            extra={"kind": (channel, closing.reason)},
        )


def open_again(ctx: Context, channel: str) -> None:
    """The platform answered the message that tried: what waits may leave."""
    with ctx.sessions() as tx:
        row = tx.get(ChannelState, channel, with_for_update=True)
        if row is None or row.since is None:
            return
        was_heard, since = row.told_at, row.since
        row.since = row.reason = row.errcode = row.probe_at = row.told_at = None
        row.failures = 0
        tx.commit()
    if was_heard:
        logger.warning("messages leave by %s again; it was closed since %s", channel, since)
