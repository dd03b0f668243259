"""The cells of an .xlsx file as people saw them: openpyxl reads, this keeps what an import needs.

`package` has looked through the file before; here its cells become values of few kinds, each with
the number format that says how it was shown.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from itertools import islice
from typing import Any, Literal
from warnings import filterwarnings

from backend.domain.normal import normal_code
from backend.services.workbooks.library import openpyxl
from backend.services.workbooks.package import MAX_LETTERS, BadWorkbook, Glance, open_package

# openpyxl warns of what it leaves out, and an import needs none of it.
filterwarnings("ignore", module="openpyxl")

MAX_COLUMNS = 100
GENERAL = "General"
_OLE_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_KINDS: dict[str, Literal["text", "error", "formula"]] = {"s": "text", "e": "error", "f": "formula"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One filled cell. `text` of a number is its decimal digits, of a date `2024-01-05`.

    `shown_by` is its number format.
    """

    kind: Literal["text", "number", "date", "time", "bool", "error", "formula"]
    text: str
    shown_by: str = GENERAL


@dataclass
class RawSheet:
    """A sheet's filled cells by row (from 1) and column (from 0), what is merged, what is hidden.

    `copies` counts the sheets of this name.
    """

    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    copies: int = 1


def read_xlsx(content: bytes, wanted: Container[str], heading_rows: int = 1) -> dict[str, RawSheet]:
    """Read the sheets whose names are `wanted`, by name; the headings of their columns stand within
    the first `heading_rows`.

    Raises BadWorkbook for anything that is not a readable .xlsx within the limits.
    """
    if content.startswith(_OLE_SIGNATURE):
        raise BadWorkbook("文件是旧版 .xls 或设有打开密码，请去掉密码并另存为 .xlsx 后重新上传。")
    try:
        return _read(content, wanted, heading_rows)
    except BadWorkbook:
        raise
    # A library says in many ways that a file is damaged, encrypted or made to do harm.
    except Exception as error:
        raise BadWorkbook(
            "文件不是可以读取的 .xlsx 工作簿，请用 Excel 或 WPS 另存为 .xlsx。"
        ) from error


def column_letters(column: int) -> str:
    """0 → A, 27 → AB."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _read(content: bytes, wanted: Container[str], heading_rows: int) -> dict[str, RawSheet]:
    package = open_package(content)
    book = openpyxl.load_workbook(BytesIO(package.content), read_only=True, keep_links=False)
    sheets: dict[str, RawSheet] = {}
    for sheet in book.worksheets:
        name = normal_code(sheet.title)
        if name in sheets:
            sheets[name].copies += 1
        elif name in wanted:
            # The one thing that openpyxl knows and does not tell: which part the sheet is.
            glance = package.glances[sheet._worksheet_path]
            sheets[name] = _sheet(sheet, glance, heading_rows)
    return sheets


def _sheet(sheet: Any, glance: Glance, heading_rows: int) -> RawSheet:
    raw = RawSheet(
        merged=glance.merged,
        hidden=sheet.sheet_state != "visible",
        hidden_rows=glance.hidden_rows,
        hidden_columns=_columns(glance.hidden_columns),
    )
    if glance.shown_columns is not None:
        raw.hidden_columns |= set(range(MAX_COLUMNS)) - _columns(glance.shown_columns)
    # What the file says of its size may be wrong; what stands behind the last row is not read.
    sheet.reset_dimensions()
    heads = islice(sheet.iter_rows(max_row=heading_rows, max_col=MAX_COLUMNS), heading_rows)
    width = max((place for row in heads for place in _filled(row)), default=-1) + 1
    if width:
        rows = islice(sheet.iter_rows(max_col=width), glance.last_filled)
        letters = 0
        for number, row in enumerate(rows, 1):
            if cells := _filled(row):
                raw.rows[number] = cells
                letters += sum(len(cell.text) for cell in cells.values())
                if letters > MAX_LETTERS:
                    raise BadWorkbook("单元格里的文字过多，请删去多余文字或拆分后重新上传。")
    return raw


def _columns(spans: Iterable[tuple[int, int]]) -> set[int]:
    """The columns, from 0, of spans that count from 1."""
    return {c - 1 for first, last in spans for c in range(first, min(last, MAX_COLUMNS) + 1)}


def _filled(row: Iterable[Any]) -> dict[int, Cell]:
    """The filled cells of a row by column."""
    return {place: cell for place, found in enumerate(row) if (cell := _cell(found))}


def _cell(cell: Any) -> Cell | None:
    value = cell.value
    if value is None:
        return None
    if cell.data_type in _KINDS:
        text = openpyxl.utils.escape.unescape(str(value))
        return Cell(_KINDS[cell.data_type], text, cell.number_format) if text.strip() else None
    if cell.data_type == "b":
        return Cell("bool", str(int(value)))
    if cell.data_type == "d":
        if not isinstance(value, date):
            return Cell("time", str(value), cell.number_format)
        day = value.date() if isinstance(value, datetime) else value
        return Cell("date", day.isoformat(), cell.number_format)
    return Cell("number", str(value), cell.number_format)
