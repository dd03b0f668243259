"""Rules beside the records: asked of a record in Python and of a query, they say the same."""

import ast
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import ColumnElement, Label, cast, literal, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, aliased

from backend.domain.cover import CoverState
from backend.store.base import Base
from backend.store.mandates import Mandate
from backend.store.people import AccessGrant
from backend.store.purchases import CoveragePeriod
from backend.store.registry import Committee, CommitteeMember, Insurer, LiftToken

BACKEND = Path(__file__).parents[2] / "backend"
DAY, NOW = date(2025, 3, 3), datetime(2025, 3, 3, 1, tzinfo=UTC)
# Around the day that is asked about, where one day more or less decides.
DAYS = some.integers(-2, 2).map(lambda days: DAY + timedelta(days=days))
NO_DAY = some.none() | DAYS
MOMENTS = some.integers(-2, 2).map(lambda moments: NOW + timedelta(microseconds=moments))
NO_MOMENT = some.none() | MOMENTS

agree = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def in_a_query(tx: Session, kind: type[Base], values: Mapping[str, Any], rule: str, at: Any) -> Any:
    """What the rule says of a row with these values, as the database computes it."""
    columns: list[Label[Any]] = [
        cast(literal(value), kind.__table__.c[name].type).label(name)
        for name, value in values.items()
    ]
    row: Any = aliased(kind, select(*columns).subquery(), adapt_on_names=True)
    asked = getattr(row, rule)
    expression: ColumnElement[bool] = asked if at is None else asked(at)
    return tx.scalar(select(expression))


def assert_agree(
    tx: Session, kind: type[Base], values: Mapping[str, Any], rule: str, at: Any = None
) -> bool:
    """Both sides say the same; what they say."""
    said = getattr(kind(**values), rule)
    said = said if at is None else said(at)
    assert said is in_a_query(tx, kind, values, rule, at)
    assert isinstance(said, bool)
    return said


@agree
@given(DAYS, DAYS)
def test_a_committee_is_in_office_from_its_first_day_until_before_the_next_term(
    tx: Session, first: date, until: date
) -> None:
    values = {"term_from": first, "term_until": until}
    in_office = assert_agree(tx, Committee, values, "in_office", DAY)
    over = assert_agree(tx, Committee, values, "term_over", DAY)
    assert in_office == (first <= DAY and not over)


@agree
@given(NO_DAY)
def test_a_member_sits_until_the_day_of_leaving(tx: Session, left: date | None) -> None:
    sits = assert_agree(tx, CommitteeMember, {"left_on": left}, "sits", DAY)
    assert sits == (left is None or left > DAY)


@agree
@given(NO_MOMENT)
def test_a_grant_is_valid_until_before_its_end(tx: Session, until: datetime | None) -> None:
    valid = assert_agree(tx, AccessGrant, {"valid_until": until}, "valid", NOW)
    assert valid == (until is None or until > NOW)


@agree
@given(DAYS, DAYS, NO_DAY)
def test_a_mandate_is_valid_on_its_last_day_too_unless_it_ended_with_its_company(
    tx: Session, first: date, last: date, ended: date | None
) -> None:
    values = {"valid_from": first, "valid_until": last, "ended_on": ended}
    valid = assert_agree(tx, Mandate, values, "valid", DAY)
    assert valid == (first <= DAY <= last and (ended is None or ended > DAY))


@agree
@given(NO_DAY, NO_DAY)
def test_an_insurer_is_selected_on_the_last_day_too_and_not_without_a_first(
    tx: Session, first: date | None, last: date | None
) -> None:
    values = {"selected_from": first, "selected_until": last}
    selected = assert_agree(tx, Insurer, values, "selected", DAY)
    assert selected == (first is not None and first <= DAY and (last is None or last >= DAY))


@agree
@given(some.sampled_from(CoverState), DAYS, some.integers(1, 4))
def test_cover_insures_from_its_first_day_until_before_its_end_while_in_force(
    tx: Session, state: CoverState, first: date, days: int
) -> None:
    ends_before = first + timedelta(days=days)
    values = {"state": state, "period": Range(first, ends_before)}
    insured = assert_agree(tx, CoveragePeriod, values, "insures", DAY)
    assert insured == (state == CoverState.IN_FORCE and first <= DAY < ends_before)


@pytest.mark.parametrize("revoked_at", [None, NOW])
def test_a_code_is_valid_while_it_is_not_revoked(tx: Session, revoked_at: datetime | None) -> None:
    valid = assert_agree(tx, LiftToken, {"revoked_at": revoked_at}, "valid")
    assert valid == (revoked_at is None)


# --- nobody else compares these columns ---

COLUMNS = {
    "term_from",
    "term_until",
    "left_on",
    "valid_from",
    "valid_until",
    "revoked_at",
    "selected_from",
    "selected_until",
}
ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot)
ASKS = {"is_", "is_not", "between"}


def compared(tree: ast.AST) -> list[int]:
    """The lines on which one of the columns is compared with a day, a moment or nothing."""
    lines = []
    for node in ast.walk(tree):
        sides: list[ast.expr] = []
        if isinstance(node, ast.Compare) and any(isinstance(op, ORDER) for op in node.ops):
            sides = [node.left, *node.comparators]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ASKS
        ):
            sides = [node.func.value]
        lines += [
            side.lineno
            for side in sides
            if isinstance(side, ast.Attribute) and side.attr in COLUMNS
        ]
    return lines


def test_the_columns_behind_a_rule_are_compared_in_the_rule_alone() -> None:
    homes = {BACKEND / "store" / f"{name}.py" for name in ("registry", "mandates", "people")}
    found = {
        path: compared(ast.parse(path.read_text("utf-8"))) for path in sorted(BACKEND.rglob("*.py"))
    }
    assert all(found[home] for home in homes)
    astray = {str(path): lines for path, lines in found.items() if lines and path not in homes}
    assert astray == {}
