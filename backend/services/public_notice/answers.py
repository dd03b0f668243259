"""The centre's answer to an objection: published, so masked like the objection itself.

One text is kept, the masked one: no name or number of the author is on record that nobody needs
(个人信息保护法 6, 25). Where the mask changed something, or may have missed something, the clerk
looks first at what everybody will read.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.masking import is_telling
from backend.domain.objection import UNSETTLED
from backend.domain.roles import Role
from backend.services.base.context import Actor, Context
from backend.services.case import deadlines
from backend.services.case.reviews import await_review
from backend.services.case.steps import stay_anew
from backend.services.public_notice.intake import write_down
from backend.services.public_notice.letters import tell_author
from backend.services.public_notice.moderation import masked_for
from backend.services.public_notice.objectors import objection_for
from backend.services.public_notice.settling import already_closed, is_to_be_verified
from backend.store.notices import Objection


@dataclass(frozen=True)
class Preview:
    """What everybody will read; `changed` where something was masked, `telling` where something
    may be left that tells who wrote."""

    text: str
    changed: bool
    telling: bool


def preview(ctx: Context, actor: Actor, objection_id: UUID, text: str) -> Preview:
    """How an answer, or the reasons of a dismissal, will be published.

    Raises Refused: not_found, same_officer, officer_is_party, text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        objection, _ = objection_for(
            tx, ctx, actor, objection_id, Role.CLERK, Role.REVIEWER, notes=False
        )
        return _preview(tx, ctx, objection, text)


def answer(
    ctx: Context, actor: Actor, objection_id: UUID, text: str, checked: bool = False
) -> Objection:
    """The clerk answers, once; it is published masked.

    As long as what was answered holds the case, somebody else is waited for: the clerk who verifies
    the author, or gives them the answer on paper where no message reaches them, else the reviewer
    who dismisses what nobody withdraws. Raises Refused: not_found,
    objection_closed, objection_answered, answer_not_checked, text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, Role.CLERK)
        if objection.status not in UNSETTLED:
            raise already_closed()
        if objection.answer is not None:
            message = "该异议已经答复，答复已公布，不能修改；异议人不撤回的，由复核审查。"
            raise refuse("objection_answered", message, kind="conflict")
        write_answer(tx, ctx, objection, text, checked)
        deadlines.meet(case, "objection_answer", objection.id)
        if is_to_be_verified(case, objection):
            deadlines.start(case, "objection_answer", objection.id)
        tell_author(case, objection)
        await_review(case, objection)
        if objection.letter_due_since is None:
            stay_anew(case)
        write_down(case, actor, objection, AuditAction.OBJECTION_ANSWER)
        tx.commit()
        return objection


def write_answer(
    tx: Session, ctx: Context, objection: Objection, text: str | None, checked: bool
) -> None:
    """Put the answer on record as everybody reads it; raises Refused as `published`."""
    objection.answer = published(tx, ctx, objection, text, checked)
    objection.answered_at = ctx.clock()


def published(
    tx: Session, ctx: Context, objection: Objection, text: str | None, checked: bool
) -> str:
    """The words as everybody may read them.

    Raises Refused `answer_not_checked` (conflict) when they do not stand as they were written, or
    may still tell who wrote, and nobody `checked` that.
    """
    shown = _preview(tx, ctx, objection, text)
    if (shown.changed or shown.telling) and not checked:
        message = (
            "答复里有姓名、电话、门牌，或者可能有。公布时会自动隐去，请先预览公布的样子，"
            "确认后再提交。"
        )
        raise refuse("answer_not_checked", message, "answer", "conflict")
    return shown.text


def _preview(tx: Session, ctx: Context, objection: Objection, text: str | None) -> Preview:
    words = texts.required(text, texts.ANSWER_LIMIT, "answer", "答复")
    shown = masked_for(tx, ctx, objection, words)
    return Preview(shown, shown != words, is_telling(shown))
