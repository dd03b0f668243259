"""A floor refuses what is below it, and also where nothing was measured."""

import pytest

from tests.coverage_floors import FLOORS as OURS
from tests.coverage_floors import ROOT, Floor, verdict

TOTALS = {
    "covered_lines": 90,
    "num_statements": 100,
    "covered_branches": 19,
    "num_branches": 20,
}


@pytest.mark.parametrize(
    ("percent", "branches", "holds"),
    [(90, False, True), (90.1, False, False), (95, True, True), (95.5, True, False)],
)
def test_a_floor_counts_what_it_is_about(percent: float, branches: bool, holds: bool) -> None:
    assert verdict(Floor("backend.x", "tests/x", percent, branches), TOTALS)[0] is holds


def test_every_test_runs_in_one_of_the_parts_of_the_whole_run() -> None:
    run = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "rules <" in run
    assert "make coverage ROOMS=backend.services <" in run
    assert """make test ARGS='-m "not measured"' <""" in run
    assert [floor.room for floor in OURS] == ["backend.domain", "backend.services"]


def test_nothing_measured_is_below_every_floor() -> None:
    holds, sentence = verdict(OURS[0], dict.fromkeys(TOTALS, 0))
    assert not holds
    assert sentence == "backend.domain: 0.00 % of 0 branches, the floor is 95 %"


def test_the_floors_are_about_rooms_and_tests_that_are_there() -> None:
    for floor in OURS:
        assert (ROOT / floor.room.replace(".", "/")).is_dir()
        assert (ROOT / floor.tests).is_dir()
