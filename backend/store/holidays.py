"""Official years as the `chinesecalendar` package knows them (2004 to the last announced year)."""

from datetime import date
from functools import cache

from chinese_calendar import Holiday, holidays, is_workday, workdays

from backend.domain.holidays import HolidayYear

NAMES = {
    Holiday.new_years_day.value: "元旦",
    Holiday.spring_festival.value: "春节",
    Holiday.tomb_sweeping_day.value: "清明节",
    Holiday.labour_day.value: "劳动节",
    Holiday.dragon_boat_festival.value: "端午节",
    Holiday.national_day.value: "国庆节",
    Holiday.mid_autumn_festival.value: "中秋节",
    Holiday.anti_fascist_70th_day.value: "抗战胜利70周年纪念日",
}


def official_year(year: int) -> HolidayYear | None:
    """The State Council's days off and make-up workdays of `year`; None when not yet announced."""
    try:
        is_workday(date(year, 1, 1))
    except NotImplementedError:
        return None
    days_off = {day: NAMES[name] for day, name in holidays.items() if day.year == year}
    make_up = {day: NAMES[name] + "调休" for day, name in workdays.items() if day.year == year}
    return HolidayYear(year, days_off, make_up, "国务院办公厅节假日安排（chinesecalendar）")


@cache
def official_years() -> tuple[HolidayYear, ...]:
    """Every official year the package holds."""
    first, last = min(holidays).year, max(holidays).year
    years = (official_year(year) for year in range(first, last + 1))
    return tuple(year for year in years if year is not None)
