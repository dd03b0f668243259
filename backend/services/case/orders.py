"""Carries out what the domain ordered: bookings, covers, the notice, invitations."""

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.domain.calendar import days_left
from backend.domain.effects import InviteCommittee, Move, Order, SetCover, SetNotice
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.services.base.context import Context
from backend.services.case import deadlines
from backend.services.case.bookings import book
from backend.services.case.facts import live_notice
from backend.services.case.notifications import invite_committee
from backend.store.messages import DeadlineRecord
from backend.store.notices import Notice, Objection
from backend.store.purchases import Cover, Plan, PlanLift, Purchase, Transition


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


def _set_cover(tx: Session, purchase: Purchase, state: str) -> None:
    if state == "reserved":
        _reserve_cover(tx, purchase)
        return
    live = tx.scalars(
        select(Cover).where(
            Cover.purchase_id == purchase.id, Cover.state.in_(("reserved", "in_force"))
        )
    )
    last_day_gone = local_date(purchase.updated_at)
    for cover in live:
        # Cover that never began cannot end: it is given back.
        cover.state = "released" if state == "ended" and cover.state == "reserved" else state
        if cover.state == "ended":
            cover.period = _cut(cover.period, last_day_gone)


def _reserve_cover(tx: Session, purchase: Purchase) -> None:
    """Raises Refused when another case was quicker than the guard could see."""
    plan = tx.get_one(Plan, purchase.plan_id)
    period = Range(plan.cover_from, plan.cover_ends_before)
    for lift_id in tx.scalars(select(PlanLift.lift_id).where(PlanLift.plan_id == plan.id)):
        tx.add(
            Cover(
                lift_id=lift_id,
                purchase_id=purchase.id,
                insurer_id=plan.insurer_id,
                period=period,
                state="reserved",
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
    tx: Session, ctx: Context, purchase: Purchase, due: DeadlineRecord | None, state: str
) -> None:
    notice = live_notice(tx, purchase)
    if notice is None or notice.state == "ended":
        return  # what was cleared stays so, even if the case ends before the payment
    if state == "suspended":
        notice.days_left = _days_left_at_first_objection(tx, purchase, notice)
        deadlines.pause_publicity(tx, purchase)
    elif state == "open" and notice.state == "suspended":
        assert notice.days_left is not None
        end_notice_with(notice, deadlines.run_on(tx, ctx, purchase, notice.days_left))
    elif state == "open":
        assert due is not None
        notice.starts_on = due.started_on
        end_notice_with(notice, due)
    notice.state = state


def end_notice_with(notice: Notice, due: DeadlineRecord) -> None:
    """Show people the end that the running limit has."""
    notice.ends_on, notice.ends_before = due.ends_on, due.ends_before
    notice.provisional, notice.explanation = due.provisional, due.explanation


def _days_left_at_first_objection(tx: Session, purchase: Purchase, notice: Notice) -> int:
    """Counted from the first open objection; not from before the notice last ran on."""
    running = deadlines.running(tx, purchase, "publicity")
    assert running is not None
    assert notice.ends_on is not None
    first = tx.scalar(
        select(func.min(Objection.received_at)).where(
            Objection.notice_id == notice.id, Objection.standing.in_(("received", "verified"))
        )
    )
    assert first is not None
    return days_left(notice.ends_on, max(local_date(first), running.started_on))
