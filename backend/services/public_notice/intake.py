"""How an objection gets on record, whichever way it came in, and what that does to its notice."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.local_time import local_date
from backend.domain.objection import (
    HELD,
    ObjectionStatus,
    Publication,
    Source,
    Verdict,
    status_on_receipt,
)
from backend.domain.public_notice import NoticeState
from backend.domain.roles import Role
from backend.services.base import audit
from backend.services.base.context import Actor, Context
from backend.services.base.numbers import next_number
from backend.services.case import deadlines
from backend.services.case.notifications import notify_objection
from backend.services.case.steps import advance
from backend.services.public_notice.objectors import check_first
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import Purchase


@dataclass(frozen=True)
class Received:
    """An objection as it came in, whichever way; `at` is when, `objector` the name on a paper."""

    source: Source
    kind: str
    text: str
    at: datetime
    owner_id: UUID | None
    objector: str | None = None
    signature_sha256: str | None = None
    publish_text: bool = False


def receive(
    tx: Session,
    ctx: Context,
    actor: Actor,
    notice: PublicNotice,
    purchase: Purchase,
    received: Received,
) -> Objection:
    """Put it on record, start the limit for its answer, and suspend the notice if it does.

    The case is locked by the caller. Raises Refused `objection_already_filed`.
    """
    on_paper = received.source is Source.PAPER
    sender = None if on_paper else actor.person_id
    check_first(tx, notice.id, received.owner_id, sender, by_clerk=on_paper)
    assert notice.ends_before is not None
    now = ctx.clock()
    publish = received.publish_text
    objection = Objection(
        number=next_number(tx, "objection", local_date(now)),
        notice_id=notice.id,
        owner_id=received.owner_id,
        source=received.source,
        kind=received.kind,
        text_sealed=ctx.cipher.seal(received.text),
        objector_sealed=ctx.cipher.seal(received.objector) if received.objector else None,
        signature_sha256=received.signature_sha256,
        moderation=None if on_paper else Verdict.UNCHECKED,
        publication=Publication.HELD if publish else Publication.PRIVATE,
        publication_reason=HELD if publish else None,
        received_at=received.at,
        entered_by=actor.person_id,
        entered_at=now,
        status=status_on_receipt(
            received.at,
            notice.ends_before,
            notice.state == NoticeState.SUSPENDED,
            received.owner_id is not None,
        ),
    )
    tx.add(objection)
    tx.flush()
    deadlines.start(tx, ctx, purchase.subject, "objection_answer", objection.id)
    count = tx.scalar(select(func.count()).where(Objection.notice_id == notice.id)) or 0
    notify_objection(tx, ctx, purchase, notice, objection, count)
    write_down(tx, ctx, actor, objection, AuditAction.OBJECTION_FILE, publish_text=publish)
    if objection.status == ObjectionStatus.VERIFIED:
        suspend_if_running(tx, ctx, purchase, notice)
    return objection


def suspend_if_running(tx: Session, ctx: Context, purchase: Purchase, notice: PublicNotice) -> None:
    """The house's own step: the history of the case names no objector."""
    if notice.state == NoticeState.OPEN:
        advance(tx, ctx, purchase, "suspend", None, {Role.SYSTEM})


def write_down(
    tx: Session,
    ctx: Context,
    actor: Actor | None,
    objection: Objection,
    action: AuditAction,
    **more: bool,
) -> None:
    """A link in the audit chain. A signature is a name: the chain says that there is one, not which
    file it is."""
    facts = {
        "number": objection.number,
        "kind": objection.kind,
        "status": objection.status,
        "signed": objection.signature_sha256 is not None,
        **more,
    }
    if objection.answer is not None:
        facts["answer_sha256"] = sha256(objection.answer.encode()).hexdigest()
    person_id = actor.person_id if actor else None
    audit.append(tx, ctx.clock(), person_id, action, ("objection", objection.id), facts)
