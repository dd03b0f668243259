"""What keeps the tests apart from each other, and from the clock on the wall."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
BENCHES = sorted((ROOT / "bench").rglob("*.py"))
WAITING = "tests/build/waiting.py"


def imported(path: Path) -> Iterator[str]:
    """Every module that may be meant by an import, dotted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def astray(paths: list[Path], wrong: Callable[[str], bool]) -> set[tuple[str, str]]:
    """Which of the files import what they should not."""
    return {
        (str(path.relative_to(ROOT)), name)
        for path in paths
        for name in imported(path)
        if wrong(name)
    }


def test_test_modules_lend_each_other_nothing() -> None:
    """What several need is a builder, in tests/build."""

    def tests(name: str) -> bool:
        parts = name.split(".")
        return parts[0] == "tests" and any(
            part == "conftest" or part.startswith("test_") for part in parts
        )

    assert astray(TESTS, tests) == set()


def test_benches_stand_on_the_house_alone() -> None:
    assert astray(BENCHES, lambda name: name.split(".")[0] == "tests") == set()


def test_only_waiting_looks_at_the_machine_s_clock() -> None:
    """A test that asserts seconds, or sleeps for some, fails on a busy machine."""
    looking = astray(TESTS, lambda name: name == "time")
    assert {path for path, _ in looking} == {WAITING}
