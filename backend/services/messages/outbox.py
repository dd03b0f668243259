"""Messages that leave the house: written with their cause, delivered later, each of them once.

A row is `created` in the transaction of what it tells of. A worker claims it under a lease
(`sending`, real time), lets go of the database, sends, and settles it (see `settling`). What is not
settled before the lease ends may have been sent or not: a template message is then repeated under
the same id, which the platform takes as one message for ten minutes; chat and subscribe messages
have no such id and become `unknown`. Nobody needs the queue for any of this: `due_ids` finds
whatever was forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    and_,
    any_,
    case,
    event,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from backend.clock import system_clock
from backend.domain.subject import Subject
from backend.services.base.context import Context, Wake
from backend.store.messages import Outbox
from backend.store.people import Identity

LEASE = timedelta(seconds=30)
REPEAT_SAFE = timedelta(minutes=9)  # the platform's ten minutes, less our own time-outs
WRITTEN = "outbox_ids"

Channel = Literal["template", "chat", "subscribe"]


@dataclass(frozen=True)
class Letter:
    """A claimed row, ready to send unless `undeliverable` says why the person has no address.

    Times are real time.
    """

    id: UUID
    person_id: UUID
    channel: str
    template: str
    data: Mapping[str, Any]
    attempts: int
    claimed_at: datetime
    first_tried_at: datetime
    openid: str
    undeliverable: str | None


def write(
    tx: Session,
    *,
    at: datetime,
    natural_key: str,
    person_id: UUID,
    role: str,
    channel: Channel,
    template: str,
    data: Mapping[str, Any],
    subject: Subject | None,
) -> UUID | None:
    """Add a message to this transaction; the id, or None when `natural_key` was written before.

    `template` names one of the platform templates and `data` its fields by our names, and perhaps
    `page`, what a tap opens in the mini-program; for `chat` it is `text` (`text`) or `menu`
    (`head`, `choices` as [id, text], `tail`). `at` is business time. A `subscribe` message needs a
    consent that was taken in this transaction: see `residents.write`.
    """
    row_id = tx.scalar(
        insert(Outbox)
        .values(
            natural_key=natural_key,
            person_id=person_id,
            role=role,
            channel=channel,
            template=template,
            data=dict(data),
            subject=subject,
            written_at=at,
            state="created",
            attempts=0,
            try_at=system_clock(),
        )
        .on_conflict_do_nothing(index_elements=[Outbox.natural_key])
        .returning(Outbox.id)
    )
    if row_id is not None:
        tx.info.setdefault(WRITTEN, []).append(row_id)
    return row_id


@dataclass(frozen=True)
class Message:
    """One of several messages with one cause: what sets it apart from the others."""

    natural_key: str
    person_id: UUID
    channel: Channel
    data: Mapping[str, Any]


def write_each(
    tx: Session,
    messages: Sequence[Message],
    *,
    at: datetime,
    role: str,
    template: str,
    subject: Subject | None,
) -> None:
    """Add these messages to this transaction in one statement; see `write`."""
    if not messages:
        return
    common = {
        "role": role,
        "template": template,
        "subject": subject,
        "written_at": at,
        "state": "created",
        "attempts": 0,
        "try_at": system_clock(),
    }
    rows = [
        {
            "natural_key": message.natural_key,
            "person_id": message.person_id,
            "channel": message.channel,
            "data": dict(message.data),
            **common,
        }
        for message in messages
    ]
    new = insert(Outbox).on_conflict_do_nothing(index_elements=[Outbox.natural_key])
    tx.info.setdefault(WRITTEN, []).extend(tx.scalars(new.returning(Outbox.id), rows))


def write_again(tx: Session, row: Outbox, ending: str) -> None:
    """What this message says, once more, as a template message of the service account.

    `ending` sets its natural key apart from the first one's, so that it is written once.
    """
    write(
        tx,
        at=row.written_at,
        natural_key=f"{row.natural_key}/{ending}",
        person_id=row.person_id,
        role=row.role,
        channel="template",
        template=row.template,
        data=row.data,
        subject=row.subject,
    )


def supersede(tx: Session, subject: Subject, prefix: str) -> None:
    """Messages of this subject whose natural key starts with `prefix` need not be sent any more."""
    tx.execute(
        update(Outbox)
        .where(
            Outbox.subject == subject,
            Outbox.natural_key.startswith(prefix, autoescape=True),
            Outbox.state == "created",
        )
        .values(state="superseded", settled_at=system_clock())
    )


def wake_after_commit(sessions: sessionmaker[Session], wake: Wake) -> None:
    """From now on, every commit that wrote messages calls `wake` with their ids.

    `wake` must not raise: the commit has happened, and the sweep finds what nobody was woken for.
    """

    def committed(tx: Session) -> None:
        if not tx.in_nested_transaction() and (ids := tx.info.pop(WRITTEN, None)):
            wake(ids)

    def rolled_back(tx: Session, previous: SessionTransaction) -> None:
        if previous.parent is None:
            tx.info.pop(WRITTEN, None)

    event.listen(sessions, "after_commit", committed)
    event.listen(sessions, "after_soft_rollback", rolled_back)


def _may_be_sent(now: datetime) -> ColumnElement[bool]:
    """Never tried or surely not sent; or perhaps sent, while repeating it is still safe."""
    repeatable = and_(
        Outbox.state == "sending",
        Outbox.channel == "template",
        Outbox.first_tried_at > now - REPEAT_SAFE,
    )
    return and_(Outbox.try_at <= now, or_(Outbox.state == "created", repeatable))


def due_ids(ctx: Context, limit: int = 1000) -> list[UUID]:
    """What should be sent now, oldest first; gives up on what may no longer be repeated."""
    now = system_clock()
    with ctx.sessions() as tx:
        tx.execute(
            update(Outbox)
            .where(Outbox.state == "sending", Outbox.try_at <= now, ~_may_be_sent(now))
            .values(state="unknown", outcome="worker_lost", settled_at=now)
        )
        ids = tx.scalars(
            select(Outbox.id)
            .where(Outbox.state.in_(["created", "sending"]), _may_be_sent(now))
            .order_by(Outbox.try_at)
            .limit(limit)
        ).all()
        tx.commit()
    return list(ids)


def claim(ctx: Context, ids: Sequence[UUID]) -> list[Letter]:
    """Take those of `ids` that are due and nobody else's, under a lease; oldest first.

    Commits and lets go of the connection before it returns.
    """
    return _claim(ctx, Outbox.id == any_(literal(ids, ARRAY(Uuid))), len(ids))


def claim_due(ctx: Context, limit: int) -> list[Letter]:
    """Take up to `limit` of all that are due, as `claim` does."""
    return _claim(ctx, Outbox.state.in_(["created", "sending"]), limit)


def _claim(ctx: Context, which: ColumnElement[bool], limit: int) -> list[Letter]:
    now = system_clock()
    appid = case(
        (Outbox.channel == "subscribe", ctx.platform.mini_appid), else_=ctx.platform.service_appid
    )
    due = (
        select(Outbox.id, Identity.openid, Identity.reachable)
        .outerjoin(
            Identity,
            and_(Identity.person_id == Outbox.person_id, Identity.appid == appid),
        )
        .where(which, _may_be_sent(now))
        .order_by(Outbox.try_at, Outbox.id)
        .limit(limit)
        .with_for_update(of=Outbox, skip_locked=True)
        .cte("due")
    )
    leased = (
        update(Outbox)
        .where(Outbox.id == due.c.id)
        .values(
            state="sending",
            attempts=Outbox.attempts + 1,
            first_tried_at=func.coalesce(Outbox.first_tried_at, now),
            try_at=now + LEASE,
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
        )
    )
    with ctx.sessions() as tx:
        rows = tx.connection().execute(leased).all()
        tx.commit()
    return sorted((_letter(row, now) for row in rows), key=lambda letter: letter.id)


def _letter(row: Any, now: datetime) -> Letter:
    undeliverable = None
    if row.openid is None:
        undeliverable = "no_identity"
    elif not row.reachable and row.channel != "subscribe":
        undeliverable = "unreachable"
    return Letter(
        id=row.id,
        person_id=row.person_id,
        channel=row.channel,
        template=row.template,
        data=row.data,
        attempts=row.attempts,
        claimed_at=now,
        first_tried_at=row.first_tried_at,
        openid=row.openid or "",
        undeliverable=undeliverable,
    )
