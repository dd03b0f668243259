"""Reminders of running time limits of any subject: a sweep looks for those whose moment has come.

Each is an outbox row with a natural key, so running twice or in two places sends nothing twice. A
reminder that was missed, or is still undelivered, gives way to the next one; until then it is told
anew each day how much time is left.
"""

from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.channels import TEMPLATE
from backend.domain.deadlines import DeadlineState
from backend.domain.holidays import WorkCalendar
from backend.domain.local_time import SHANGHAI, local_date
from backend.domain.reminders import ReminderStage, days_to_go, due_stage, late_words, left_words
from backend.domain.roles import ROLE_NAMES, Role
from backend.domain.wording import last_minute, located
from backend.seldom import logger_of
from backend.services.base.context import Context
from backend.services.case import deadlines
from backend.services.case.calendars import work_calendar
from backend.services.case.recipients import holders
from backend.services.case.subjects import AtHand, subject_at_hand
from backend.services.messages import outbox
from backend.services.messages.outbox import Message
from backend.store.messages import DeadlineRecord, Outbox, OutboxState

logger = logger_of(__name__)


def sweep(ctx: Context, batch_size: int = 500) -> int:
    """Write the reminders that are due now, of at most `batch_size` limits; how many limits."""
    with ctx.sessions() as tx:
        now = ctx.clock()
        waited = _waited(tx, now, batch_size)
        due = tx.scalars(
            select(DeadlineRecord)
            .where(
                DeadlineRecord.state == DeadlineState.OPEN, DeadlineRecord.next_reminder_at <= now
            )
            .order_by(DeadlineRecord.next_reminder_at)
            .limit(batch_size)
            .with_for_update(skip_locked=True)
        ).all()
        if not due and not waited:
            return 0
        calendar = work_calendar(tx, ctx)
        for record in due:
            try:
                with tx.begin_nested():
                    _remind(subject_at_hand(tx, ctx, record.subject, calendar), record)
            except Exception:  # one that cannot be told must not silence the others
                logger.exception("deadline %s cannot be reminded of", record.id)
                record.next_reminder_at = now + deadlines.PUT_OFF  # it must not come first again
        for row, record in waited:
            if row.state == OutboxState.CREATED:  # it did not give way to another just now
                _say_what_is_left(tx, ctx, calendar, row, record)
        tx.commit()
    return len(due)


def _waited(tx: Session, now: datetime, batch_size: int) -> list[tuple[Outbox, DeadlineRecord]]:
    """Reminders of running limits that were written on an earlier day and have not left yet."""
    today = datetime.combine(local_date(now), time.min, SHANGHAI)
    rows = tx.execute(
        select(Outbox, DeadlineRecord)
        .join(DeadlineRecord, DeadlineRecord.id == outbox.LIMIT_ID)
        .where(
            Outbox.state == OutboxState.CREATED,
            Outbox.template.in_(("deadline_reminder", "escalation")),
            Outbox.written_at < today,
            DeadlineRecord.state == DeadlineState.OPEN,
        )
        .limit(batch_size)
        .with_for_update(of=Outbox, skip_locked=True)
    )
    return [(row, record) for row, record in rows]


def _say_what_is_left(
    tx: Session, ctx: Context, calendar: WorkCalendar, row: Outbox, record: DeadlineRecord
) -> None:
    """A reminder that waited says until when and how much time is left as it is today."""
    at_hand = subject_at_hand(tx, ctx, record.subject, calendar)
    schedule = deadlines.schedule(at_hand, record)
    to_go = days_to_go(schedule, at_hand.now)
    if row.template == "escalation":
        left = {"late": late_words(to_go, schedule.unit)}
    else:
        left = {"left": left_words(record.kind, to_go, schedule.unit)}
    row.data = {**row.data, "due": last_minute(record.ends_before), **left}
    row.written_at = at_hand.now


def _remind(at_hand: AtHand, record: DeadlineRecord) -> None:
    schedule = deadlines.schedule(at_hand, record)
    stage = due_stage(schedule, at_hand.now)
    if stage is not None:
        outbox.supersede(at_hand.tx, record.subject, f"deadline/{record.id}/")
        _notify(at_hand, record, stage, days_to_go(schedule, at_hand.now), schedule.unit)
    deadlines.plan_reminder(at_hand, record)
    at_hand.tx.flush()


def _notify(
    at_hand: AtHand, record: DeadlineRecord, stage: ReminderStage, to_go: int, unit: str
) -> None:
    """Those who must act, whoever waits with them, and, once it escalates, the supervisor."""
    tx, ctx, subject = at_hand.tx, at_hand.ctx, at_hand.subject
    kind = ctx.kinds[subject.kind]
    heading = kind.headings(tx, [subject.id])[subject.id]
    common = {
        "estate": located(heading.estate, heading.area),
        "task": kind.title(record.kind),
        "due": last_minute(record.ends_before),
    }
    key = f"deadline/{record.id}/{record.ends_on}/{stage.name}"
    data = common | {"number": heading.number, "left": left_words(record.kind, to_go, unit)}
    to_act = kind.people_to_act(tx, ctx, subject.id, record.kind)
    # Whoever acts in two of the roles is told once: the natural key is the same.
    messages = [
        Message(
            f"{key}/{person_id}",
            person_id,
            role,
            TEMPLATE,
            "deadline_reminder",
            data | {"page": kind.page(subject.id, record.kind, role)},
            subject,
        )
        for role, people in to_act.items()
        for person_id in people
    ]
    if stage.escalates:
        role = Role.SUPERVISOR
        responsible = "、".join(ROLE_NAMES[each] for each in to_act)
        late = late_words(to_go, unit)
        page = kind.page(subject.id, record.kind, role)
        data = common | {"responsible": responsible, "late": late, "page": page}
        messages += [
            Message(f"{key}/up/{person_id}", person_id, role, TEMPLATE, "escalation", data, subject)
            for person_id in holders(tx, ctx, role)
        ]
    outbox.write_each(tx, at_hand.now, messages)
