"""One write per Idempotency-Key: the first answer is kept and given again.

The answer is written in the transaction of what it answers: the services' own transactions are
parts of it. So there is no moment at which something is done and its answer is not kept, save for
work that asks the platform in between. A process that dies leaves nothing open, and nobody waits
for it. PostgreSQL alone decides: the key's lock goes with the connection of whoever holds it.
"""

import base64
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.clock import system_clock
from backend.domain.errors import refuse
from backend.services.base.afterwards import whole
from backend.services.base.context import Actor, Context
from backend.store.people import IdempotencyKey
from backend.store.sealed import IN_JSON

KEPT = timedelta(days=7)
KEY_LOCKS = 7105009  # the space of advisory locks in which each key has one


@dataclass(frozen=True)
class Answer:
    """What the first request was answered."""

    status: int
    body: str


def answer_once(
    ctx: Context,
    actor: Actor,
    key: str,
    request: str,
    work: Callable[[Context], Answer],
    *,
    as_one: bool = True,
) -> Answer:
    """Do the work of this key with the context handed to it, or give its first answer again; two
    requests are the same when their `request` is.

    What `work` writes and the answer are there together or not at all; when it raises, nothing is.
    Not `as_one`, its services commit by themselves and the answer is kept after them: for work that
    asks the platform, since nothing may be locked or unsaved while that thinks.
    Raises Refused (conflict): `idempotency_key_reused` when the key belongs to another request,
    `request_in_progress` while the first one is still running.
    """
    with ctx.sessions() as tx:
        _lock(tx, actor, key)
        first = _first_answer(tx, ctx, actor, key, request)
        if first:
            return first
        with whole(ctx, tx) if as_one else nullcontext(ctx) as part:
            answer = work(part)
            _keep(tx, ctx, actor, key, request, answer)
            tx.commit()
        return answer


def _lock(tx: Session, actor: Actor, key: str) -> None:
    name = func.hashtext(f"{actor.person_id} {key}")
    if not tx.scalar(select(func.pg_try_advisory_xact_lock(KEY_LOCKS, name))):
        raise refuse("request_in_progress", "同一请求正在处理，请稍后再查看结果。", kind="conflict")


def _first_answer(tx: Session, ctx: Context, actor: Actor, key: str, request: str) -> Answer | None:
    first = tx.scalar(select(IdempotencyKey).where(*_is(actor, key)))
    if first is None:
        return None
    if first.request_hash not in ctx.cipher.digests("request", request):
        raise refuse(
            "idempotency_key_reused",
            "该 Idempotency-Key 已用于另一个请求，请换一个新的再提交。",
            "Idempotency-Key",
            kind="conflict",
        )
    if first.status is None or first.body is None:
        return None  # from a version before, which died over it
    sealed = base64.b64decode(first.body[IN_JSON])
    return Answer(first.status, ctx.cipher.open(IdempotencyKey.body, first.id, sealed))


def _keep(tx: Session, ctx: Context, actor: Actor, key: str, request: str, answer: Answer) -> None:
    """Keep the answer, sealed since it may repeat personal data."""
    row_id = uuid7()
    sealed = base64.b64encode(ctx.cipher.seal(IdempotencyKey.body, row_id, answer.body)).decode()
    # What a version before left open gets this id too, since the answer is sealed for it.
    answered = {"id": row_id, "status": answer.status, "body": {IN_JSON: sealed}}
    row = insert(IdempotencyKey).values(
        person_id=actor.person_id,
        key=key,
        request_hash=ctx.cipher.digest("request", request),
        created_at=system_clock(),
        **answered,
    )
    tx.execute(row.on_conflict_do_update(index_elements=["person_id", "key"], set_=answered))


def forget_old(ctx: Context) -> None:
    """Drop answers that nobody will ask for again."""
    with ctx.sessions() as tx:
        tx.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < system_clock() - KEPT))
        tx.commit()


def _is(actor: Actor, key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return IdempotencyKey.person_id == actor.person_id, IdempotencyKey.key == key
