"""Whoever changes who is paid, who may do what, or who comes in, proves themselves again first.

Found by what the services write, so that one which is added cannot forget it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "backend" / "services"
ASKS = "require_recent_proof"
# Records by whose rows it is decided, …
RECORDS = {"AccessGrant", "Lockout", "Mandate", "PayeeChange", "Payment", "SecondFactor"}
RECORDS |= {"Insurer", "LoginSession", "Succession"}
# … and what is written into such a row, or into an entry of a roster or an estate.
FIELDS = {"bank_account", "bank_name", "lifted_at", "valid_until", "person_id"}
FIELDS |= {"property_company_id", "sole_manager", "proved_at"}
STATEMENTS = {"insert", "update", "delete"}

# Part of a service that asks.
IN_THE_COURSE_OF = {
    "people/roster._bind": "people/roster.close_verification",
    "people/successions._pass_on": "people/successions.confirm",
}
# Who is not asked, and why.
NOT_ASKED = {
    "people/desk_sessions.authenticate": "a session is used, and lasts",
    "people/desk_sessions.sign_in": "the second factor is asked for next",
    "people/desk_sessions.sign_out": "a session ends",
    "people/grants._end": "rights end",
    "people/grants.revoke": "a right ends",
    "people/identities._take_along": "the platform says that two are one person",
    "people/identities.join_apps": "the platform says that two are one person",
    "people/lockouts._end_sessions": "sessions end",
    "people/lockouts.keep_out": "a person is kept out",
    "people/own_sessions.end_session": "a session ends",
    "people/ownership._end": "an owner has sold",
    "people/phones._bind_homes": "the platform vouches for the number",
    "people/retention._former_members": "what is over is forgotten",
    "people/seats.bind_filed_seats": "the platform vouches for the number",
    "people/second_factors._proved": "a code was shown",
    "people/second_factors.enrol": "there is nothing to prove with yet",
    "people/sessions.forget_ended": "sessions end",
    "people/sessions.sign_in": "the platform vouches for the person",
    "people/sessions.sign_out": "a session ends",
}


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
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            of = [each.id for each in node.args if isinstance(each, ast.Name)]
            made = node.func.id in RECORDS and bool(node.keywords)
            found = made or (node.func.id in STATEMENTS and not RECORDS.isdisjoint(of))
        else:
            continue
        if found:
            return True
    return False


def asks(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Name) and node.id == ASKS for node in ast.walk(function))


ASKING = {name for name, function in functions() if asks(function)} - {f"base/proof.{ASKS}"}
WRITING = {name for name, function in functions() if writes(function)}


def test_whoever_writes_such_a_row_asks_or_says_why_not() -> None:
    assert NOT_ASKED.keys() | IN_THE_COURSE_OF.keys() == WRITING - ASKING
    assert set(IN_THE_COURSE_OF.values()) <= ASKING


@pytest.mark.parametrize(
    "forgetful",
    [
        "def f(tx):\n    tx.add(AccessGrant(person_id=1))",
        "def f(tx, insurer):\n    insurer.bank_name, insurer.bank_account = 1, 2",
        "def f(tx):\n    tx.execute(delete(SecondFactor).where(x))",
        "def f(tx, lockout):\n    lockout.lifted_at = 1",
    ],
)
def test_one_that_is_added_would_be_seen(forgetful: str) -> None:
    (function,) = ast.parse(forgetful).body
    assert isinstance(function, ast.FunctionDef)
    assert writes(function)
    assert not asks(function)
