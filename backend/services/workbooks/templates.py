"""Writes workbooks with our headings: empty ones to fill in, and filled ones.

The bytes depend on nothing but what is asked for, so the same workbook is the same file.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from backend.services.workbooks import cells
from backend.services.workbooks.balances_sheets import BALANCES_SHEETS
from backend.services.workbooks.library import openpyxl
from backend.services.workbooks.registry_sheets import REGISTRY_SHEETS
from backend.services.workbooks.workbook import Column, WorkbookSheet
from backend.services.workbooks.xlsx import column_letters

SHEETS = {"registry": REGISTRY_SHEETS, "balances": BALANCES_SHEETS}
NOTES = "填写说明"
RULES = (
    "第 1 行是表头，请勿改动；从第 2 行起每行填一条，空行不计。请勿合并单元格，请勿使用公式。",
    "带 * 的列必填。编号、账号、房号请用“文本”格式；金额、面积只填数字，最多两位小数。",
    "日期写成 2024-01-05。有一处填错则全部不导入；同一份工作簿可以重复导入，不会重复登记。",
    "导入不会删除系统中已有的内容；改动按编号或名称更新。下方示例均为虚构。",
)
LAST_ROW = 20_000
NUMBERS = {cells.area_dm2, cells.fen}
HEADING_COLOUR = "DDEBF7"
# Any fixed moment: it only keeps the clock out of the file.
EPOCH = datetime(2024, 1, 1)  # noqa: DTZ001 - the file format has no time zones


def template(kind: Literal["registry", "balances"]) -> bytes:
    """The empty workbook of this kind, with notes and examples on a sheet of their own."""
    return write_workbook(SHEETS[kind], {})


def write_workbook(
    sheets: Sequence[WorkbookSheet], rows: Mapping[str, Sequence[Sequence[Any]]]
) -> bytes:
    """An .xlsx file with these rows (by sheet name, cells in the order of the columns)."""
    book = openpyxl.Workbook()
    notes = book.worksheets[0]
    notes.title = NOTES
    _write_notes(notes, sheets)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        page.append([_starred(column) for column in sheet.columns])
        for row in rows.get(sheet.name, ()):
            page.append(list(row))
        _dress(page, sheet)
    book.active = 1
    return file_of(book)


def _starred(column: Column[Any]) -> str:
    return column.heading + ("*" if column.required else "")


def _write_notes(page: Any, sheets: Sequence[WorkbookSheet]) -> None:
    for rule in RULES:
        page.append([rule])
    for sheet in sheets:
        page.append([])
        page.append([f"工作表“{sheet.name}”", "怎样填", "示例 1（虚构）", "示例 2（虚构）"])
        for cell in page[page.max_row]:
            heads(cell)
        for column in sheet.columns:
            page.append([_starred(column), column.note, *column.examples])
    for letter, width in zip("ABCD", (24, 56, 28, 28), strict=True):
        page.column_dimensions[letter].width = width


def _dress(page: Any, sheet: WorkbookSheet) -> None:
    """Widths, a heading that stays in view, formats and choices for the rows to come."""
    page.freeze_panes = "A2"
    for place, column in enumerate(sheet.columns):
        letter = column_letters(place)
        heading = page[f"{letter}1"]
        heads(heading)
        heading.alignment = openpyxl.styles.Alignment(horizontal="center")
        dimension = page.column_dimensions[letter]
        dimension.width = max(2 * len(column.heading) + 4, *map(len, column.examples), 12)
        # A text format keeps leading zeros and long codes as they are typed.
        dimension.number_format = "0.00" if column.parse in NUMBERS else "@"
        if validation := _validation(column):
            page.add_data_validation(validation)
            validation.add(f"{letter}2:{letter}{LAST_ROW}")


def _validation(column: Column[Any]) -> Any:
    blank, of_kind = not column.required, openpyxl.worksheet.datavalidation.DataValidation
    if column.choices:
        choices = f'"{",".join(column.choices)}"'
        validation = of_kind("list", formula1=choices, allow_blank=blank)
    elif column.parse in NUMBERS:
        validation = of_kind(
            "decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=blank
        )
    else:
        return None
    validation.error, validation.errorTitle = column.note[:200], column.heading
    return validation


def heads(cell: Any) -> None:
    """Make the cell look like a heading."""
    cell.font = openpyxl.styles.Font(bold=True)
    cell.fill = openpyxl.styles.PatternFill("solid", fgColor=HEADING_COLOUR)


def file_of(book: Any) -> bytes:
    """The file of this workbook, without the moment of writing in it."""
    book.properties.creator = "tibao"
    book.properties.created = EPOCH
    raw, fresh = BytesIO(), BytesIO()
    book.save(raw)
    modified = book.properties.modified.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with ZipFile(raw) as source, ZipFile(fresh, "w", ZIP_DEFLATED, compresslevel=9) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = content.replace(modified, EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode())
            target.writestr(ZipInfo(name, EPOCH.timetuple()[:6]), content, ZIP_DEFLATED)
    return fresh.getvalue()
