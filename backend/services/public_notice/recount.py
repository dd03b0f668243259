"""An officer imports a holiday year; the limits it may move are computed again."""

from datetime import date

from sqlalchemy import ColumnElement, select

from backend.domain.calendar import Deadline, keep_longer
from backend.domain.deadlines import STOOD_STILL, DeadlineState, deadline_for, run_on_from
from backend.domain.holidays import HolidayYear
from backend.domain.public_notice import NoticeState
from backend.domain.subject import Subject
from backend.services.base.context import Context
from backend.services.case.calendars import put_year, work_calendar
from backend.services.case.case import at_hand
from backend.services.case.deadlines import plan_reminder, show
from backend.services.case.orders import end_notice_with
from backend.services.case.subjects import AtHand, subject_at_hand
from backend.services.public_notice.settling import admit_late
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
        order = (DeadlineRecord.subject_kind, DeadlineRecord.subject_id)
        subjects = tx.execute(select(*order).where(touched).distinct().order_by(*order)).all()
        moved = 0
        # Each subject is locked before its limits, as every step does; in one order, so that two
        # imports never wait for each other.
        for kind, subject_id in subjects:
            ctx.kinds[kind].lock(tx, subject_id)
            subject = Subject(kind, subject_id)
            open_limits = tx.scalars(
                select(DeadlineRecord)
                .where(DeadlineRecord.subject == subject, touched)
                .order_by(DeadlineRecord.id)
                .with_for_update()
            ).all()
            found = subject_at_hand(tx, ctx, subject, calendar)
            moved += sum(_recompute(found, each) for each in open_limits)
        tx.commit()
        return year, moved


def _may_move(year: HolidayYear) -> ColumnElement[bool]:
    """What waits for a notice, and what runs through the year or the December before it.

    A year's notice may also move days of that December, which by then count as announced.
    """
    first, last = date(year.year - 1, 12, 1), date(year.year, 12, 31)
    touched = (DeadlineRecord.started_on <= last) & (DeadlineRecord.ends_on >= first)
    return DeadlineRecord.provisional | touched


def _recompute(subject: AtHand, record: DeadlineRecord) -> bool:
    before = record.ends_on
    show(record, _end(subject, record))
    # A reminder whose moment has come is left to the sweep, which plans the next one.
    if record.next_reminder_at is not None and record.next_reminder_at > subject.now:
        plan_reminder(subject, record)
    if record.kind == "public_notice_period":
        _lengthen_notice(subject, record)
    return record.ends_on != before


def _lengthen_notice(subject: AtHand, record: DeadlineRecord) -> None:
    tx = subject.tx
    notice = tx.scalar(
        select(PublicNotice).where(
            PublicNotice.purchase_id == record.purchase_id, PublicNotice.state == NoticeState.OPEN
        )
    )
    if notice is not None:
        end_notice_with(notice, record)
        purchase = tx.get_one(Purchase, notice.purchase_id)
        tx.flush()
        admit_late(at_hand(tx, subject.ctx, purchase, calendar=subject.calendar))


def _end(subject: AtHand, record: DeadlineRecord) -> Deadline:
    rules, calendar = subject.profile, subject.calendar
    if record.explanation[0]["rule"] in STOOD_STILL:
        return run_on_from(
            rules, calendar, record.kind, record.started_on, record.days, record.ends_on
        )
    counted = deadline_for(rules, calendar, record.kind, record.started_on)
    return (
        keep_longer(record.ends_on, counted) if record.kind == "public_notice_period" else counted
    )
