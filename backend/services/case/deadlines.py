"""Running time limits of any subject: started, met, paused, resumed, cancelled. Each is one row.

`about_id` is the part of the subject that a limit is about, where there may be several at once.
"""

from uuid import UUID

from sqlalchemy import Select, not_, select, true
from sqlalchemy.orm import Session

from backend.domain.calendar import Deadline
from backend.domain.city.schema import CityProfile, LimitKind
from backend.domain.deadlines import RUNNING, DeadlineState, deadline_for, resume_public_notice
from backend.domain.holidays import WorkCalendar
from backend.domain.local_time import local_date
from backend.domain.reminders import Schedule, next_stage
from backend.domain.subject import Subject
from backend.services.base.context import Context
from backend.services.case.calendars import work_calendar
from backend.services.messages import outbox
from backend.store.messages import DeadlineRecord


def start(
    tx: Session, ctx: Context, subject: Subject, kind: LimitKind, about_id: UUID | None = None
) -> DeadlineRecord:
    """Start a limit today and plan its first reminder."""
    today = local_date(ctx.clock())
    calendar = work_calendar(tx, ctx)
    rules = rules_for(tx, ctx, subject)
    record = DeadlineRecord(
        subject=subject,
        kind=kind,
        about_id=about_id,
        started_on=today,
        days=rules.limits[kind].days.value,
        state=DeadlineState.OPEN,
    )
    show(record, deadline_for(rules, calendar, kind, today))
    plan_reminder(tx, ctx, calendar, record)
    tx.add(record)
    tx.flush()
    return record


def rules_for(tx: Session, ctx: Context, subject: Subject) -> CityProfile:
    """The city's rules that hold for the subject."""
    return ctx.kinds[subject.kind].rules(tx, ctx, subject.id)


def running(
    tx: Session, subject: Subject, kind: LimitKind, about_id: UUID | None = None
) -> DeadlineRecord | None:
    """The open or paused limit of this kind, locked, or None."""
    return tx.scalar(
        select(DeadlineRecord)
        .where(
            DeadlineRecord.subject == subject,
            DeadlineRecord.kind == kind,
            DeadlineRecord.about_id.is_not_distinct_from(about_id),
            DeadlineRecord.state.in_(RUNNING),
        )
        .with_for_update()
    )


def meet(
    tx: Session, ctx: Context, subject: Subject, kind: LimitKind, about_id: UUID | None = None
) -> None:
    """What the limit waited for has happened; no more reminders."""
    record = running(tx, subject, kind, about_id)
    if record is not None:
        _close(tx, ctx, record, DeadlineState.MET)


def cancel_all(
    tx: Session, ctx: Context, subject: Subject, still_owed: Select[UUID] | None = None
) -> None:
    """Nothing is waited for any more, but within limits about what is `still_owed` something."""
    spared = None if still_owed is None else DeadlineRecord.about_id.in_(still_owed)
    for record in tx.scalars(
        select(DeadlineRecord)
        .where(
            DeadlineRecord.subject == subject,
            DeadlineRecord.state.in_(RUNNING),
            true() if spared is None else DeadlineRecord.about_id.is_(None) | not_(spared),
        )
        .order_by(DeadlineRecord.id)
        .with_for_update()
    ):
        _close(tx, ctx, record, DeadlineState.CANCELLED)


def pause(tx: Session, subject: Subject, kind: LimitKind) -> None:
    """暂缓: the clock of this limit stands still."""
    record = running(tx, subject, kind)
    if record is not None:
        record.state = DeadlineState.PAUSED
        record.next_stage = record.next_reminder_at = None


def run_on(
    tx: Session, ctx: Context, subject: Subject, kind: LimitKind, left: int
) -> DeadlineRecord:
    """Let a paused limit run on for `left` whole days from today, never shorter than it was."""
    record = running(tx, subject, kind)
    assert record is not None
    calendar = work_calendar(tx, ctx)
    record.started_on, record.days = local_date(ctx.clock()), left
    rules = rules_for(tx, ctx, subject)
    show(record, resume_public_notice(rules, calendar, record.started_on, left, record.ends_on))
    record.state = DeadlineState.OPEN
    plan_reminder(tx, ctx, calendar, record)
    return record


def schedule(tx: Session, ctx: Context, calendar: WorkCalendar, record: DeadlineRecord) -> Schedule:
    """What the reminders of this limit follow from: counted as the subject's rules say."""
    limit = rules_for(tx, ctx, record.subject).limits[record.kind]
    in_working_days = limit.counted_in.value == "working_days"
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


def _close(tx: Session, ctx: Context, record: DeadlineRecord, state: DeadlineState) -> None:
    outbox.supersede(tx, record.subject, f"deadline/{record.id}/")
    record.state = state
    record.next_stage = record.next_reminder_at = None
    record.settled_at = ctx.clock()
