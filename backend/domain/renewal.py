"""When the next application must begin, so that cover goes on without a gap (续保) [D].

The plans buy one year at a time and say nothing of the next one. Counted backwards from the last
day of cover: an application that takes every limit of the city to its end has its policy by then.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backend.domain.calendar import Deadline
from backend.domain.city.schema import CityProfile
from backend.domain.deadlines import deadline_for
from backend.domain.holidays import WorkCalendar
from backend.domain.roles import Role
from backend.domain.states import State
from backend.domain.steps import Step
from backend.domain.table import Table
from backend.domain.wording import day_ends, plain_day, written

TOLD_BEFORE_DAYS = 30
# An application that takes longer than this began before its own cover did.
LONGEST_ROAD_DAYS = 360


@dataclass(frozen=True)
class LatestStart:
    """The last day on which an application arrives in time, and how that was counted: how long
    each limit was taken to be, in words. `provisional` while days off are not announced.
    `screened`: nobody applies, and the estate is screened until then (SG 四)."""

    on: date
    cover_last_day: date
    provisional: bool
    explanation: tuple[str, ...]
    screened: bool = False

    def due_to_be_told(self, today: date) -> bool:
        """Whether those who apply should begin to think of it."""
        return today >= self.on - timedelta(days=TOLD_BEFORE_DAYS)

    def is_late(self, today: date) -> bool:
        """Whether an application of today may come too late for cover without a gap."""
        return today > self.on

    def left(self, today: date) -> str:
        """How much time there is still, as a reminder says it (at most 20 characters)."""
        if self.is_late(today):
            return f"已过最迟日期，请尽快{'筛选' if self.screened else '申请'}"
        days = (self.on - today).days
        return f"还有{days}天" if days else "今天是最后一天"

    def words(self, today: date) -> str:
        """Until when the next application begins, as people say it."""
        note = "（该年度放假安排公布前为暂定）" if self.provisional else ""
        if self.screened:
            return self._words_of_screening(today, note)
        if self.is_late(today):
            return (
                f"下一年度的申请最迟应在{plain_day(self.on)}提出{note}，已经过了，"
                f"请尽快申请；保障到{day_ends(self.cover_last_day)}，之后可能中断。"
            )
        return f"要让保障不中断，下一年度的申请最迟在{plain_day(self.on)}提出{note}。"

    def _words_of_screening(self, today: date, note: str) -> str:
        if self.is_late(today):
            return (
                f"下一年度最迟应在{plain_day(self.on)}重新摸底筛选{note}，已经过了，"
                f"请属地住建部门尽快办理；保障到{day_ends(self.cover_last_day)}，之后可能中断。"
            )
        return (
            f"要让保障不中断，下一年度最迟在{plain_day(self.on)}重新摸底筛选{note}，"
            "由属地住建部门办理。"
        )


def road(table: Table) -> Sequence[Step]:
    """The straight road to the policy: how a case begins, and what is awaited of each state in
    turn."""
    steps = [table.first]
    state = table.first.target
    while state != State.POLICY_ISSUED:
        step = _awaited(table, state)
        steps.append(step)
        state = step.target
    return steps


def _awaited(table: Table, state: str) -> Step:
    """The step that is awaited, or the first that follows from the activity that is."""
    action = table.awaited(state)
    assert action is not None
    limit = table.awaited_limit(state)
    found = table.find(state, action)
    return found or next(step for step in table.steps_from(state) if step.meets == limit)


def latest_start(
    profile: CityProfile, calendar: WorkCalendar, table: Table, cover_ends_before: date
) -> LatestStart:
    """The latest day on which an application may be handed in so that its policy is there on the
    last day of cover, if everybody takes all the time that they have."""
    kinds = [step.limit for step in road(table) if step.limit]
    screened = Role.APPLICANT not in table.first.roles
    last_day = cover_ends_before - timedelta(days=1)
    days = [last_day - timedelta(days=back) for back in range(LONGEST_ROAD_DAYS, -1, -1)]

    def arrives_on(day: date) -> date:
        return _chain(profile, calendar, kinds, day)[-1].ends_on

    on = days[max(0, bisect_right(days, last_day, key=arrives_on) - 1)]
    chain = _chain(profile, calendar, kinds, on)
    limits = [
        f"{profile.limits[kind].name}用满期限，到{day_ends(end.ends_on)}"
        for kind, end in zip(kinds, chain, strict=True)
    ]
    return LatestStart(
        on,
        last_day,
        any(end.provisional for end in chain),
        (
            f"{written(on)}{'摸底入选' if screened else '提出申请'}",
            *limits,
            f"保障到{day_ends(last_day)}",
        ),
        screened,
    )


def _chain(
    profile: CityProfile, calendar: WorkCalendar, kinds: Sequence[str], start_on: date
) -> list[Deadline]:
    """Each limit begins on the last day of the one before."""
    ends: list[Deadline] = []
    for kind in kinds:
        ends.append(deadline_for(profile, calendar, kind, ends[-1].ends_on if ends else start_on))
    return ends
