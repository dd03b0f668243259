"""Days and moments as people read them, in the time of Asia/Shanghai.

The end of a limit is said in one way: its last day and 24:00 (《民法典》203), so that nobody takes
0:00 for a day more. Only a field of a platform's template, which takes a time of day below 24:00,
says 23:59 of that day (`last_minute`). A period of cover is written alike: 0:00至24:00.

What a plan consists of has one name on pages, in chat and on paper, whatever a policy calls it.
"""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from backend.domain.holidays import WEEKDAYS
from backend.domain.local_time import SHANGHAI, local_date
from backend.domain.money import yuan

ENDS_TODAY = "今天截止"
DAY_ENDS = "24:00"
FIELD_CHARACTERS = 20  # what a field of a platform's template holds
BUILDINGS_NAMED = 2

SUM_INSURED = "最高赔付"
DEDUCTIBLE = "免赔额"
COVER_PERIOD = "保障期间"
PLAN_CODE = "方案校验码"
# What tables and docstrings call the plans of the cities, and what people read.
PLANS = {"JS": "吉首方案", "SG": "韶关方案"}
NOTICE_OPEN = "投保方案正在公示"
NOTICE_OVER = "投保方案公示期已满"
NOTICE_SUSPENDED = "投保方案暂缓实施"


def basis(clause: str) -> str:
    """What a step rests on, as people read it: 吉首方案附件二（一）4, or 本平台默认."""
    for short, plan in PLANS.items():
        clause = clause.replace(short, plan)
    return clause


def calendar_year(year: int) -> str:
    """A year of the calendar: 2026年."""
    return f"{year}年"


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


def days_still(ends_before: datetime, now: datetime) -> str:
    """How many days of the calendar a limit still has (还有3天截止), on its last one `ENDS_TODAY`;
    empty once it is over."""
    if now >= ends_before:
        return ""
    days = (local_date(ends_before - timedelta.resolution) - local_date(now)).days
    return f"还有{days}天截止" if days else ENDS_TODAY


def last_minute(ends_before: datetime) -> str:
    """The end of a limit in a template's time field: 2025年3月10日 23:59, its last minute."""
    return minute(ends_before - timedelta(minutes=1))


def day_ends(last: date) -> str:
    """The end of a last day: 2026年3月31日24:00."""
    return f"{plain_day(last)}{DAY_ENDS}"


def cover_period(first: date, last: date) -> str:
    """From the first covered day to the last: 2025年4月1日0:00至2026年3月31日24:00."""
    return f"{plain_day(first)}0:00至{day_ends(last)}"


def later_start(promised: date, first: date) -> str | None:
    """That cover begins later than promised, and on which days there is none by this policy; None
    where it does not."""
    if first <= promised:
        return None
    last = first - timedelta(days=1)
    days = (first - promised).days
    return f"保障比公示的方案晚{days}天开始：{cover_period(promised, last)}没有本保险单的保障。"


def deductible(fen: int) -> str:
    """What people pay themselves each time, beside its name: 500元; 没有 for nothing."""
    return yuan(fen) if fen else "没有"


def area(of_lifts: Collection[str]) -> str:
    """Which part of an estate it is about, from the building of each lift: 6栋 · 4台; 1栋、2栋 ·
    3台; 1栋等5栋 · 20台."""
    names, lifts = sorted(set(of_lifts), key=_by_number), len(of_lifts)
    if not names:
        return ""
    if len(names) <= BUILDINGS_NAMED:
        return f"{'、'.join(names)} · {lifts}台"
    return f"{names[0]}等{len(names)}栋 · {lifts}台"


def located(estate: str, within: str) -> str:
    """An estate and the part of it that is meant, in one field of a template: the part stands
    whole, and the estate's name is cut where both are too long."""
    left = FIELD_CHARACTERS - len(within) - 1
    if len(estate) > left:
        estate = f"{estate[: max(left - 1, 1)]}…"
    return f"{estate} {within}".strip()


def _by_number(name: str) -> tuple[tuple[int, str], ...]:
    """So that 2栋 comes before 10栋."""
    return (*((int(number), "") for number in re.findall(r"[0-9]+", name)), (0, name))
