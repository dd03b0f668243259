"""What a day's work touches does not grow with the years, and how rows that are over may go: counts
of pages and rows, in small. `python -m bench.years` tells a large city ten years, and
`python -m bench.throwing_away` throws away days of 20,000 rows.
"""

from bench.growth import LIFTS_OF_THE_DEMO
from bench.throwing_away import BATCH, compare
from bench.years import compared, missed

CASES_A_YEAR, YEARS = 365, 4


def test_a_days_work_touches_no_more_after_years() -> None:
    lines, hour, _ = compared(
        LIFTS_OF_THE_DEMO, CASES_A_YEAR, YEARS, options=["enable_seqscan=off"]
    )
    assert missed(lines) == []
    assert {name for name, gone in hour.items() if gone["rows"] == 0} == set(), "nothing is thrown"


def test_a_key_is_taken_once_where_a_table_is_whole_and_found_in_one_place() -> None:
    found = compare(a_day=BATCH + 1)
    whole, parted = found["whole"], found["parted"]
    assert (whole["taken_twice"], parted["taken_twice"]) == (0, 1)
    assert whole["find"]["buffers"] < parted["find"]["buffers"]
    assert found["delete"]["transactions"] == 2
    assert found["drop"]["nobody_may_read_meanwhile"]
