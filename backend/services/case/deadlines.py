"""Running time limits of a case: started, met, paused, resumed, cancelled. Each is one row."""

from uuid import UUID

from sqlalchemy import not_, select, true
from sqlalchemy.orm import Session

from backend.domain.calendar import Deadline
from backend.domain.city.schema import LimitKind
from backend.domain.deadlines import deadline_for, resume_publicity
from backend.domain.holidays import WorkCalendar
from backend.domain.local_time import local_date
from backend.domain.reminders import Schedule, next_stage
from backend.services.base.context import Context
from backend.services.case.calendars import work_calendar
from backend.services.case.profiles import profile_of
from backend.services.messages import outbox
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection
from backend.store.purchases import Purchase


def start(
    tx: Session, ctx: Context, purchase: Purchase, kind: LimitKind, subject_id: UUID | None = None
) -> DeadlineRecord:
    """Start a limit today and plan its first reminder."""
    today = local_date(ctx.clock())
    calendar = work_calendar(tx, ctx)
    profile = profile_of(tx, ctx, purchase)
    record = DeadlineRecord(
        purchase_id=purchase.id,
        kind=kind,
        subject_id=subject_id,
        started_on=today,
        days=profile.limits[kind].days.value,
        state="open",
    )
    show(record, deadline_for(profile, calendar, kind, today))
    plan_reminder(tx, ctx, calendar, record)
    tx.add(record)
    tx.flush()
    return record


def running(
    tx: Session, purchase: Purchase, kind: LimitKind, subject_id: UUID | None = None
) -> DeadlineRecord | None:
    """The open or paused limit of this kind, locked, or None."""
    return tx.scalar(
        select(DeadlineRecord)
        .where(
            DeadlineRecord.purchase_id == purchase.id,
            DeadlineRecord.kind == kind,
            DeadlineRecord.subject_id.is_not_distinct_from(subject_id),
            DeadlineRecord.state.in_(("open", "paused")),
        )
        .with_for_update()
    )


def meet(
    tx: Session, ctx: Context, purchase: Purchase, kind: LimitKind, subject_id: UUID | None = None
) -> None:
    """What the limit waited for has happened; no more reminders."""
    record = running(tx, purchase, kind, subject_id)
    if record is not None:
        _settle(tx, ctx, record, "met")


def cancel_all(tx: Session, ctx: Context, purchase: Purchase, closed: bool) -> None:
    """Nothing is waited for any more.

    Only objections without an answer are still to be answered, unless the case is `closed`: what
    they oppose may be replaced, but they were written.
    """
    unanswered = select(Objection.id).where(Objection.answer.is_(None))
    owed = (DeadlineRecord.kind == "objection_answer") & DeadlineRecord.subject_id.in_(unanswered)
    for record in tx.scalars(
        select(DeadlineRecord)
        .where(
            DeadlineRecord.purchase_id == purchase.id,
            DeadlineRecord.state.in_(("open", "paused")),
            true() if closed else not_(owed),
        )
        .order_by(DeadlineRecord.id)
        .with_for_update()
    ):
        _settle(tx, ctx, record, "cancelled")


def pause_publicity(tx: Session, purchase: Purchase) -> None:
    """暂缓实施: the notice's clock stands still."""
    record = running(tx, purchase, "publicity")
    if record is not None:
        record.state = "paused"
        record.next_stage = record.next_reminder_at = None


def run_on(tx: Session, ctx: Context, purchase: Purchase, left: int) -> DeadlineRecord:
    """Let the notice run on for `left` whole days from today, never shorter than posted."""
    record = running(tx, purchase, "publicity")
    assert record is not None
    calendar = work_calendar(tx, ctx)
    record.started_on, record.days = local_date(ctx.clock()), left
    profile = profile_of(tx, ctx, purchase)
    show(record, resume_publicity(profile, calendar, record.started_on, left, record.ends_on))
    record.state = "open"
    plan_reminder(tx, ctx, calendar, record)
    return record


def schedule(tx: Session, ctx: Context, calendar: WorkCalendar, record: DeadlineRecord) -> Schedule:
    """What the reminders of this limit follow from: counted as the case began, told as of today."""
    profile = profile_of(tx, ctx, tx.get_one(Purchase, record.purchase_id))
    in_working_days = profile.limits[record.kind].counted_in.value == "working_days"
    return Schedule(
        record.started_on, record.ends_on, ctx.city.reminders, calendar if in_working_days else None
    )


def plan_reminder(
    tx: Session, ctx: Context, calendar: WorkCalendar, record: DeadlineRecord
) -> None:
    """Note the first reminder after now, for the sweep to find."""
    stage = next_stage(schedule(tx, ctx, calendar, record), ctx.clock())
    record.next_stage, record.next_reminder_at = stage.name, stage.at


def show(record: DeadlineRecord, end: Deadline) -> None:
    """Write the end and its reasons on the row."""
    record.ends_on, record.ends_before = end.ends_on, end.ends_before
    record.provisional = end.provisional
    record.explanation = [reason.as_json() for reason in end.explanation]


def _settle(tx: Session, ctx: Context, record: DeadlineRecord, state: str) -> None:
    outbox.supersede(tx, record.purchase_id, f"deadline/{record.id}/")
    record.state = state
    record.next_stage = record.next_reminder_at = None
    record.settled_at = ctx.clock()
