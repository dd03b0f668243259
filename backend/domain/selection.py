"""入选: for how long the city selected an insurer (JS 五（二）2), and when somebody must look."""

from datetime import date, timedelta
from enum import StrEnum

from backend.domain.errors import refuse

# A new selection takes a tender: who keeps the list hears of the end so long before [D].
LOOK_BEFORE = timedelta(days=90)


class TermStatus(StrEnum):
    """How an insurer's selection stands on a day: it runs; it runs, and ends within `LOOK_BEFORE`;
    it is yet to begin; it is over; there never was one."""

    RUNNING = "running"
    ENDING = "ending"
    COMING = "coming"
    OVER = "over"
    NEVER = "never"


TERM_STATUS_NAMES = {
    TermStatus.RUNNING: "入选中",
    TermStatus.ENDING: "90天内到期",
    TermStatus.COMING: "尚未开始",
    TermStatus.OVER: "已到期",
    TermStatus.NEVER: "未入选",
}
SELECTED = (TermStatus.RUNNING, TermStatus.ENDING)


def term_status(first: date | None, last: date | None, today: date) -> TermStatus:
    """How a selection from `first` to `last` (None: without end), both included, stands today."""
    if first is None:
        return TermStatus.NEVER
    if today < first:
        return TermStatus.COMING
    if last is None or today + LOOK_BEFORE < last:
        return TermStatus.RUNNING
    return TermStatus.ENDING if today <= last else TermStatus.OVER


def renewed_from(
    former: tuple[date | None, date | None], first: date, last: date | None, today: date
) -> date:
    """The first day of a selection from now on: one that runs goes on into a new one that follows
    it, so that no day between is without.

    Raises Refused `selection_days_invalid`; `selection_gap` (conflict) for one that would leave the
    insurer unselected in the meantime.
    """
    if last is not None and last < first:
        raise refuse("selection_days_invalid", "截止日期早于开始日期，请核对。", "last")
    begun, ends = former
    if begun is None or term_status(begun, ends, today) not in SELECTED or first <= today:
        return first
    if ends is None or first > ends + timedelta(days=1):
        message = "现在的入选还没有到期，新的入选须从到期日的次日或以前开始，中间不能断开。"
        raise refuse("selection_gap", message, "first", "conflict")
    return begun


def check_end(former: tuple[date | None, date | None], last: date) -> None:
    """Whether a selection can end early with this last day; raises Refused
    `selection_not_running` (conflict)."""
    begun, ends = former
    if begun is None or last < begun or (ends is not None and last >= ends):
        message = "这一天不在现在的入选期限内，没有可以提前结束的入选。请核对日期。"
        raise refuse("selection_not_running", message, "last", "conflict")
