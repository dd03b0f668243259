"""Codes that programs decide by: each is listed, meant once, used, and in the document."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner

from backend.codes import audit_actions, codes, refusals
from backend.domain import message_refusals
from backend.domain import refusals as lists
from backend.domain.refusals import BY_KIND, BY_STATUS, CODES, IN_A_STEP_TOO

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "api.md"
# The emulator is a service of its own; what passes codes on has none.
ELSEWHERE = set((ROOT / "backend" / "domain").glob("*refusals.py"))
MODULES = [
    path
    for path in sorted((ROOT / "backend").rglob("*.py"))
    if "sandbox" not in path.parts and path not in ELSEWHERE
]
# Where a refusal is one condition of a step among others.
IN_STEPS = {*(ROOT / "backend" / "domain" / "conditions").glob("*.py")}
IN_STEPS |= {ROOT / "backend" / "domain" / "purchase.py"}
# What the phone itself says when no answer came.
OF_THE_PHONE = {"offline", "unexpected", "cannot_open"}
CODE_AT = {"refuse": 0, "Refusal": 0, "unless": 1, "missing_photos": 1, "StatementFault": 0}


def words(node: ast.expr) -> list[str]:
    """The codes that an argument may be; none where one is passed on."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return words(node.body) + words(node.orelse)
    return []


def raised() -> Iterator[tuple[Path, str, str, str | None]]:
    """Module, function, code and kind of every refusal in the house."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = CODE_AT.get(node.func.id)
            if place is None or len(node.args) <= place:
                continue
            kinds = [word.value for word in node.keywords if word.arg == "kind"] + node.args[3:4]
            kind = words(kinds[0])[0] if kinds and node.func.id == "refuse" else None
            for code in words(node.args[place]):
                yield path, node.func.id, code, kind


def test_a_code_means_one_thing() -> None:
    parts = (lists, *lists.PARTS, message_refusals)
    kinds = ("INVALID", "CONFLICT", "FORBIDDEN", "MISSING")
    written = [code for part in parts for kind in kinds for code in getattr(part, kind, {})]
    assert [code for code, number in Counter(written).items() if number > 1] == []
    listed = [code for known in BY_KIND.values() for code in known] + list(BY_STATUS)
    assert len(listed) == len(set(listed)) == len(CODES)
    meanings = [meaning for known in BY_KIND.values() for meaning in known.values()]
    assert len(set(meanings)) == len(meanings)
    assert all(code.replace("_", "").isalpha() and code.islower() for code in listed)
    assert CODES >= IN_A_STEP_TOO


def test_every_refusal_has_a_listed_code_of_its_kind() -> None:
    unknown, other = [], []
    for path, function, code, kind in raised():
        if code not in CODES:
            unknown.append((path.name, code))
        elif function == "refuse":
            known = BY_KIND[kind or "invalid"]  # type: ignore[index]  # a word of the source
            if code not in known:
                other.append((path.name, code, kind))
        elif path in IN_STEPS and code not in {*BY_KIND["conflict"], *IN_A_STEP_TOO}:
            other.append((path.name, code, "a step"))
    assert unknown == []
    assert other == []


def test_every_listed_code_is_used() -> None:
    said = {
        node.value
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert sorted(CODES - said) == []


def test_the_mini_program_decides_by_listed_codes_and_its_own() -> None:
    decided = {
        code
        for path in sorted((ROOT / "miniprogram_stub").rglob("*.ts"))
        for code in re.findall(r"code === '([a-z_]+)'", path.read_text("utf-8"))
    }
    assert decided - OF_THE_PHONE <= CODES
    assert len(decided) > 2


def test_the_document_shows_the_lists_as_they_are_printed() -> None:
    shown = DOCUMENT.read_text("utf-8") + "\n"
    assert f"\n\n{refusals()}\n" in shown, "put `tibao codes refusals` into docs/api.md"
    assert f"\n\n{audit_actions()}\n" in shown, "put `tibao codes audit` into docs/api.md"


def test_the_command_prints_both_lists() -> None:
    for which, printed in (("refusals", refusals()), ("audit", audit_actions())):
        answer = CliRunner().invoke(codes, [which])
        assert (answer.exit_code, answer.output) == (0, printed)
