"""What an account had, what moved it in a period, and what it has after it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.account_statement import ENTRY_NAMES, Period, of_flat, period_of
from backend.domain.errors import Refused
from backend.domain.households import MovementKind
from backend.domain.public_account import FLOWS

TODAY = date(2025, 3, 4)
DAYS = st.dates(date(2024, 1, 1), date(2025, 12, 31))


def test_without_days_it_is_of_this_year_until_today() -> None:
    assert period_of(None, None, TODAY) == Period(date(2025, 1, 1), TODAY)
    whole = period_of(None, date(2024, 12, 31), TODAY)
    assert whole == Period(date(2024, 1, 1), date(2024, 12, 31))
    assert whole.words == "2024年1月1日至2024年12月31日"
    assert period_of(TODAY, TODAY, TODAY) == Period(TODAY, TODAY)


@pytest.mark.parametrize(
    ("from_on", "until_on", "code"),
    [
        (None, date(2025, 3, 5), "day_in_future"),
        (date(2025, 3, 4), date(2025, 3, 3), "statement_period_invalid"),
        (date(2025, 3, 5), None, "statement_period_invalid"),
    ],
)
def test_a_period_ends_after_it_begins_and_not_in_the_future(
    from_on: date | None, until_on: date | None, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        period_of(from_on, until_on, TODAY)
    assert refused.value.refusals[0].code == code


@given(st.lists(st.tuples(DAYS, st.integers(-1000, 1000)), max_size=8), DAYS, DAYS)
def test_periods_that_follow_each_other_hand_the_balance_on(
    booked: list[tuple[date, int]], first: date, last: date
) -> None:
    first, last = sorted((first, last))
    bookings = [(on, MovementKind.PRINCIPAL, fen) for on, fen in sorted(booked)]
    before = of_flat("户", bookings, Period(date(2020, 1, 1), first))
    after = of_flat("户", bookings, Period(first, last))
    on_the_day = sum(fen for on, _, fen in bookings if on == first)
    assert after.opening_fen == before.closing_fen - on_the_day
    assert after.closing_fen == sum(fen for on, _, fen in bookings if on <= last)
    if after.lines:
        assert after.lines[-1].balance_fen == after.closing_fen
    assert after.count == len(after.lines)


def test_whatever_moves_a_pool_has_a_name_on_its_statement() -> None:
    assert FLOWS.keys() <= ENTRY_NAMES.keys()
