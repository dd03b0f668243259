"""Runs the tests of two rooms under coverage and holds them to their floors: `make coverage`.

The rules are measured by their own tests and the services by theirs, so that neither room lives on
what is tested by the way elsewhere; all other tests run at full speed. Branches count for rules,
where each way is a sentence of a plan, and coverage traces them. Lines count for services, and
SlipCover watches these alone: tracing would make every library beneath them half as slow again.
The first words on the command line may name rooms (`backend.domain`), the others go to pytest.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
DATA = ROOT / "var" / "coverage"
PYTEST = ("-m", "pytest")
# SlipCover is at work before pytest begins, which would like to have rewritten it.
LOADED_BEFORE = ("-W", "ignore::pytest.PytestAssertRewriteWarning")


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

    @property
    def counted(self) -> Path:
        """What was seen, file by file."""
        return DATA / f"{self.room}.json"


FLOORS = (
    Floor("backend.domain", "tests/domain", 95, branches=True),
    Floor("backend.services", "tests/services", 90),
)


def measure(floor: Floor, words: Sequence[str]) -> tuple[int, int]:
    """Run the tests; how many of what counts here were reached, and how many there are. Ends the
    program with pytest's exit status when a test fails."""
    return _branches(floor, words) if floor.branches else _lines(floor, words)


def _branches(floor: Floor, words: Sequence[str]) -> tuple[int, int]:
    seen = ["--data-file", str(floor.data_file)]
    _run("coverage", "run", "--branch", "--source", floor.room, *seen, *PYTEST, *words, floor.tests)
    _run("coverage", "combine", "--quiet", *seen)
    _run("coverage", "json", "--quiet", *seen, "-o", str(floor.counted))
    totals = json.loads(floor.counted.read_text())["totals"]
    return totals["covered_branches"], totals["num_branches"]


def _lines(floor: Floor, words: Sequence[str]) -> tuple[int, int]:
    seen = ["--source", floor.room.replace(".", "/"), "--json", "--out", str(floor.counted)]
    _run("slipcover", "--immediate", *seen, *PYTEST, *LOADED_BEFORE, *words, floor.tests)
    totals = json.loads(floor.counted.read_text())["summary"]
    return totals["covered_lines"], totals["covered_lines"] + totals["missing_lines"]


def verdict(floor: Floor, reached: int, there: int) -> tuple[bool, str]:
    """Whether the floor holds, and the sentence that says so."""
    holds = 100 * reached >= floor.percent * there > 0
    what = "branches" if floor.branches else "lines"
    share = 100 * reached / there if there else 0
    sentence = f"{floor.room}: {share:.2f} % of {there} {what}, the floor is {floor.percent} %"
    return holds, sentence


def missed(floor: Floor) -> Iterator[str]:
    """Each file with the lines that no test of the room reached, those with most of them first."""
    files = json.loads(floor.counted.read_text())["files"]
    for name in sorted(files, key=lambda name: -len(files[name]["missing_lines"])):
        if lines := files[name]["missing_lines"]:
            yield f"{name}: {' '.join(map(str, lines))}"


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
        holds, sentence = verdict(floor, *measure(floor, words))
        said.append((holds, sentence))
        if not holds:
            click.echo("\n".join(missed(floor)))
    click.echo("\n".join(sentence for _, sentence in said))
    sys.exit(not all(holds for holds, _ in said))


def _run(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
