"""Approval by the committee (委员会审议): by name, one effective answer each, until the quorum."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain.approval import Tally, check_answer
from backend.domain.calendar import local_date
from backend.domain.errors import refuse
from backend.domain.roles import Role
from backend.domain.states import State
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case.facts import members_in_office, tally
from backend.services.case.steps import advance, case_roles, lock
from backend.store.purchases import Approval, Plan, PlanLift, Purchase
from backend.store.registry import Committee, CommitteeMember, Estate


@dataclass(frozen=True)
class WaitingPlan:
    """A plan that waits for this person's answer; `answered` is the answer given so far.

    `made_at` is when it was submitted and the members were invited.
    """

    plan_id: UUID
    purchase_id: UUID
    number: str
    revision: int
    estate: str
    premium_fen: int
    lifts: int
    content_hash: str
    answered: str | None
    made_at: datetime


def answer(
    ctx: Context,
    person_id: UUID,
    plan_id: UUID,
    choice: str,
    reason: str | None,
    medium: str,
    message_id: str | None,
    said_at: datetime | None = None,
) -> Tally:
    """Record a member's `approve` or `refuse` and move the case when the quorum is reached.

    Repeating the same answer changes nothing; a member may change the own answer until then.
    `said_at` is when a message was written that may have waited before it came here; by default
    now. What was said last counts, in whatever order the messages arrive.
    Raises Refused: not_found, not_a_member, recused, plan_changed, already_decided,
    reason_required, reason_too_long, answered_later.
    """
    reason = check_answer(choice, reason)
    now = ctx.clock()
    said = min(said_at or now, now)
    with ctx.sessions() as tx:
        plan = tx.get(Plan, plan_id)
        if plan is None:
            raise nothing_there("方案")
        purchase = lock(tx, plan.purchase_id)
        member = _member(tx, ctx, purchase, person_id)
        _check_open(purchase, plan)
        _record(tx, plan, member, choice, reason, medium, message_id, said, now)
        result = tally(tx, purchase, local_date(now))
        if result.decided:
            advance(tx, ctx, purchase, result.decided, person_id, {Role.SYSTEM})
        tx.commit()
        return result


def _member(tx: Session, ctx: Context, purchase: Purchase, person_id: UUID) -> CommitteeMember:
    for member in members_in_office(tx, purchase.estate_id, local_date(ctx.clock())):
        if member.person_id == person_id:
            if member.recused:
                raise refuse(
                    "recused", "您已申报利害关系，本次应当回避，不参加审议。", kind="forbidden"
                )
            return member
    if not case_roles(tx, ctx, Actor(person_id), purchase):
        raise nothing_there("方案")
    raise refuse(
        "not_a_member", "只有本小区在任的业委会委员可以审议，如有疑问请联系中心。", kind="forbidden"
    )


def _check_open(purchase: Purchase, plan: Plan) -> None:
    if purchase.plan_id != plan.id:
        raise refuse(
            "plan_changed", "方案已修改，原方案的意见作废，请查看新方案后再答复。", kind="conflict"
        )
    if purchase.state != State.PLANNED:
        raise refuse("already_decided", "该方案的审议已有结果，无需再答复。", kind="conflict")


def _record(
    tx: Session,
    plan: Plan,
    member: CommitteeMember,
    choice: str,
    reason: str | None,
    medium: str,
    message_id: str | None,
    said: datetime,
    now: datetime,
) -> None:
    last = tx.scalar(
        select(Approval)
        .where(Approval.plan_id == plan.id, Approval.member_id == member.id)
        .order_by(Approval.seq.desc())
        .limit(1)
    )
    if last and (last.answer, last.reason) == (choice, reason):
        return
    # The platform's times are whole seconds.
    if last and said < last.answered_at.replace(microsecond=0):
        raise refuse(
            "answered_later", "您之后已另有答复，以后来的答复为准，这条不再记录。", kind="conflict"
        )
    given = Approval(
        plan_id=plan.id,
        member_id=member.id,
        seq=last.seq + 1 if last else 1,
        answer=choice,
        reason=reason,
        plan_hash=plan.content_hash,
        medium=medium,
        message_id=message_id,
        answered_at=said,
    )
    tx.add(given)
    tx.flush()
    audit.append(
        tx,
        now,
        member.person_id,
        f"answer_{choice}",
        ("plan", plan.id),
        {
            "member_id": str(member.id),
            "plan_hash": plan.content_hash,
            "medium": medium,
            "message_id": message_id,
        },
    )


def waiting(ctx: Context, person_id: UUID) -> Sequence[WaitingPlan]:
    """Plans in approval that this person may answer, oldest first."""
    today = local_date(ctx.clock())
    latest = (
        select(Approval.answer)
        .where(Approval.plan_id == Plan.id, Approval.member_id == CommitteeMember.id)
        .order_by(Approval.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    lifts = select(func.count()).where(PlanLift.plan_id == Plan.id).scalar_subquery()
    with ctx.sessions() as tx:
        rows = tx.execute(
            select(Plan, Purchase.number, Estate.name, lifts, latest)
            .join(Purchase, Purchase.plan_id == Plan.id)
            .join(Estate, Estate.id == Purchase.estate_id)
            .join(Committee, Committee.estate_id == Estate.id)
            .join(CommitteeMember, CommitteeMember.committee_id == Committee.id)
            .where(
                Purchase.state == State.PLANNED,
                CommitteeMember.person_id == person_id,
                CommitteeMember.recused.is_(False),
                Committee.term_from <= today,
                Committee.term_until > today,
                (CommitteeMember.left_on.is_(None)) | (CommitteeMember.left_on > today),
            )
            .order_by(Plan.id)
        ).all()
        return [
            WaitingPlan(
                plan.id,
                plan.purchase_id,
                number,
                plan.revision,
                estate,
                plan.premium_fen,
                count,
                plan.content_hash,
                answered,
                plan.made_at,
            )
            for plan, number, estate, count, answered in rows
        ]
