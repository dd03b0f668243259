"""An officer imports a holiday year; the limits it may move are computed again."""

from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.domain.calendar import Deadline, keep_longer
from backend.domain.deadlines import DeadlineState, deadline_for, resume_public_notice
from backend.domain.holidays import HolidayYear, WorkCalendar
from backend.domain.public_notice import NoticeState
from backend.services.base.context import Context
from backend.services.case.calendars import put_year, work_calendar
from backend.services.case.deadlines import plan_reminder, show
from backend.services.case.orders import end_notice_with
from backend.services.case.profiles import profile_of
from backend.services.case.steps import lock
from backend.services.public_notice.objections import admit_late
from backend.store.messages import DeadlineRecord
from backend.store.notices import PublicNotice
from backend.store.purchases import Purchase


def import_year(ctx: Context, text: str) -> tuple[HolidayYear, int]:
    """Store the year and recompute the open limits it may move; returns it and how many moved.

    A posted notice may only grow longer by it, and hears the objections that are thereby on time.
    Repeating changes nothing.
    """
    with ctx.sessions() as tx:
        year = put_year(tx, ctx, text)
        calendar = work_calendar(tx, ctx)
        touched = (DeadlineRecord.state == DeadlineState.OPEN) & _may_move(year)
        cases = select(DeadlineRecord.purchase_id).where(touched).distinct()
        moved = 0
        # Each case is locked before its limits, as every step does; in one order, so that two
        # imports never wait for each other.
        for purchase_id in tx.scalars(cases.order_by(DeadlineRecord.purchase_id)).all():
            purchase = lock(tx, purchase_id)
            open_limits = tx.scalars(
                select(DeadlineRecord)
                .where(DeadlineRecord.purchase_id == purchase_id, touched)
                .order_by(DeadlineRecord.id)
                .with_for_update()
            ).all()
            moved += sum(_recompute(tx, ctx, calendar, purchase, each) for each in open_limits)
        tx.commit()
        return year, moved


def _may_move(year: HolidayYear) -> ColumnElement[bool]:
    """What waits for a notice, and what runs through the year or the December before it.

    A year's notice may also move days of that December, which by then count as announced.
    """
    first, last = date(year.year - 1, 12, 1), date(year.year, 12, 31)
    touched = (DeadlineRecord.started_on <= last) & (DeadlineRecord.ends_on >= first)
    return DeadlineRecord.provisional | touched


def _recompute(
    tx: Session, ctx: Context, calendar: WorkCalendar, purchase: Purchase, record: DeadlineRecord
) -> bool:
    before = record.ends_on
    show(record, _end(tx, ctx, calendar, purchase, record))
    # A reminder whose moment has come is left to the sweep, which plans the next one.
    if record.next_reminder_at is not None and record.next_reminder_at > ctx.clock():
        plan_reminder(tx, ctx, calendar, record)
    if record.kind == "public_notice_period":
        notice = tx.scalar(
            select(PublicNotice).where(
                PublicNotice.purchase_id == record.purchase_id,
                PublicNotice.state == NoticeState.OPEN,
            )
        )
        if notice is not None:
            end_notice_with(notice, record)
            admit_late(tx, ctx, purchase, notice)
    return record.ends_on != before


def _end(
    tx: Session, ctx: Context, calendar: WorkCalendar, purchase: Purchase, record: DeadlineRecord
) -> Deadline:
    profile = profile_of(tx, ctx, purchase)
    if record.kind != "public_notice_period":
        return deadline_for(profile, calendar, record.kind, record.started_on)
    if record.days != profile.limits["public_notice_period"].days.value:
        return resume_public_notice(
            profile, calendar, record.started_on, record.days, record.ends_on
        )
    return keep_longer(
        record.ends_on, deadline_for(profile, calendar, "public_notice_period", record.started_on)
    )
