"""A list that leaves the house as a workbook: codes stay text, and nothing in it is a formula."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from backend.domain.local_time import SHANGHAI
from backend.services.workbooks.library import openpyxl
from backend.services.workbooks.templates import file_of, heads
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


def list_workbook(sheet: ListSheet, rows: Iterable[Sequence[Value]] | None = None) -> bytes:
    """The .xlsx file; printed, its headings stand on every page. `rows` are the same rows, one
    taken after the other while it is written: however many there are, none is kept."""
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(sheet.name)
    _dress(page, sheet)
    page.append([_heading(page, heading) for heading in sheet.headings])
    for row in sheet.rows if rows is None else rows:
        page.append([_cell(page, value) for value in row])
    if sheet.about:
        notes = book.create_sheet(ABOUT)
        notes.column_dimensions["A"].width = MOST_WIDE
        for sentence in sheet.about:
            notes.append([_cell(notes, sentence)])
    return file_of(book)


def _heading(page: Any, heading: str) -> Any:
    cell = _cell(page, heading)
    heads(cell)
    return cell


def _cell(page: Any, value: Any) -> Any:
    if value is None:
        return None
    cell = openpyxl.cell.WriteOnlyCell(page)
    if isinstance(value, datetime):  # the file format has no time zones
        value = value.astimezone(SHANGHAI).replace(tzinfo=None)
    illegal = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE
    cell.value = illegal.sub("", value) if isinstance(value, str) else value
    cell.number_format = FORMATS[type(value)]
    if isinstance(value, str):
        cell.data_type = "s"  # also what begins with = + - @
        cell.quotePrefix = True  # and stays so where somebody edits it
    return cell


def _dress(page: Any, sheet: ListSheet) -> None:
    for place, heading in enumerate(sheet.headings):
        longest = max([2 * len(heading), *(len(_shown(row[place])) for row in sheet.rows)])
        page.column_dimensions[column_letters(place)].width = min(longest + 3, MOST_WIDE)
    page.freeze_panes = "A2"
    page.print_title_rows = "1:1"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = openpyxl.worksheet.worksheet.Worksheet.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(
        fitToPage=True
    )


def _shown(value: Value) -> str:
    """About as wide as the cell is shown: a Chinese letter takes the room of two."""
    text = f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value or "")
    return text + "".join(" " for letter in text if ord(letter) > 0x2E80)
