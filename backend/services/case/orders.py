"""Carries out what the domain ordered: bookings, covers, the notice, invitations."""

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.domain.calendar import days_left
from backend.domain.cover import CoverState
from backend.domain.effects import InviteCommittee, Move, Order, SetCover, SetNotice
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.objection import OPEN
from backend.domain.public_notice import NoticeState
from backend.services.base.context import Context
from backend.services.case import deadlines
from backend.services.case.bookings import book
from backend.services.case.facts import live_notice
from backend.services.case.notifications import invite_committee
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import CoveragePeriod, Plan, PlanLift, Purchase, Transition


def carry_out(
    tx: Session,
    ctx: Context,
    purchase: Purchase,
    transition: Transition,
    due: DeadlineRecord | None,
    order: Order,
) -> None:
    """Do one order within the step's transaction. `due` is the limit the step started, if any."""
    match order:
        case Move(booking, amount_fen):
            book(tx, purchase, transition, booking, amount_fen)
        case SetCover(state):
            _set_cover(tx, purchase, state)
        case SetNotice(state):
            _set_notice(tx, ctx, purchase, due, state)
        case InviteCommittee():
            assert due is not None
            invite_committee(tx, ctx, purchase, tx.get_one(Plan, purchase.plan_id), due)


def _set_cover(tx: Session, purchase: Purchase, state: CoverState) -> None:
    if state == CoverState.RESERVED:
        _reserve_cover(tx, purchase)
        return
    live = tx.scalars(
        select(CoveragePeriod).where(
            CoveragePeriod.purchase_id == purchase.id,
            CoveragePeriod.state.in_((CoverState.RESERVED, CoverState.IN_FORCE)),
        )
    )
    last_day_gone = local_date(purchase.updated_at)
    for cover in live:
        # Cover that never began cannot end: it is given back.
        never_began = state == CoverState.ENDED and cover.state == CoverState.RESERVED
        cover.state = CoverState.RELEASED if never_began else state
        if cover.state == CoverState.ENDED:
            cover.period = _cut(cover.period, last_day_gone)


def _reserve_cover(tx: Session, purchase: Purchase) -> None:
    """Raises Refused when another case was quicker than the guard could see."""
    plan = tx.get_one(Plan, purchase.plan_id)
    period = Range(plan.cover_from, plan.cover_ends_before)
    for lift_id in tx.scalars(select(PlanLift.lift_id).where(PlanLift.plan_id == plan.id)):
        tx.add(
            CoveragePeriod(
                lift_id=lift_id,
                purchase_id=purchase.id,
                insurer_id=plan.insurer_id,
                period=period,
                state=CoverState.RESERVED,
            )
        )
    try:
        tx.flush()
    except IntegrityError as error:
        raise refuse(
            "lift_already_covered",
            "有电梯刚刚被另一案件占用了同一保障期间，请刷新后调整。",
            "lifts",
            "conflict",
        ) from error


def _cut(period: Range[date], today: date) -> Range[date]:
    """A period ended early keeps the days that were covered, the day of its end included."""
    assert period.lower is not None
    assert period.upper is not None
    tomorrow = today + timedelta(days=1)
    return Range(period.lower, min(period.upper, max(tomorrow, period.lower + timedelta(days=1))))


def _set_notice(
    tx: Session, ctx: Context, purchase: Purchase, due: DeadlineRecord | None, state: NoticeState
) -> None:
    notice = live_notice(tx, purchase)
    if notice is None or notice.state == NoticeState.ENDED:
        return  # what was cleared stays so, even if the case ends before the payment
    if state == NoticeState.SUSPENDED:
        notice.days_left = _days_left_at_first_objection(tx, purchase, notice)
        deadlines.pause(tx, purchase.subject, "public_notice_period")
    elif state == NoticeState.OPEN and notice.state == NoticeState.SUSPENDED:
        assert notice.days_left is not None
        due = deadlines.run_on(tx, ctx, purchase.subject, "public_notice_period", notice.days_left)
        end_notice_with(notice, due)
    elif state == NoticeState.OPEN:
        assert due is not None
        notice.starts_on = due.started_on
        end_notice_with(notice, due)
    notice.state = state


def end_notice_with(notice: PublicNotice, due: DeadlineRecord) -> None:
    """Show people the end that the running limit has."""
    notice.ends_on, notice.ends_before = due.ends_on, due.ends_before
    notice.provisional, notice.explanation = due.provisional, due.explanation


def _days_left_at_first_objection(tx: Session, purchase: Purchase, notice: PublicNotice) -> int:
    """Counted from the first open objection; not from before the notice last ran on."""
    running = deadlines.running(tx, purchase.subject, "public_notice_period")
    assert running is not None
    assert notice.ends_on is not None
    first = tx.scalar(
        select(func.min(Objection.received_at)).where(
            Objection.notice_id == notice.id,
            Objection.status.in_(OPEN),
        )
    )
    assert first is not None
    return days_left(notice.ends_on, max(local_date(first), running.started_on))
