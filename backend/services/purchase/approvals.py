"""Approval by the committee (委员会审议): by name, one effective answer each, until the quorum."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.approval import Answer, Tally, check_answer
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Context
from backend.services.case.case import Case, open_for_the_house
from backend.services.case.committees import in_office, recusal, tally
from backend.services.case.conflicts_of_interest import involvement
from backend.services.case.steps import settle
from backend.store.purchases import Plan
from backend.store.registry import CommitteeMember
from backend.store.signatures import Approval


@dataclass(frozen=True)
class MemberAnswer:
    """What a member says to a plan, and how it came: `medium` is `chat`, `mini_program` or `desk`.

    `said_at` is when a message was written that may have waited before it came here; None for now.
    """

    choice: str
    reason: str | None
    medium: str
    message_id: str | None = None
    said_at: datetime | None = None


def answer(ctx: Context, person_id: UUID, plan_id: UUID, given: MemberAnswer) -> Tally:
    """Record a member's `approve` or `refuse` and move the case when the quorum is reached.

    Repeating the same answer changes nothing; a member may change the own answer until then. What
    was said last counts, in whatever order the messages arrive.
    Raises Refused: not_found, not_a_member, recused, plan_changed, already_decided,
    case_closed, text_required, text_too_long, answered_later.
    """
    with ctx.sessions() as tx:
        result = answer_within(tx, ctx, person_id, plan_id, given)
        tx.commit()
        return result


def answer_within(
    tx: Session, ctx: Context, person_id: UUID, plan_id: UUID, given: MemberAnswer
) -> Tally:
    """The same as a part of `tx`: the caller commits, and after Refused rolls back to before."""
    given = replace(given, reason=check_answer(given.choice, given.reason))
    plan = tx.get(Plan, plan_id)
    if plan is None:
        raise nothing_there("方案")
    case = open_for_the_house(tx, ctx, plan.purchase_id)
    member = _member(case, person_id)
    if case.purchase.plan_id != plan.id:
        message = "方案已修改，原方案的意见作废，请查看新方案后再答复。"
        raise refuse("plan_changed", message, kind="conflict")
    case.require_place(Action.ANSWER_PLAN)
    _record(case, plan, member, given)
    result = tally(tx, case.purchase, case.now)
    settle(case, case.facts.having(votes=result))
    return result


def _member(case: Case, person_id: UUID) -> CommitteeMember:
    mine = in_office(case.purchase.estate_id, case.today).where(
        CommitteeMember.person_id == person_id
    )
    if found := case.tx.execute(mine.add_columns(recusal(case.now))).first():
        member: CommitteeMember = found[0]
        if found[1]:
            message = "您与本次审议有利害关系，应当回避，不参加审议。"
            raise refuse("recused", message, kind="forbidden")
        return member
    if not involvement(case.tx, case.ctx, case.purchase, person_id).held:
        raise nothing_there("方案")
    raise refuse(
        "not_a_member", "只有本小区在任的业委会委员可以审议，如有疑问请联系中心。", kind="forbidden"
    )


def latest_of(tx: Session, plan: Plan, member: CommitteeMember) -> Approval | None:
    """What the member answered last to the plan."""
    return tx.scalar(
        select(Approval)
        .where(Approval.plan_id == plan.id, Approval.member_id == member.id)
        .order_by(Approval.seq.desc())
        .limit(1)
    )


def _record(case: Case, plan: Plan, member: CommitteeMember, given: MemberAnswer) -> None:
    tx, given_at = case.tx, min(given.said_at or case.now, case.now)
    last = latest_of(tx, plan, member)
    same = last and (last.answer, last.reason) == (given.choice, given.reason)
    if last and same and last.minutes_sha256 is None:
        return
    # The platform's times are whole seconds. What a member says goes before what minutes say.
    if last and last.minutes_sha256 is None and given_at < last.answered_at.replace(microsecond=0):
        raise refuse(
            "answered_later", "您之后已另有答复，以后来的答复为准，这条不再记录。", kind="conflict"
        )
    row = Approval(
        plan_id=plan.id,
        member_id=member.id,
        seq=last.seq + 1 if last else 1,
        answer=given.choice,
        reason=given.reason,
        plan_hash=plan.content_hash,
        medium=given.medium,
        message_id=given.message_id,
        answered_at=given_at,
    )
    tx.add(row)
    tx.flush()
    audit.append(
        tx,
        case.now,
        member.person_id,
        AuditAction.PLAN_APPROVE if given.choice == Answer.APPROVE else AuditAction.PLAN_REFUSE,
        ("plan", plan.id),
        {
            "member_id": str(member.id),
            "plan_hash": plan.content_hash,
            "medium": given.medium,
            "message_id": given.message_id,
        },
    )
