"""入选: how a selection stands on a day, goes on, and ends early."""

from datetime import date

import pytest

from backend.domain.errors import Refused
from backend.domain.selection import TermStatus, check_end, renewed_from, term_status

TODAY = date(2025, 3, 3)
RUNS = (date(2024, 12, 1), date(2025, 4, 30))


@pytest.mark.parametrize(
    ("first", "last", "stands"),
    [
        (None, None, TermStatus.NEVER),
        (date(2025, 3, 4), None, TermStatus.COMING),
        (date(2025, 3, 3), None, TermStatus.RUNNING),
        (date(2024, 1, 1), date(2025, 6, 2), TermStatus.RUNNING),
        (date(2024, 1, 1), date(2025, 6, 1), TermStatus.ENDING),
        (date(2024, 1, 1), date(2025, 3, 3), TermStatus.ENDING),
        (date(2024, 1, 1), date(2025, 3, 2), TermStatus.OVER),
    ],
)
def test_a_selection_runs_through_its_last_day_and_its_end_is_seen_coming(
    first: date | None, last: date | None, stands: TermStatus
) -> None:
    assert term_status(first, last, TODAY) == stands


def test_a_selection_that_runs_goes_on_without_a_day_between() -> None:
    assert renewed_from(RUNS, date(2025, 5, 1), date(2027, 4, 30), TODAY) == RUNS[0]
    assert renewed_from(RUNS, date(2025, 3, 1), None, TODAY) == date(2025, 3, 1)
    assert renewed_from((None, None), date(2025, 5, 1), None, TODAY) == date(2025, 5, 1)
    over = date(2024, 1, 1), date(2025, 3, 2)
    assert renewed_from(over, date(2025, 5, 1), None, TODAY) == date(2025, 5, 1)
    with pytest.raises(Refused, match="selection_gap"):
        renewed_from(RUNS, date(2025, 5, 2), None, TODAY)
    with pytest.raises(Refused, match="selection_days_invalid"):
        renewed_from(RUNS, date(2025, 5, 1), date(2025, 4, 30), TODAY)


@pytest.mark.parametrize("last", [date(2024, 11, 30), date(2025, 4, 30), date(2025, 5, 1)])
def test_a_selection_ends_early_on_one_of_its_days_but_its_last(last: date) -> None:
    check_end(RUNS, date(2025, 4, 29))
    check_end((RUNS[0], None), last.replace(year=2026))
    for former in (RUNS, (None, None)):
        with pytest.raises(Refused, match="selection_not_running"):
            check_end(former, last)
