"""Up to which day the books take nothing more, and what may be changed about it."""

from datetime import date

import pytest

from backend.domain.errors import Refused
from backend.domain.period_locks import (
    booking_day,
    check_change,
    is_locked,
    lock_change,
    lock_follows,
    month_ends,
)

TODAY = date(2026, 1, 6)
YEAR_END, NOVEMBER = date(2025, 12, 31), date(2025, 11, 30)


def test_the_last_locked_day_is_locked_and_the_next_one_is_open() -> None:
    assert is_locked(YEAR_END, YEAR_END)
    assert is_locked(date(2014, 1, 1), YEAR_END), "what came before it too"
    assert not is_locked(date(2026, 1, 1), YEAR_END)
    assert not is_locked(date(2014, 1, 1), None)


def test_what_comes_late_is_booked_today_and_what_comes_in_time_on_its_day() -> None:
    assert booking_day(date(2025, 12, 21), YEAR_END, TODAY) == TODAY
    assert booking_day(date(2026, 1, 2), YEAR_END, TODAY) == date(2026, 1, 2)
    assert booking_day(date(2025, 12, 21), None, TODAY) == date(2025, 12, 21)


@pytest.mark.parametrize(
    ("until_on", "code"),
    [
        (date(2025, 12, 30), "lock_not_month_end"),
        (date(2026, 1, 31), "lock_not_over"),
        (date(2099, 12, 31), "lock_not_over"),
        (NOVEMBER, "lock_unchanged"),
    ],
)
def test_a_lock_ends_with_a_month_that_is_over_and_changes_something(
    until_on: date, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        check_change(until_on, NOVEMBER, TODAY)
    assert refused.value.refusals[0].code == code


def test_a_lock_goes_forward_back_and_away() -> None:
    for until_on in (YEAR_END, date(2025, 10, 31), None):
        check_change(until_on, NOVEMBER, TODAY)
    assert lock_change(None, YEAR_END) == "没有锁 → 已锁到2025年12月31日"
    assert "不再记账" in lock_follows(NOVEMBER, YEAR_END)
    assert "又可以记账" in lock_follows(YEAR_END, NOVEMBER)
    assert "又可以记账" in lock_follows(YEAR_END, None)


def test_only_months_that_are_over_are_offered() -> None:
    offered = month_ends(date(2026, 3, 1))
    assert offered[:3] == [date(2026, 2, 28), date(2026, 1, 31), YEAR_END]
    for end in offered:
        check_change(end, None, date(2026, 3, 1))
