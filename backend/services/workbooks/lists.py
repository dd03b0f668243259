"""A list that leaves the house as a workbook: codes stay text, and nothing in it is a formula."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from backend.domain.local_time import SHANGHAI
from backend.services.workbooks.templates import HEADING_FILL, file_of
from backend.services.workbooks.xlsx import column_letters

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ABOUT = "说明"
MOST_WIDE = 48

# What a cell holds: a text or code, a count, an amount in yuan, a day, a moment, nothing.
Value = str | int | Decimal | date | datetime | None
FORMATS: dict[type, str] = {
    str: "@",
    int: "0",
    Decimal: "#,##0.00",
    date: "yyyy-mm-dd",
    datetime: "yyyy-mm-dd hh:mm",
}


@dataclass(frozen=True)
class ListSheet:
    """A list by name: its headings and rows, and sentences about what it holds."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Value]]
    about: Sequence[str] = ()


def list_workbook(sheet: ListSheet) -> bytes:
    """The .xlsx file; printed, its headings stand on every page."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet.name
    _write_row(page, 1, sheet.headings)
    for number, row in enumerate(sheet.rows, 2):
        _write_row(page, number, row)
    _dress(page, sheet)
    if sheet.about:
        notes = book.create_sheet(ABOUT)
        for number, sentence in enumerate(sheet.about, 1):
            _write_row(notes, number, [sentence])
        notes.column_dimensions["A"].width = MOST_WIDE
    return file_of(book)


def _write_row(page: Worksheet, number: int, values: Sequence[Value]) -> None:
    for place, value in enumerate(values, 1):
        if value is not None:
            _write(page.cell(number, place), value)


def _write(cell: Cell | MergedCell, value: Any) -> None:
    if isinstance(value, datetime):  # the file format has no time zones
        value = value.astimezone(SHANGHAI).replace(tzinfo=None)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
    cell.number_format = FORMATS[type(value)]
    if isinstance(value, str):
        cell.data_type = "s"  # also what begins with = + - @
        cell.quotePrefix = True  # and stays so where somebody edits it


def _dress(page: Worksheet, sheet: ListSheet) -> None:
    for cell in page[1]:
        cell.font, cell.fill = Font(bold=True), HEADING_FILL
    for place, heading in enumerate(sheet.headings):
        longest = max([2 * len(heading), *(len(_shown(row[place])) for row in sheet.rows)])
        page.column_dimensions[column_letters(place)].width = min(longest + 3, MOST_WIDE)
    page.freeze_panes = "A2"
    page.print_title_rows = "1:1"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _shown(value: Value) -> str:
    """About as wide as the cell is shown: a Chinese letter takes the room of two."""
    text = f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value or "")
    return text + "".join(" " for letter in text if ord(letter) > 0x2E80)
