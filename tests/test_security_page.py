"""The page of security checks: numbered as the standard has them, each shown by tests there are."""

import re
from pathlib import Path

import pytest

from tests.broken_builds import read_faults, read_table
from tests.build.named_tests import missing

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
HEADING = re.compile(r"(\d+\.\d+\.\d+) \S.* \(level [123]\)")
NAMED = re.compile(r"^- `(tests/[\w/]+\.py::[\w:]+)`$", re.MULTILINE)
FAULT = re.compile(r"^\| (\S+) \|.*`(tests/[\w/]+\.py::[\w:]+)`.*\|$", re.MULTILINE)
AT_LEAST = 35
# Those that failed, or half failed, when the house was attacked.
ONCE_FAILED = {"1.5.2", "2.4.1", "3.4.1", "5.2.2", "5.2.3", "7.4.1", "7.4.2", "14.3.2"}

CHECKS = {
    part.partition("\n")[0]: part for part in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
}


def numbers() -> list[tuple[int, ...]]:
    found = [HEADING.fullmatch(heading) for heading in CHECKS]
    assert None not in found, [heading for heading in CHECKS if not HEADING.fullmatch(heading)]
    return [tuple(map(int, one[1].split("."))) for one in found if one]


def test_the_checks_are_numbered_once_and_in_order() -> None:
    assert len(numbers()) >= AT_LEAST
    assert numbers() == sorted(set(numbers()))


def test_what_once_failed_is_among_them() -> None:
    assert {".".join(map(str, number)) for number in numbers()} >= ONCE_FAILED


@pytest.mark.parametrize("heading", CHECKS)
def test_each_is_shown_by_tests_that_there_are(heading: str) -> None:
    named = NAMED.findall(CHECKS[heading])
    assert named
    assert missing(ROOT, named) == []


def test_what_was_not_held_is_told_with_a_test_that_a_broken_build_fails() -> None:
    told = FAULT.findall(PAGE)
    assert [fault for fault, _ in told] == list(read_faults())
    noticing = {(row.fault, test) for row in read_table() for test in row.tests}
    assert set(told) <= noticing
