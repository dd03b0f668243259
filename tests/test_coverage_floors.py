"""A floor refuses what is below it, and also where nothing was measured."""

import pytest

from tests.coverage_floors import FLOORS as OURS
from tests.coverage_floors import ROOT, Floor, verdict


@pytest.mark.parametrize(("percent", "holds"), [(89.9, True), (90, True), (90.1, False)])
def test_a_floor_refuses_what_is_below_it(percent: float, holds: bool) -> None:
    assert verdict(Floor("backend.x", "tests/x", percent), 9, 10)[0] is holds


def test_every_test_runs_in_one_of_the_parts_of_the_whole_run() -> None:
    run = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "rules <" in run
    assert "make coverage ROOMS=backend.services <" in run
    ignored = " ".join(f"--ignore={floor.tests}" for floor in OURS)
    assert f"make test ARGS='{ignored}' <" in run
    assert [floor.room for floor in OURS] == ["backend.domain", "backend.services"]


def test_nothing_measured_is_below_every_floor() -> None:
    holds, sentence = verdict(OURS[0], 0, 0)
    assert not holds
    assert sentence == "backend.domain: 0.00 % of 0 branches, the floor is 95 %"


def test_the_floors_are_about_rooms_and_tests_that_are_there() -> None:
    for floor in OURS:
        assert (ROOT / floor.room.replace(".", "/")).is_dir()
        assert (ROOT / floor.tests).is_dir()
