"""The table of deliberate breaks keeps up with the house: `python -m tests.broken_builds`."""

from collections import Counter
from pathlib import Path

import pytest
from click import ClickException

from tests.broken_builds import ROOT, Break, read_faults, read_table
from tests.build.named_tests import missing

TABLE = read_table()
# F16 was none of the house's.
ATTACKED = {f"F{number}" for number in range(1, 20)} - {"F16"}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.fault} {row.what}")
def test_each_break_finds_its_words_once_and_its_tests(row: Break) -> None:
    assert (ROOT / row.file).read_text("utf-8").count(row.old) == 1
    assert row.new != row.old
    assert row.tests
    assert missing(ROOT, list(row.tests)) == []


def test_each_fault_is_brought_back_by_a_break() -> None:
    assert set(read_faults()) >= ATTACKED
    assert {row.fault for row in TABLE} == set(read_faults())
    twice = [what for what, times in Counter(row.what for row in TABLE).items() if times > 1]
    assert twice == []


def test_a_break_is_gone_afterwards_and_told_when_it_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("right = True\n")
    row = Break("F1", "wrong", "a.py", "True", "False", ["tests/test_broken_builds.py::x"])
    with row.within(tmp_path):
        assert (tmp_path / "a.py").read_text() == "right = False\n"
    assert (tmp_path / "a.py").read_text() == "right = True\n"
    (tmp_path / "a.py").write_text("right = 1\n")
    with pytest.raises(ClickException, match=r"not once in a\.py"), row.within(tmp_path):
        pass
