"""The page of the plans' clauses names places and tests that are there."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "plans.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| (?:JS|SG|Annex|Contact)\b", line)
]
STATES = ("carried", "partly", "open", "people")


def named(cell: str) -> Sequence[str]:
    return re.findall(r"`((?:backend|tests|docs)/[\w./-]+)`", cell)


def test_every_clause_has_its_row() -> None:
    assert len(ROWS) > 50
    assert {len(row) for row in ROWS} == {5}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_clause_says_how_it_is_carried_where_and_by_which_test(row: Sequence[str]) -> None:
    _, _, state, where, test = row
    word = re.split(r"\W", state)[0]
    assert word in STATES
    assert [name for name in (*named(where), *named(test)) if not (ROOT / name).exists()] == []
    if word == "carried":
        assert named(where)
        assert named(test)
    if word == "partly":
        assert re.search(r"[:,] ", state)
