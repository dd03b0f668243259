"""The page of security checks: numbered as the standard has them, each shown by tests there are."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
HEADING = re.compile(r"(\d+\.\d+\.\d+) \S.* \(level [123]\)")
NAMED = re.compile(r"^- `(tests/[\w/]+\.py)::([\w:]+)`$", re.MULTILINE)
AT_LEAST = 35
# Those that failed, or half failed, when the house was attacked.
ONCE_FAILED = {"1.5.2", "2.4.1", "3.4.1", "5.2.2", "5.2.3", "7.4.1", "7.4.2", "14.3.2"}

CHECKS = {
    part.partition("\n")[0]: part for part in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
}


@cache
def named_in(path: Path) -> frozenset[str]:
    """Every test of a module, with its class."""
    return frozenset(_named(ast.parse(path.read_text("utf-8")).body))


def _named(body: list[ast.stmt], above: str = "") -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield above + node.name
        if isinstance(node, ast.ClassDef):
            yield from _named(node.body, f"{above}{node.name}::")


def numbers() -> list[tuple[int, ...]]:
    found = [HEADING.fullmatch(heading) for heading in CHECKS]
    assert None not in found, [heading for heading in CHECKS if not HEADING.fullmatch(heading)]
    return [tuple(map(int, one[1].split("."))) for one in found if one]


def test_the_checks_are_numbered_once_and_in_order() -> None:
    assert len(numbers()) >= AT_LEAST
    assert numbers() == sorted(set(numbers()))


def test_what_once_failed_is_among_them() -> None:
    assert {".".join(map(str, number)) for number in numbers()} >= ONCE_FAILED


@pytest.mark.parametrize("heading", CHECKS)
def test_each_is_shown_by_tests_that_there_are(heading: str) -> None:
    named = NAMED.findall(CHECKS[heading])
    assert named
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).exists() or name not in named_in(ROOT / file)
    ]
    assert missing == []
