"""What the chain calls what was done: one grammar, and nothing is written under another word."""

import ast
import re
from pathlib import Path

from backend.domain.audit_actions import AuditAction, of_step
from backend.domain.routes.catalogue import ROUTES, table_of
from backend.drawing import city_with

BACKEND = Path(__file__).parents[2] / "backend"
GRAMMAR = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")


def test_every_action_is_a_subject_and_a_verb_and_means_something() -> None:
    steps = {
        of_step(step.action) for route in ROUTES for step in table_of(route, city_with(route)).steps
    }
    assert {str(action) for action in AuditAction}.isdisjoint(steps)
    for action in [*AuditAction, *steps]:
        assert GRAMMAR.fullmatch(action), action
    meanings = [action.meaning for action in AuditAction]
    assert all(meanings)
    assert len(set(meanings)) == len(meanings)


def test_every_action_is_written_by_somebody() -> None:
    used = {
        node.attr
        for path in (BACKEND / "services").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "AuditAction"
    }
    assert used == {action.name for action in AuditAction}
