"""Requests to correct what is kept about a person; a clerk answers (个人信息保护法 46)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.personal import masked_name
from backend.domain.roles import Role
from backend.domain.texts import required
from backend.domain.verification import RectificationState
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer, still_here
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.store.cipher import Cipher
from backend.store.people import Person, RectificationRequest

MAX_OPEN, MAX_WHAT, MAX_TEXT, MAX_ANSWER = 5, 40, 500, 500


@dataclass(frozen=True)
class OpenRectificationRequest:
    """A request as the clerk sees it; the name is masked."""

    id: UUID
    masked_name: str | None
    what: str
    text: str
    made_at: datetime


def open_request(ctx: Context, actor: Actor, what: str, text: str) -> UUID:
    """Say what is wrong and what would be right; the request's id.

    Raises Refused: `text_required`, `text_too_long`, `too_many_rectification_requests`.
    """
    what = required(what, MAX_WHAT, "what", "要更正的项目")
    text = required(text, MAX_TEXT, "text", "更正内容（错在哪里、应该是什么）")
    with ctx.sessions() as tx:
        # The lock lets two requests of one person pass one after the other.
        still_here(tx, actor)
        waiting = select(func.count()).where(
            RectificationRequest.person_id == actor.person_id,
            RectificationRequest.state == RectificationState.OPEN,
        )
        if (tx.scalar(waiting) or 0) >= MAX_OPEN:
            message = f"您有 {MAX_OPEN} 项更正请求还未办结，请等待中心答复后再提交。"
            raise refuse("too_many_rectification_requests", message, kind="conflict")
        asked_id = uuid7()
        asked = RectificationRequest(
            id=asked_id,
            person_id=actor.person_id,
            what=what,
            text_sealed=ctx.cipher.seal(RectificationRequest.text_sealed, asked_id, text),
            state=RectificationState.OPEN,
            made_at=ctx.clock(),
        )
        tx.add(asked)
        tx.flush()
        subject = ("rectification_request", asked.id)
        audit.append(
            tx, ctx.clock(), actor.person_id, AuditAction.RECTIFICATION_REQUEST_OPEN, subject, {}
        )
        tx.commit()
        return asked.id


def text_of(cipher: Cipher, asked: RectificationRequest) -> str:
    """What they wrote."""
    return cipher.open(RectificationRequest.text_sealed, asked.id, asked.text_sealed)


def of_person(tx: Session, person_id: UUID) -> Sequence[RectificationRequest]:
    """All requests of a person, the oldest first."""
    rows = (
        select(RectificationRequest)
        .where(RectificationRequest.person_id == person_id)
        .order_by(RectificationRequest.id)
    )
    return tx.scalars(rows).all()


def open_requests(
    ctx: Context, actor: Actor, after: UUID | None = None, page_size: int = 50
) -> Sequence[OpenRectificationRequest]:
    """Requests that wait, the oldest first. Raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CLERK)
        query = (
            select(RectificationRequest, Person)
            .join(Person, Person.id == RectificationRequest.person_id)
            .where(RectificationRequest.state == RectificationState.OPEN)
            .order_by(RectificationRequest.id)
            .limit(page_size)
        )
        if after:
            query = query.where(RectificationRequest.id > after)
        return [
            OpenRectificationRequest(
                id=asked.id,
                masked_name=masked_name(name) if (name := name_of(ctx.cipher, person)) else None,
                what=asked.what,
                text=text_of(ctx.cipher, asked),
                made_at=asked.made_at,
            )
            for asked, person in tx.execute(query)
        ]


def close_request(
    ctx: Context, actor: Actor, rectification_request_id: UUID, done: bool, answer: str
) -> None:
    """A clerk has corrected it (the roster by workbook), or says why not.

    Raises Refused: `not_found`, `role_required`, `text_required`, `text_too_long`,
    `own_rectification_request`, `rectification_request_closed`.
    """
    answer = required(answer, MAX_ANSWER, "answer", "答复")
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CLERK)
        asked = tx.get(RectificationRequest, rectification_request_id, with_for_update=True)
        if asked is None:
            raise nothing_there("更正请求")
        if asked.person_id == actor.person_id:
            message = "不能办理自己的更正请求，请由其他经办人员办理。"
            raise refuse("own_rectification_request", message, kind="forbidden")
        if asked.state != RectificationState.OPEN:
            raise refuse(
                "rectification_request_closed", "该请求已经办结，请刷新列表。", kind="conflict"
            )
        asked.state = RectificationState.DONE if done else RectificationState.REFUSED
        asked.settled_by, asked.settled_at, asked.answer = actor.person_id, ctx.clock(), answer
        tx.flush()
        facts = {"state": asked.state}
        subject = ("rectification_request", asked.id)
        audit.append(
            tx,
            ctx.clock(),
            actor.person_id,
            AuditAction.RECTIFICATION_REQUEST_CLOSE,
            subject,
            facts,
        )
        tx.commit()
