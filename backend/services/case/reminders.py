"""Reminders of running time limits of any subject: a sweep looks for those whose moment has come.

Each is an outbox row with a natural key, so running twice or in two places sends nothing twice. A
reminder that was missed, or is still undelivered, gives way to the next one; until then it is told
anew each day how much time is left.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from functools import cached_property
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.channels import TEMPLATE
from backend.domain.deadlines import DeadlineState
from backend.domain.holidays import WorkCalendar
from backend.domain.local_time import SHANGHAI, local_date
from backend.domain.reminders import ReminderStage, TimeLeft, due_stage
from backend.domain.roles import ROLE_NAMES, Role
from backend.domain.wording import last_minute, located
from backend.seldom import logger_of
from backend.services.base.context import Context, Heading
from backend.services.case import deadlines
from backend.services.case.calendars import work_calendar
from backend.services.case.recipients import holders
from backend.services.case.subjects import AtHand, subject_at_hand, subjects_at_hand
from backend.services.messages import outbox
from backend.services.messages.outbox import Message
from backend.store.messages import DeadlineRecord, Outbox, OutboxState

logger = logger_of(__name__)

# One that cannot be told lets so many be told one by one.
AT_ONCE = 50


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
        for first in range(0, len(due), AT_ONCE):
            _remind_of(tx, ctx, calendar, due[first : first + AT_ONCE])
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
    left = deadlines.remaining(at_hand, record)
    time_left = {"late": left.time_words} if row.template == "escalation" else {"left": left.words}
    row.data = {**row.data, "due": last_minute(record.ends_before), **time_left}
    row.written_at = at_hand.now


def _remind_of(
    tx: Session, ctx: Context, calendar: WorkCalendar, due: Sequence[DeadlineRecord]
) -> None:
    """All at once, or one after the other: one that cannot be told must not silence the others."""
    try:
        with tx.begin_nested():
            _remind_all(tx, ctx, calendar, due)
    except Exception:
        if len(due) > 1:
            logger.warning("%s deadlines are reminded of one by one", len(due))
            for record in due:
                _remind_of(tx, ctx, calendar, [record])
            return
        logger.exception("deadline %s cannot be reminded of", due[0].id)
        due[0].next_reminder_at = ctx.clock() + deadlines.PUT_OFF  # it must not come first again


def _remind_all(
    tx: Session, ctx: Context, calendar: WorkCalendar, due: Sequence[DeadlineRecord]
) -> None:
    at_hand = subjects_at_hand(tx, ctx, {record.subject for record in due}, calendar)
    known = Known(tx, ctx, due)
    messages = [each for record in due for each in _remind(at_hand[record.subject], record, known)]
    outbox.write_each(tx, ctx.clock(), messages)
    tx.flush()


class Known:
    """What is looked up for many limits at once: what their subjects are called, who must act."""

    def __init__(self, tx: Session, ctx: Context, due: Sequence[DeadlineRecord]) -> None:
        self._tx, self._ctx = tx, ctx
        self.headings: dict[UUID, Heading] = {}
        self.to_act: dict[tuple[UUID, str], Mapping[Role, Sequence[UUID]]] = {}
        for name in {record.subject.kind for record in due}:
            limits = {(each.subject.id, each.kind) for each in due if each.subject.kind == name}
            kind = ctx.kinds[name]
            self.headings.update(kind.headings(tx, {subject_id for subject_id, _ in limits}))
            self.to_act.update(kind.people_to_act(tx, ctx, limits))

    @cached_property
    def supervisors(self) -> Sequence[UUID]:
        """Who hears when it escalates."""
        return holders(self._tx, self._ctx, Role.SUPERVISOR)


def _remind(at_hand: AtHand, record: DeadlineRecord, known: Known) -> list[Message]:
    schedule = deadlines.schedule(at_hand, record)
    stage = due_stage(schedule, at_hand.now)
    messages: list[Message] = []
    if stage is not None:
        outbox.supersede(at_hand.tx, record.subject, f"deadline/{record.id}/")
        messages = _messages(at_hand, record, known, stage, deadlines.remaining(at_hand, record))
    deadlines.plan_reminder(at_hand, record)
    return messages


def _messages(
    at_hand: AtHand,
    record: DeadlineRecord,
    known: Known,
    stage: ReminderStage,
    left: TimeLeft,
) -> list[Message]:
    """To those who must act, whoever waits with them, and, once it escalates, the supervisor."""
    subject = at_hand.subject
    kind, heading = at_hand.ctx.kinds[subject.kind], known.headings[subject.id]
    common = {
        "estate": located(heading.estate, heading.area),
        "task": kind.title(record.kind),
        "due": last_minute(record.ends_before),
    }
    key = f"deadline/{record.id}/{record.ends_on}/{stage.name}"
    data = common | {"number": heading.number, "left": left.words}
    to_act = known.to_act[subject.id, record.kind]
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
        page = kind.page(subject.id, record.kind, role)
        data = common | {"responsible": responsible, "late": left.time_words, "page": page}
        messages += [
            Message(f"{key}/up/{person_id}", person_id, role, TEMPLATE, "escalation", data, subject)
            for person_id in known.supervisors
        ]
    return messages
