"""The head and the lines of a file of the fund's own system."""

from datetime import date

import pytest

from backend.domain import fund_books as rules
from backend.domain.fund_books import BadLine, BatchKind, Head, Line, LineKind

HEAD = {
    "文件": "分户明细",
    "批次": "B-1",
    "专户账号": "6222",
    "截至日期": "2025-03-02",
    "笔数": "2",
    "增加合计": "100.00",
    "减少合计": "50.05",
}
MOVEMENTS = Head(BatchKind.MOVEMENTS, "B-1", "6222", date(2025, 3, 2), 2, 10_000, 5_005)
BALANCES = Head(BatchKind.BALANCES, "B-1", "6222", date(2025, 3, 2), 1, 10_000, 0)
PLACE = {"小区编号": "JS-001", "楼栋": "1栋", "单元": "1单元", "房号": "101"}
MOVED = PLACE | {"流水号": "R-1", "日期": "2025-03-01", "种类": "支取", "金额": "50.05"}
THERE = ("JS-001", "1栋", "1单元", "101")


def wrong(cells: dict[str, str], head: Head | None = MOVEMENTS) -> list[str]:
    with pytest.raises(BadLine) as bad:
        rules.read_line(head, cells) if head else rules.read_head(cells)
    assert all(message for _, message in bad.value.faults)
    return [column for column, _ in bad.value.faults]


def test_a_head_says_what_its_lines_add_up_to() -> None:
    assert rules.read_head(HEAD) == MOVEMENTS


def test_cells_stand_below_their_columns_without_blanks() -> None:
    assert rules.by_column([" 批次", "文件 "], [" B-1 ", "分户明细"]) == {
        "批次": "B-1",
        "文件": "分户明细",
    }


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("文件", "分户"),
        ("批次", ""),
        ("批次", "B" * 101),
        ("专户账号", "62\n22"),
        ("截至日期", "20250302"),
        ("截至日期", "2025-02-30"),
        ("笔数", "0"),
        ("笔数", "²"),
        ("笔数", "1e3"),
        ("增加合计", "1,000.00"),
        ("减少合计", "-1"),
    ],
)
def test_what_is_no_head_is_told_with_its_column(column: str, text: str) -> None:
    assert wrong(HEAD | {column: text}, None) == [column]


def test_a_line_moves_a_flat_or_opens_it() -> None:
    on, kind = date(2025, 3, 1), LineKind.PAID_OUT
    assert rules.read_line(MOVEMENTS, MOVED) == Line("R-1", THERE, on, kind, 5_005, None)
    known = MOVED | {"种类": "交存", "余额": "8000.00"}
    found = rules.read_line(MOVEMENTS, known)
    assert (found.kind, found.balance_fen) == (LineKind.PAID_IN, 800_000)
    opened = rules.read_line(BALANCES, PLACE | {"余额": "0"})
    assert opened == Line(None, THERE, date(2025, 3, 2), LineKind.BALANCE, 0, None)


def test_all_that_is_wrong_with_a_line_is_told() -> None:
    assert wrong({}) == ["小区编号", "楼栋", "单元", "房号", "流水号", "日期", "种类", "金额"]
    assert wrong(MOVED | {"余额": "x"}) == ["余额"]
    assert wrong(MOVED | {"金额": "0.00"}) == ["金额"]
    assert wrong(MOVED | {"日期": "2025-03-03"}) == ["日期"]
    assert wrong(PLACE | {"余额": "x"}, BALANCES) == ["余额"]


def test_a_sum_that_misses_by_a_fen_is_told() -> None:
    assert rules.sums_differ(MOVEMENTS, 2, 10_000, 5_005) == []
    found = dict(rules.sums_differ(MOVEMENTS, 3, 10_001, 5_004))
    assert list(found) == ["笔数", "增加合计", "减少合计"]
    assert "多 0.01元" in found["增加合计"]
    assert "少 0.01元" in found["减少合计"]
