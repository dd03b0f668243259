"""Days off and working days: the official year, the statutory dates, a local holiday.

The State Council announces a year's days off and make-up workdays (调休) late in the year before.
Until it does, a year is *provisional*: weekends plus the statutory dates of the rules on national
holidays (全国年节及纪念日放假办法, as of 10 November 2024). A local holiday (article 4) has its
own yearly notice and wins over both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")

# Month and day of 正月初一, 清明, 端午 and 中秋; two independent lunar calendars agree on them.
LUNAR_DATES = {
    2025: ("01-29", "04-04", "05-31", "10-06"),
    2026: ("02-17", "04-05", "06-19", "09-25"),
    2027: ("02-06", "04-05", "06-09", "09-15"),
    2028: ("01-26", "04-04", "05-28", "10-03"),
    2029: ("02-13", "04-04", "06-16", "09-22"),
    2030: ("02-03", "04-05", "06-05", "09-12"),
    2031: ("01-23", "04-05", "06-24", "10-01"),
    2032: ("02-11", "04-04", "06-12", "09-19"),
    2033: ("01-31", "04-04", "06-01", "09-08"),
    2034: ("02-19", "04-05", "06-20", "09-27"),
    2035: ("02-08", "04-05", "06-10", "09-16"),
    2036: ("01-28", "04-04", "05-30", "10-04"),
    2037: ("02-15", "04-04", "06-18", "09-24"),
    2038: ("02-04", "04-05", "06-07", "09-13"),
    2039: ("01-24", "04-05", "05-27", "10-02"),
    2040: ("02-12", "04-04", "06-14", "09-20"),
}


class DayKind(StrEnum):
    """What a day counts as. The first two are worked, the last two are days off."""

    WORKDAY = "workday"
    MAKE_UP_WORKDAY = "make_up_workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True)
class Day:
    """One day as the calendar sees it. `certain` is false while a notice on it is still to come."""

    on: date
    kind: DayKind
    name: str
    certain: bool = True

    @property
    def is_off(self) -> bool:
        """Whether nobody need work on it."""
        return self.kind in (DayKind.WEEKEND, DayKind.HOLIDAY)

    def as_json(self) -> dict[str, str]:
        """Plain values for an explanation: the date, the kind, the Chinese name."""
        return {"on": self.on.isoformat(), "kind": str(self.kind), "name": self.name}


@dataclass(frozen=True)
class HolidayYear:
    """One announced year: `days_off` and make-up `workdays` by date with their Chinese names.

    `source` names the notice. `scope` tells the State Council's year from a local holiday's notice.
    """

    year: int
    days_off: Mapping[date, str]
    workdays: Mapping[date, str]
    source: str
    scope: Literal["national", "local"] = "national"

    def as_json(self) -> dict[str, object]:
        """Plain values to store; `parse_holiday_year` reads them back."""
        return {
            "year": self.year,
            "scope": self.scope,
            "source": self.source,
            "days_off": {day.isoformat(): name for day, name in sorted(self.days_off.items())},
            "workdays": {day.isoformat(): name for day, name in sorted(self.workdays.items())},
        }


@dataclass(frozen=True)
class LocalHoliday:
    """A holiday of the place that recurs: `days` days from `month`/`day` each year.

    Until its notice of a year is known, any day up to `uncertain_days` before or after may change.
    """

    name: str
    month: int
    day: int
    days: int
    uncertain_days: int

    def usual(self, year: int) -> tuple[date, date]:
        """First and last day (both included) of the holiday in `year`, by rule alone."""
        first = date(year, self.month, self.day)
        return first, first + timedelta(days=self.days - 1)


@dataclass(frozen=True)
class WorkCalendar:
    """Everything known about days off: official years, the local holiday, its yearly notices."""

    national: Mapping[int, HolidayYear]
    local: LocalHoliday | None = None
    notices: Mapping[int, HolidayYear] | None = None

    def day(self, on: date) -> Day:
        """What `on` counts as: local notice, then official year, statutory date, weekday."""
        day = self._national_day(on)
        if self.local is None:
            return day
        notice = (self.notices or {}).get(on.year)
        if notice is not None:
            return _announced(on, notice) or day
        first, last = self.local.usual(on.year)
        if first <= on <= last:
            return Day(on, DayKind.HOLIDAY, self.local.name, certain=False)
        margin = timedelta(days=self.local.uncertain_days)
        near = first - margin <= on <= last + margin
        return Day(on, day.kind, day.name, day.certain and not near)

    def is_workday(self, on: date) -> bool:
        """Whether `on` is worked, make-up workdays included."""
        return not self.day(on).is_off

    def _national_day(self, on: date) -> Day:
        # The notice of a year may move the last days of December before it.
        for year in (on.year + 1, on.year):
            table = self.national.get(year)
            found = _announced(on, table) if table else None
            if found:
                return found
        official = on.year in self.national
        name = None if official else statutory_days(on.year).get(on)
        if name:
            return Day(on, DayKind.HOLIDAY, name, certain=False)
        kind = DayKind.WEEKEND if on.weekday() >= 5 else DayKind.WORKDAY
        return Day(on, kind, WEEKDAYS[on.weekday()], official)


def work_calendar(years: Iterable[HolidayYear], local: LocalHoliday | None = None) -> WorkCalendar:
    """Put announced years together; of two for the same year and scope the later one wins."""
    national: dict[int, HolidayYear] = {}
    notices: dict[int, HolidayYear] = {}
    for year in years:
        (national if year.scope == "national" else notices)[year.year] = year
    return WorkCalendar(national, local, notices)


def statutory_days(year: int) -> dict[date, str]:
    """Days off that the law itself names (放假办法第二条), date → Chinese name.

    Lunar feasts are known for 2025–2040; outside, only the fixed dates are returned.
    """
    days = {
        date(year, 1, 1): "元旦",
        date(year, 5, 1): "劳动节",
        date(year, 5, 2): "劳动节",
        **{date(year, 10, day): "国庆节" for day in (1, 2, 3)},
    }
    if year not in LUNAR_DATES:
        return days
    spring, qingming, dragon_boat, mid_autumn = (
        date.fromisoformat(f"{year}-{text}") for text in LUNAR_DATES[year]
    )
    feasts = {qingming: "清明节", dragon_boat: "端午节", mid_autumn: "中秋节"}
    eve = spring - timedelta(days=1)
    return days | feasts | {eve + timedelta(days=count): "春节" for count in range(4)}


def _announced(on: date, table: HolidayYear) -> Day | None:
    if on in table.days_off:
        return Day(on, DayKind.HOLIDAY, table.days_off[on])
    if on in table.workdays:
        return Day(on, DayKind.MAKE_UP_WORKDAY, table.workdays[on])
    return None
