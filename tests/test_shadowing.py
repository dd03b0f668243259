"""A name means one thing in a module: nothing inside a function hides what the module calls so.

Ruff sees hidden builtins (`A`) and reused arguments (`PLR1704`); it has no rule for this one.
"""

import symtable
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("backend", "bench")


def hidden_names(path: Path, text: str) -> Iterator[str]:
    """Where a function's own name hides an import, a function or a constant of the module."""
    module = symtable.symtable(text, str(path), "exec")
    known = {
        symbol.get_name()
        for symbol in module.get_symbols()
        if symbol.is_assigned() or symbol.is_imported()
    }
    yield from (f"{line} {name}" for line, name in _hiding(module, known))


def _hiding(scope: symtable.SymbolTable, known: set[str]) -> Iterator[tuple[int, str]]:
    for inner in scope.get_children():
        if isinstance(inner, symtable.Function):
            own = {*inner.get_locals(), *inner.get_parameters()}
            yield from ((inner.get_lineno(), name) for name in sorted(own & known))
        yield from _hiding(inner, known)


def test_no_name_inside_a_function_hides_one_of_its_module() -> None:
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if hidden := list(hidden_names(path, path.read_text(encoding="utf-8"))):
                found[str(path.relative_to(ROOT))] = hidden
    assert found == {}


def test_a_hidden_import_function_and_constant_are_each_seen() -> None:
    text = (
        "import json\n"
        "LIMIT = 3\n"
        "def shown(json): return json\n"
        "def count(): return [LIMIT for LIMIT in range(3)]\n"
        "class Case:\n"
        "    count: int\n"
        "    def move(self):\n"
        "        shown = self.count\n"
        "        return shown\n"
        "def outer():\n"
        "    return LIMIT + count()\n"
    )
    assert list(hidden_names(Path("x.py"), text)) == ["3 json", "4 LIMIT", "7 shown"]
