"""Income of before these books: what may be said of it, and of which year."""

from datetime import date

import pytest

from backend.domain import past_income
from backend.domain.errors import Refused

TODAY = date(2025, 3, 1)


@pytest.mark.parametrize(
    ("year", "amounts", "code"),
    [
        (2014, (1, 0), "year_out_of_range"),
        (2026, (1, 0), "year_out_of_range"),
        (2025, (1, 0), "year_not_over"),
        (2024, (-1, 2), "amount_negative"),
        (2024, (2, -1), "amount_negative"),
        (2024, (0, 0), "amount_not_positive"),
    ],
)
def test_a_year_that_is_over_gets_something(year: int, amounts: tuple[int, int], code: str) -> None:
    with pytest.raises(Refused) as refused:
        past_income.check(year, TODAY, *amounts)
    assert refused.value.refusals[0].code == code
    past_income.check(2024, TODAY, 0, 1)
    past_income.check(2024, TODAY, 1, 0)


def test_no_more_counts_for_years_than_the_openings_owe() -> None:
    past_income.check_left(2_635_802, 2_635_802)
    with pytest.raises(Refused, match="这次要记26,358") as refused:
        past_income.check_left(2_635_803, 2_635_802)
    assert refused.value.kind == "conflict"


def test_a_year_before_the_first_opening_has_no_weights_and_is_told_which_has() -> None:
    past_income.check_weighed(2024, date(2024, 12, 31), TODAY)
    with pytest.raises(Refused, match="请记到2024年"):
        past_income.check_weighed(2023, date(2024, 12, 31), TODAY)
    with pytest.raises(Refused, match="请等2025年结束以后，记到2025年"):
        past_income.check_weighed(2024, date(2025, 1, 1), TODAY)


def test_what_of_a_close_was_earned_before_is_said_in_one_sentence() -> None:
    assert past_income.explain(0, 0) == ""
    assert past_income.explain(2_000_000, 0) == (
        "其中以前没有派发的利息20,000元（归各户）［方案五（二）1］"
    )
    both = past_income.explain(2_000_000, 635_802)
    assert both.startswith("其中以前没有派发的利息20,000元（归各户），以前没有分配的增值收益")
