"""The empty workbooks say what they want, and mean it."""

from io import BytesIO
from typing import Literal

import openpyxl
import pytest

from backend.services.workbooks.templates import NOTES, SHEETS, template
from backend.services.workbooks.xlsx import Cell

KINDS: tuple[Literal["registry", "balances"], ...] = ("registry", "balances")


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_in_the_notes_is_one_the_import_accepts(
    kind: Literal["registry", "balances"],
) -> None:
    columns = {column for sheet in SHEETS[kind] for column in sheet.columns}
    examples = [(column, text) for column in columns for text in column.examples if text]
    assert len(examples) >= len(columns) - 3
    for column, text in examples:
        assert column.parse(Cell("text", text)) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_has_frozen_headings_choices_and_notes(
    kind: Literal["registry", "balances"],
) -> None:
    book = openpyxl.load_workbook(BytesIO(template(kind)))
    assert book.sheetnames == [NOTES, *(sheet.name for sheet in SHEETS[kind])]
    notes = {row[0] for row in book[NOTES].values}
    for sheet in SHEETS[kind]:
        page = book[sheet.name]
        headings = [cell.value for cell in page[1]]
        assert [str(heading).rstrip("*") for heading in headings] == [
            column.heading for column in sheet.columns
        ]
        assert page.freeze_panes == "A2"
        assert page.max_row == 1
        assert notes >= set(headings)
    rules = {
        (page.title, rule.type, str(rule.sqref))
        for page in book.worksheets
        for rule in page.data_validations.dataValidation
    }
    if kind == "registry":
        assert ("业委会", "list", "F2:F20000") in rules
        assert ("房屋业主", "decimal", "D2:D20000") in rules
    else:
        assert ("银行", "decimal", "D2:D20000") in rules


def test_the_same_template_is_the_same_file() -> None:
    assert template("registry") == template("registry")
