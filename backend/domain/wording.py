"""Days and moments as people read them, in the time of Asia/Shanghai.

The end of a limit is said in one way: its last day and 24:00 (《民法典》203), so that nobody takes
0:00 for a day more. Only a field of a platform's template, which takes a time of day below 24:00,
says 23:59 of that day (`last_minute`). A period of cover is written alike: 0:00至24:00.

What a plan consists of has one name on pages, in chat and on paper, whatever a policy calls it.
"""

from datetime import date, datetime, time, timedelta

from backend.domain.holidays import WEEKDAYS
from backend.domain.local_time import SHANGHAI
from backend.domain.money import yuan

DAY_ENDS = "24:00"

SUM_INSURED = "最高赔付"
DEDUCTIBLE = "免赔额"
COVER_PERIOD = "保障期间"
PLAN_CODE = "方案校验码"
NOTICE_OPEN = "投保方案正在公示"
NOTICE_SUSPENDED = "投保方案暂缓实施"


def plain_day(on: date) -> str:
    """A date without its weekday: 2026年3月9日."""
    return f"{on.year}年{on.month}月{on.day}日"


def written(on: date) -> str:
    """A date as people write it: 2025年1月27日（周一）."""
    return f"{plain_day(on)}（{WEEKDAYS[on.weekday()]}）"


def minute(moment: datetime) -> str:
    """A moment to the minute: 2025年1月27日 15:01."""
    local = moment.astimezone(SHANGHAI)
    return f"{plain_day(local.date())} {local:%H:%M}"


def second(moment: datetime) -> str:
    """A moment to the second: 2025年1月27日 15:01:30."""
    return f"{minute(moment)}:{moment:%S}"


def until(ends_before: datetime) -> str:
    """The end of a limit in a sentence: 2025年3月10日（周一）24:00 for the midnight after it."""
    end = ends_before.astimezone(SHANGHAI)
    if end.time() == time():
        return f"{written(end.date() - timedelta(days=1))}{DAY_ENDS}"
    return f"{written(end.date())}{end:%H:%M}"


def last_minute(ends_before: datetime) -> str:
    """The end of a limit in a template's time field: 2025年3月10日 23:59, its last minute."""
    return minute(ends_before - timedelta(minutes=1))


def cover_period(first: date, last: date) -> str:
    """From the first covered day to the last: 2025年4月1日0:00至2026年3月31日24:00."""
    return f"{plain_day(first)}0:00至{plain_day(last)}{DAY_ENDS}"


def deductible(fen: int) -> str:
    """What people pay themselves each time, beside its name: 500元; 没有 for nothing."""
    return yuan(fen) if fen else "没有"
