"""The file in which an officer hands in a year's days off, as TOML or JSON text.

year = 2027
scope = "national"            # or "local" for a local holiday's notice
source = "国务院办公厅关于2027年部分节假日安排的通知"
[days_off]
"2027-01-01" = "元旦"
[workdays]
"2027-02-20" = "春节调休"
"""

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, cast

from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.holidays import LUNAR_DATES, HolidayYear, statutory_days

KEYS = {"year", "scope", "source", "days_off", "workdays"}
FIRST_YEAR, LAST_YEAR = 2004, 2100


class _Reader:
    """Reads the parts of one file and remembers everything that is wrong with it."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw
        self.refusals: list[Refusal] = []

    def wrong(self, key: str, message: str) -> None:
        self.refusals.append(Refusal("holiday_file_invalid", f"{key}：{message}", key))

    def year(self) -> int:
        year = self.raw.get("year")
        if type(year) is int and FIRST_YEAR <= year <= LAST_YEAR:
            return year
        self.wrong("year", f"应为 {FIRST_YEAR} 至 {LAST_YEAR} 之间的整数年份")
        return 0

    def scope(self) -> Literal["national", "local"]:
        scope = self.raw.get("scope", "national")
        if scope not in ("national", "local"):
            self.wrong("scope", "应为 national（国务院办公厅安排）或 local（地方放假通知）")
        return cast(Literal["national", "local"], scope)

    def source(self) -> str:
        source = self.raw.get("source")
        if isinstance(source, str) and source.strip():
            return source.strip()
        self.wrong("source", "请写明通知的名称和文号")
        return ""

    def days(self, key: str, year: int) -> dict[date, str]:
        raw = self.raw.get(key, {})
        if not isinstance(raw, dict):
            self.wrong(key, "应为“日期 = 名称”的表")
            return {}
        days: dict[date, str] = {}
        for text, name in raw.items():
            where = f"{key}.{text}"
            on = _plain_date(text)
            if on is None:
                self.wrong(where, "不是有效日期，请写成 2027-01-01 的样子")
            elif year and not date(year - 1, 12, 1) <= on <= date(year, 12, 31):
                self.wrong(where, f"不在 {year} 年（可含上年 12 月）之内")
            elif not isinstance(name, str) or not name.strip():
                self.wrong(where, "请写明假日名称")
            else:
                days[on] = name.strip()
        return days


def parse_holiday_year(text: str) -> HolidayYear:
    """Read and check an officer's file (TOML, or JSON when it starts with `{`).

    Raises Refused (`holiday_file_invalid`) with one refusal per problem, each naming its key.
    """
    raw = _load(text)
    read = _Reader(raw)
    for key in sorted(set(raw) - KEYS):
        read.wrong(key, "没有这个键；可用的键是 " + "、".join(sorted(KEYS)))
    year, scope, source = read.year(), read.scope(), read.source()
    days_off, workdays = read.days("days_off", year), read.days("workdays", year)
    if not days_off and "days_off" not in {refusal.field for refusal in read.refusals}:
        read.wrong("days_off", "没有任何放假日")
    for on in sorted(days_off.keys() & workdays.keys()):
        read.wrong(f"workdays.{on}", "同一天不能既放假又上班")
    if scope == "national":
        _check_national(read, year, days_off, workdays)
    if read.refusals:
        raise Refused(*read.refusals)
    return HolidayYear(year, days_off, workdays, source, scope)


def _check_national(
    read: _Reader, year: int, days_off: Mapping[date, str], workdays: Mapping[date, str]
) -> None:
    for on in sorted(workdays):
        if on.weekday() < 5:
            read.wrong(f"workdays.{on}", "调休上班日应为周六或周日")
    if year in LUNAR_DATES:
        for on, name in sorted(statutory_days(year).items()):
            if on not in days_off:
                read.wrong("days_off", f"缺少法定节日 {on}（{name}）")


def _load(text: str) -> dict[str, Any]:
    try:
        if text.lstrip().startswith("{"):
            raw = json.loads(text, object_pairs_hook=_without_repeats)
        else:
            raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse("holiday_file_unreadable", f"文件不是有效的 TOML 或 JSON：{error}") from None
    return cast(dict[str, Any], raw)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("同一个键写了两次")
    return table


def _plain_date(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
