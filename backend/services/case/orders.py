"""Carries out what the domain ordered: bookings, covers, the notice, invitations."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, ScalarSelect, func, select, update
from sqlalchemy import case as either
from sqlalchemy.dialects.postgresql import Range, aggregate_order_by
from sqlalchemy.exc import IntegrityError

from backend.domain.audit_actions import AuditAction
from backend.domain.calendar import days_left
from backend.domain.cover import CoverState
from backend.domain.effects import (
    BookDeposit,
    DropLift,
    EndRefund,
    InviteCommittee,
    Move,
    MoveCover,
    OpenVote,
    Order,
    ReserveCover,
    SetCover,
    SetInsurer,
    SetNotice,
    SettleVote,
    VoidPlan,
)
from backend.domain.errors import refuse
from backend.domain.facts import PlanFact, PolicyFact
from backend.domain.local_time import local_date
from backend.domain.objection import OPEN
from backend.domain.public_notice import NoticeState
from backend.domain.states import BEGINNING
from backend.services.base import audit
from backend.services.case import deadlines
from backend.services.case.bookings import book
from backend.services.case.case import Case
from backend.services.case.followers import notify_cover_changed
from backend.services.case.notifications import invite_committee, tell_former_insurer
from backend.services.case.refunds import end_waiting
from backend.services.case.special_bookings import book_deposit
from backend.services.case.voters import tell_end
from backend.services.case.votes import open_vote, settle_vote
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import CoveragePeriod, PurchaseLift, Transition
from backend.store.queries import area


def carry_out(case: Case, transition: Transition, due: DeadlineRecord | None, order: Order) -> None:
    """Do one order within the step's transaction. `due` is the limit the step started, if any."""
    match order:
        case Move() | BookDeposit():
            _book(case, transition, order)
        case ReserveCover(plan):
            _reserve_cover(case, plan)
        case MoveCover(policy):
            _move_cover(case, policy)
        case SetCover(state, followed):
            _change_cover(case, transition, state, followed)
        case SetNotice(state):
            _set_notice(case, due, state)
        case InviteCommittee(plan):
            assert due is not None
            invite_committee(case, plan, due)
        case VoidPlan() | DropLift() | SetInsurer():
            _change_application(case, transition, order)
        case EndRefund():
            end_waiting(case)
        case OpenVote() | SettleVote():
            _move_vote(case, due, order)


def _book(case: Case, transition: Transition, order: Move | BookDeposit) -> None:
    match order:
        case Move(booking, amount_fen):
            book(case, transition, booking, amount_fen)
        case BookDeposit(paid_in):
            book_deposit(case, transition, paid_in)


def _move_vote(case: Case, due: DeadlineRecord | None, order: OpenVote | SettleVote) -> None:
    match order:
        case OpenVote():
            assert due is not None
            open_vote(case, due.ends_before)
        case SettleVote(outcome):
            tell_end(case, settle_vote(case, outcome), outcome)


def _change_application(
    case: Case, transition: Transition, order: VoidPlan | DropLift | SetInsurer
) -> None:
    match order:
        case VoidPlan():
            _void_plan(case)
        case DropLift(lift_id):
            _drop_lift(case, transition, lift_id)
        case SetInsurer(insurer_id):
            _set_insurer(case, transition, insurer_id)


def _change_cover(case: Case, transition: Transition, state: CoverState, followed: bool) -> None:
    """Those who follow the lifts hear when cover begins or ends, not when another one follows."""
    live = _live(case)
    if state not in (CoverState.RELEASED, CoverState.ENDED):
        case.tx.execute(update(CoveragePeriod).where(live).values(state=state))
        ends = False
    else:
        ends = _end_cover(case)
    if state == CoverState.IN_FORCE or (ends and not followed):
        notify_cover_changed(case, transition, begins=state == CoverState.IN_FORCE)


def _end_cover(case: Case) -> bool:
    """Whether any had begun, also one whose premium came back since (退票): its days stay on
    record, that of its end included. Cover that never began cannot end: it is given back."""
    cover, tomorrow = CoveragePeriod, case.today + timedelta(days=1)
    first = func.lower(cover.period, type_=Date)
    until = func.upper(cover.period, type_=Date)
    unpaid = (cover.state == CoverState.UNPAID) & (first <= case.today)
    begun = (cover.state == CoverState.IN_FORCE) | unpaid
    covered = func.daterange(first, func.least(until, func.greatest(tomorrow, first + 1)))
    states = case.tx.scalars(
        update(cover)
        .where(_live(case))
        .values(
            state=either((begun, CoverState.ENDED), else_=CoverState.RELEASED),
            period=either((begun, covered), else_=cover.period),
        )
        .returning(cover.state)
    ).all()
    return CoverState.ENDED in states


def _reserve_cover(case: Case, plan: PlanFact) -> None:
    """Raises Refused when another case was quicker than the guard could see."""
    case.tx.add_all(
        CoveragePeriod(
            lift_id=lift_id,
            purchase_id=case.purchase.id,
            insurer_id=plan.insurer_id,
            period=Range(plan.cover_from, plan.cover_ends_before),
            state=CoverState.RESERVED,
        )
        for lift_id in plan.lift_premiums
    )
    try:
        case.tx.flush()
    except IntegrityError as error:
        raise refuse(
            "lift_already_covered",
            "有电梯刚刚被另一案件占用了同一保障期间，请刷新后调整。",
            "lifts",
            "conflict",
        ) from error


def _move_cover(case: Case, policy: PolicyFact) -> None:
    """Raises Refused when another case has one of the lifts in these days."""
    period = Range(policy.cover_from, policy.cover_ends_before)
    moved = update(CoveragePeriod).where(_live(case))
    values = {"period": period, "policy_number": policy.number, "state": CoverState.RESERVED}
    try:
        case.tx.execute(moved.values(values))
    except IntegrityError as error:
        raise refuse(
            "lift_already_covered",
            "保险单的期间里，有电梯已由另一案件保障或预留，请保险机构调整期间后重新出具。",
            "cover_from",
            "conflict",
        ) from error


def _live(case: Case) -> ColumnElement[bool]:
    """The covers of the case that have not come to their end."""
    of_case = CoveragePeriod.purchase_id == case.purchase.id
    return of_case & CoveragePeriod.state.not_in((CoverState.RELEASED, CoverState.ENDED))


def _set_notice(case: Case, due: DeadlineRecord | None, state: NoticeState) -> None:
    notice = case.live_notice
    if notice is None or (notice.state == NoticeState.ENDED and state == NoticeState.VOID):
        return  # what was cleared stays so, even if the case ends before the payment
    if state == NoticeState.SUSPENDED:
        limit = deadlines.locked(case.subject, "public_notice_period")
        running, first, numbers = case.tx.execute(limit.add_columns(*_open_ones(notice))).one()
        assert notice.ends_on is not None
        notice.days_left = days_left(notice.ends_on, max(local_date(first), running.started_on))
        deadlines.pause(case, running, notice.days_left, numbers)
    elif state == NoticeState.OPEN and notice.state == NoticeState.SUSPENDED:
        stood_still = deadlines.running(case.tx, case.subject, "public_notice_period")
        assert stood_still is not None
        deadlines.run_on(case, stood_still)
        end_notice_with(notice, stood_still)
    elif state == NoticeState.OPEN and notice.state == NoticeState.POSTING:
        assert due is not None
        notice.starts_on = due.started_on
        end_notice_with(notice, due)
    notice.state = state


def _void_plan(case: Case) -> None:
    """What was cleared is void too: another plan needs a notice of its own."""
    if notice := case.live_notice:
        notice.state = NoticeState.VOID
    purchase = case.purchase
    purchase.plan_id = purchase.contract_id = None
    purchase.invoice_id = purchase.policy_id = None
    case.tx.flush()


def _drop_lift(case: Case, transition: Transition, lift_id: UUID) -> None:
    """It is named no more; which one it was stands in the audit chain, and its surveys stay. Where
    the lifts say whom the case concerns, it is those of the others now."""
    case.tx.delete(case.tx.get_one(PurchaseLift, (case.purchase.id, lift_id)))
    case.tx.flush()
    if case.facts.route.account.value == "city_pool":
        area.serve_lifts_of(case.tx, case.purchase.id)
    _record(case, transition, AuditAction.PURCHASE_LIFT_DROPPED, {"lift_id": str(lift_id)})


def _set_insurer(case: Case, transition: Transition, insurer_id: UUID) -> None:
    before, case.purchase.insurer_id = case.purchase.insurer_id, insurer_id
    case.tx.flush()
    change = {"from": str(before) if before else None, "to": str(insurer_id)}
    _record(case, transition, AuditAction.PURCHASE_INSURER_CHANGED, change)
    if before and transition.from_state not in BEGINNING:
        tell_former_insurer(case, transition, before)


def _record(
    case: Case, transition: Transition, action: AuditAction, facts: dict[str, str | None]
) -> None:
    subject = ("purchase", case.purchase.id)
    audit.append(case.tx, transition.at, transition.actor_id, action, subject, facts)


def end_notice_with(notice: PublicNotice, due: DeadlineRecord) -> None:
    """Show people the end that the running limit has."""
    notice.ends_on, notice.ends_before = due.ends_on, due.ends_before
    notice.provisional, notice.explanation = due.provisional, due.explanation


def _open_ones(notice: PublicNotice) -> list[ScalarSelect[Any]]:
    """When the first of the open objections was received, and the numbers of all of them."""
    columns: list[ColumnElement[Any]] = [
        func.min(Objection.received_at),
        func.array_agg(aggregate_order_by(Objection.number, Objection.id)),
    ]
    to_it = Objection.notice_id == notice.id, Objection.status.in_(OPEN)
    return [select(column).where(*to_it).scalar_subquery() for column in columns]
