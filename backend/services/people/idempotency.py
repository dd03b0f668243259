"""One write per Idempotency-Key: the first answer is kept and given again.

The key's row is committed before the service runs and completed after it committed, so a process
that dies in between leaves an open row. Once its lease is over the same request may run again; the
natural keys of the services (state and version of a case, one objection per owner, a file's hash,
one open taken per roster entry) then refuse to do the thing twice. PostgreSQL alone decides: a
repeat is rare and a first request must be written down anyway, so Redis could save nothing.
"""

import base64
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from backend.clock import system_clock
from backend.domain.errors import refuse
from backend.services.base.context import Actor, Context
from backend.store.people import IdempotencyKey

# Longer than any request lives; then its process is gone.
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Answer:
    """What the first request was answered."""

    status: int
    body: str


def begin(ctx: Context, actor: Actor, key: str, request_hash: bytes) -> Answer | None:
    """Claim a key for this request: None means go ahead, an Answer is the first one again.

    Raises Refused (conflict): `idempotency_key_reused` when the key belongs to another request,
    `request_in_progress` while the first one is still running.
    """
    now = system_clock()
    mine = insert(IdempotencyKey).values(
        id=uuid7(), person_id=actor.person_id, key=key, request_hash=request_hash, created_at=now
    )
    taken = mine.on_conflict_do_update(
        index_elements=["person_id", "key"],
        set_={"created_at": now},
        where=and_(
            IdempotencyKey.status.is_(None),
            IdempotencyKey.created_at < now - LEASE,
            IdempotencyKey.request_hash == request_hash,
        ),
    ).returning(IdempotencyKey.id)
    with ctx.sessions() as tx:
        if tx.scalar(taken):
            tx.commit()
            return None
        first = tx.scalar(select(IdempotencyKey).where(*_is(actor, key)))
    if first is not None and first.request_hash != request_hash:
        raise refuse(
            "idempotency_key_reused",
            "该 Idempotency-Key 已用于另一个请求，请换一个新的再提交。",
            "Idempotency-Key",
            kind="conflict",
        )
    if first is None or first.status is None or first.body is None:
        raise refuse("request_in_progress", "同一请求正在处理，请稍后再查看结果。", kind="conflict")
    sealed = base64.b64decode(first.body["sealed"])
    return Answer(first.status, ctx.cipher.open(sealed))


def finish(ctx: Context, actor: Actor, key: str, answer: Answer) -> None:
    """Keep the answer, sealed since it may repeat personal data."""
    sealed = base64.b64encode(ctx.cipher.seal(answer.body)).decode()
    with ctx.sessions() as tx:
        tx.execute(
            update(IdempotencyKey)
            .where(*_is(actor, key), IdempotencyKey.status.is_(None))
            .values(status=answer.status, body={"sealed": sealed})
        )
        tx.commit()


def abandon(ctx: Context, actor: Actor, key: str) -> None:
    """Let the same request try again: the first one failed without a decision."""
    with ctx.sessions() as tx:
        tx.execute(delete(IdempotencyKey).where(*_is(actor, key), IdempotencyKey.status.is_(None)))
        tx.commit()


def forget_old(ctx: Context) -> None:
    """Drop answers that nobody will ask for again."""
    with ctx.sessions() as tx:
        tx.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < system_clock() - KEPT))
        tx.commit()


def _is(actor: Actor, key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return IdempotencyKey.person_id == actor.person_id, IdempotencyKey.key == key
