"""How rows that are over may go: counts of pages and rows, in small; `bench.throwing_away` throws
away days of 20,000 rows."""

from bench.throwing_away import BATCH, compare


def test_a_key_is_taken_once_where_a_table_is_whole_and_found_in_one_place() -> None:
    found = compare(a_day=BATCH + 1)
    whole, parted = found["whole"], found["parted"]
    assert (whole["taken_twice"], parted["taken_twice"]) == (0, 1)
    assert whole["find"]["buffers"] < parted["find"]["buffers"]
    assert found["delete"]["transactions"] == 2
    assert found["drop"]["nobody_may_read_meanwhile"]
