"""Objections (书面反对意见): received, verified, answered, withdrawn (JS annex 二（一）4).

An objection that is on time blocks clearing from the moment it is received; once its author is
known to be an affected owner it suspends. Late ones are recorded and answered, and suspend nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.objection import (
    OPEN,
    UNSETTLED,
    ObjectionStatus,
    Publication,
    Source,
    check_kind,
    check_text,
)
from backend.domain.public_notice import NoticeState
from backend.domain.roles import Role
from backend.domain.routes import ROUTES
from backend.domain.states import State
from backend.domain.steps import is_final
from backend.services.base.access import nothing_there, require
from backend.services.base.context import Actor, Context
from backend.services.case import deadlines
from backend.services.case.conflicts_of_interest import act_as_clerk
from backend.services.case.facts import objection_statuses
from backend.services.case.followers import notify_answered
from backend.services.case.profiles import profile_of
from backend.services.case.steps import advance, case_roles, lock
from backend.services.files.handed_in import check_upload
from backend.services.public_notice import moderation
from backend.services.public_notice.intake import Received, receive, suspend_if_running, write_down
from backend.services.public_notice.objectors import (
    check_affected,
    check_author,
    check_first,
    objection_for,
    waits_to_own,
    wrote,
)
from backend.services.public_notice.photos import Attached, check_attached
from backend.store.notices import Objection, ObjectionPhoto, PublicNotice
from backend.store.purchases import Purchase
from backend.store.queries import area

NOTHING = Attached()


@dataclass(frozen=True)
class PaperObjection:
    """An objection handed in on paper, as the clerk enters it. `owner_id` once it was checked."""

    kind: str
    text: str
    objector: str
    received_at: datetime
    owner_id: UUID | None


def file_objection(
    ctx: Context,
    actor: Actor,
    notice_id: UUID,
    kind: str,
    text: str,
    attached: Attached = NOTHING,
    publish_text: bool = False,
) -> Objection:
    """An owner objects in the mini-program. 《民法典》469: a signed data message is “written”.

    With `publish_text` the words are published too, if they pass and the owner is known. The
    objection is on record, with the time it was handed in, before the platform is asked: whatever
    that says or fails to say comes second.

    Raises Refused: not_found, not_an_affected_owner, notice_not_running, objection_already_filed,
    text_required, text_too_long, text_characters_invalid, objection_kind_unknown, and
    those of `check_attached`.
    """
    received_at = ctx.clock()  # before waiting for anybody: what is handed in now is on time now
    check_attached(ctx, actor, attached)
    with ctx.sessions() as tx:
        notice, purchase = _notice(tx, ctx, actor, notice_id)
        kind, text = check_kind(kind), check_text(text, _longest(tx, ctx, purchase))
        circle = area.circle(purchase.id)
        owners = area.owners_of(tx, circle, actor.person_id)
        if not owners and not waits_to_own(tx, circle, actor.person_id):
            raise refuse(
                "not_an_affected_owner",
                "只有本栋（单元）的业主可以提出异议。请先在“我的”中提交业主核验，或将纸质意见送交中心。",
                kind="forbidden",
            )
        received = Received(
            Source.MINI_PROGRAM,
            kind,
            text,
            received_at,
            owners[0].id if owners else None,
            signature_sha256=attached.signature,
            publish_text=publish_text,
        )
        objection = receive(tx, ctx, actor, notice, purchase, received)
        for position, photo in enumerate(attached.photos):
            tx.add(ObjectionPhoto(objection_id=objection.id, position=position, file_sha256=photo))
        tx.commit()
    return moderation.ask_platform(ctx, actor, objection.id, text)


def enter_paper(ctx: Context, actor: Actor, notice_id: UUID, paper: PaperObjection) -> Objection:
    """The clerk enters an objection handed in on paper, with the time it was received.

    Raises Refused as `file_objection`, and received_at_invalid, owner_unknown.
    """
    with ctx.sessions() as tx:
        notice, purchase = _notice(tx, ctx, actor, notice_id)
        held = case_roles(tx, ctx, actor, purchase)
        if not held:
            raise nothing_there("公示")
        require(held, [Role.CLERK])
        act_as_clerk(tx, ctx, purchase, actor, held)
        kind, text = check_kind(paper.kind), check_text(paper.text, _longest(tx, ctx, purchase))
        if notice.starts_on is None or not (
            notice.starts_on <= local_date(paper.received_at) and paper.received_at <= ctx.clock()
        ):
            raise refuse(
                "received_at_invalid", "收到时间应在公示开始之后、现在之前。", "received_at"
            )
        if paper.owner_id is not None:
            check_affected(tx, area.circle(purchase.id), paper.owner_id)
        received = Received(
            Source.PAPER, kind, text, paper.received_at, paper.owner_id, objector=paper.objector
        )
        objection = receive(tx, ctx, actor, notice, purchase, received)
        tx.commit()
        return objection


def verify(
    ctx: Context, actor: Actor, objection_id: UUID, owner_id: UUID | None, reply: str | None
) -> Objection:
    """The clerk finds that the author is this affected owner, or (None, with an answer) is not.

    Who wrote in the mini-program can only be the owner that the roster binds to that very person:
    an open verification is closed first. Only now may words that passed be published; those of
    somebody who is no owner never are.

    Raises Refused: not_found, role_required, objection_closed, owner_unknown,
    owner_is_not_the_author, text_required.
    """
    with ctx.sessions() as tx:
        objection, purchase = objection_for(tx, ctx, actor, objection_id, Role.CLERK)
        if objection.status != ObjectionStatus.RECEIVED:
            raise _already_closed()
        if owner_id is not None:
            check_affected(tx, area.circle(purchase.id), owner_id)
            check_author(tx, objection, owner_id)
            check_first(tx, objection.notice_id, owner_id, by_clerk=True)
            objection.owner_id = owner_id
            objection.status = ObjectionStatus.VERIFIED
            tx.flush()
            suspend_if_running(tx, ctx, purchase, tx.get_one(PublicNotice, objection.notice_id))
            if objection.publication == Publication.HELD:
                moderation.resolve_publication(tx, ctx, objection)
        else:
            _reply(ctx, objection, reply)
            moderation.unpublish(tx, ctx, actor.person_id, objection)
            _close(tx, ctx, actor, purchase, objection, ObjectionStatus.NOT_ENTITLED)
            notify_answered(tx, ctx, purchase, objection)
        write_down(tx, ctx, actor, objection, AuditAction.OBJECTION_VERIFY)
        tx.commit()
        return objection


def answer(
    ctx: Context, actor: Actor, objection_id: UUID, text: str, inadmissible: bool
) -> Objection:
    """The clerk answers; `inadmissible` closes the objection with the answer as its reasons.

    An answer is published once; only the reasons for closing replace it. As long as what was
    answered holds the case, a limit of the same length begins anew, so that the clerk is reminded
    to settle it [D]. Raises Refused: not_found, objection_closed, objection_answered,
    text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        objection, purchase = objection_for(tx, ctx, actor, objection_id, Role.CLERK)
        if objection.status not in UNSETTLED:
            raise _already_closed()
        closes = inadmissible and objection.status in OPEN
        if objection.answer is not None and not closes:
            message = "该异议已经答复，答复已公布，不能修改；如不成立，请按“不成立”办结并写明理由。"
            raise refuse("objection_answered", message, kind="conflict")
        _reply(ctx, objection, text)
        if closes:
            _close(tx, ctx, actor, purchase, objection, ObjectionStatus.INADMISSIBLE)
        else:
            deadlines.meet(tx, ctx, purchase.subject, "objection_answer", objection.id)
            if objection.status in OPEN and _holds_the_case(tx, purchase, objection):
                deadlines.start(tx, ctx, purchase.subject, "objection_answer", objection.id)
        notify_answered(tx, ctx, purchase, objection)
        write_down(tx, ctx, actor, objection, AuditAction.OBJECTION_ANSWER)
        tx.commit()
        return objection


def withdraw(
    ctx: Context, actor: Actor, objection_id: UUID, paper_sha256: str | None = None
) -> Objection:
    """The author withdraws in writing, in the mini-program or (through the clerk) on paper.

    A late one too: should the notice run on, its author may object anew. Raises Refused: not_found,
    role_required, withdrawal_paper_missing, or a conflict when it is settled already.
    """
    with ctx.sessions() as tx:
        objection, purchase = objection_for(tx, ctx, actor, objection_id, Role.CLERK, Role.OWNER)
        if not wrote(tx, objection, actor.person_id):
            require(case_roles(tx, ctx, actor, purchase), [Role.CLERK])
            if paper_sha256 is None:
                raise refuse(
                    "withdrawal_paper_missing", "请上传异议人签名的书面撤回。", "file_sha256"
                )
        if paper_sha256 is not None:
            check_upload(tx, actor, paper_sha256, "file_sha256")
        if objection.status not in UNSETTLED:
            raise _already_closed()
        objection.withdrawal_sha256 = paper_sha256
        moderation.unpublish(tx, ctx, actor.person_id, objection)
        _close(tx, ctx, actor, purchase, objection, ObjectionStatus.WITHDRAWN)
        write_down(tx, ctx, actor, objection, AuditAction.OBJECTION_WITHDRAW)
        tx.commit()
        return objection


def _notice(
    tx: Session, ctx: Context, actor: Actor, notice_id: UUID
) -> tuple[PublicNotice, Purchase]:
    notice = tx.get(PublicNotice, notice_id)
    if notice is None or notice.state == NoticeState.POSTING:
        raise nothing_there("公示")
    purchase = lock(tx, notice.purchase_id)
    tx.refresh(notice)
    if notice.state == NoticeState.VOID:
        raise refuse("notice_not_running", "该公示已作废，请查看新的公示。", kind="conflict")
    if is_final(ROUTES[purchase.route], State(purchase.state)):
        raise refuse(
            "notice_not_running",
            "本案已经办结，不再受理异议，如有意见请联系中心。",
            kind="conflict",
        )
    return notice, purchase


def _longest(tx: Session, ctx: Context, purchase: Purchase) -> int:
    return profile_of(tx, ctx, purchase).objection.max_characters.value


def admit_late(tx: Session, ctx: Context, purchase: Purchase, notice: PublicNotice) -> None:
    """The notice grew longer: what came late within its new period is on time after all.

    It holds the case (locked by the caller) as if it had come so, and its answer is due.
    """
    late = tx.scalars(
        select(Objection)
        .where(
            Objection.notice_id == notice.id,
            Objection.status == ObjectionStatus.LATE,
            Objection.received_at < notice.ends_before,
        )
        .order_by(Objection.id)
    ).all()
    for objection in late:
        objection.status = (
            ObjectionStatus.VERIFIED if objection.owner_id else ObjectionStatus.RECEIVED
        )
        if deadlines.running(tx, purchase.subject, "objection_answer", objection.id) is None:
            deadlines.start(tx, ctx, purchase.subject, "objection_answer", objection.id)
        write_down(tx, ctx, None, objection, AuditAction.OBJECTION_ADMIT_LATE)
    tx.flush()
    if any(objection.status == ObjectionStatus.VERIFIED for objection in late):
        suspend_if_running(tx, ctx, purchase, notice)


def _holds_the_case(tx: Session, purchase: Purchase, objection: Objection) -> bool:
    """Whether the case stands still for it: not once the notice was replaced or the case closed."""
    replaced = tx.get_one(PublicNotice, objection.notice_id).state == NoticeState.VOID
    return not (replaced or is_final(ROUTES[purchase.route], State(purchase.state)))


def _close(
    tx: Session,
    ctx: Context,
    actor: Actor,
    purchase: Purchase,
    objection: Objection,
    status: ObjectionStatus,
) -> None:
    objection.status = status
    objection.settled_by, objection.settled_at = actor.person_id, ctx.clock()
    tx.flush()
    deadlines.meet(tx, ctx, purchase.subject, "objection_answer", objection.id)
    notice = tx.get_one(PublicNotice, objection.notice_id)
    if notice.state == NoticeState.SUSPENDED and not OPEN & set(objection_statuses(tx, notice)):
        advance(tx, ctx, purchase, "resume", None, {Role.SYSTEM})


def _reply(ctx: Context, objection: Objection, text: str | None) -> None:
    text = texts.required(text, texts.ANSWER_LIMIT, "answer", "答复")
    objection.answer, objection.answered_at = text, ctx.clock()


def _already_closed() -> Exception:
    return refuse("objection_closed", "该异议已经办结，无需再处理。", kind="conflict")
