"""Reminders of a time limit: which is due now, and when the next one comes.

Before the end the profile's days count down; after it one reminder a day, from some day on to the
supervisor too. For limits in working days only working days count, and nobody is reminded on a day
off. A missed reminder is superseded by the next one: at most one is ever due.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backend.domain.city.schema import ReminderRules
from backend.domain.holidays import WorkCalendar
from backend.domain.local_time import SHANGHAI, local_date
from backend.domain.standing_still import THE_NOTICE_ITSELF


@dataclass(frozen=True)
class ReminderStage:
    """One reminder: `before_3`, `before_1`, `due_today`, `overdue_1`, … and its moment.

    `escalates` when the supervisor is told as well.
    """

    name: str
    at: datetime
    escalates: bool = False


@dataclass(frozen=True)
class Schedule:
    """What the reminders of one limit follow from.

    `calendar` is given for a limit in working days and None for one in calendar days.
    """

    started_on: date
    ends_on: date
    rules: ReminderRules
    calendar: WorkCalendar | None = None

    def stages(self) -> Iterator[ReminderStage]:
        """All reminders in order of time, without end. None falls on the start day or before."""
        for count in sorted(set(self.rules.days_before.value), reverse=True):
            on = self._back_from_end(count)
            if on > self.started_on:
                yield ReminderStage(f"before_{count}" if count else "due_today", self._moment(on))
        on, overdue = self.ends_on, 0
        while True:
            on += timedelta(days=1)
            if self.counts(on):
                overdue += 1
                escalates = overdue >= self.rules.escalate_after_days.value
                yield ReminderStage(f"overdue_{overdue}", self._moment(on), escalates)

    def _back_from_end(self, count: int) -> date:
        on = self.ends_on
        while count:
            on -= timedelta(days=1)
            count -= self.counts(on)
        return on

    @property
    def unit(self) -> str:
        """What the limit is counted in, as people say it."""
        return "天" if self.calendar is None else "个工作日"

    def counts(self, on: date) -> bool:
        """Whether `on` counts towards this limit."""
        return self.calendar is None or self.calendar.is_workday(on)

    def _moment(self, on: date) -> datetime:
        return datetime.combine(on, self.rules.at.value, SHANGHAI)


def due_stage(
    schedule: Schedule, now: datetime, last_sent: str | None = None
) -> ReminderStage | None:
    """The one reminder due at `now` (aware): the latest whose moment has come.

    None before the first, and when it is the one sent last.
    """
    due = None
    for stage in schedule.stages():
        if stage.at > now:
            break
        due = stage
    return None if due is None or due.name == last_sent else due


def next_stage(schedule: Schedule, now: datetime) -> ReminderStage:
    """The first reminder after `now` (aware); there is always one, since overdue has no end."""
    return next(stage for stage in schedule.stages() if stage.at > now)


@dataclass(frozen=True)
class TimeLeft:
    """How long a limit of this kind still runs: `days` to its last day, counted as it is, or after
    that day (then it is `over`, even where no working day has passed since)."""

    kind: str
    days: int
    unit: str
    over: bool

    @property
    def late(self) -> bool:
        """Whether it is over and somebody is late: after a notice nobody is."""
        return self.over and self.kind != THE_NOTICE_ITSELF

    @property
    def time_words(self) -> str:
        """As people say it, to whoever reads it."""
        passed = f"{self.days}{self.unit}" if self.days else ""
        if self.over:
            return f"已逾期{passed}" if self.late else f"公示已满{passed}"
        return f"还有{passed}" if passed else "今天到期"

    @property
    def words(self) -> str:
        """The same, to whoever has to act."""
        if self.over:
            return f"{self.time_words}，{'请立即办理' if self.late else '请办理'}"
        return self.time_words if self.days else f"{self.time_words}，请尽快办理"


def time_left(kind: str, schedule: Schedule, now: datetime) -> TimeLeft:
    """How long a limit of this kind still runs at `now` (aware)."""
    today = local_date(now)
    first, last = sorted((today, schedule.ends_on))
    between = (first + timedelta(days=step) for step in range(1, (last - first).days + 1))
    days = sum(schedule.counts(on) for on in between)
    return TimeLeft(kind, days, schedule.unit, today > schedule.ends_on)
