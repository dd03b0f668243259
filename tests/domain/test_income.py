from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import Refused
from backend.domain.income import (
    Affordability,
    Income,
    affordability,
    broken_term,
    interest_fen,
    principal_needed,
    split_by_year,
    value_added,
    whole_term,
)
from backend.domain.money import Part, parse_fen
from backend.domain.typed_table import Sourced
from backend.store.city_files import load_city

RULES = load_city("jishou").income
BENCHMARK = Decimal("0.0150")
money = st.integers(0, 10**13)
rates = st.decimals(0, 1, places=6)


def income(principal: str, rate: str, years: Fraction) -> Income:
    fen = parse_fen(principal)
    return value_added(interest_fen(fen, Decimal(rate), years), interest_fen(fen, BENCHMARK, years))


def test_a_year_above_the_benchmark_leaves_value_added_income() -> None:
    found = income("12345678.90", "0.0195", whole_term(12))
    assert (found.actual_fen, found.statutory_fen) == (24074074, 18518518)
    assert (found.pooled_fen, found.owners_fen, found.owed_fen) == (5555556, 18518518, 0)


def test_a_broken_term_leaves_the_residual_and_not_a_rounded_spread() -> None:
    years = broken_term(RULES, date(2025, 1, 1), date(2025, 7, 3))
    assert years == Fraction(183, 360)
    exact = replace(RULES, day_count_basis=Sourced(365, "default"))
    assert broken_term(exact, date(2025, 1, 1), date(2025, 7, 3)) == Fraction(183, 365)
    found = income("3456789.12", "0.0195", years)
    assert (found.actual_fen, found.statutory_fen) == (3426542, 2635802)
    assert found.pooled_fen == 790740
    assert interest_fen(345678912, Decimal("0.0045"), years) == 790741


def test_a_year_below_the_benchmark_pools_nothing_and_stays_owed() -> None:
    assert income("8000000.00", "0.0095", whole_term(12)) == Income(
        actual_fen=7600000,
        statutory_fen=12000000,
        pooled_fen=0,
        owners_fen=7600000,
        owed_fen=4400000,
    )


@pytest.mark.parametrize(
    ("principal_fen", "rate", "fen"),
    [(100, "0.005", 1), (100, "0.0049", 0), (300, "0.005", 2)],
)
def test_half_a_fen_rounds_up(principal_fen: int, rate: str, fen: int) -> None:
    assert interest_fen(principal_fen, Decimal(rate), Fraction(1)) == fen


@given(money, rates, rates, st.integers(1, 3650))
def test_no_fen_is_invented_and_no_pool_is_negative(
    principal: int, rate: Decimal, benchmark: Decimal, days: int
) -> None:
    years = Fraction(days, 360)
    actual = interest_fen(principal, rate, years)
    statutory = interest_fen(principal, benchmark, years)
    found = value_added(actual, statutory)
    assert found.actual_fen == found.owners_fen + found.pooled_fen
    assert found.statutory_fen == found.owners_fen + found.owed_fen
    assert min(found.pooled_fen, found.owners_fen, found.owed_fen) >= 0
    assert found.pooled_fen == 0 or found.owed_fen == 0


def test_negative_interest_is_refused() -> None:
    with pytest.raises(Refused, match="amount_negative"):
        value_added(-1, 0)


def test_income_over_new_year_is_cut_by_days() -> None:
    # 1 March 2024 to 1 March 2025: 306 days and 59 days.
    parts = split_by_year(36500, date(2024, 3, 1), date(2025, 3, 1))
    assert parts == (Part("2024", 30600), Part("2025", 5900))


def test_a_deposit_that_ends_on_new_year_belongs_to_the_old_year() -> None:
    assert split_by_year(100, date(2024, 6, 1), date(2025, 1, 1)) == (Part("2024", 100),)


@given(money, st.dates(date(2010, 1, 1), date(2040, 1, 1)), st.integers(1, 2000))
def test_the_years_of_a_deposit_sum_to_its_income(fen: int, from_on: date, days: int) -> None:
    until = from_on + timedelta(days=days)
    parts = split_by_year(fen, from_on, until)
    assert sum(part.fen for part in parts) == fen
    last = until - timedelta(days=1)
    assert [part.name for part in parts] == [str(y) for y in range(from_on.year, last.year + 1)]


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(Refused, match="period_empty"):
        split_by_year(100, date(2025, 1, 1), date(2025, 1, 1))
    with pytest.raises(Refused, match="period_empty"):
        broken_term(RULES, date(2025, 1, 2), date(2025, 1, 1))


@pytest.mark.parametrize(("premium", "principal"), [("1300", 28888889), ("3500", 77777778)])
def test_the_principal_that_pays_for_one_lift(premium: str, principal: int) -> None:
    assert principal_needed(parse_fen(premium), Decimal("0.0045")) == principal


def test_no_principal_is_enough_without_a_spread() -> None:
    with pytest.raises(Refused, match="spread_not_positive"):
        principal_needed(130000, Decimal(0))


def test_the_shortfall_and_the_year_it_closes() -> None:
    assert affordability(50000, 130000, 30000, 2025) == Affordability(50000, 130000, 80000, 2027)
    assert affordability(50000, 130000, 80000, 2025).closes_in == 2025
    assert affordability(130000, 130000, 0, 2025).closes_in == 2024
    assert affordability(0, 130000, 0, 2025).closes_in is None
