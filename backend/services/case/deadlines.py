"""Running time limits of a case: started, met, paused, resumed, cancelled. Each is one row."""

from uuid import UUID

from sqlalchemy import ColumnElement, not_, select, true, update
from sqlalchemy.orm import Session

from backend.domain.calendar import Deadline
from backend.domain.city.schema import LimitKind
from backend.domain.deadlines import deadline_for, resume_publicity
from backend.domain.reminders import Schedule, next_stage
from backend.services.case.case import Case
from backend.services.messages import outbox
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection
from backend.store.purchases import Purchase


def start(case: Case, kind: LimitKind, subject_id: UUID | None = None) -> DeadlineRecord:
    """Start a limit today and plan its first reminder."""
    record = DeadlineRecord(
        purchase_id=case.purchase.id,
        kind=kind,
        subject_id=subject_id,
        started_on=case.today,
        days=case.profile.limits[kind].days.value,
        state="open",
    )
    show(record, deadline_for(case.profile, case.calendar, kind, case.today))
    plan_reminder(case, record)
    case.tx.add(record)
    case.tx.flush()
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
        .execution_options(populate_existing=True)
    )


def meet(case: Case, kind: LimitKind, subject_id: UUID | None = None) -> None:
    """What the limit waited for has happened; no more reminders."""
    subject = DeadlineRecord.subject_id.is_not_distinct_from(subject_id)
    _end(case, "met", (DeadlineRecord.kind == kind) & subject)


def cancel_all(case: Case, closed: bool) -> None:
    """Nothing is waited for any more.

    Only objections without an answer are still to be answered, unless the case is `closed`: what
    they oppose may be replaced, but they were written.
    """
    unanswered = select(Objection.id).where(Objection.answer.is_(None))
    owed = (DeadlineRecord.kind == "objection_answer") & DeadlineRecord.subject_id.in_(unanswered)
    _end(case, "cancelled", true() if closed else not_(owed))


def pause(record: DeadlineRecord) -> None:
    """暂缓实施: the clock of this limit stands still."""
    record.state = "paused"
    record.next_stage = record.next_reminder_at = None


def run_on(case: Case, left: int) -> DeadlineRecord:
    """Let the notice run on for `left` whole days from today, never shorter than posted."""
    record = running(case.tx, case.purchase, "publicity")
    assert record is not None
    record.started_on, record.days = case.today, left
    end = resume_publicity(case.profile, case.calendar, record.started_on, left, record.ends_on)
    show(record, end)
    record.state = "open"
    plan_reminder(case, record)
    return record


def schedule(case: Case, record: DeadlineRecord) -> Schedule:
    """What the reminders of this limit follow from: counted as the case began, told as of today."""
    in_working_days = case.profile.limits[record.kind].counted_in.value == "working_days"
    return Schedule(
        record.started_on,
        record.ends_on,
        case.ctx.city.reminders,
        case.calendar if in_working_days else None,
    )


def plan_reminder(case: Case, record: DeadlineRecord) -> None:
    """Note the first reminder after now, for the sweep to find."""
    stage = next_stage(schedule(case, record), case.now)
    record.next_stage, record.next_reminder_at = stage.name, stage.at


def show(record: DeadlineRecord, end: Deadline) -> None:
    """Write the end and its reasons on the row."""
    record.ends_on, record.ends_before = end.ends_on, end.ends_before
    record.provisional = end.provisional
    record.explanation = [reason.as_json() for reason in end.explanation]


def _end(case: Case, state: str, which: ColumnElement[bool]) -> None:
    """End the running limits of the case that are meant, and take back their reminders that are
    still here: one statement, however many they are."""
    ended = (
        update(DeadlineRecord)
        .where(
            DeadlineRecord.purchase_id == case.purchase.id,
            DeadlineRecord.state.in_(("open", "paused")),
            which,
        )
        .values(state=state, next_stage=None, next_reminder_at=None, settled_at=case.now)
        .returning(DeadlineRecord.id)
        .cte("ended")
    )
    outbox.supersede_for_each(case.tx, case.purchase.id, "deadline/", ended.c.id)
