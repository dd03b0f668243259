"""不予采纳: the reviewer settles an answered objection that its author does not withdraw.

The plans let one written objection hold a case (JS annex 二（一）4) and say nothing of its end. The
reviewer, never the clerk who answered, dismisses it with reasons, and its author is told in which
ways to have that looked at (`domain.remedies`). Until the bank is told to pay, another
officer undoes it.
"""

from uuid import UUID

from sqlalchemy import select

from backend.domain import texts
from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.objection import ObjectionStatus, check_dismissible
from backend.domain.roles import Role
from backend.services.base.context import Actor, Context
from backend.services.case.reviews import await_review, holds_the_case
from backend.services.case.steps import settle
from backend.services.public_notice.answers import published
from backend.services.public_notice.intake import write_down
from backend.services.public_notice.letters import no_longer_due, tell_author
from backend.services.public_notice.objectors import objection_for
from backend.services.public_notice.settling import close
from backend.store.notices import Objection
from backend.store.rulings import Dismissal

UNDONE = "复核决定已撤销，异议继续有效"


def dismiss(
    ctx: Context, actor: Actor, objection_id: UUID, reasons: str, checked: bool = False
) -> Objection:
    """The reviewer dismisses an answered objection of an affected owner; the case may go on.

    The reasons are published, masked as an answer is. Raises Refused: not_found, same_officer,
    officer_is_party, case_closed, dismissal_not_possible, objection_closed, objection_not_verified,
    objection_not_answered, answer_not_delivered, answer_not_checked, text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, Role.REVIEWER)
        case.require_place(Action.DISMISS_OBJECTION)
        delivered = objection.letter_due_since is None
        check_dismissible(objection.status, objection.answer is not None, delivered)
        words = published(tx, ctx, objection, reasons, checked)
        dismissal = Dismissal(
            objection_id=objection.id,
            reasons=words,
            dismissed_by=actor.person_id,
            in_stead_of=case.involved.fact.stands_in_for.get(Role.REVIEWER),
            dismissed_at=case.now,
        )
        tx.add(dismissal)
        close(case, actor, objection, ObjectionStatus.INADMISSIBLE)
        tell_author(case, objection, dismissal=dismissal.id)
        write_down(case, actor, objection, AuditAction.OBJECTION_DISMISS)
        tx.commit()
        return objection


def undo(ctx: Context, actor: Actor, objection_id: UUID, reason: str) -> Objection:
    """Another officer finds that the dismissal was a mistake: the objection counts as before.

    Raises Refused: not_found, same_officer, officer_is_party, case_closed, dismissal_final,
    not_dismissed, own_dismissal, text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, Role.REVIEWER, Role.CLERK)
        case.require_place(Action.UNDO_DISMISSAL)
        in_effect = select(Dismissal).where(
            Dismissal.objection_id == objection.id, Dismissal.undone_at.is_(None)
        )
        dismissal = tx.scalar(in_effect)
        if dismissal is None:
            message = "该异议没有被复核不予采纳，无需撤销。"
            raise refuse("not_dismissed", message, kind="conflict")
        if case.involved.fact.is_own(dismissal.dismissed_by, dismissal.in_stead_of):
            message = (
                "这是您本人、您代办的人或替您代办的人作出的复核决定，请由另一位经办或复核人员撤销。"
            )
            raise refuse("own_dismissal", message, kind="forbidden")
        if not holds_the_case(case, objection):
            raise case.out_of_place(Action.UNDO_DISMISSAL)  # another plan has a notice of its own
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "理由")
        dismissal.undone_by, dismissal.undone_at = actor.person_id, case.now
        dismissal.undone_because = why
        objection.status = ObjectionStatus.VERIFIED
        objection.settled_by = objection.settled_at = None
        tx.flush()
        settle(case)
        if objection.letter_due_since is None:
            tell_author(case, objection, outcome=UNDONE, dismissal=dismissal.id)
        else:
            no_longer_due(case, objection)  # nobody told the author that it was dismissed
        await_review(case, objection)
        write_down(case, actor, objection, AuditAction.OBJECTION_UNDO_DISMISSAL)
        tx.commit()
        return objection
