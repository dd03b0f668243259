"""复核: an objection that was answered and not withdrawn waits for the reviewer to rule on it."""

from sqlalchemy import select

from backend.domain.actions import Action
from backend.domain.objection import ObjectionStatus
from backend.domain.public_notice import NoticeState
from backend.services.case import deadlines
from backend.services.case.case import Case
from backend.services.case.notifications import notify_review
from backend.store.notices import Objection, PublicNotice


def await_review(case: Case, objection: Objection) -> None:
    """An answered objection holds the case on: from now on its reviewer is waited for [D], where
    one can still rule; once the bank is told to pay, the answer stands as it is."""
    may_rule = case.table.allows(Action.DISMISS_OBJECTION, case.purchase.state)
    if may_rule and is_to_review(objection) and holds_the_case(case, objection):
        deadlines.start(case, "objection_review", objection.id)
        notify_review(case, objection)


def await_reviews(case: Case) -> None:
    """The bank sent the premium back: what was answered while nobody could rule waits now."""
    if case.live_notice is None:
        return
    verified = select(Objection).where(
        Objection.notice_id == case.live_notice.id, Objection.status == ObjectionStatus.VERIFIED
    )
    for objection in case.tx.scalars(verified.order_by(Objection.id)):
        await_review(case, objection)


def is_to_review(objection: Objection) -> bool:
    """Whether it counts and its author knows the answer, so that the reviewer sees to it."""
    answered = objection.answer is not None and objection.letter_due_since is None
    return objection.status == ObjectionStatus.VERIFIED and answered


def holds_the_case(case: Case, objection: Objection) -> bool:
    """Whether the case stands still for it: not once the notice was replaced or the case closed."""
    notice = case.tx.get_one(PublicNotice, objection.notice_id)
    case.saw(notice)
    return not (notice.state == NoticeState.VOID or case.is_closed)
