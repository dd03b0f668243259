"""Runs the tests of two rooms under coverage and holds them to their floors: `make coverage`.

The rules are measured by their own tests and the services by theirs, so that neither room lives on
what is tested by the way elsewhere; all other tests, generated histories among them, run at full
speed. Branches count for rules, where each way is a sentence of a plan; lines for services. The
first words on the command line may name rooms (`backend.domain`), the others go to pytest.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
DATA = ROOT / "var" / "coverage"


@dataclass(frozen=True)
class Floor:
    """So many percent of the branches (or lines) of `room` are reached by the tests in `tests`."""

    room: str
    tests: str
    percent: float
    branches: bool = False

    @property
    def data_file(self) -> Path:
        """Where coverage keeps what it saw, for reports of one's own."""
        return DATA / self.room

    def reached(self, totals: dict[str, int]) -> tuple[int, int]:
        """How many there are of what counts here that were reached, and how many in all."""
        if self.branches:
            return totals["covered_branches"], totals["num_branches"]
        return totals["covered_lines"], totals["num_statements"]


FLOORS = (
    Floor("backend.domain", "tests/domain", 95, branches=True),
    Floor("backend.services", "tests/services", 90),
)


def measure(floor: Floor, words: Sequence[str]) -> dict[str, int]:
    """Run the tests and count; ends the program with pytest's exit status when one fails."""
    measured = ["--source", floor.room, "--data-file", str(floor.data_file)]
    tests = ["-m", "pytest", "-m", "measured", *words, floor.tests]
    ran = _coverage("run", *measured, *(["--branch"] if floor.branches else []), *tests)
    if ran.returncode:
        sys.exit(ran.returncode)
    _coverage("combine", "--quiet", "--data-file", str(floor.data_file)).check_returncode()
    counted = DATA / f"{floor.room}.json"
    _report("json", floor, "--quiet", "-o", str(counted)).check_returncode()
    return dict(json.loads(counted.read_text())["totals"])


def verdict(floor: Floor, totals: dict[str, int]) -> tuple[bool, str]:
    """Whether the floor holds, and the sentence that says so."""
    reached, there = floor.reached(totals)
    holds = 100 * reached >= floor.percent * there > 0
    what = "branches" if floor.branches else "lines"
    share = 100 * reached / there if there else 0
    sentence = f"{floor.room}: {share:.2f} % of {there} {what}, the floor is {floor.percent} %"
    return holds, sentence


def main(words: Sequence[str]) -> None:
    """Measure rooms; exit status 1 and what was missed when one is below its floor."""
    rooms = list(takewhile({floor.room for floor in FLOORS}.__contains__, words))
    words = words[len(rooms) :]
    DATA.mkdir(parents=True, exist_ok=True)
    said = []
    for floor in FLOORS:
        if rooms and floor.room not in rooms:
            continue
        for old in DATA.glob(f"{floor.room}*"):
            old.unlink()
        holds, sentence = verdict(floor, measure(floor, words))
        said.append((holds, sentence))
        if not holds:
            _report("report", floor, "--skip-covered", "--show-missing", "--sort", "miss")
    click.echo("\n".join(sentence for _, sentence in said))
    sys.exit(not all(holds for holds, _ in said))


def _report(kind: str, floor: Floor, *words: str) -> "subprocess.CompletedProcess[bytes]":
    return _coverage(kind, "--data-file", str(floor.data_file), *words)


def _coverage(*words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([sys.executable, "-m", "coverage", *words], cwd=ROOT, check=False)


if __name__ == "__main__":
    main(sys.argv[1:])
