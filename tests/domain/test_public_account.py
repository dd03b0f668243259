"""The public account of an estate adds up, and names what moved it."""

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.public_account import FLOWS, Flow, quarter_of, years_of

KINDS = [*FLOWS, "something_new"]
MOVES = st.lists(
    st.tuples(st.integers(2021, 2025), st.sampled_from(KINDS), st.integers(-(10**12), 10**12))
)


def test_a_year_begins_with_what_the_one_before_ended_with() -> None:
    moved = [
        (2024, "year_close", 1_000),
        (2023, "opening", 5_000),
        (2024, "premium_due", -1_300),
        (2024, "reversal", 1_300),
        (2024, "refund_returned", 200),
    ]
    latest, year, first = years_of(0, moved, 2022, 2025)
    assert (first.year, first.began_fen, first.moved) == (2023, 0, [(Flow.OPENING, 5_000)])
    assert (year.began_fen, year.ended_fen) == (5_000, 6_200)
    assert year.moved == [(Flow.INCOME, 1_000), (Flow.PREMIUM, -1_300), (Flow.RETURNED, 1_500)]
    assert (latest.year, latest.moved, latest.ended_fen) == (2025, [], 6_200)


def test_an_account_that_never_had_anything_has_no_years() -> None:
    assert years_of(0, [], 2021, 2025) == []


def test_what_is_booked_ahead_counts_for_the_year_that_runs() -> None:
    (this,) = years_of(0, [(2026, "opening", 5_000)], 2021, 2025)
    assert (this.year, this.ended_fen) == (2025, 5_000)


@given(st.integers(0, 10**12), MOVES)
def test_the_last_year_ends_with_all_that_ever_moved(
    began: int, moved: list[tuple[int, str, int]]
) -> None:
    years = years_of(began, moved, 2021, 2025)
    ended = began + sum(fen for *_, fen in moved)
    assert (years[0].ended_fen if years else 0) == ended or ended == 0
    for later, earlier in pairwise(years):
        assert later.began_fen == earlier.ended_fen or later.year - earlier.year > 1


def test_a_quarter_is_one_more_than_the_one_before_it() -> None:
    days = [date(2024, 12, 31), date(2025, 1, 1), date(2025, 3, 31), date(2025, 4, 1)]
    first, *rest = map(quarter_of, days)
    assert rest == [first + 1, first + 1, first + 2]
