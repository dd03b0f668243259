"""When the next application must begin, so that cover goes on."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.deadlines import city_calendar, deadline_for
from backend.domain.renewal import latest_start, road
from backend.domain.routes.catalogue import offered, table_of
from backend.store.city_files import load_city
from backend.store.holidays import official_years
from tests.build.facts import JISHOU

CALENDAR = city_calendar(JISHOU, official_years())
R1 = table_of("R1", JISHOU)


def arrives(start: date) -> date:
    """When the policy of an application is there that takes every limit to its end."""
    for step in road(R1):
        if step.limit:
            start = deadline_for(JISHOU, CALENDAR, step.limit, start).ends_on
    return start


@pytest.mark.parametrize(
    ("start", "policy"),
    [("2025-06-02", "2025-09-24"), ("2025-08-11", "2025-12-10"), ("2025-09-01", "2025-12-26")],
)
def test_every_limit_used_to_its_end(start: str, policy: str) -> None:
    assert str(arrives(date.fromisoformat(start))) == policy


@pytest.mark.parametrize(
    ("cover_ends_before", "start"),
    [("2026-02-01", "2025-10-08"), ("2026-01-01", "2025-09-03"), ("2026-04-01", "2025-12-01")],
)
def test_the_latest_start_is_counted_backwards_from_the_end_of_cover(
    cover_ends_before: str, start: str
) -> None:
    found = latest_start(JISHOU, CALENDAR, R1, date.fromisoformat(cover_ends_before))
    assert str(found.on) == start


@settings(max_examples=30, deadline=None)
@given(st.dates(date(2025, 3, 1), date(2026, 12, 31)))
def test_a_day_later_would_be_too_late(cover_ends_before: date) -> None:
    found = latest_start(JISHOU, CALENDAR, R1, cover_ends_before)
    assert arrives(found.on) < cover_ends_before <= arrives(found.on + timedelta(days=1))


def test_it_explains_each_limit_in_order_and_says_until_when() -> None:
    found = latest_start(JISHOU, CALENDAR, R1, date(2026, 4, 1))
    assert found.explanation[0] == "2025年12月1日（周一）提出申请"
    assert found.explanation[-2] == "出具保险单用满期限，到2026年3月31日24:00"
    assert found.explanation[-1] == "保障到2026年3月31日24:00"
    assert len(found.explanation) == 12
    assert found.words(date(2025, 11, 1)) == (
        "要让保障不中断，下一年度的申请最迟在2025年12月1日提出。"
    )
    assert found.words(date(2025, 12, 2)) == (
        "下一年度的申请最迟应在2025年12月1日提出，已经过了，"
        "请尽快申请；保障到2026年3月31日24:00，之后可能中断。"
    )


def test_it_says_that_days_off_are_not_announced_yet() -> None:
    found = latest_start(JISHOU, CALENDAR, R1, date(2029, 4, 1))
    assert found.provisional
    assert "暂定" in found.words(date(2028, 6, 1))


def test_people_are_told_a_month_before_and_it_is_late_the_day_after() -> None:
    found = latest_start(JISHOU, CALENDAR, R1, date(2026, 4, 1))
    days = [date(2025, 10, 31), date(2025, 11, 1), date(2025, 12, 1), date(2025, 12, 2)]
    assert [found.due_to_be_told(day) for day in days] == [False, True, True, True]
    assert [found.is_late(day) for day in days] == [False, False, False, True]
    assert [found.left(day) for day in days[1:]] == [
        "还有30天",
        "今天是最后一天",
        "已过最迟日期，请尽快申请",
    ]


@pytest.mark.parametrize("name", ["jishou", "shaoguan"])
def test_every_route_that_a_city_offers_has_a_straight_road_to_its_policy(name: str) -> None:
    city = load_city(name)
    for code in offered(city):
        assert road(table_of(code, city))[-1].action == "issue_policy"
