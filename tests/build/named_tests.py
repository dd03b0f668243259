"""Which tests a module has, without importing it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path


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


def missing(root: Path, tests: Iterator[str] | list[str]) -> list[str]:
    """Those of `tests` (`tests/…py::Class::test`) that there are not."""
    found = []
    for test in tests:
        file, _, name = test.partition("::")
        if not (root / file).exists() or name not in named_in(root / file):
            found.append(test)
    return found
