"""For how long an insurer insures: a year at most, and not for days that have passed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.domain.cover import a_year_after, check_period
from backend.domain.errors import Refused

DAYS = some.dates(date(2004, 1, 1), date(2098, 12, 31))


@pytest.mark.parametrize(
    ("first", "after"),
    [
        ("2025-04-01", "2026-04-01"),
        ("2025-12-31", "2026-12-31"),
        ("2024-02-28", "2025-02-28"),
        ("2023-03-01", "2024-03-01"),
        # The next February has no 29th: the whole of it is covered.
        ("2024-02-29", "2025-03-01"),
    ],
)
def test_a_year_ends_before_the_same_day_of_the_next(first: str, after: str) -> None:
    assert a_year_after(date.fromisoformat(first)) == date.fromisoformat(after)


@given(DAYS)
def test_a_year_is_365_or_366_days_and_grows_with_its_beginning(first: date) -> None:
    assert (a_year_after(first) - first).days in (365, 366)
    assert a_year_after(first) <= a_year_after(first + timedelta(days=1))


@given(DAYS, some.integers(1, 366))
def test_cover_of_some_days_up_to_a_year_may_be_planned(first: date, days: int) -> None:
    ends_before = first + timedelta(days=days)
    if ends_before > a_year_after(first):
        ends_before = a_year_after(first)
    check_period(first, ends_before, first)
    check_period(first, ends_before, first - timedelta(days=1))


@given(DAYS)
def test_one_day_more_than_a_year_is_too_long(first: date) -> None:
    with pytest.raises(Refused, match="period_too_long") as refused:
        check_period(first, a_year_after(first) + timedelta(days=1), first)
    assert refused.value.refusals[0].field == "cover_ends_before"


@given(DAYS, some.integers(0, 400))
def test_cover_does_not_end_before_it_begins(first: date, days: int) -> None:
    with pytest.raises(Refused, match="period_invalid"):
        check_period(first, first - timedelta(days=days), first)


@given(DAYS)
def test_cover_does_not_begin_yesterday(today: date) -> None:
    with pytest.raises(Refused, match="cover_begins_in_past") as refused:
        check_period(today - timedelta(days=1), today + timedelta(days=9), today)
    assert refused.value.refusals[0].field == "cover_from"
