"""Who sends a message: one worker at a time, under a lease.

A row that is taken is `sending` (real time); the worker lets go of the database, sends, and writes
down how that ended (`delivery_results`). New messages go in turns, one of each party after the
other, so that ten thousand of one estate delay another's by a batch; where others were tried
before, these have every second place, by their time. What is not settled before the lease ends may
have been sent or not. Where a repeat is safe (`Channel.repeat_safe`) it is taken again under the
same id; elsewhere it becomes `unknown`.
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
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.dml import ReturningUpdate

from backend.clock import system_clock
from backend.domain.channels import CHANNELS, App, Needs
from backend.domain.local_time import local_date
from backend.services.base.context import Context
from backend.services.messages.outbox import is_over, role_ended_by, supersede_what_is_over
from backend.store.messages import Outbox, OutboxState
from backend.store.people import Identity

LEASE = timedelta(seconds=30)
LOST = "worker_lost"
NOT_ENDED = (OutboxState.CREATED, OutboxState.SENDING)

# Parameters of the claims, which are made once: making one costs as much as sending ten messages.
NOW = cast(datetime, bindparam("now", type_=DateTime(timezone=True)))
LEASE_ENDS = cast(datetime, bindparam("lease_ends", type_=DateTime(timezone=True)))
BUSINESS_TIME = cast(datetime, bindparam("business_time", type_=DateTime(timezone=True)))
TODAY = cast(date, bindparam("today", type_=Date))
NUMBER: BindParameter[int] = bindparam("number", type_=BigInteger)


@dataclass(frozen=True)
class Delivery:
    """A leased row, ready to send unless `undeliverable` says why the person has no address.

    `attempts` counts this one. Times are real time.
    """

    id: UUID
    person_id: UUID
    channel: str
    template: str
    data: Mapping[str, Any]
    attempts: int
    leased_at: datetime
    first_tried_at: datetime
    openid: str
    undeliverable: str | None


def due_ids(ctx: Context, batch_size: int = 1000) -> list[UUID]:
    """What should be sent now, oldest first; gives up on what may no longer be repeated, and on
    what is no news any more."""
    now = system_clock()
    with ctx.sessions() as tx:
        tx.execute(
            update(Outbox)
            .where(Outbox.state == OutboxState.SENDING, Outbox.try_at <= now, ~_may_be_sent(now))
            .values(state=OutboxState.UNKNOWN, outcome=LOST, settled_at=now)
        )
        supersede_what_is_over(tx, now, ctx.clock())
        ids = tx.scalars(
            select(Outbox.id)
            .where(Outbox.state.in_(NOT_ENDED), _may_be_sent(now))
            .order_by(Outbox.try_at)
            .limit(batch_size)
        ).all()
        tx.commit()
    return list(ids)


def take(ctx: Context, ids: Sequence[UUID]) -> list[Delivery]:
    """Take those of `ids` that are due and nobody else's, under a lease; oldest first.

    Commits and lets go of the connection before it returns.
    """
    return _take(ctx, _claim_of_these(), number=len(ids), ids=ids)[1]


def take_due(ctx: Context, batch_size: int) -> list[Delivery]:
    """Take up to `batch_size` of all that are due, as `take` does: new ones in their turns, and as
    many of those that were tried before, as long as there are both. What is no news any more does
    not count: however much of it waits at the head, what is behind it is taken."""
    while True:
        found, deliveries = _take(ctx, claim_of_next(), number=batch_size)
        if deliveries or found < batch_size:
            return deliveries


def _take(ctx: Context, claim: ReturningUpdate[Any], **which: object) -> tuple[int, list[Delivery]]:
    """How many rows were chosen, and those of them that were taken: what is no news any more is
    taken back instead."""
    now, at = system_clock(), ctx.clock()
    moments = {"now": now, "lease_ends": now + LEASE, "business_time": at, "today": local_date(at)}
    appids = {_appid_of(app): ctx.appid_of(app) for app in App}
    with ctx.sessions() as tx:
        rows = tx.connection().execute(claim, {**moments, **appids, **which}).all()
        tx.commit()
    taken = (_delivery(row, now) for row in rows if not row.over)
    return len(rows), sorted(taken, key=lambda delivery: delivery.id)


@cache
def _claim_of_these() -> ReturningUpdate[Any]:
    these = Outbox.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    return _claim(_first("first", and_(these, _may_be_sent(NOW))))


@cache
def claim_of_next() -> ReturningUpdate[Any]:
    """What comes next, of both kinds. Whatever has a turn waits, and is due since it was written:
    nothing else is asked, so that the index of turns is the only way to it, also where nobody has
    counted what waits."""
    tried = and_(Outbox.state == OutboxState.CREATED, Outbox.turn.is_(None))
    again = and_(or_(Outbox.state == OutboxState.SENDING, tried), _may_be_sent(NOW))
    kinds = (_first("new", Outbox.turn.is_not(None), Outbox.turn), _first("again", again))
    place = [func.row_number().over(order_by=(kind.c.order, kind.c.id)) for kind in kinds]
    both = union_all(
        *(select(kind.c.id, nth.label("place")) for kind, nth in zip(kinds, place, strict=True))
    ).subquery()
    return _claim(select(both.c.id).order_by(both.c.place).limit(NUMBER).subquery())


def _claim(chosen: FromClause) -> ReturningUpdate[Any]:
    """Takes the chosen rows, or takes them back, and tells of them what is needed to send them."""
    due = _addressed(chosen)
    over, perhaps_sent = due.c.over, Outbox.state == OutboxState.SENDING
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
                (over, Outbox.first_tried_at), else_=func.coalesce(Outbox.first_tried_at, NOW)
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
            Outbox.first_tried_at,
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
        select(Outbox.id, order.label("order"))
        .where(which)
        .order_by(order, Outbox.id)
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
    return (
        select(
            Outbox.id,
            Identity.openid,
            Identity.reachable,
            or_(is_over(), role_ended_by(BUSINESS_TIME, TODAY)).label("over"),
        )
        .join(chosen, chosen.c.id == Outbox.id)
        .outerjoin(Identity, theirs)
        .cte("due")
        .prefix_with("MATERIALIZED")
    )


def _appid_of(app: App) -> str:
    """What the parameter is called that holds an app's id."""
    return f"appid_of_{app.value}"


def _may_be_sent(now: datetime) -> ColumnElement[bool]:
    """Never tried or surely not sent; or perhaps sent, while repeating it is still safe."""
    repeatable = (
        and_(Outbox.channel == channel.name, Outbox.first_tried_at > now - channel.repeat_safe)
        for channel in CHANNELS.values()
        if channel.repeat_safe
    )
    perhaps_sent = and_(Outbox.state == OutboxState.SENDING, or_(*repeatable))
    return and_(Outbox.try_at <= now, or_(Outbox.state == OutboxState.CREATED, perhaps_sent))


def _delivery(row: Any, now: datetime) -> Delivery:
    return Delivery(
        id=row.id,
        person_id=row.person_id,
        channel=row.channel,
        template=row.template,
        data=row.data,
        attempts=row.attempts,
        leased_at=now,
        first_tried_at=row.first_tried_at,
        openid=row.openid or "",
        undeliverable=_undeliverable(row),
    )


def _undeliverable(row: Any) -> str | None:
    if row.openid is None:
        return "no_identity"
    must_follow = CHANNELS[row.channel].needs is Needs.FOLLOWER
    return "unreachable" if must_follow and not row.reachable else None
