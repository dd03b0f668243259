"""A table is read by the type hints of a dataclass, and everything wrong is told by its name."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pytest

from backend.domain.typed_table import Sourced, Text, read_table


@dataclass(frozen=True)
class Flat:
    """A made-up table with one field of each kind."""

    area: Decimal
    owners: tuple[Text, ...]
    floors: Mapping[str, int]
    rent: Sourced[int]
    note: str | None = None


GOOD = {
    "area": "82.50",
    "owners": ["张三", "李四"],
    "floors": {"A": 1},
    "rent": {"value": 1, "source": "default"},
}


def wrong(**changed: object) -> list[str]:
    """The names of what is wrong with the good table after these changes."""
    problems: list[str] = []
    assert read_table(Flat, GOOD | changed, problems) is None
    return [problem.partition("：")[0] for problem in problems]


def test_a_good_table_becomes_values() -> None:
    problems: list[str] = []
    flat = read_table(Flat, GOOD, problems)
    assert problems == []
    assert flat == Flat(Decimal("82.50"), ("张三", "李四"), {"A": 1}, Sourced(1, "default"))


def test_what_is_no_table_at_all_says_so() -> None:
    problems: list[str] = []
    assert read_table(Flat, "x", problems) is None
    assert problems == ["文件：应为一张表（键 = 值），现为 'x'"]


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"area": 82.5}, "area"),
        ({"owners": "张三"}, "owners"),
        ({"owners": ["张三", "张三"]}, "owners"),
        ({"owners": ["张三", " "]}, "owners[1]"),
        ({"floors": [1]}, "floors"),
        ({"floors": {"A": "1"}}, "floors.A"),
        ({"floors": {"A": True}}, "floors.A"),
        ({"rent": 1}, "rent"),
        ({"rent": {"value": 1}}, "rent.source"),
        ({"note": 1}, "note"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_value_is_told_by_its_dotted_name(changed: dict[str, object], where: str) -> None:
    assert wrong(**changed) == [where]
