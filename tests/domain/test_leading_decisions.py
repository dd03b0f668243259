"""What the leading group decides about money that is owed."""

from datetime import date

import pytest

from backend.domain import leading_decisions as rules
from backend.domain.errors import Refused

OWED_ON, TODAY = date(2025, 1, 2), date(2025, 3, 1)


@pytest.mark.parametrize("owed", [0, -1])
def test_nothing_is_decided_about_what_nobody_owes(owed: int) -> None:
    rules.check_owed(1)
    with pytest.raises(Refused, match="没有欠款"):
        rules.check_owed(owed)


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2025, 3, 2), "day_in_future"), (date(2025, 1, 1), "decision_before_owed")],
)
def test_a_decision_is_of_a_day_after_what_it_is_about_and_not_of_tomorrow(
    day: date, code: str
) -> None:
    rules.check_day(OWED_ON, OWED_ON, TODAY)
    rules.check_day(TODAY, OWED_ON, TODAY)
    with pytest.raises(Refused) as refused:
        rules.check_day(day, OWED_ON, TODAY)
    assert refused.value.refusals[0].code == code


@pytest.mark.parametrize(
    ("owed", "decided", "is_open", "words"),
    [
        (100, None, True, "等领导小组决定"),
        (100, 100, False, "已有决定"),
        (60, 100, False, "已有决定"),
        (130, 100, True, "其中0.30元是决定以后多出来的，等领导小组决定"),
    ],
)
def test_what_comes_on_top_of_what_was_decided_waits_for_another_decision(
    owed: int, decided: int | None, is_open: bool, words: str
) -> None:
    assert rules.is_open(owed, decided) is is_open
    assert rules.words(owed, decided) == words
