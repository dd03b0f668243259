"""Period locks (锁账): up to which day the books take no more bookings.

What is locked reaches from the beginning of the books to the end of a month. The close of a year
locks it; two officers lock any other month that is over, or open the books again (会计基础工作规范
的结账，具体做法为本平台默认 [D]). What comes late is booked on an open day.
"""

from datetime import date, timedelta

from backend.domain.errors import Refused, refuse
from backend.domain.wording import plain_day

MONTHS_SHOWN = 24


def is_locked(day: date, locked_until: date | None) -> bool:
    """Whether the books take nothing of this day any more."""
    return locked_until is not None and day <= locked_until


def booking_day(day: date, locked_until: date | None, today: date) -> date:
    """On which day what happened on `day` is booked: on that day, or today once it is locked."""
    return today if is_locked(day, locked_until) else day


def month_ends(today: date) -> list[date]:
    """The last days of the months that are over, the latest first."""
    found: list[date] = []
    last = today.replace(day=1) - timedelta(days=1)
    while len(found) < MONTHS_SHOWN:
        found.append(last)
        last = last.replace(day=1) - timedelta(days=1)
    return found


def check_change(until_on: date | None, locked_until: date | None, today: date) -> None:
    """What two officers may change the lock to; None opens all books.

    Raises Refused: `lock_not_month_end`, `lock_not_over`, and `lock_unchanged` (conflict).
    """
    if until_on is not None:
        if (until_on + timedelta(days=1)).day != 1:
            message = "锁账锁到月末，请选择某个月的最后一天。"
            raise refuse("lock_not_month_end", message, "until_on")
        if until_on >= today:
            message = f"{plain_day(until_on)}还没有过去，请在过了那天以后再锁。"
            raise refuse("lock_not_over", message, "until_on")
    if until_on == locked_until:
        message = f"账{lock_words(until_on)}，没有变化，无需办理。"
        raise refuse("lock_unchanged", message, "until_on", kind="conflict")


def lock_words(until_on: date | None) -> str:
    """Where the lock stands, after 账: 已锁到2025年12月31日."""
    return f"已锁到{plain_day(until_on)}" if until_on else "没有锁"


def lock_change(former: date | None, until_on: date | None) -> str:
    """A change of the lock in one line: 没有锁 → 已锁到2025年12月31日."""
    return f"{lock_words(former)} → {lock_words(until_on)}"


def lock_follows(former: date | None, until_on: date | None) -> str:
    """What a change means for whoever books."""
    if until_on is not None and not is_locked(until_on, former):
        return f"{plain_day(until_on)}和以前的日子不再记账，更正和补记记在以后的日子。"
    return "打开的日子又可以记账；改完请再锁上。已经分配过的年份，改动按差额再分配一次。"


def locked(day: date) -> Refused:
    """What is said of a booking into days that are locked."""
    message = (
        f"{plain_day(day)}的账已经锁了，没有入账。更正和补记请记在今天；"
        "确需记到那一天的，先由两位工作人员在“锁账”里把账打开。"
    )
    return refuse("period_locked", message, "booked_on", kind="conflict")
