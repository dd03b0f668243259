"""How an objection stops or starts to hold a case, by whatever was done with it."""

from sqlalchemy import select

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.objection import ObjectionStatus
from backend.domain.public_notice import NoticeState
from backend.services.base.context import Actor
from backend.services.case import deadlines
from backend.services.case.case import Case
from backend.services.case.reviews import await_review, holds_the_case, is_to_review
from backend.services.case.steps import settle
from backend.services.public_notice.intake import write_down
from backend.store.notices import Objection, PublicNotice


def admit_late(case: Case) -> None:
    """The notice grew longer: what came late within its new period is on time after all.

    It holds the case (locked by the caller) as if it had come so, and its answer is due.
    """
    late = case.tx.scalars(
        select(Objection)
        .join(PublicNotice, PublicNotice.id == Objection.notice_id)
        .where(
            PublicNotice.purchase_id == case.purchase.id,
            PublicNotice.state == NoticeState.OPEN,
            Objection.status == ObjectionStatus.LATE,
            Objection.received_at < PublicNotice.ends_before,
        )
        .order_by(Objection.id)
    ).all()
    if not late:
        return
    for objection in late:
        objection.status = (
            ObjectionStatus.VERIFIED if objection.owner_id else ObjectionStatus.RECEIVED
        )
        running = deadlines.running(case.tx, case.subject, "objection_answer", objection.id)
        if running is None and not is_to_review(objection):
            deadlines.start(case, "objection_answer", objection.id)
        write_down(case, None, objection, AuditAction.OBJECTION_ADMIT_LATE)
    case.tx.flush()
    settle(case)
    for objection in late:
        await_review(case, objection)


def close(case: Case, actor: Actor, objection: Objection, status: ObjectionStatus) -> None:
    """What it held up may go on, by the house's own step: the history names no objector."""
    objection.status, objection.letter_due_since = status, None
    objection.settled_by, objection.settled_at = actor.person_id, case.now
    case.tx.flush()
    deadlines.meet_about(case, objection.id)
    if settle(case):
        admit_late(case)  # the notice runs on, and may have grown longer


def is_to_be_verified(case: Case, objection: Objection) -> bool:
    """Whether the case stands still for one whose author the clerk does not know yet."""
    return objection.status == ObjectionStatus.RECEIVED and holds_the_case(case, objection)


def already_closed() -> Exception:
    """Why nothing more is done with an objection: it was settled."""
    return refuse("objection_closed", "该异议已经办结，无需再处理。", kind="conflict")
