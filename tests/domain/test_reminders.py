from datetime import date, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.holidays import work_calendar
from backend.domain.local_time import SHANGHAI
from backend.domain.reminders import Schedule, due_stage, next_stage, time_left
from backend.store.city_files import load_city
from backend.store.holidays import official_years

RULES = load_city("jishou").reminders
CALENDAR = work_calendar(official_years())
# A payment file complete on 25 September 2025: seven working days end on 11 October.
PAYMENT = Schedule(date(2025, 9, 25), date(2025, 10, 11), RULES, CALENDAR)
PUBLIC_NOTICE = Schedule(date(2025, 1, 20), date(2025, 1, 27), RULES)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def first(schedule: Schedule, count: int) -> list[tuple[str, str]]:
    return [(s.name, f"{s.at:%m-%d %H:%M}") for s in islice(schedule.stages(), count)]


def test_a_limit_in_working_days_is_counted_back_in_working_days() -> None:
    assert first(PAYMENT, 5) == [
        ("before_3", "09-30 09:00"),
        ("before_1", "10-10 09:00"),
        ("due_today", "10-11 09:00"),
        ("overdue_1", "10-13 09:00"),
        ("overdue_2", "10-14 09:00"),
    ]


def test_a_limit_in_days_is_counted_back_in_days() -> None:
    assert first(PUBLIC_NOTICE, 4) == [
        ("before_3", "01-24 09:00"),
        ("before_1", "01-26 09:00"),
        ("due_today", "01-27 09:00"),
        ("overdue_1", "01-28 09:00"),
    ]


def test_a_short_limit_has_no_reminder_on_or_before_its_start() -> None:
    schedule = Schedule(date(2025, 1, 20), date(2025, 1, 22), RULES)
    assert first(schedule, 2) == [("before_1", "01-21 09:00"), ("due_today", "01-22 09:00")]


def test_the_supervisor_hears_from_the_second_overdue_day_on() -> None:
    escalates = [stage.escalates for stage in islice(PAYMENT.stages(), 6)]
    assert escalates == [False, False, False, False, True, True]


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        ("2025-09-30T08:59", None, None),
        ("2025-09-30T09:00", None, "before_3"),
        ("2025-10-09T12:00", None, "before_3"),
        ("2025-10-09T12:00", "before_3", None),
        ("2025-10-10T09:00", None, "before_1"),
        ("2025-10-10T09:00", "before_3", "before_1"),
        ("2025-10-12T09:00", "before_3", "due_today"),
        ("2025-11-03T10:00", "before_3", "overdue_16"),
        ("2025-11-03T10:00", "overdue_16", None),
    ],
)
def test_of_missed_reminders_only_the_latest_is_due(
    now: str, last: str | None, due: str | None
) -> None:
    stage = due_stage(PAYMENT, at(now), last)
    assert (stage.name if stage else None) == due


def test_there_is_always_a_next_reminder() -> None:
    assert next_stage(PAYMENT, at("2025-09-25T10:00")).name == "before_3"
    assert next_stage(PAYMENT, at("2025-10-11T09:00")).name == "overdue_1"
    assert next_stage(PAYMENT, at("2025-10-11T09:00")).at == at("2025-10-13T09:00")


@pytest.mark.parametrize(
    ("kind", "now", "time", "more"),
    [
        ("payment", "2025-09-30T09:00", "还有3个工作日", ""),
        ("payment", "2025-10-05T09:00", "还有3个工作日", ""),
        ("payment", "2025-10-10T23:59", "还有1个工作日", ""),
        ("payment", "2025-10-11T23:59", "今天到期", "，请尽快办理"),
        ("payment", "2025-10-12T00:00", "已逾期", "，请立即办理"),  # a Sunday
        ("payment", "2025-10-13T09:00", "已逾期1个工作日", "，请立即办理"),
        ("public_notice_period", "2025-10-10T23:59", "还有1个工作日", ""),
        ("public_notice_period", "2025-10-12T00:00", "公示已满", "，请办理"),
        ("public_notice_period", "2025-10-13T09:00", "公示已满1个工作日", "，请办理"),
    ],
)
def test_what_is_left_is_counted_as_the_limit_is_and_after_its_day_it_is_over(
    kind: str, now: str, time: str, more: str
) -> None:
    left = time_left(kind, PAYMENT, at(now))
    assert (left.time_words, left.words) == (time, time + more)
    assert left.over == (at(now) >= at("2025-10-12T00:00"))
    assert left.late == (left.over and kind == "payment")  # a notice that hung long enough is not


def test_a_limit_says_what_it_is_counted_in() -> None:
    assert (PAYMENT.unit, PUBLIC_NOTICE.unit) == ("个工作日", "天")


@settings(deadline=None)
@given(
    st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    st.integers(1, 40),
    st.booleans(),
    st.lists(st.integers(0, 96), max_size=60),
)
def test_sweeps_at_any_times_send_each_reminder_at_most_once_and_in_order(
    start_on: date, days: int, working: bool, hours: list[int]
) -> None:
    calendar = CALENDAR if working else None
    schedule = Schedule(start_on, start_on + timedelta(days=days), RULES, calendar)
    order = [stage.name for stage in islice(schedule.stages(), 300)]
    now, last, sent = datetime.combine(start_on, datetime.min.time(), SHANGHAI), None, []
    for pause in hours:
        now += timedelta(hours=pause)
        stage = due_stage(schedule, now, last)
        if stage:
            assert stage.at <= now < next_stage(schedule, now).at
            assert stage.at.time() == RULES.at.value
            last = stage.name
            sent.append(stage.name)
    places = [order.index(name) for name in sent]
    assert places == sorted(set(places))
