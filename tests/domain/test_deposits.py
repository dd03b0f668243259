"""Where a deposit and its interest stand, and how each figure is told."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from backend.domain.city.benchmarks import known_terms
from backend.domain.closing import Share, explain
from backend.domain.deposits import (
    DepositStatus,
    InterestStatus,
    Measure,
    cut_words,
    deposit_status,
    interest_status,
    statutory_words,
    term_words,
)
from backend.domain.income import value_added, years_of
from backend.store.city_files import load_city

DUE = date(2025, 1, 1)
BEGAN, MIDDLE = date(2024, 1, 1), date(2024, 7, 2)


@pytest.mark.parametrize(
    ("matures_on", "entered_until", "today", "withdrawn", "status"),
    [
        (DUE, None, date(2024, 12, 31), False, DepositStatus.RUNNING),
        (None, None, DUE, False, DepositStatus.RUNNING),
        (DUE, None, DUE, False, DepositStatus.UNPAID),
        (DUE, MIDDLE, DUE, False, DepositStatus.UNPAID),
        (DUE, DUE, DUE, False, DepositStatus.ENDED),
        (DUE, None, DUE, True, DepositStatus.WITHDRAWN),
    ],
)
def test_a_deposit_ended_unpaid_until_its_last_interest_is_entered(
    matures_on: date | None,
    entered_until: date | None,
    today: date,
    withdrawn: bool,
    status: DepositStatus,
) -> None:
    assert deposit_status(matures_on, entered_until, today, withdrawn=withdrawn) is status


def test_interest_stands_by_the_second_officers_word_until_it_is_undone() -> None:
    assert interest_status(None, undone=False) is InterestStatus.WAITING
    assert interest_status(True, undone=False) is InterestStatus.CONFIRMED
    assert interest_status(False, undone=False) is InterestStatus.TURNED_DOWN
    assert interest_status(True, undone=True) is InterestStatus.UNDONE


def test_every_figure_of_a_cut_is_told_with_what_it_rests_on() -> None:
    rules = load_city("jishou").income
    by = Measure(345_678_912, Decimal("0.015"), 12, DUE)
    cut = value_added(3_426_542, 2_635_802)
    words = dict(cut_words(rules, by, (BEGAN, MIDDLE), cut, years_of(790_740, BEGAN, MIDDLE)))
    assert words["计息期间"] == "2024年1月1日到2024年7月2日（当天不计息），共183天"
    assert words["法定利息 S"].startswith("3,456,789.12元 × 基准利率1.5% × 183 ÷ 360 = 26,358.02元")
    assert words["增值收益 V"] == "A − S = 7,907.40元，进统筹账户［方案四（一）］"
    assert words["各年"].startswith("2024年7,907.40元。")
    short = dict(cut_words(rules, by, (BEGAN, MIDDLE), value_added(0, 2_635_802), {}))
    assert "差额 S − A = 26,358.02元仍欠业主" in short["增值收益 V"]
    assert "各年" not in short
    whole = statutory_words(rules, by, BEGAN, DUE, 5_185_184)
    assert whole.endswith("× 基准利率1.5% × 12 ÷ 12 = 51,851.84元，归业主［方案四（一）］")
    last = statutory_words(rules, by, MIDDLE, DUE, 2_549_382)
    assert "以前各次已算26,358.02元，这次25,493.82元" in last


def test_terms_have_names_and_a_share_its_parts() -> None:
    assert [term_words(each) for each in known_terms(load_city("jishou"))][:2] == ["活期", "3个月"]
    share = Share(uuid4(), "A", "甲", 1, 3, 100, 1, 34)
    assert (share.floor_fen, share.remainder) == (33, 1)
    assert any("最大余数法" in sentence for sentence in explain(share))
