"""A checked workbook as it looked: the rows with something wrong and those beside them, the cells
that are wrong with the sentence for each, and whole the sheets that say who is paid; kept sealed
until it is shown."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.domain.imports import ImportKind
from backend.services.workbooks import cells
from backend.services.workbooks.balances_sheets import BANK, INSURERS
from backend.services.workbooks.templates import SHEETS
from backend.services.workbooks.workbook import (
    HEADING_ROW,
    MOST_PROBLEMS,
    ImportReport,
    Problem,
)
from backend.services.workbooks.xlsx import RawSheet, column_letters

FIRST_ROWS = 6  # so that whoever opens it sees which workbook it is
# Who is paid, and out of which account: whoever writes them has to see every one of them.
WHOLE = frozenset({BANK.name, INSURERS.name})
MOST_LETTERS = 120  # of one cell
NAMED = (cells.names, cells.person, cells.person_phone, cells.person_phones)
OF_PEOPLE = frozenset(
    column.heading
    for kind in SHEETS.values()
    for sheet in kind
    for column in sheet.columns
    if column.parse in NAMED
)
HIDDEN = "•••"


@dataclass(frozen=True)
class LookedRow:
    """A row by its number: its cells by letter, what is wrong at a letter, or with the whole row;
    `after_gap`: rows above it are not shown."""

    number: int
    cells: Mapping[str, str]
    wrong: Mapping[str, Sequence[Problem]]
    of_row: Sequence[Problem]
    after_gap: bool


@dataclass(frozen=True)
class LookedSheet:
    """A sheet: its headings by letter, its rows as they looked, what is wrong with all of it."""

    name: str
    headings: Mapping[str, str]
    rows: Sequence[LookedRow]
    of_sheet: Sequence[Problem]

    @property
    def is_wrong(self) -> bool:
        """Whether anything in it is."""
        return bool(self.of_sheet) or any(row.wrong or row.of_row for row in self.rows)


@dataclass(frozen=True)
class Looked:
    """What was found in a workbook; `of_file` is wrong with all of it."""

    of_file: Sequence[Problem]
    sheets: Sequence[LookedSheet]

    def problems(self) -> Iterator[Problem]:
        """Each fault, in reading order."""
        yield from self.of_file
        for sheet in self.sheets:
            yield from sheet.of_sheet
            for row in sheet.rows:
                yield from row.of_row
                for problems in row.wrong.values():
                    yield from problems


def kept_text(report: ImportReport) -> str:
    """What is kept of a report, to be sealed."""
    rows = {
        name: set(raw.rows) if name in WHOLE else set(range(2, FIRST_ROWS + 1))
        for name, raw in report.sheets.items()
    }
    for problem in report.problems:
        if problem.row is not None:
            rows.setdefault(problem.sheet, set()).update(
                (problem.row - 1, problem.row, problem.row + 1)
            )
    sheets = {
        name: _cells_of(raw, sorted({HEADING_ROW, *rows[name]}))
        for name, raw in report.sheets.items()
    }
    problems = [
        [each.sheet, each.row, each.column, each.heading, each.message]
        for each in report.problems[: MOST_PROBLEMS + 1]
    ]
    return json.dumps({"problems": problems, "sheets": sheets}, ensure_ascii=False)


def _cells_of(raw: RawSheet, numbers: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
    return {
        number: {
            column_letters(place): cell.text[:MOST_LETTERS]
            for place, cell in sorted(raw.rows[number].items())
        }
        for number in numbers
        if number in raw.rows
    }


def looked(kind: ImportKind, text: str, *, names: bool) -> Looked:
    """What was kept, as a page shows it; without `names` nobody is named in it: neither in a
    column of names or phones, nor by what a sentence says of such a cell."""
    found = json.loads(text)
    problems = [_told(Problem(*each), names) for each in found["problems"]]
    order = [sheet.name for sheet in SHEETS[kind]]
    there = set(found["sheets"]) | {each.sheet for each in problems if each.sheet}
    sheets = [
        _sheet(name, found["sheets"].get(name, {}), [p for p in problems if p.sheet == name], names)
        for name in sorted(there, key=lambda name: order.index(name) if name in order else -1)
    ]
    return Looked([each for each in problems if not each.sheet], sheets)


def _told(problem: Problem, names: bool) -> Problem:
    if names or problem.heading not in OF_PEOPLE:
        return problem
    message = re.sub("“[^”]*”", f"“{HIDDEN}”", problem.message)
    return Problem(problem.sheet, problem.row, problem.column, problem.heading, message)


def _sheet(name: str, rows_of: Any, problems: Sequence[Problem], names: bool) -> LookedSheet:
    headings = rows_of.get(str(HEADING_ROW), {})
    hidden = {letter for letter, text in headings.items() if not names and _is_of_people(text)}
    by_row: dict[int, list[Problem]] = {}
    for problem in problems:
        if problem.row is not None:
            by_row.setdefault(problem.row, []).append(problem)
    numbers = sorted({*map(int, rows_of), *by_row})
    rows, before = [], 0
    for number in numbers:
        shown = {
            letter: HIDDEN if letter in hidden and number != HEADING_ROW else text
            for letter, text in rows_of.get(str(number), {}).items()
        }
        rows.append(_row(number, shown, by_row.get(number, []), headings, number != before + 1))
        before = number
    of_sheet = [each for each in problems if each.row is None]
    return LookedSheet(name, headings, rows, of_sheet)


def _row(
    number: int,
    shown: Mapping[str, str],
    problems: Sequence[Problem],
    headings: Mapping[str, str],
    after_gap: bool,
) -> LookedRow:
    wrong: dict[str, list[Problem]] = {}
    of_row = []
    for problem in problems:
        if problem.column in headings:
            wrong.setdefault(str(problem.column), []).append(problem)
        else:
            of_row.append(problem)
    return LookedRow(number, shown, wrong, of_row, after_gap)


def _is_of_people(heading: str) -> bool:
    return heading.strip().strip("*") in OF_PEOPLE
