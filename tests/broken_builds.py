"""Breaks the house on purpose, one guard after the other, and looks whether its tests notice.

    .venv/bin/python -m tests.broken_builds            # all, an hour on two busy cores
    .venv/bin/python -m tests.broken_builds F4 F12     # those of these faults

Each row of `broken_builds.toml` brings back a fault from an attack on the house: in a copy of the
tree some words of one file are replaced, and each of the tests that the row names must fail. Before
that all of them must pass in the copy as it is. Exit status 1 when a break was not caught.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import click

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "tests" / "broken_builds.toml"
PACKAGES = Path(click.__file__).parents[1]
PYTEST = ("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-o", "junit_family=xunit1")
MOST_SECONDS = 1200  # a test that waits for ever notices nothing either


@dataclass(frozen=True)
class Break:
    """In `file` the words `old` become `new`; then `what` is true, and each of `tests` fails."""

    fault: str
    what: str
    file: str
    old: str
    new: str
    tests: Sequence[str]

    @contextmanager
    def within(self, copy: Path) -> Iterator[None]:
        """The break is in this copy of the tree for as long as the block runs."""
        path = copy / self.file
        whole = path.read_text("utf-8")
        if whole.count(self.old) != 1:
            raise click.ClickException(f"{self.fault}: not once in {self.file}: {self.old!r}")
        path.write_text(whole.replace(self.old, self.new), "utf-8")
        try:
            yield
        finally:
            path.write_text(whole, "utf-8")


def read_table() -> list[Break]:
    """Every row, in its order."""
    return [Break(**row) for row in tomllib.loads(TABLE.read_text("utf-8"))["break"]]


def read_faults() -> dict[str, str]:
    """What each fault is called, and what it was."""
    return dict(tomllib.loads(TABLE.read_text("utf-8"))["faults"])


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the tree with an environment that loads the house from there alone."""
    with tempfile.TemporaryDirectory(prefix="tibao-broken-") as folder:
        copy = Path(folder)
        copy.chmod(0o711)  # PostgreSQL may run as another user
        kept = subprocess.check_output(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT
        )
        for name in filter(None, kept.decode().split("\0")):
            if (ROOT / name).exists():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name)
        _environment(copy)
        yield copy


def _environment(copy: Path) -> None:
    """As `make .venv/.test` would make it, without installing anything: the packages are ours."""
    made = copy / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True)
    (site,) = made.glob("lib/python*/site-packages")
    (site / "copy.pth").write_text(f"{copy}\n{PACKAGES}\n")
    ours = Path(sys.executable).parent
    for script in ours.iterdir():
        there = made / "bin" / script.name
        if script.is_file() and not there.exists():
            words = script.read_bytes()
            there.write_bytes(words.replace(str(ours).encode(), str(made / "bin").encode()))
            there.chmod(0o755)


def outcomes(copy: Path, tests: Sequence[str]) -> dict[str, set[str]]:
    """What became of each test in the copy: `passed`, `failed`, `error`, `skipped`; of one with
    parameters, or of a whole class, all that occurred. Nothing where pytest did not come so far."""
    report = copy / "var" / "outcomes.xml"
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    python = copy / ".venv" / "bin" / "python"
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TIBAO_")}
    with (copy / "var" / "said.txt").open("wb") as said:
        ran = subprocess.Popen(
            [python, *PYTEST, f"--junitxml={report}", *tests],
            cwd=copy,
            env=ours | {"VIRTUAL_ENV": str(copy / ".venv"), "PYTHONPATH": ""},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            with suppress(subprocess.TimeoutExpired):
                ran.wait(MOST_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(ran.pid, signal.SIGKILL)  # what a break let run on
            ran.wait()
    found: dict[str, set[str]] = {test: set() for test in tests}
    if not report.exists():
        return found
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - our own
        name = _test_of(case)
        ended = {part.tag for part in case} & {"failure", "error", "skipped"} or {"passed"}
        for test in tests:
            if name == test or name.startswith(f"{test}::"):
                found[test] |= {"failed" if end == "failure" else end for end in ended}
    return found


def _test_of(case: ElementTree.Element) -> str:
    """`tests/…py::Class::test`, without parameters."""
    file, dotted = case.get("file", ""), case.get("classname", "")
    within = dotted.removeprefix(file.removesuffix(".py").replace("/", ".")).strip(".")
    parts = [file, *within.split("."), case.get("name", "").partition("[")[0]]
    return "::".join(part for part in parts if part)


def last_words(copy: Path) -> str:
    """What pytest said last."""
    return (copy / "var" / "said.txt").read_text()[-3000:]


def check_whole(copy: Path, tests: Sequence[str]) -> None:
    """A test that fails anyway, or is left out here, catches nothing. Raises ClickException."""
    found = outcomes(copy, tests)
    if wrong := [test for test, ended in found.items() if ended - {"skipped"} != {"passed"}]:
        raise click.ClickException("\n".join([last_words(copy), "not whole:", *wrong]))


@click.command()
@click.argument("faults", nargs=-1)
@click.option("--unchecked", is_flag=True, help="do not run the tests in the whole copy before")
@click.option("--show", is_flag=True, help="what pytest said of a break that was not caught")
def main(faults: Sequence[str], unchecked: bool, show: bool) -> None:
    """Print a line for each break and test."""
    rows = [row for row in read_table() if not faults or row.fault in faults]
    missed = 0
    with copied() as copy:
        if not unchecked:
            check_whole(copy, sorted({test for row in rows for test in row.tests}))
        for row in rows:
            with row.within(copy):
                found = outcomes(copy, row.tests)
            for test, ended in found.items():
                caught = "failed" in ended
                missed += not caught
                verdict = "caught" if caught else f"NOT CAUGHT ({', '.join(sorted(ended))})"
                click.echo(f"{row.fault} | {row.what} | {test} | {verdict}")
                if show and not caught:
                    click.echo(last_words(copy))
    click.echo(
        f"{len(rows)} breaks of {len({row.fault for row in rows})} faults, {missed} not caught"
    )
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
