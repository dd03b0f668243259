import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.calendar import (
    Deadline,
    days_left,
    keep_longer,
    period_end,
    resumed_end,
    working_days_end,
)
from backend.domain.city.schema import CityProfile
from backend.domain.deadlines import city_calendar, deadline_for, run_on_from
from backend.domain.errors import Refused
from backend.domain.holidays import (
    DayKind,
    HolidayYear,
    LocalHoliday,
    WorkCalendar,
    statutory_days,
    work_calendar,
)
from backend.domain.local_time import local_date
from backend.store.city_files import load_city
from backend.store.holidays import official_year, official_years

OFFICIAL = work_calendar(official_years())
LOCAL = LocalHoliday("州庆", 9, 20, 2, 3)
WITH_LOCAL = work_calendar(official_years(), LOCAL)

days_of_use = st.dates(date(2004, 1, 1), date(2030, 12, 31))
lengths = st.integers(1, 60)
calendars = st.sampled_from([OFFICIAL, WITH_LOCAL])


@pytest.fixture(scope="module")
def jishou() -> CityProfile:
    return load_city("jishou")


@pytest.fixture(scope="module")
def shaoguan() -> CityProfile:
    return load_city("shaoguan")


def payment(city: CityProfile, start_on: date, *more: HolidayYear) -> Deadline:
    calendar = city_calendar(city, (*official_years(), *more))
    return deadline_for(city, calendar, "payment", start_on)


def rules(deadline: Deadline) -> list[str]:
    return [reason.rule for reason in deadline.explanation]


# --- the official facts that everything below rests on


def test_the_official_calendar_of_2025_has_its_known_days() -> None:
    year = official_year(2025)
    assert year is not None
    assert {day.isoformat() for day in year.workdays} == {
        "2025-01-26",
        "2025-02-08",
        "2025-04-27",
        "2025-09-28",
        "2025-10-11",
    }
    assert date(2025, 1, 27) not in year.days_off
    assert min(day for day, name in year.days_off.items() if name == "春节") == date(2025, 1, 28)
    assert len(year.days_off) == 28


def test_only_fixed_feasts_are_known_in_a_year_whose_moon_nobody_computed() -> None:
    assert {day.month for day in statutory_days(2050)} == {1, 5, 10}
    assert {day.month for day in statutory_days(2030)} > {1, 2, 4, 5, 10}


def test_the_official_calendar_of_2026_has_its_known_days() -> None:
    year = official_year(2026)
    assert year is not None
    assert {day.isoformat() for day in year.workdays} == {
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    }
    assert year.days_off[date(2026, 2, 23)] == "春节"
    assert len(year.days_off) == 33


def test_no_official_year_before_2004_or_after_the_last_announcement() -> None:
    assert official_year(2003) is None
    assert official_year(2027) is None


@pytest.mark.parametrize("year", [2025, 2026])
def test_statutory_days_are_off_in_the_official_years(year: int) -> None:
    official = official_year(year)
    assert official is not None
    assert statutory_days(year).items() <= official.days_off.items()


# --- worked figures


def test_seven_days_from_20_january_2025_end_on_27_january(jishou: CityProfile) -> None:
    calendar = city_calendar(jishou, official_years())
    deadline = deadline_for(jishou, calendar, "public_notice_period", date(2025, 1, 20))
    assert deadline.ends_on == date(2025, 1, 27)
    assert deadline.ends_before.isoformat() == "2025-01-28T00:00:00+08:00"
    assert not deadline.provisional
    assert rules(deadline) == [
        "limit",
        "start_day_not_counted",
        "last_day",
        "workday_stays",
        "ends_at_midnight",
    ]


def test_a_weekend_end_rolls_to_monday_and_says_that_this_is_a_default(jishou: CityProfile) -> None:
    calendar = city_calendar(jishou, official_years())
    deadline = deadline_for(jishou, calendar, "public_notice_period", date(2025, 3, 8))
    assert deadline.ends_on == date(2025, 3, 17)
    moved = next(r for r in deadline.explanation if r.rule == "moved_past_days_off")
    assert [day.on for day in moved.days] == [date(2025, 3, 15), date(2025, 3, 16)]
    assert "系统默认" in (deadline.explanation[-1].article or "")


def test_a_payment_file_of_25_september_2025_is_due_on_11_october(shaoguan: CityProfile) -> None:
    deadline = payment(shaoguan, date(2025, 9, 25))
    assert deadline.ends_on == date(2025, 10, 11)
    assert not deadline.provisional
    made_up = next(r for r in deadline.explanation if r.rule == "make_up_workdays_counted")
    assert [day.on for day in made_up.days] == [date(2025, 9, 28), date(2025, 10, 11)]
    assert "参照外市方案" in (deadline.explanation[0].article or "")


# --- periods


def test_a_holiday_end_moves_past_the_whole_holiday_even_where_weekends_stay() -> None:
    # Qingming 2025: Friday 4 to Sunday 6 April, announced as one holiday.
    deadline = period_end(OFFICIAL, date(2025, 3, 28), 7, roll_weekends=False)
    assert deadline.ends_on == date(2025, 4, 7)


def test_a_plain_weekend_end_stays_where_the_city_says_so() -> None:
    deadline = period_end(OFFICIAL, date(2025, 3, 8), 7, roll_weekends=False)
    assert deadline.ends_on == date(2025, 3, 15)
    assert "weekend_stays" in rules(deadline)


def test_a_make_up_workday_end_does_not_roll() -> None:
    deadline = period_end(OFFICIAL, date(2025, 2, 1), 7, roll_weekends=True)
    assert deadline.ends_on == date(2025, 2, 8)
    assert "make_up_workday_stays" in rules(deadline)


def test_the_spring_festival_in_the_middle_of_a_period_does_not_lengthen_it() -> None:
    assert period_end(OFFICIAL, date(2025, 1, 27), 10, True).ends_on == date(2025, 2, 6)


def test_a_year_not_yet_announced_is_provisional_and_uses_the_statutory_dates() -> None:
    deadline = period_end(OFFICIAL, date(2027, 1, 29), 7, roll_weekends=True)
    # Friday 5 February 2027 is 除夕, statutory days off to Monday the 8th.
    assert deadline.ends_on == date(2027, 2, 9)
    assert deadline.provisional
    assert rules(deadline)[-1] == "provisional"


def test_an_imported_year_makes_its_deadlines_final() -> None:
    text = HolidayYear(
        2027,
        {**statutory_days(2027), date(2027, 2, 9): "春节"},
        {},
        "国务院办公厅关于2027年部分节假日安排的通知",
    )
    calendar = work_calendar((*official_years(), text))
    deadline = period_end(calendar, date(2027, 1, 29), 7, roll_weekends=True)
    assert (deadline.ends_on, deadline.provisional) == (date(2027, 2, 10), False)


def test_a_notice_may_move_the_last_days_of_the_december_before_it() -> None:
    # In the announcement for 2019, Saturday 29 December 2018 was worked for Monday the 31st.
    day_off, worked = date(2018, 12, 31), date(2018, 12, 29)
    calendar = work_calendar(
        [
            HolidayYear(2018, {}, {}, "2018"),
            HolidayYear(2019, {day_off: "元旦"}, {worked: "元旦调休"}, "2019"),
        ]
    )
    assert calendar.day(day_off).kind is DayKind.HOLIDAY
    assert calendar.day(worked).kind is DayKind.MAKE_UP_WORKDAY


@pytest.mark.parametrize("start_on", [date(2003, 12, 31), date(2100, 1, 1), date.max])
def test_a_start_out_of_range_is_refused(start_on: date) -> None:
    with pytest.raises(Refused, match="date_out_of_range"):
        period_end(OFFICIAL, start_on, 7, True)
    with pytest.raises(Refused, match="date_out_of_range"):
        working_days_end(OFFICIAL, start_on, 7)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_length_out_of_range_is_refused(days: int) -> None:
    with pytest.raises(Refused, match="days_out_of_range"):
        period_end(OFFICIAL, date(2025, 1, 20), days, True)


# --- the local holiday


def test_the_local_holiday_wins_over_a_make_up_workday(
    jishou: CityProfile, shaoguan: CityProfile
) -> None:
    # Sunday 20 September 2026 is worked for the National Day, but not where 州庆 begins on it.
    assert payment(shaoguan, date(2026, 9, 16)).ends_on == date(2026, 9, 24)
    local = payment(jishou, date(2026, 9, 16))
    assert (local.ends_on, local.provisional) == (date(2026, 9, 29), True)


def test_a_dated_local_notice_makes_the_year_final(
    jishou: CityProfile, shaoguan: CityProfile
) -> None:
    # 2024: off 18 to 20 September, Sunday the 22nd worked, by the notice of 2 September.
    assert payment(shaoguan, date(2024, 9, 12)).ends_on == date(2024, 9, 24)
    local = payment(jishou, date(2024, 9, 12))
    assert (local.ends_on, local.provisional) == (date(2024, 9, 26), False)


def test_an_imported_local_notice_counts_from_the_next_computation_on(jishou: CityProfile) -> None:
    notice = HolidayYear(2026, {date(2026, 9, 21): "州庆"}, {}, "放假通知", "local")
    deadline = payment(jishou, date(2026, 9, 16), notice)
    # Only Monday the 21st is off; Sunday the 20th is worked again.
    assert (deadline.ends_on, deadline.provisional) == (date(2026, 9, 28), False)


def test_without_a_local_notice_only_the_days_around_the_holiday_are_provisional(
    jishou: CityProfile,
) -> None:
    assert payment(jishou, date(2025, 9, 1)).provisional is False
    assert payment(jishou, date(2025, 9, 9)).provisional is True
    assert payment(jishou, date(2025, 9, 25)).provisional is False


def test_another_city_ignores_local_notices(shaoguan: CityProfile) -> None:
    notice = HolidayYear(2026, {date(2026, 9, 17): "州庆"}, {}, "放假通知", "local")
    assert payment(shaoguan, date(2026, 9, 16), notice) == payment(shaoguan, date(2026, 9, 16))


# --- suspension and growth


@pytest.mark.parametrize(
    ("filed_on", "left"),
    [
        (date(2025, 1, 20), 7),
        (date(2025, 1, 25), 2),
        (date(2025, 1, 26), 1),
        (date(2025, 1, 27), 1),
    ],
)
def test_the_whole_days_left_at_the_first_objection_run_on(filed_on: date, left: int) -> None:
    assert days_left(date(2025, 1, 27), filed_on) == left


def test_an_objection_after_the_end_leaves_no_days() -> None:
    with pytest.raises(Refused, match="objection_late"):
        days_left(date(2025, 1, 27), date(2025, 1, 28))


def test_a_resumed_notice_runs_on_from_the_day_of_resumption(jishou: CityProfile) -> None:
    calendar = city_calendar(jishou, official_years())
    was = date(2025, 1, 27)
    deadline = run_on_from(jishou, calendar, "public_notice_period", date(2025, 2, 10), 2, was)
    assert deadline.ends_on == date(2025, 2, 12)
    assert deadline.explanation[0].rule == "resumed"


def test_a_resumed_end_also_rolls_past_a_holiday() -> None:
    deadline = resumed_end(OFFICIAL, date(2025, 1, 27), 1, True, date(2025, 1, 27))
    assert deadline.ends_on == date(2025, 2, 5)


@given(days_of_use, st.integers(0, 40), st.integers(0, 40))
def test_a_resumed_notice_never_ends_before_the_posted_end(
    start_on: date, filed_after: int, answered_after: int
) -> None:
    posted = period_end(OFFICIAL, start_on, 7, True)
    filed_on = min(start_on + timedelta(days=filed_after), posted.ends_on)
    left = days_left(posted.ends_on, filed_on)
    resumed_on = filed_on + timedelta(days=answered_after)
    assert resumed_end(OFFICIAL, resumed_on, left, True, posted.ends_on).ends_on >= posted.ends_on


def test_a_recomputed_notice_may_only_grow() -> None:
    shorter = period_end(OFFICIAL, date(2025, 1, 20), 7, True)
    kept = keep_longer(date(2025, 1, 29), shorter)
    assert kept.ends_on == date(2025, 1, 29)
    assert kept.ends_before.isoformat() == "2025-01-30T00:00:00+08:00"
    assert kept.explanation[-1].rule == "posted_end_kept"
    assert keep_longer(date(2025, 1, 26), shorter) is shorter


# --- general properties


@given(calendars, days_of_use, lengths)
def test_a_deadline_never_falls_on_a_day_off(
    calendar: WorkCalendar, start_on: date, days: int
) -> None:
    assert calendar.is_workday(period_end(calendar, start_on, days, True).ends_on)
    assert calendar.is_workday(working_days_end(calendar, start_on, days).ends_on)


@given(days_of_use, lengths)
def test_a_period_without_weekend_rule_never_ends_on_a_holiday(start_on: date, days: int) -> None:
    end = period_end(OFFICIAL, start_on, days, False).ends_on
    assert OFFICIAL.day(end).kind is not DayKind.HOLIDAY


@given(days_of_use, lengths, st.integers(1, 30))
def test_a_later_start_never_ends_earlier(start_on: date, days: int, later: int) -> None:
    after = start_on + timedelta(days=later)
    for rolls in (True, False):
        first = period_end(WITH_LOCAL, start_on, days, rolls)
        assert first.ends_on <= period_end(WITH_LOCAL, after, days, rolls).ends_on
    first = working_days_end(WITH_LOCAL, start_on, days)
    assert first.ends_on <= working_days_end(WITH_LOCAL, after, days).ends_on


@given(days_of_use, lengths)
def test_a_limit_contains_exactly_its_working_days(start_on: date, days: int) -> None:
    end = working_days_end(WITH_LOCAL, start_on, days).ends_on
    counted = [start_on + timedelta(days=n) for n in range(1, (end - start_on).days + 1)]
    worked = [on for on in counted if WITH_LOCAL.is_workday(on)]
    assert len(worked) == days
    assert worked[-1] == end


@given(days_of_use, lengths)
def test_the_explanation_names_every_day_that_was_skipped(start_on: date, days: int) -> None:
    limit = working_days_end(WITH_LOCAL, start_on, days)
    span = range(1, (limit.ends_on - start_on).days + 1)
    counted = [start_on + timedelta(days=n) for n in span]
    off = {on for on in counted if not WITH_LOCAL.is_workday(on)}
    named = {
        day.on for r in limit.explanation if r.rule == "days_off_not_counted" for day in r.days
    }
    assert named == off

    period = period_end(WITH_LOCAL, start_on, days, True)
    nominal = start_on + timedelta(days=days)
    moved = {
        day.on for r in period.explanation if r.rule == "moved_past_days_off" for day in r.days
    }
    assert moved == {nominal + timedelta(days=n) for n in range((period.ends_on - nominal).days)}


@given(days_of_use, lengths)
def test_an_explanation_survives_json_and_ends_at_shanghai_midnight(
    start_on: date, days: int
) -> None:
    deadline = working_days_end(WITH_LOCAL, start_on, days)
    values = json.loads(json.dumps(deadline.as_json(), ensure_ascii=False))
    assert values["ends_on"] == deadline.ends_on.isoformat()
    assert values["ends_before"].endswith("T00:00:00+08:00")
    assert all(reason["text"].endswith("。") for reason in values["explanation"])
    assert local_date(deadline.ends_before - timedelta(seconds=1)) == deadline.ends_on
