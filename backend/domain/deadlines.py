"""The city's time limits: its calendar, its days, and an explanation that names their source."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from enum import StrEnum

from backend.domain.calendar import Deadline, Reason, period_end, resumed_end, working_days_end
from backend.domain.city.schema import CityProfile, Limit, LocalHolidayRules
from backend.domain.holidays import (
    DayKind,
    HolidayYear,
    LocalHoliday,
    WorkCalendar,
    work_calendar,
)


class DeadlineState(StrEnum):
    """A running limit is `open`, or `paused` while an objection stops it; then `met` by what it
    waited for, or `cancelled` when nothing is waited for any more."""

    OPEN = "open"
    PAUSED = "paused"
    MET = "met"
    CANCELLED = "cancelled"


DEADLINE_STATE_NAMES = {
    DeadlineState.OPEN: "正在计算",
    DeadlineState.PAUSED: "暂停计算",
    DeadlineState.MET: "已办结",
    DeadlineState.CANCELLED: "不再计算",
}
RUNNING = (DeadlineState.OPEN, DeadlineState.PAUSED)
# How the explanation of a limit begins that runs on after it stood still.
STOOD_STILL = ("resumed", "ran_on")


def city_calendar(profile: CityProfile, years: Iterable[HolidayYear]) -> WorkCalendar:
    """The calendar of a city: announced years (of two alike the later wins) and its own holiday."""
    rules = profile.local_holiday
    if rules is None:
        return work_calendar(year for year in years if year.scope == "national")
    month, day = rules.first_day.value.split("-")
    local = LocalHoliday(
        rules.name, int(month), int(day), rules.days.value, rules.uncertain_days.value
    )
    return work_calendar((*_notices(rules), *years), local)


def deadline_for(
    profile: CityProfile, calendar: WorkCalendar, kind: str, start_on: date
) -> Deadline:
    """When the limit `kind` that starts on `start_on` (not counted) ends.

    The explanation begins with the limit and its source. Raises Refused for a date out of range.
    """
    limit = profile.limits[kind]
    days = limit.days
    text = f"{limit.name}期限 {days.value} {_unit(limit)}。"
    first = Reason("limit", text, days.source_text)
    return _counted(profile, calendar, limit, start_on, days.value, first)


def run_on_from(
    profile: CityProfile,
    calendar: WorkCalendar,
    kind: str,
    resumed_on: date,
    left: int,
    ended_on: date,
) -> Deadline:
    """When a limit ends that stood still and runs on from `resumed_on` for `left` whole days; a
    notice never earlier than `ended_on`, the end that was posted."""
    if kind == "public_notice_period":
        return _public_notice_runs_on(profile, calendar, resumed_on, left, ended_on)
    limit = profile.limits[kind]
    text = (
        f"期间有异议没有处理完，{limit.name}期限暂停过，"
        f"暂停时尚余 {left} {_unit(limit)}（不足一日按一日），自恢复之日起接着计算。"
    )
    rule = profile.objection.unverified_blocks_clearing
    first = Reason("ran_on", text, rule.source_text)
    return _counted(profile, calendar, limit, resumed_on, left, first)


def _counted(
    profile: CityProfile,
    calendar: WorkCalendar,
    limit: Limit,
    start_on: date,
    days: int,
    why: Reason,
) -> Deadline:
    if limit.counted_in.value == "working_days":
        deadline = working_days_end(calendar, start_on, days)
    else:
        deadline = period_end(calendar, start_on, days, profile.roll_weekends.value)
    return replace(
        deadline, explanation=(why, *deadline.explanation, *_weekend_default(profile, deadline))
    )


def _unit(limit: Limit) -> str:
    return "个工作日" if limit.counted_in.value == "working_days" else "日"


def _public_notice_runs_on(
    profile: CityProfile, calendar: WorkCalendar, resumed_on: date, left: int, posted_ends_on: date
) -> Deadline:
    """`left` from `calendar.days_left`."""
    rolls = profile.roll_weekends.value
    deadline = resumed_end(calendar, resumed_on, left, rolls, posted_ends_on)
    extra = _weekend_default(profile, deadline)
    return replace(deadline, explanation=(*deadline.explanation, *extra))


def _weekend_default(profile: CityProfile, deadline: Deadline) -> tuple[Reason, ...]:
    """Says so when a plain weekend was passed over, or kept, on a rule that is not the plan's."""
    rule = profile.roll_weekends
    last_day = {"moved_past_days_off", "weekend_stays"}
    used = any(
        day.kind is DayKind.WEEKEND
        for reason in deadline.explanation
        if reason.rule in last_day
        for day in reason.days
    )
    if not used:
        return ()
    text = f"最后一日逢周末{'一并顺延' if rule.value else '不顺延'}。"
    return (Reason("weekend_rule", text, rule.source_text),)


def _notices(rules: LocalHolidayRules) -> Iterable[HolidayYear]:
    for notice in rules.notices:
        yield HolidayYear(
            year=notice.year,
            days_off=dict.fromkeys(notice.days_off, rules.name),
            workdays=dict.fromkeys(notice.workdays, rules.name + "调休"),
            source=notice.source,
            scope="local",
        )
