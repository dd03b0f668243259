"""Answers from before they were masked: `tibao mask-answers` does for them what is done since.

What an officer wrote then was published as it was typed, with names and numbers. Done again, it
changes nothing: what is masked stays as it is.
"""

from uuid import UUID

from sqlalchemy import select

from backend.domain.audit_actions import AuditAction
from backend.services.base import audit
from backend.services.base.context import Context
from backend.services.public_notice.moderation import masked_for
from backend.store.notices import Objection


def mask_answers(ctx: Context) -> tuple[int, int]:
    """Mask every published answer that is not; how many there are and how many changed.

    One transaction each: it may be broken off and run again. Public pages follow at once.
    """
    with ctx.sessions() as tx:
        answered = tx.scalars(select(Objection.id).where(Objection.answer.is_not(None))).all()
    return len(answered), sum(_mask(ctx, objection_id) for objection_id in answered)


def _mask(ctx: Context, objection_id: UUID) -> bool:
    with ctx.sessions() as tx:
        objection = tx.get_one(Objection, objection_id, with_for_update=True)
        if objection.answer is None:
            return False
        shown = masked_for(tx, ctx, objection, objection.answer)
        if shown == objection.answer:
            return False
        objection.answer = shown
        subject = ("objection", objection.id)
        audit.append(tx, ctx.clock(), None, AuditAction.OBJECTION_MASK_ANSWER, subject, {})
        tx.commit()
        return True
