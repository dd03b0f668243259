"""Who sends a message: one worker at a time, under a lease.

A row that is taken is `sending` (real time); the worker lets go of the database, posts it, and
writes down how that ended (`delivery_results`). What is urgent goes first; of what is equally so,
new messages go in turns, one of each party after the other, so that ten thousand of one estate
delay another's by a batch, and where others were tried before, these have every second place, by
their time. Channels that are closed are left alone (`channel_states`).

What is not settled when the lease ends may have been sent or not. Where a repeat is safe
(`Channel.repeat_safe`) it is taken again under the same id, so that to take it is to begin it.
Elsewhere it becomes `unknown`: of these a worker says, a piece of its batch at a time, that it
begins to post them (`begin`), and what it had not begun is taken again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Select,
    Text,
    Update,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    true,
    union_all,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.dml import ReturningUpdate

from backend.clock import system_clock
from backend.domain.channels import CHANNELS, App, Needs
from backend.domain.local_time import local_date
from backend.services.base.context import Context
from backend.services.messages import channel_states
from backend.services.messages.outbox import is_over, no_use, role_ended_by, supersede_what_is_over
from backend.services.messages.unanswered import (
    NO_ANSWER_AGAIN,
    POSTED_AGAIN,
    give_up,
    post_again,
)
from backend.store.messages import Outbox, OutboxState
from backend.store.people import Identity

LEASE = timedelta(seconds=30)
LOST = "worker_lost"
NOT_ENDED = (OutboxState.CREATED, OutboxState.SENDING)
MOST_AT_ONCE = 500

# Parameters of the claims, which are made once: making one costs as much as sending ten messages.
NOW = cast(datetime, bindparam("now", type_=DateTime(timezone=True)))
LEASE_ENDS = cast(datetime, bindparam("lease_ends", type_=DateTime(timezone=True)))
BUSINESS_TIME = cast(datetime, bindparam("business_time", type_=DateTime(timezone=True)))
TODAY = cast(date, bindparam("today", type_=Date))
NUMBER: BindParameter[int] = bindparam("number", type_=BigInteger)
THESE = Outbox.channel == any_(bindparam("channels", type_=ARRAY(Text)))
OPEN = Outbox.channel == any_(func.array(channel_states.OPEN.scalar_subquery()))

# From now on these may have been sent, whatever becomes of us.
BEGUN = text("""
    UPDATE outbox SET first_tried_at = coalesce(first_tried_at, :now)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:leases AS bigint[])) AS mine (id, lease)
    WHERE outbox.id = mine.id AND outbox.attempts = mine.lease
        AND outbox.state = 'sending' AND outbox.try_at > :now
    RETURNING outbox.id
""")


@dataclass(frozen=True)
class Delivery:
    """A leased row, ready to send unless `undeliverable` says why the person has no address.

    `attempts` counts this one. `first_tried_at` is when it was perhaps sent before. `probing` says
    that it tries a closed channel, `posted_again` that it may have come before (`unanswered`).
    Times are real time.
    """

    id: UUID
    person_id: UUID
    channel: str
    template: str
    data: Mapping[str, Any]
    attempts: int
    urgency: int
    leased_at: datetime
    first_tried_at: datetime | None
    openid: str
    undeliverable: str | None
    probing: bool = False
    posted_again: bool = False


def due_ids(ctx: Context, batch_size: int = 1000) -> list[UUID]:
    """What should be sent now, the most urgent and oldest first, of a closed channel one at most;
    gives up on what may no longer be repeated, and on what is no news any more."""
    now = system_clock()
    with ctx.sessions() as tx:
        ways = channel_states.ways(tx, now)
        tx.connection().execute(_given_up(), {"now": now})
        supersede_what_is_over(tx, now, ctx.clock())
        post_again(tx, now, ctx.clock(), ways.open)
        asked = [(list(ways.open), batch_size), *(([channel], 1) for channel in ways.to_try)]
        ids: list[UUID] = []
        for channels, most in asked:
            due = {"now": now, "channels": channels, "number": most}
            ids += tx.connection().scalars(_due(), due)
        tx.commit()
    return ids


@cache
def _given_up() -> Update:
    return give_up(NOW, ~_may_be_sent(NOW), LOST)


@cache
def _due() -> Select[Any]:
    due = select(Outbox.id).where(Outbox.state.in_(NOT_ENDED), THESE, _may_be_sent(NOW))
    return due.order_by(Outbox.urgency, Outbox.try_at).limit(NUMBER)


def take(ctx: Context, ids: Sequence[UUID], batch_size: int = MOST_AT_ONCE) -> list[Delivery]:
    """Take up to `batch_size` of those of `ids` that are due and nobody else's, under a lease; the
    most urgent and oldest first. Of each closed channel whose time has come, the first of all.

    Commits and lets go of the connection before it returns.
    """
    return _take(ctx, _claim_of_these(), batch_size, ids=ids)[1]


def take_due(ctx: Context, batch_size: int) -> list[Delivery]:
    """Take up to `batch_size` of all that are due, as `take` does: new ones in their turns, and as
    many of those that were tried before, as long as there are both. What is no news any more does
    not count: however much of it waits at the head, what is behind it is taken."""
    while True:
        found, deliveries = _take(ctx, claim_of_next(), batch_size)
        if deliveries or found < batch_size:
            return deliveries


def begin(ctx: Context, deliveries: Sequence[Delivery]) -> frozenset[UUID]:
    """Say of these, which nobody may repeat, that they are being posted, in one statement; the ids
    of those that still are the caller's."""
    mine = {
        "ids": [delivery.id for delivery in deliveries],
        "leases": [delivery.attempts for delivery in deliveries],
    }
    with ctx.sessions() as tx:
        begun = frozenset(tx.scalars(BEGUN, {**mine, "now": system_clock()}))
        tx.commit()
    return begun


def _take(
    ctx: Context, claim: Select[Any], number: int, **which: object
) -> tuple[int, list[Delivery]]:
    """How many rows of open channels were chosen, and what was taken: what is no news any more is
    taken back instead."""
    now, at = system_clock(), ctx.clock()
    moments = {"now": now, "lease_ends": now + LEASE, "business_time": at, "today": local_date(at)}
    values = {**moments, **{_appid_of(app): ctx.appid_of(app) for app in App}, "number": number}
    with ctx.sessions() as tx:
        rows = tx.connection().execute(claim, {**values, **which}).all()
        found = [row for row in rows if row.id]
        taken = [_delivery(row, now) for row in found if not row.over]
        for channel in rows[0].to_try:
            if channel_states.begin_try(tx, channel, now, LEASE):
                taken += _to_try(tx, channel, values, now)
        tx.commit()
    return len(found), sorted(taken, key=lambda delivery: (delivery.urgency, delivery.id))


def _to_try(
    tx: Session, channel: str, values: Mapping[str, Any], now: datetime
) -> Sequence[Delivery]:
    """The one message that tries this closed channel, if any waits."""
    one = {**values, "number": 1, "channels": [channel]}
    while rows := tx.connection().execute(_claim_of_one(), one).all():
        if not rows[0].over:
            return [_delivery(rows[0], now, probing=True)]
    return ()


@cache
def _claim_of_these() -> Select[Any]:
    these = Outbox.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    return _and_what_to_try(_claim(_first("first", and_(these, OPEN, _may_be_sent(NOW)))))


@cache
def claim_of_next() -> Select[Any]:
    """What comes next, of both kinds."""
    return _and_what_to_try(_claim(_next(OPEN)))


@cache
def _claim_of_one() -> ReturningUpdate[Any]:
    return _claim(_next(THESE))


def _and_what_to_try(claim: ReturningUpdate[Any]) -> Select[Any]:
    """What this claim took, and beside each the closed channels that may be tried now; these in a
    row of their own where nothing was taken."""
    claimed = claim.cte("claimed")
    to_try = func.array(channel_states.TO_TRY.scalar_subquery(), type_=ARRAY(Text))
    closed = select(to_try.label("to_try")).subquery()
    return select(closed, claimed).select_from(closed.outerjoin(claimed, true()))


def _next(by_these: ColumnElement[bool]) -> FromClause:
    """The next by these channels. Whatever has a turn waits, and is due since it was written:
    nothing else is asked but its channel, which the index of turns knows too, so that this is the
    only way to it, also where nobody has counted what waits, and that what waits for a closed
    channel is passed by within the index."""
    tried = and_(Outbox.state == OutboxState.CREATED, Outbox.turn.is_(None))
    again = and_(or_(Outbox.state == OutboxState.SENDING, tried), by_these, _may_be_sent(NOW))
    new = and_(Outbox.turn.is_not(None), by_these)
    kinds = (_first("new", new, Outbox.turn), _first("again", again))
    both = union_all(
        *(select(kind.c.id, kind.c.urgency, _place(kind).label("place")) for kind in kinds)
    ).subquery()
    # The older of two: where one tries a channel, it is not somebody's answer before the last one.
    order = (both.c.urgency, both.c.place, both.c.id)
    return select(both.c.id).order_by(*order).limit(NUMBER).subquery()


def _place(kind: CTE) -> ColumnElement[int]:
    """A row's place among those of its kind that are as urgent."""
    return func.row_number().over(partition_by=kind.c.urgency, order_by=(kind.c.order, kind.c.id))


def _claim(chosen: FromClause) -> ReturningUpdate[Any]:
    """Takes the chosen rows, or takes them back, and tells of them what is needed to send them."""
    due = _addressed(chosen)
    over, perhaps_sent = due.c.over, Outbox.first_tried_at.is_not(None)
    return (
        update(Outbox)
        .where(Outbox.id == due.c.id)
        .values(
            state=case(
                (over & perhaps_sent, OutboxState.UNKNOWN),
                (over, OutboxState.SUPERSEDED),
                else_=OutboxState.SENDING,
            ),
            outcome=case((over & perhaps_sent, LOST), else_=Outbox.outcome),
            settled_at=case((over, NOW), else_=Outbox.settled_at),
            attempts=Outbox.attempts + case((over, 0), else_=1),
            first_tried_at=case(
                (and_(~over, _is_repeatable()), func.coalesce(Outbox.first_tried_at, NOW)),
                else_=Outbox.first_tried_at,
            ),
            try_at=LEASE_ENDS,
            turn=None,
        )
        .returning(
            Outbox.id,
            Outbox.person_id,
            Outbox.channel,
            Outbox.template,
            Outbox.data,
            Outbox.attempts,
            Outbox.urgency,
            Outbox.first_tried_at,
            Outbox.outcome,
            due.c.openid,
            due.c.reachable,
            due.c.over,
        )
    )


def _first(
    name: str, which: ColumnElement[bool], order: InstrumentedAttribute[Any] = Outbox.try_at
) -> CTE:
    """The first of these rows that nobody else has locked, locked. Nothing else is asked of them
    here, so that no more are looked at."""
    return (
        select(Outbox.id, Outbox.urgency, order.label("order"))
        .where(which)
        .order_by(Outbox.urgency, order, Outbox.id)
        .limit(NUMBER)
        .with_for_update(skip_locked=True)
        .cte(name)
    )


def _addressed(chosen: FromClause) -> CTE:
    """These rows with the person's identity in the app that the channel writes from, and whether
    they are `over`: no news any more to who is to read them."""
    appid = case(
        {name: bindparam(_appid_of(channel.app), type_=Text) for name, channel in CHANNELS.items()},
        value=Outbox.channel,
    )
    theirs = and_(Identity.person_id == Outbox.person_id, Identity.appid == appid)
    over = or_(is_over(), no_use(BUSINESS_TIME), role_ended_by(BUSINESS_TIME, TODAY))
    return (
        select(Outbox.id, Identity.openid, Identity.reachable, over.label("over"))
        .join(chosen, chosen.c.id == Outbox.id)
        .outerjoin(Identity, theirs)
        .cte("due")
        .prefix_with("MATERIALIZED")
    )


def _appid_of(app: App) -> str:
    """What the parameter is called that holds an app's id."""
    return f"appid_of_{app.value}"


def _may_be_sent(now: datetime) -> ColumnElement[bool]:
    """Surely not sent; or perhaps sent, while repeating it is still safe."""
    repeatable = (
        and_(Outbox.channel == channel.name, Outbox.first_tried_at > now - channel.repeat_safe)
        for channel in CHANNELS.values()
        if channel.repeat_safe
    )
    unsettled = and_(
        Outbox.state == OutboxState.SENDING, or_(Outbox.first_tried_at.is_(None), *repeatable)
    )
    return and_(Outbox.try_at <= now, or_(Outbox.state == OutboxState.CREATED, unsettled))


def _is_repeatable() -> ColumnElement[bool]:
    return Outbox.channel.in_([name for name, channel in CHANNELS.items() if channel.repeat_safe])


def _delivery(row: Any, now: datetime, probing: bool = False) -> Delivery:
    return Delivery(
        id=row.id,
        person_id=row.person_id,
        channel=row.channel,
        template=row.template,
        data=row.data,
        attempts=row.attempts,
        urgency=row.urgency,
        leased_at=now,
        first_tried_at=None if row.first_tried_at == now else row.first_tried_at,
        openid=row.openid or "",
        undeliverable=_undeliverable(row),
        probing=probing,
        posted_again=row.outcome in (POSTED_AGAIN, NO_ANSWER_AGAIN),
    )


def _undeliverable(row: Any) -> str | None:
    if row.openid is None:
        return "no_identity"
    must_follow = CHANNELS[row.channel].needs is Needs.FOLLOWER
    return "unreachable" if must_follow and not row.reachable else None
