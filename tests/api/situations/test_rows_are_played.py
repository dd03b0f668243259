"""Every situation and every way back is played over HTTP, or it is said why not yet."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from backend.domain.actions import Action
from tests.api.situations.rows import BACK_NOT_YET, BESIDE, NOT_YET, SITUATIONS

ROOT = Path(__file__).parents[3]


def marked() -> Iterator[tuple[str, str]]:
    """Each row that a test over HTTP is marked with, and the test."""
    for path in (ROOT / "tests" / "api").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for row in (row for mark in node.decorator_list for row in rows_of(mark)):
                    yield row, node.name


def rows_of(mark: ast.expr) -> list[str]:
    """The rows of `@pytest.mark.situation(…)`."""
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.situation":
        return [ast.literal_eval(each) for each in mark.args]
    return []


def ways_back() -> set[str]:
    """The steps that docs/purchase.md lists as ways back."""
    text = (ROOT / "docs" / "purchase.md").read_text("utf-8")
    table = text.partition("Ways back, each with a reason")[2].partition("\n\n")[2]
    lines = table.partition("\n\n")[0].splitlines()[2:]
    return {name for line in lines for name in line.split("`")[1::2]}


@cache
def played() -> set[str]:
    """The rows that some test is marked with."""
    return {row for row, _ in marked()}


@pytest.mark.parametrize(
    ("rows", "not_yet"),
    [(set(SITUATIONS), set(NOT_YET)), (ways_back() | BESIDE, set(BACK_NOT_YET))],
    ids=["situations", "ways back"],
)
def test_each_row_is_played_or_said_to_wait(rows: set[str], not_yet: set[str]) -> None:
    assert rows
    assert rows - played() == not_yet


def test_whatever_a_test_is_marked_with_is_a_row() -> None:
    assert SITUATIONS.keys() | ways_back() | BESIDE >= played()
    assert ways_back() | BESIDE <= {str(action) for action in Action}
