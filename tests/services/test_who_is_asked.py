"""Whoever changes who is paid, who may do what, or who comes in, proves themselves again first.

Found by what the services write, so that one which is added cannot forget it.
"""

import ast

import pytest

from tests.build.asked import asking, asks, writes, writing

# Part of a service that asks.
IN_THE_COURSE_OF = {
    "people/roster._bind": "people/roster.close_verification",
    "people/successions._pass_on": "people/successions.confirm",
    "purchase/payments.order": "purchase/payments.order_payment",
    "workbooks/balances_import._write_insurers": "workbooks/imports.apply",
    "workbooks/registry_committees._write_mandates": "workbooks/imports.apply",
    "workbooks/registry_committees._write_members": "workbooks/imports.apply",
    "workbooks/registry_import._write_households": "workbooks/imports.apply",
}
# Who is not asked, and why.
NOT_ASKED = {
    "people/desk_sessions.authenticate": "a session is used, and lasts",
    "people/desk_sessions.open_session": "the second factor was asked for, or is next",
    "people/desk_sessions.sign_out": "a session ends",
    "people/grants._end": "rights end",
    "people/grants.end_right": "a right ends",
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
    "people/sessions.sign_in": "the platform vouches for the person",
    "people/sessions.sign_out": "a session ends",
    "registry/insurers.add": "a name alone, without an account and not selected",
}


def test_whoever_writes_such_a_row_asks_or_says_why_not() -> None:
    assert NOT_ASKED.keys() | IN_THE_COURSE_OF.keys() == writing() - asking()
    assert set(IN_THE_COURSE_OF.values()) <= asking()


@pytest.mark.parametrize(
    "forgetful",
    [
        "def f(tx):\n    tx.add(AccessGrant(person_id=1))",
        "def f(tx, insurer):\n    insurer.bank_name, insurer.bank_account = 1, 2",
        "def f(tx):\n    tx.execute(delete(SecondFactor).where(x))",
        "def f(tx, lockout):\n    lockout.lifted_at = 1",
        "def f(work):\n    work.merge(1, Mandate, 2)",
    ],
)
def test_one_that_is_added_would_be_seen(forgetful: str) -> None:
    (function,) = ast.parse(forgetful).body
    assert isinstance(function, ast.FunctionDef)
    assert writes(function)
    assert not asks(function)
