"""One write per Idempotency-Key: the first answer is kept and given again.

The answer is written in the transaction of what it answers: the services' own transactions are
parts of it. So there is no moment at which something is done and its answer is not kept. Work that
has to wait for somebody in between (the platform, the reader of files) does so outside of any, and
each part that writes keeps the answer as it is then; the last one stays. A process that dies leaves
nothing open, and nobody waits for it. PostgreSQL alone decides: a key has one answer, and whoever
comes second with one undoes what they did and gives the first. The key's lock only tells others at
once that somebody is at it.

An answer shows what its reader might see then. Beside it stand the rights that they held; once one
of these has ended, the write is not done again and its answer is not shown any more. Who is kept
out or signed out does not get as far as here, and who is erased leaves no answers.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from typing import cast as typed
from uuid import UUID

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.sql.dml import ReturningInsert
from uuid_utils.compat import uuid7

from backend.clock import system_clock
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.services.base.afterwards import whole
from backend.services.base.batches import forget
from backend.services.base.context import Actor, Context
from backend.store.people import AccessGrant, IdempotencyKey
from backend.store.registry import Committee, CommitteeMember, Owner
from backend.store.sealed import IN_JSON

KEPT = timedelta(days=7)
NO_RIGHTS = cast([], JSONB)
KEY_LOCKS = 7105009  # the space of advisory locks in which each key has one


@dataclass(frozen=True)
class Answer:
    """What the first request was answered."""

    status: int
    body: str


Work = Callable[[Context], Answer]


@dataclass(frozen=True)
class Asked:
    """Who asked for what, by which key; what it keeps stands in the row of this id."""

    ctx: Context
    actor: Actor
    key: str
    request: str
    row_id: UUID = field(default_factory=uuid7)


class Overtaken(Exception):
    """The same request was done elsewhere after nobody had an answer to it yet."""


def answer_once(
    ctx: Context,
    actor: Actor,
    key: str,
    request: str,
    work: Work,
) -> Answer:
    """Do the work of this key with the context handed to it, or give its first answer again; two
    requests are the same when their `request` is.

    What `work` writes and the answer are there together or not at all; when it raises, nothing is.
    Raises Refused (conflict): `idempotency_key_reused` when the key belongs to another request,
    `request_in_progress` while the first one is still running; `answer_withheld` (forbidden) when
    the person has lost a right since that they had then.
    """
    asked = Asked(ctx, actor, key, request)
    with _connected(ctx) as tx:
        first = _first_answer(tx, asked)
        if first:
            return first
        try:
            return _as_one(tx, asked, work)
        except Overtaken:
            tx.rollback()
            return _told_elsewhere(tx, asked)


def answer_in_parts(
    ctx: Context,
    actor: Actor,
    key: str,
    request: str,
    work: Callable[[Callable[[Work], Answer]], Answer],
) -> Answer:
    """As `answer_once`, for work that waits for somebody while nothing may be locked or unsaved.

    It hands each part that writes to the function it is given: that part and its answer are there
    together or not at all. A repeat after a crash gets the answer of the last part that was written
    and does not go on; where none was, it is done from the start. A later part's answer takes the
    place of an earlier one's. Raises Refused as `answer_once`.
    """
    asked = Asked(ctx, actor, key, request)

    def part(writes: Work) -> Answer:
        with _connected(ctx) as tx:
            return _as_one(tx, asked, writes)

    with _connected(ctx) as holder:
        try:
            return _first_answer(holder, asked) or work(part)
        except Overtaken:
            return _told_elsewhere(holder, asked)


def _connected(ctx: Context) -> Connection:
    engine: Engine = ctx.sessions.kw["bind"]
    return engine.connect()


def _as_one(tx: Connection, asked: Asked, work: Work) -> Answer:
    with whole(asked.ctx, tx) as part:
        answer = work(part)
        _keep(tx, asked, answer)
        tx.commit()
    return answer


def _told_elsewhere(tx: Connection, asked: Asked) -> Answer:
    first = _first_answer(tx, asked)
    if first is None:
        raise LookupError("an answer that was kept a moment ago is gone")
    return first


def _first_answer(tx: Connection, asked: Asked) -> Answer | None:
    """The answer that was given, if one was; else nobody was at it, and others see that we are."""
    ctx = asked.ctx
    name = f"{asked.actor.person_id} {asked.key}"
    first = tx.execute(_what_was_answered(), {**_who(asked), "name": name}).one()
    if not first.locked and first.status is None:
        message = "同一请求正在处理，请稍后再查看结果。"
        raise refuse("request_in_progress", message, kind="conflict")
    if first.id is None:
        return None
    if first.request_hash not in ctx.cipher.digests("request", asked.request):
        raise refuse(
            "idempotency_key_reused",
            "该 Idempotency-Key 已用于另一个请求，请换一个新的再提交。",
            "Idempotency-Key",
            kind="conflict",
        )
    if first.status is None or first.body is None:
        return None  # from a version before, which died over it
    if set(first.body.get("rights", ())) - set(first.rights or ()):
        message = (
            "这件事您已办理过一次，没有重复办理。您的身份后来有变化，当时的结果不再显示；"
            "请刷新页面，查看您现在可以看到的内容。"
        )
        raise refuse("answer_withheld", message, kind="forbidden")
    sealed = base64.b64decode(first.body[IN_JSON])
    return Answer(first.status, ctx.cipher.open(IdempotencyKey.body, first.id, sealed))


def _keep(tx: Connection, asked: Asked, answer: Answer) -> None:
    """Keep the answer, sealed since it may repeat personal data, and the rights it rests on: those
    that are left after the write, which may have ended one itself.

    It takes the place of what the same request kept before by this id, or a version before left
    open. Raises Overtaken when there is another's.
    """
    ctx, row_id = asked.ctx, asked.row_id
    sealed = ctx.cipher.seal(IdempotencyKey.body, row_id, answer.body)
    row = {
        "row_id": row_id,
        "status": answer.status,
        "sealed": base64.b64encode(sealed).decode(),
        "request_hash": ctx.cipher.digest("request", asked.request),
        "created_at": system_clock(),
    }
    if tx.scalar(_keeping(), {**_who(asked), **row}) is None:
        raise Overtaken


def _who(asked: Asked) -> dict[str, Any]:
    now = asked.ctx.clock()
    person_id = asked.actor.person_id
    return {"person_id": person_id, "key": asked.key, "at": now, "today": local_date(now)}


# Every write asks and keeps: these statements are built once a process, for any of `_who`.


@cache
def _what_was_answered() -> Select[Any]:
    lock = func.pg_try_advisory_xact_lock(KEY_LOCKS, func.hashtext(bindparam("name", type_=Text)))
    rights = case((IdempotencyKey.id.is_not(None), _rights().scalar_subquery()))
    this = (
        IdempotencyKey.person_id == bindparam("person_id"),
        IdempotencyKey.key == bindparam("key"),
    )
    return (
        select(
            lock.label("locked"),
            IdempotencyKey.id,
            IdempotencyKey.request_hash,
            IdempotencyKey.status,
            IdempotencyKey.body,
            rights.label("rights"),
        )
        .select_from(select(literal(1)).subquery())
        .outerjoin(IdempotencyKey, and_(*this))
    )


@cache
def _keeping() -> ReturningInsert[Any]:
    rights = func.to_jsonb(_rights().scalar_subquery())
    body = func.jsonb_build_object(
        *(IN_JSON, bindparam("sealed", type_=Text)),
        *("rights", func.coalesce(rights, NO_RIGHTS)),
    )
    row_id = bindparam("row_id", type_=IdempotencyKey.id.type)
    # What a version before left open gets this id too, since the answer is sealed for it.
    answered = {"id": row_id, "status": bindparam("status"), "body": body}
    names = ("person_id", "key", "request_hash", "created_at")
    row = insert(IdempotencyKey).values(**{name: bindparam(name) for name in names}, **answered)
    ours = IdempotencyKey.status.is_(None) | (IdempotencyKey.id == row_id)
    return row.on_conflict_do_update(
        index_elements=["person_id", "key"], set_=answered, where=ours
    ).returning(IdempotencyKey.id)


def _rights() -> Select[list[str]]:
    """The ids of what makes this person more than anybody now: grants, seats, flats."""
    person_id = typed(UUID, bindparam("person_id"))
    at, today = typed(datetime, bindparam("at")), typed(date, bindparam("today"))
    granted = select(AccessGrant.id).where(
        AccessGrant.person_id == person_id, AccessGrant.valid(at)
    )
    sits = (
        select(CommitteeMember.id)
        .join(Committee, Committee.id == CommitteeMember.committee_id)
        .where(
            CommitteeMember.person_id == person_id,
            Committee.in_office(today),
            CommitteeMember.sits(today),
        )
    )
    owns = select(Owner.id).where(Owner.person_id == person_id)
    held = union_all(granted, sits, owns).subquery()
    return select(func.array_agg(cast(held.c.id, Text), type_=ARRAY(Text)))


def forget_old(ctx: Context) -> None:
    """Drop answers that nobody will ask for again."""
    over = IdempotencyKey.created_at < system_clock() - KEPT
    forget(ctx, IdempotencyKey.id, IdempotencyKey.created_at, over)
