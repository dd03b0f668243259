"""The clock that a demonstration moves: all programs read it, one sets it."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.clock import MARK, SettableClock, system_clock

JANUARY = datetime(2025, 1, 20, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# Says the time whenever it is asked.
SAYS = """
import sys
from pathlib import Path
from backend.clock import SettableClock
clock = SettableClock(Path(sys.argv[1]))
for _ in sys.stdin:
    print(clock().isoformat(), flush=True)
"""


def near(one: datetime, other: datetime) -> bool:
    return abs(one - other) < MINUTE


def test_what_one_program_sets_another_sees_in_the_next_thing_it_does(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    ours = SettableClock(path)
    words = [sys.executable, "-c", SAYS, str(path)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        asked, says = program.stdin, program.stdout
        assert asked is not None
        assert says is not None

        def theirs() -> datetime:
            print(file=asked, flush=True)
            return datetime.fromisoformat(says.readline().strip())

        assert near(theirs(), system_clock())
        for days in (0, 30, 3650, -30):
            ours.set(JANUARY + timedelta(days=days))
            assert near(theirs(), JANUARY + timedelta(days=days))
            assert near(ours(), JANUARY + timedelta(days=days))
        asked.close()


def test_whoever_sets_it_later_is_believed(tmp_path: Path) -> None:
    one, other = (SettableClock(tmp_path / "clock") for _ in range(2))
    one.set(JANUARY)
    other.set(JANUARY + timedelta(days=1))
    assert near(one(), JANUARY + timedelta(days=1))
    one.set(JANUARY + timedelta(days=2))
    assert near(other(), JANUARY + timedelta(days=2))


def test_a_clock_of_the_version_before_goes_on_and_can_be_set(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    path.write_text(str(-86_400.25))
    one, other = SettableClock(path), SettableClock(path)
    assert near(one(), system_clock() - timedelta(days=1))
    other.set(JANUARY)
    assert near(one(), JANUARY)
    assert near(other(), JANUARY)
    assert [found.name for found in tmp_path.iterdir()] == ["clock"]


def test_a_clock_that_was_cut_off_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    path.write_bytes(MARK + b"..")
    clock = SettableClock(path)
    with pytest.raises(ValueError, match="mmap"):
        clock()
