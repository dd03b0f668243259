"""撤下: what everybody could read of a notice is taken down at once, with the reason in its place.

Published words and photos stay on record as they were, so the audit chain stays whole; only what
the public pages show changes, in every process as fast as the database tells it. Another officer
restores what was taken down by mistake.
"""

from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.masking import masked_text
from backend.domain.roles import Role
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.services.case.case import Case, act_as_officer, case_of_notice, open_case
from backend.services.public_notice.moderation import masked_for
from backend.services.public_notice.objectors import objection_for
from backend.store.notices import PublicNoticePhoto
from backend.store.queries import area
from backend.store.registry import Committee, CommitteeMember, Owner
from backend.store.rulings import Takedown

OFFICERS = (Role.CLERK, Role.REVIEWER)


def take_down_words(ctx: Context, actor: Actor, objection_id: UUID, reason: str) -> Takedown:
    """Take down what was published of an objection: its words, the answer, why it was dismissed.

    The reason is public, and masked as an answer is. Raises Refused: not_found, same_officer,
    officer_is_party, already_taken_down, text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, *OFFICERS)
        why = _nameless(case, masked_for(tx, ctx, objection, _words(reason)))
        made = _take_down(case, why, notice_id=objection.notice_id, objection_id=objection.id)
        tx.commit()
        return made


def restore_words(ctx: Context, actor: Actor, objection_id: UUID, reason: str) -> Takedown:
    """Another officer lets everybody read it again.

    Raises Refused as `take_down_words`, and not_taken_down, own_takedown.
    """
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, *OFFICERS)
        made = _restore(case, reason, Takedown.objection_id == objection.id)
        tx.commit()
        return made


def take_down_photo(
    ctx: Context, actor: Actor, notice_id: UUID, file_sha256: str, reason: str
) -> Takedown:
    """Take down a photo of a notice: somebody's face or door is on it. It proves what it proved.

    Raises Refused as `take_down_words`.
    """
    with ctx.sessions() as tx:
        case = _case(tx, ctx, actor, notice_id)
        shown = select(PublicNoticePhoto.id).where(
            PublicNoticePhoto.notice_id == notice_id, PublicNoticePhoto.file_sha256 == file_sha256
        )
        if tx.scalar(shown.limit(1)) is None:
            raise nothing_there("照片")
        why = _nameless(case, _words(reason))
        made = _take_down(case, why, notice_id=notice_id, file_sha256=file_sha256)
        tx.commit()
        return made


def restore_photo(
    ctx: Context, actor: Actor, notice_id: UUID, file_sha256: str, reason: str
) -> Takedown:
    """Another officer lets everybody see it again; raises Refused as `restore_words`."""
    with ctx.sessions() as tx:
        case = _case(tx, ctx, actor, notice_id)
        which = (Takedown.notice_id == notice_id) & (Takedown.file_sha256 == file_sha256)
        made = _restore(case, reason, which)
        tx.commit()
        return made


def _case(tx: Session, ctx: Context, actor: Actor, notice_id: UUID) -> Case:
    case = open_case(tx, ctx, actor, case_of_notice(notice_id), "公示")
    if not set(OFFICERS) & case.held:
        raise nothing_there("公示")
    act_as_officer(case, _part(case))
    return case


def _part(case: Case) -> Role:
    """The part of the centre in which it is done."""
    return next(role for role in OFFICERS if role in case.held)


def _words(reason: str) -> str:
    return texts.required(reason, texts.REASON_LIMIT, "reason", "撤下的原因")


def _nameless(case: Case, reason: str) -> str:
    """A reason as everybody may read it: without the names on the roll of the circle and of the
    committee, whoever of them is on a photo; the city's own telephone number stays."""
    seats = select(CommitteeMember).join(Committee, Committee.id == CommitteeMember.committee_id)
    known: list[Owner | CommitteeMember] = [
        *case.tx.scalars(area.roll(area.circle(case.purchase.id))),
        *case.tx.scalars(seats.where(Committee.estate_id == case.purchase.estate_id)),
    ]
    names = [name_of(case.ctx.cipher, whose) for whose in known]
    return masked_text(reason, names, public=(case.ctx.city.centre.phone.value,))


def _take_down(case: Case, why: str, **what: Any) -> Takedown:
    in_effect = select(Takedown.id).filter_by(**what).where(Takedown.restored_at.is_(None))
    if case.tx.scalar(in_effect) is not None:
        raise refuse("already_taken_down", "已经撤下，无需重复办理。", kind="conflict")
    made = Takedown(
        **what,
        reason=why,
        taken_down_by=case.person_id,
        in_stead_of=case.involved.fact.stands_in_for.get(_part(case)),
        taken_down_at=case.now,
    )
    case.tx.add(made)
    case.tx.flush()
    _audit(case, made, AuditAction.PUBLICATION_TAKE_DOWN, why)
    return made


def _restore(case: Case, reason: str, which: ColumnElement[bool]) -> Takedown:
    made = case.tx.scalar(select(Takedown).where(which, Takedown.restored_at.is_(None)))
    if made is None:
        raise refuse("not_taken_down", "没有撤下，无需恢复。", kind="conflict")
    if case.involved.fact.is_own(made.taken_down_by, made.in_stead_of):
        message = "这是您本人、您代办的人或替您代办的人撤下的，请由另一位经办或复核人员恢复。"
        raise refuse("own_takedown", message, kind="forbidden")
    why = texts.required(reason, texts.REASON_LIMIT, "reason", "恢复的理由")
    made.restored_by, made.restored_at, made.restored_because = case.person_id, case.now, why
    case.tx.flush()
    _audit(case, made, AuditAction.PUBLICATION_RESTORE, why)
    return made


def _audit(case: Case, made: Takedown, action: AuditAction, why: str) -> None:
    facts = {
        "objection_id": str(made.objection_id) if made.objection_id else None,
        "photo": made.file_sha256,
        "reason_sha256": sha256(why.encode()).hexdigest(),
    }
    audit.append(case.tx, case.now, case.person_id, action, ("notice", made.notice_id), facts)
