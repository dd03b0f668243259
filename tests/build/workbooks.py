"""Workbooks as a property company and the centre fill them in, small ones."""

from datetime import date
from decimal import Decimal
from typing import Any

from backend.services.base.context import Context
from backend.services.workbooks.balances_import import import_balances
from backend.services.workbooks.balances_sheets import BALANCES_SHEETS
from backend.services.workbooks.registry_import import import_registry
from backend.services.workbooks.registry_sheets import REGISTRY_SHEETS
from backend.services.workbooks.templates import write_workbook
from backend.services.workbooks.workbook import ImportReport

Rows = dict[str, list[list[Any]]]

PAPER = "业委会委托书〔2024〕7号"


def registry_rows() -> Rows:
    """An inventory: one estate with two units, by sheet."""
    return {
        "小区": [["TEST-01", "测试小区", "测试路1号", "测试街道", "测试物业", None, None]],
        "楼栋单元": [["1栋", "1单元"], ["1栋", "2单元"]],
        "房屋业主": [
            ["1栋", "1单元", "101", Decimal("89.35"), "张示安", "19900000001"],
            ["1栋", "1单元", "102", Decimal("102.6"), "李示宁、王示和", "19900000002、无"],
            ["1栋", "2单元", "101", "118.48", None, None],
        ],
        "电梯": [
            ["TEST000001", "1栋", "1单元", "1号梯", "甲", date(2015, 6, 1), date(2025, 6, 1),
             "测试维保", "0743-0000001"],
            ["TEST000002", "1栋", "2单元", "1号梯", None, "2016年7月2日", None, None, None],
        ],
        "业委会": [
            ["2024-07-01", "2027-06-30", "张示安", "主任", "19900000001", "否", None],
            ["2024-07-01", "2027-06-30", "李示宁", "委员", None, "是", None],
        ],
        "委托": [["测试物业", "2024-07-15", "2025-12-31"]],
    }  # fmt: skip


def registry_file(rows: Rows) -> bytes:
    """The inventory as a workbook."""
    return write_workbook(REGISTRY_SHEETS, rows)


def lines(report: ImportReport) -> list[str]:
    """The problems as people read them."""
    return [problem.line() for problem in report.problems]


def balances_rows() -> Rows:
    """Opening balances of the same estate that reconcile with the bank, by sheet."""
    place = ["TEST-01", "1栋"]
    return {
        "银行": [["TEST-BANK", "测试银行", date(2024, 12, 31), "10,507.40", Decimal("500")]],
        "分户账": [
            [*place, "1单元", "101", Decimal("1000"), date(2024, 12, 31)],
            [*place, "1单元", "102", Decimal("1100.00"), date(2024, 12, 31)],
            [*place, "2单元", "101", 0, "2024年12月31日"],
        ],
        "统筹账户": [
            ["TC-0001", *place, "1单元", Decimal("7907.4")],
            ["TC-0002", *place, "2单元", 0],
        ],
        "保险机构": [["测试保险", None, "测试银行", "TEST-BX-1", None, None, None]],
    }


def bring_registry(ctx: Context, rows: Rows) -> ImportReport:
    """Import these rows as an inventory."""
    return import_registry(ctx, registry_file(rows), dry_run=False, mandate_paper=PAPER)


def bring_balances(ctx: Context, rows: Rows, dry_run: bool = False) -> ImportReport:
    """Import these rows as opening balances."""
    return import_balances(ctx, write_workbook(BALANCES_SHEETS, rows), dry_run)


def with_texts(parts: dict[str, bytes], table: bytes) -> dict[str, bytes]:
    """The parts of a workbook with a table of texts, and an index that says so."""
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    entry = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    index = parts["[Content_Types].xml"].replace(b"</Types>", entry)
    return parts | {"xl/sharedStrings.xml": table, "[Content_Types].xml": index}
