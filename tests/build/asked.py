"""Which services ask for a recent proof, and which write rows that call for it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SERVICES = Path(__file__).parents[2] / "backend" / "services"
ASKS = "require_recent_proof"
# Records by whose rows it is decided, …
RECORDS = {"AccessGrant", "Lockout", "Mandate", "PayeeChange", "Payment", "SecondFactor"}
RECORDS |= {"Insurer", "LoginSession", "Succession"}
# … and what is written into such a row, or into an entry of a roster or an estate.
FIELDS = {"bank_account", "bank_name", "lifted_at", "valid_until", "person_id"}
FIELDS |= {"property_company_id", "sole_manager", "proved_at", "selected_from"}
STATEMENTS = {"insert", "update", "delete"}
# … or brought in by a workbook.
BROUGHT = RECORDS | {"CommitteeMember", "Owner"}


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function of a service, by its room, module and name."""
    for path in sorted(SERVICES.rglob("*.py")):
        module = path.relative_to(SERVICES).with_suffix("").as_posix()
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                yield f"{module}.{node.name}", node


def writes(function: ast.FunctionDef) -> bool:
    """Whether it makes, changes or deletes a row by which it is decided."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found = node.attr in FIELDS
        elif isinstance(node, ast.Call) and _called(node) == "merge":
            found = not BROUGHT.isdisjoint(_named(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            of = _named(node)
            made = node.func.id in RECORDS and bool(node.keywords)
            found = made or (node.func.id in STATEMENTS and not RECORDS.isdisjoint(of))
        else:
            continue
        if found:
            return True
    return False


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _named(call: ast.Call) -> set[str]:
    return {each.id for each in call.args if isinstance(each, ast.Name)}


def asks(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Name) and node.id == ASKS for node in ast.walk(function))


@cache
def asking() -> set[str]:
    """All that ask."""
    return {name for name, function in functions() if asks(function)} - {f"base/proof.{ASKS}"}


@cache
def writing() -> set[str]:
    """All that write what calls for it."""
    return {name for name, function in functions() if writes(function)}
