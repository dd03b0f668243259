"""Time limits: when a period ends, and why.

Two ways to count. A *period* (公示期) runs by calendar days under Civil Code 200–204. A limit in
*working days* (拨付时限) counts only days worked. Both leave out the start day, both end at 24:00
Asia/Shanghai of their last day, and both explain themselves in Chinese.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from backend.domain.errors import refuse
from backend.domain.holidays import WEEKDAYS, Day, DayKind, WorkCalendar
from backend.domain.local_time import midnight_after
from backend.domain.wording import until, written

ART_UNITS = "《民法典》第二百条"
ART_START = "《民法典》第二百零一条第一款"
ART_LAST_DAY_OFF = "《民法典》第二百零三条第一款"
ART_END = "《民法典》第二百零三条第二款"
ART_OTHERWISE = "《民法典》第二百零四条"

FIRST_YEAR, LAST_YEAR = 2004, 2099
LONGEST_DAYS = 366


@dataclass(frozen=True)
class Reason:
    """One sentence of an explanation: a stable `rule`, Chinese `text`, the `article` behind it.

    `days` lists every day the sentence is about, each with its kind and name.
    """

    rule: str
    text: str
    article: str | None = None
    days: tuple[Day, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Plain values to store or send."""
        return {
            "rule": self.rule,
            "text": self.text,
            "article": self.article,
            "days": [day.as_json() for day in self.days],
        }


@dataclass(frozen=True)
class Deadline:
    """The last day of a limit (Asia/Shanghai), whether it may still move, and why."""

    ends_on: date
    provisional: bool
    explanation: tuple[Reason, ...]

    @property
    def ends_before(self) -> datetime:
        """24:00 of the last day: the first moment that is too late."""
        return midnight_after(self.ends_on)

    def as_json(self) -> dict[str, object]:
        """Plain values: `ends_on`, `ends_before`, `provisional`, `explanation`."""
        return {
            "ends_on": self.ends_on.isoformat(),
            "ends_before": self.ends_before.isoformat(),
            "provisional": self.provisional,
            "explanation": [reason.as_json() for reason in self.explanation],
        }


def period_end(calendar: WorkCalendar, start_on: date, days: int, roll_weekends: bool) -> Deadline:
    """End of a period of `days` calendar days that starts on `start_on` (Civil Code 200–204).

    The start day is not counted. A last day inside a holiday moves to the first day after it; a
    plain weekend moves too if `roll_weekends`. A make-up workday is a working day and stays.
    Raises Refused (`date_out_of_range`, `days_out_of_range`).
    """
    _check(start_on, days)
    nominal = start_on + timedelta(days=days)
    days_off = [calendar.day(nominal)]
    while _moves(days_off[-1], roll_weekends):
        days_off.append(calendar.day(days_off[-1].on + timedelta(days=1)))
    reasons = [
        _start_reason(start_on),
        Reason("last_day", f"按日计算，第 {days} 日是{written(nominal)}。", ART_UNITS),
        _last_day_reason(tuple(days_off[:-1]), days_off[-1]),
    ]
    return _deadline(days_off[-1].on, reasons, days_off)


def working_days_end(calendar: WorkCalendar, start_on: date, days: int) -> Deadline:
    """End of a limit of `days` working days that starts on `start_on`, which is not counted.

    Working days follow the State Council's calendar, make-up workdays count, and the local holiday
    wins. Raises Refused (`date_out_of_range`, `days_out_of_range`).
    """
    _check(start_on, days)
    passed: list[Day] = []
    worked = 0
    on = start_on
    while worked < days:
        on += timedelta(days=1)
        passed.append(calendar.day(on))
        worked += not passed[-1].is_off
    skipped = tuple(day for day in passed if day.is_off)
    made_up = tuple(day for day in passed if day.kind is DayKind.MAKE_UP_WORKDAY)
    reasons = [_start_reason(start_on)]
    if skipped:
        text = f"不计入休息日：{names_of(skipped)}，共 {len(skipped)} 日。"
        reasons.append(Reason("days_off_not_counted", text, ART_OTHERWISE, skipped))
    if made_up:
        text = f"调休上班日计入：{names_of(made_up)}。"
        reasons.append(Reason("make_up_workdays_counted", text, ART_OTHERWISE, made_up))
    reasons.append(Reason("last_day", f"第 {days} 个工作日是{written(on)}。", ART_OTHERWISE))
    return _deadline(on, reasons, passed)


def days_left(ends_on: date, filed_on: date) -> int:
    """Whole days of a notice that were left when the first objection was filed; at least one.

    The day of filing is not whole. Raises Refused (`objection_late`) when the notice was over.
    """
    if filed_on > ends_on:
        raise refuse("objection_late", "公示期已经结束，异议不再暂缓实施；中心会登记并答复。")
    return max(1, (ends_on - filed_on).days)


def resumed_end(
    calendar: WorkCalendar, resumed_on: date, left: int, roll_weekends: bool, posted_ends_on: date
) -> Deadline:
    """End of a notice that runs on from `resumed_on` with `left` whole days (see `days_left`).

    Never earlier than the end that was posted. Raises as `period_end`.
    """
    fresh = period_end(calendar, resumed_on, left, roll_weekends)
    text = f"首份异议提出时公示尚余 {left} 个整日（不足一日按一日），自恢复之日起续行。"
    reason = Reason("resumed", text)
    return keep_longer(posted_ends_on, replace(fresh, explanation=(reason, *fresh.explanation)))


def keep_longer(posted_ends_on: date, fresh: Deadline) -> Deadline:
    """`fresh`, unless it ends earlier than what people were told: a posted end only moves later."""
    if fresh.ends_on >= posted_ends_on:
        return fresh
    now, posted = (until(midnight_after(day)) for day in (fresh.ends_on, posted_ends_on))
    text = f"重算为{now}；已公示的{posted}只可延后，维持不变。"
    reason = Reason("posted_end_kept", text)
    return replace(fresh, ends_on=posted_ends_on, explanation=(*fresh.explanation, reason))


def names_of(days: Sequence[Day]) -> str:
    """Days run together by name: 10月1日至5日国庆节、10月6日中秋节."""
    runs: list[list[Day]] = [[days[0]]]
    for before, day in pairwise(days):
        if day.on - before.on == timedelta(days=1) and _label(day) == _label(before):
            runs[-1].append(day)
        else:
            runs.append([day])
    return "、".join(_run(run[0], run[-1]) for run in runs)


def _run(first: Day, last: Day) -> str:
    text = f"{first.on.month}月{first.on.day}日"
    if last.on != first.on:
        month = f"{last.on.month}月" if last.on.month != first.on.month else ""
        text += f"至{month}{last.on.day}日"
    elif first.kind is not DayKind.WEEKEND:
        text += f"（{WEEKDAYS[first.on.weekday()]}）"
    return text + _label(last)


def _label(day: Day) -> str:
    return "周末" if day.kind is DayKind.WEEKEND else day.name


def _moves(day: Day, roll_weekends: bool) -> bool:
    return day.kind is DayKind.HOLIDAY or (roll_weekends and day.kind is DayKind.WEEKEND)


def _start_reason(start_on: date) -> Reason:
    first = written(start_on + timedelta(days=1))
    text = f"{written(start_on)}是开始的当日，不计入，自{first}起算。"
    return Reason("start_day_not_counted", text, ART_START)


def _last_day_reason(passed: tuple[Day, ...], end: Day) -> Reason:
    if passed:
        text = f"{names_of(passed)}休息，顺延到其后第一日{written(end.on)}。"
        return Reason("moved_past_days_off", text, ART_LAST_DAY_OFF, passed)
    if end.kind is DayKind.MAKE_UP_WORKDAY:
        text = f"{names_of([end])}，当日上班，不顺延。"
        return Reason("make_up_workday_stays", text, ART_LAST_DAY_OFF, (end,))
    if end.is_off:
        text = f"{names_of([end])}不是节假日，本市周末不顺延。"
        return Reason("weekend_stays", text, ART_LAST_DAY_OFF, (end,))
    return Reason("workday_stays", "当日是工作日，不顺延。", ART_LAST_DAY_OFF)


def _deadline(ends_on: date, reasons: list[Reason], days: Iterable[Day]) -> Deadline:
    text = f"截止于{until(midnight_after(ends_on))}。"
    reasons.append(Reason("ends_at_midnight", text, ART_END))
    unsure = tuple(day for day in days if not day.certain)
    if unsure:
        years = "、".join(f"{year}年" for year in sorted({day.on.year for day in unsure}))
        text = f"{years}放假安排或地方放假通知尚未录入，暂按周末、法定节日和惯例计算，公布后重算。"
        reasons.append(Reason("provisional", text, None, unsure))
    return Deadline(ends_on, bool(unsure), tuple(reasons))


def _check(start_on: date, days: int) -> None:
    if not FIRST_YEAR <= start_on.year <= LAST_YEAR:
        message = f"只能计算 {FIRST_YEAR} 年至 {LAST_YEAR} 年开始的期限，请检查起始日期。"
        raise refuse("date_out_of_range", message, "start_on")
    if not 1 <= days <= LONGEST_DAYS:
        message = f"期限应为 1 至 {LONGEST_DAYS} 天。"
        raise refuse("days_out_of_range", message, "days")
