"""入选: for how long the city selected an insurer (JS 五（二）2), and when somebody must look."""

from datetime import date, timedelta
from enum import StrEnum

from backend.domain.errors import refuse

# A new selection takes a tender: who keeps the list hears of the end so long before [D].
LOOK_BEFORE = timedelta(days=90)


class Standing(StrEnum):
    """How an insurer's selection stands on a day: it runs; it runs, and ends within `LOOK_BEFORE`;
    it is yet to begin; it is over; there never was one."""

    RUNNING = "running"
    ENDING = "ending"
    COMING = "coming"
    OVER = "over"
    NEVER = "never"


STANDING_NAMES = {
    Standing.RUNNING: "入选中",
    Standing.ENDING: "90天内到期",
    Standing.COMING: "尚未开始",
    Standing.OVER: "已到期",
    Standing.NEVER: "未入选",
}
SELECTED = (Standing.RUNNING, Standing.ENDING)


def standing(first: date | None, last: date | None, today: date) -> Standing:
    """How a selection from `first` to `last` (None: without end), both included, stands today."""
    if first is None:
        return Standing.NEVER
    if today < first:
        return Standing.COMING
    if last is None or today + LOOK_BEFORE < last:
        return Standing.RUNNING
    return Standing.ENDING if today <= last else Standing.OVER


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
    if begun is None or standing(begun, ends, today) not in SELECTED or first <= today:
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
