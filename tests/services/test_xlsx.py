"""Files as programs write them, and as people who mean harm do: read within limits, or refused."""

from collections.abc import Callable
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as some
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from backend.services.workbooks import cells
from backend.services.workbooks.formats import shows_day
from backend.services.workbooks.registry_sheets import REGISTRY_SHEETS
from backend.services.workbooks.workbook import read_workbook
from backend.services.workbooks.xlsx import Cell, read_xlsx
from tests.build.workbooks import registry_file, registry_rows
from tests.build.xlsx_files import SHEET, parts_of, saved, with_rows, with_styles, zipped


def cell(value: object, shown_by: str | None = None) -> Cell:
    """How one cell comes out of a file."""

    def fill(page: Any) -> None:
        page["A1"] = value
        if shown_by:
            page["A1"].number_format = shown_by

    return read_xlsx(saved(fill), {SHEET})[SHEET].rows[1][0]


# --- cells ---


@pytest.mark.parametrize(
    ("value", "shown_by", "kind", "text"),
    [
        ("冯样一_x000D_", None, "text", "冯样一\r"),
        ("=1+1", None, "formula", "=1+1"),
        (101, "0000", "number", "101"),
        (89.35, None, "number", "89.35"),
        (date(2015, 6, 10), None, "date", "2015-06-10"),
        (datetime(2015, 6, 10, 8, 30), None, "date", "2015-06-10"),  # noqa: DTZ001
        (time(8, 30), None, "time", "08:30:00"),
        (True, None, "bool", "1"),
        (42165, "yyyy/m/d", "date", "2015-06-10"),
    ],
)
def test_a_cell_comes_out_with_its_kind_and_its_format(
    value: object, shown_by: str | None, kind: str, text: str
) -> None:
    found = cell(value, shown_by)
    assert (found.kind, found.text) == (kind, text)
    assert shown_by is None or found.shown_by == shown_by


@given(some.integers(0, 10**13))
def test_no_fen_is_lost_on_the_way_out_of_a_file(fen: int) -> None:
    assert cells.fen(cell(fen / 100, "0.00")) == fen


def test_a_mac_workbook_counts_its_days_from_1904() -> None:
    def fill(page: Any) -> None:
        page.parent.epoch = CALENDAR_MAC_1904
        page["A1"] = date(2015, 6, 10)

    found = read_xlsx(saved(fill), {SHEET})[SHEET].rows[1][0]
    assert (found.kind, found.text) == ("date", "2015-06-10")


@pytest.mark.parametrize(("number", "whole"), [(31, True), (57, False), (28, False), (33, False)])
def test_the_formats_of_a_chinese_program_are_dates(number: int, whole: bool) -> None:
    """31 shows a whole day, 57 a month, 28 a day without its year, 33 a time."""
    content = with_styles(
        lambda styles: styles.replace(b'numFmtId="164"', b'numFmtId="%d"' % number)
    )
    found = read_xlsx(content, {SHEET})[SHEET].rows[1][0]
    assert (found.kind, shows_day(found.shown_by)) == ("date", whole)


def test_colours_and_rules_that_no_reader_understands_do_no_harm() -> None:
    content = with_styles(lambda styles: styles.replace(b"<fills", b"<fills><fill/></fills><fills"))
    assert read_xlsx(content, {SHEET})[SHEET].rows[1][0].text == "42165"
    rules = b'<autoFilter ref="A1"><filterColumn colId="0"><customFilters>'
    rules += b'<customFilter val="x y"/></customFilters></filterColumn></autoFilter>'
    content = with_rows(b'<row r="1"><c r="A1"><v>1</v></c></row>', rules)
    assert read_xlsx(content, {SHEET})[SHEET].rows[1][0].text == "1"


# --- what nobody saw, and what is there twice ---


NOUGHT = 0.0125  # which openpyxl does not write


def hidden(change: Callable[[Any], object]) -> list[str]:
    book = openpyxl.load_workbook(BytesIO(registry_file(registry_rows())))
    change(book)
    content = BytesIO()
    book.save(content)
    parts = parts_of(content.getvalue()).items()
    nought = {name: part.replace(b'="%.4f"' % NOUGHT, b'="0"') for name, part in parts}
    found = read_workbook(zipped(nought), REGISTRY_SHEETS)
    return [problem.line() for problem in found.problems]


def test_hidden_rows_are_named_run_by_run() -> None:
    def change(book: Any) -> None:
        for row in (2, 3):
            book[SHEET].row_dimensions[row].hidden = True
        book["电梯"].row_dimensions[3].hidden = True
        book["电梯"].row_dimensions[9].hidden = True  # empty

    assert hidden(change) == [
        "房屋业主 第 2 行：第 2 至 3 行被隐藏或筛选掉，请取消隐藏并核对，或删除后重新导入",
        "电梯 第 3 行：本行被隐藏或筛选掉，请取消隐藏并核对，或删除后重新导入",
    ]


def test_a_hidden_column_that_is_read_is_named() -> None:
    def change(book: Any) -> None:
        book[SHEET].column_dimensions["F"].hidden = True
        book[SHEET].column_dimensions["J"].hidden = True  # nothing of ours

    assert hidden(change) == [
        "房屋业主 第 1 行 F 列（业主电话）：本列被隐藏，请取消隐藏并核对后重新导入"
    ]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_named_unless_nothing_is_read_from_it(state: str) -> None:
    def change(book: Any) -> None:
        book["电梯"].sheet_state = state
        book["填写说明"].sheet_state = state

    assert hidden(change) == ["电梯：工作表被隐藏，请取消隐藏并核对内容后重新导入"]


@pytest.mark.parametrize("name", ["电梯 ", "电\u200b梯", "　电梯"])
def test_two_sheets_of_one_name_are_asked_about(name: str) -> None:
    def change(book: Any) -> None:
        book.copy_worksheet(book["电梯"]).title = name

    assert hidden(change) == ["电梯：有 2 张工作表都叫这个名称，请只保留一张"]


WAYS_TO_HIDE_A_ROW: dict[str, Callable[[Any], object]] = {
    "hidden": lambda sheet: setattr(sheet.row_dimensions[3], "hidden", True),
    "no height": lambda sheet: setattr(sheet.row_dimensions[3], "height", NOUGHT),
    "a height that no letter fits in": lambda sheet: setattr(sheet.row_dimensions[3], "height", 1),
}
WAYS_TO_HIDE_A_COLUMN: dict[str, Callable[[Any], object]] = {
    "hidden": lambda sheet: setattr(sheet.column_dimensions["F"], "hidden", True),
    "no width": lambda sheet: setattr(sheet.column_dimensions["F"], "width", NOUGHT),
    "a width of a pixel": lambda sheet: setattr(sheet.column_dimensions["F"], "width", 0.08),
}


@pytest.mark.parametrize("way", WAYS_TO_HIDE_A_ROW)
def test_a_row_that_cannot_be_seen_is_hidden(way: str) -> None:
    assert hidden(lambda book: WAYS_TO_HIDE_A_ROW[way](book[SHEET])) == [
        "房屋业主 第 3 行：本行被隐藏或筛选掉，请取消隐藏并核对，或删除后重新导入"
    ]


@pytest.mark.parametrize("way", WAYS_TO_HIDE_A_COLUMN)
def test_a_column_that_cannot_be_seen_is_hidden(way: str) -> None:
    assert hidden(lambda book: WAYS_TO_HIDE_A_COLUMN[way](book[SHEET])) == [
        "房屋业主 第 1 行 F 列（业主电话）：本列被隐藏，请取消隐藏并核对后重新导入"
    ]


def test_a_sheet_that_hides_all_but_some_rows_shows_those() -> None:
    """Programs write so what people do with “hide all below”: shown rows have their height."""

    def change(book: Any) -> None:
        book[SHEET].sheet_format.zeroHeight = True
        for row in (1, 2, 4):
            book[SHEET].row_dimensions[row].height = 15

    assert hidden(change) == [
        "房屋业主 第 3 行：本行被隐藏或筛选掉，请取消隐藏并核对，或删除后重新导入"
    ]


def test_a_sheet_that_hides_all_but_some_columns_shows_those() -> None:
    def change(book: Any) -> None:
        book[SHEET].sheet_format.defaultColWidth = NOUGHT
        for letter in "ABCDE":
            book[SHEET].column_dimensions[letter].width = 12
        del book[SHEET].column_dimensions["F"]

    assert hidden(change) == [
        "房屋业主 第 1 行 F 列（业主电话）：本列被隐藏，请取消隐藏并核对后重新导入"
    ]


def test_hidden_headings_are_named() -> None:
    def change(book: Any) -> None:
        book[SHEET].row_dimensions[1].height = NOUGHT

    assert hidden(change) == ["房屋业主 第 1 行：表头被隐藏，请取消隐藏并核对各列后重新导入"]


@pytest.mark.parametrize("shown_by", [';;;"102"', ";;;", '0;0;0;"102"', '"室"@', '@"（共有）"'])
def test_a_text_that_shows_as_another_is_asked_about(shown_by: str) -> None:
    def change(book: Any) -> None:
        book[SHEET]["C2"].number_format = shown_by

    assert hidden(change) == [
        "房屋业主 第 2 行 C 列（房号）：单元格的格式没有如实显示，"
        "实际存的是“101”，请设为“文本”格式，核对后重新导入"
    ]


@pytest.mark.parametrize(
    "shown_by", ["@", "General", "0.00", "_ * #,##0_ ;_ @_ ", "0;-0;;@", "yyyy"]
)
def test_a_text_that_shows_as_it_is_comes_in(shown_by: str) -> None:
    def change(book: Any) -> None:
        book[SHEET]["C2"].number_format = shown_by

    assert hidden(change) == []


def test_nothing_is_written_where_nothing_is_to_be_written() -> None:
    rows = registry_rows()
    rows["电梯"][0][4], rows["电梯"][0][6] = "无", "／"
    rows["小区"][0][1] = "无"
    found = read_workbook(registry_file(rows), REGISTRY_SHEETS)
    assert [problem.line() for problem in found.problems] == [
        "小区 第 2 行 B 列（小区名称）：不能为空"
    ]
