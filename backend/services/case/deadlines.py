"""Running time limits of any subject: started, met, paused, resumed, cancelled. Each is one row.

`about_id` is the part of the subject that a limit is about, where there may be several at once.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, not_, select, true, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.domain.calendar import Deadline
from backend.domain.city.schema import LimitKind
from backend.domain.deadlines import RUNNING, DeadlineState, deadline_for, run_on_from
from backend.domain.reminders import Schedule, TimeLeft, next_stage, time_left
from backend.domain.standing_still import blocked_words, pause_words
from backend.domain.subject import Subject
from backend.services.case.subjects import AtHand
from backend.services.messages import outbox
from backend.store.messages import DeadlineRecord

# For how long (business time) a sweep leaves alone what failed.
PUT_OFF = timedelta(minutes=10)


def start(at_hand: AtHand, kind: LimitKind, about_id: UUID | None = None) -> DeadlineRecord:
    """Start a limit today and plan its first reminder."""
    record = DeadlineRecord(
        id=uuid7(),
        subject=at_hand.subject,
        kind=kind,
        about_id=about_id,
        started_on=at_hand.today,
        days=at_hand.profile.limits[kind].days.value,
        state=DeadlineState.OPEN,
    )
    show(record, deadline_for(at_hand.profile, at_hand.calendar, kind, at_hand.today))
    plan_reminder(at_hand, record)
    at_hand.tx.add(record)
    return record


def running(
    tx: Session, subject: Subject, kind: LimitKind, about_id: UUID | None = None
) -> DeadlineRecord | None:
    """The open or paused limit of this kind, locked, or None."""
    return tx.scalar(locked(subject, kind, about_id))


def locked(
    subject: Subject, kind: LimitKind, about_id: UUID | None = None
) -> Select[DeadlineRecord]:
    """A query for what `running` finds, to ask for something else with it."""
    return (
        select(DeadlineRecord)
        .where(
            DeadlineRecord.subject == subject,
            DeadlineRecord.kind == kind,
            DeadlineRecord.about_id.is_not_distinct_from(about_id),
            DeadlineRecord.state.in_(RUNNING),
        )
        .with_for_update(of=DeadlineRecord)
        .execution_options(populate_existing=True)
    )


def meet(at_hand: AtHand, kind: LimitKind, about_id: UUID | None = None) -> None:
    """What the limit waited for has happened; no more reminders."""
    about = DeadlineRecord.about_id.is_not_distinct_from(about_id)
    _end(at_hand, DeadlineState.MET, (DeadlineRecord.kind == kind) & about)


def meet_about(at_hand: AtHand, about_id: UUID) -> None:
    """Nothing more is waited for about this part of the subject."""
    _end(at_hand, DeadlineState.MET, DeadlineRecord.about_id == about_id)


def take_up(at_hand: AtHand, kind: LimitKind) -> None:
    """What the limit waited for has not happened after all: the one met last runs on as it was."""
    record = at_hand.tx.scalars(
        select(DeadlineRecord)
        .where(
            DeadlineRecord.subject == at_hand.subject,
            DeadlineRecord.kind == kind,
            DeadlineRecord.state == DeadlineState.MET,
        )
        .order_by(DeadlineRecord.id.desc())
        .limit(1)
        .with_for_update()
    ).one()
    record.state, record.settled_at = DeadlineState.OPEN, None
    plan_reminder(at_hand, record)
    at_hand.tx.flush()


def cancel_all(
    at_hand: AtHand,
    still_owed: Select[UUID] | None = None,
    *,
    spared: Sequence[LimitKind] = (),
) -> None:
    """Nothing is waited for any more, but within limits of `spared` kinds, and those about what is
    `still_owed` something."""
    owed = None if still_owed is None else DeadlineRecord.about_id.in_(still_owed)
    ended = true() if owed is None else DeadlineRecord.about_id.is_(None) | not_(owed)
    _end(at_hand, DeadlineState.CANCELLED, ended & DeadlineRecord.kind.not_in(spared))


def pause(at_hand: AtHand, record: DeadlineRecord, left: int, objections: Sequence[str]) -> None:
    """暂缓: the clock stands still with `left` whole days on it, because of these objections."""
    if record.state != DeadlineState.PAUSED:
        record.state, record.paused_on, record.days_left = DeadlineState.PAUSED, at_hand.today, left
        record.next_stage = record.next_reminder_at = None
    assert record.paused_on is not None
    record.pause_words = pause_words(record.paused_on, objections)


def hold_reminders(at_hand: AtHand, record: DeadlineRecord, objections: Sequence[str]) -> None:
    """A limit that is over has no days to keep and stays late; but because of these objections
    nobody can act, and nobody is reminded."""
    record.paused_on = record.paused_on or at_hand.today
    record.next_stage = record.next_reminder_at = None
    record.pause_words = blocked_words(record.paused_on, objections)


def remind_again(at_hand: AtHand, record: DeadlineRecord) -> None:
    """Whoever is late can act again."""
    record.paused_on = record.pause_words = None
    plan_reminder(at_hand, record)


def run_on(at_hand: AtHand, record: DeadlineRecord) -> None:
    """Let a limit that stands still run on from today for the days that are left of it."""
    assert record.days_left is not None
    profile, calendar, today = at_hand.profile, at_hand.calendar, at_hand.today
    record.started_on, record.days = today, record.days_left
    end = run_on_from(profile, calendar, record.kind, today, record.days_left, record.ends_on)
    record.state = DeadlineState.OPEN
    record.paused_on = record.days_left = record.pause_words = None
    show(record, end)
    plan_reminder(at_hand, record)


def schedule(at_hand: AtHand, record: DeadlineRecord) -> Schedule:
    """What the reminders of this limit follow from: counted as the subject's rules say."""
    in_working_days = at_hand.profile.limits[record.kind].counted_in.value == "working_days"
    return Schedule(
        record.started_on,
        record.ends_on,
        at_hand.ctx.city.reminders,
        at_hand.calendar if in_working_days else None,
    )


def remaining(at_hand: AtHand, record: DeadlineRecord) -> TimeLeft:
    """How long this limit still runs, or since when it is over."""
    return time_left(record.kind, schedule(at_hand, record), at_hand.now)


def plan_reminder(at_hand: AtHand, record: DeadlineRecord) -> None:
    """Note the first reminder after now, for the sweep to find."""
    stage = next_stage(schedule(at_hand, record), at_hand.now)
    record.next_stage, record.next_reminder_at = stage.name, stage.at


def show(record: DeadlineRecord, end: Deadline) -> None:
    """Write the end and its reasons on the row."""
    record.ends_on, record.ends_before = end.ends_on, end.ends_before
    record.provisional = end.provisional
    record.explanation = [reason.as_json() for reason in end.explanation]


def _end(at_hand: AtHand, state: DeadlineState, which: ColumnElement[bool]) -> None:
    """End the running limits of the subject that are meant, and take back what is still here of
    their reminders, their invitations and what told of the part they are about: one statement,
    however many they are."""
    ended = (
        update(DeadlineRecord)
        .where(
            DeadlineRecord.subject == at_hand.subject,
            DeadlineRecord.state.in_(RUNNING),
            which,
        )
        .values(
            state=state,
            next_stage=None,
            next_reminder_at=None,
            paused_on=None,
            days_left=None,
            pause_words=None,
            settled_at=at_hand.now,
        )
        .returning(DeadlineRecord.id, DeadlineRecord.about_id)
        .cte("ended")
    )
    messages = [
        ("deadline/", ended.c.id),
        ("invitation/", ended.c.id),
        ("objection/", ended.c.about_id),
    ]
    outbox.supersede_for_each(at_hand.tx, at_hand.subject, messages)
