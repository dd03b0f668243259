import json

import pytest
from click.testing import CliRunner, Result

from backend.commands.explain import explain

Values = dict[str, str | None]
YEAR: Values = {
    "principal": "12345678.90",
    "rate": "1.95%",
    "benchmark": "1.50",
    "years": "1",
}
DAYS: Values = {
    "principal": "3456789.12",
    "rate": "1.95",
    "benchmark": "1.5",
    "days": "183",
}


def run(values: Values, *more: str) -> Result:
    words = [word for name, value in values.items() if value for word in (f"--{name}", value)]
    return CliRunner().invoke(explain, ["income", *words, *more])


def told(values: Values) -> dict[str, object]:
    result = run(values, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    return dict(json.loads(result.stdout))


@pytest.mark.parametrize(
    ("values", "figures"),
    [
        (YEAR, (24_074_074, 18_518_518, 5_555_556, 0)),
        (DAYS, (3_426_542, 2_635_802, 790_740, 0)),
        (
            YEAR | {"principal": "8000000.00", "rate": "0.95"},
            (7_600_000, 12_000_000, 0, 4_400_000),
        ),
        (DAYS | {"basis": "365"}, (3_379_603, 2_599_695, 779_908, 0)),
    ],
)
def test_interest_is_cut_to_the_fen(values: Values, figures: tuple[int, int, int, int]) -> None:
    names = ("actual_fen", "statutory_fen", "value_added_fen", "shortfall_fen")
    assert told(values) == dict(zip(names, figures, strict=True)) | {"years": []}


@pytest.mark.parametrize(
    "days",
    [
        {"from": "2025-10-01"},
        {"to": "2026-04-02"},
        {"from": "2025-10-01", "to": "2026-04-02"},
    ],
)
def test_income_over_new_year_is_cut_by_days(days: Values) -> None:
    assert told(DAYS | days)["years"] == [
        {"year": 2025, "value_added_fen": 397_530},
        {"year": 2026, "value_added_fen": 393_210},
    ]


def test_a_whole_year_from_the_leap_day_ends_on_the_last_of_february() -> None:
    assert told(YEAR | {"from": "2024-02-29", "to": "2025-02-28"})["years"] == [
        {"year": 2024, "value_added_fen": 4_672_755},
        {"year": 2025, "value_added_fen": 882_801},
    ]


def test_people_read_how_each_figure_was_reckoned() -> None:
    said = run(DAYS | {"from": "2025-10-01"}).stdout
    assert "3,456,789.12元 × 1.95% × 183 ÷ 360 = 34,265.42元" in said
    assert "A − S = 7,907.40元" in said
    assert "2026年\t3,932.10元" in said
    short = run(YEAR | {"principal": "8000000.00", "rate": "0.95"}).stdout
    assert "差额 S − A = 44,000元仍欠业主" in short


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"principal": "1e30"}, "看不懂"),
        ({"principal": "NaN"}, "看不懂"),
        ({"principal": "５００"}, "半角"),
        ({"principal": "-5"}, "不能是负数"),
        ({"principal": "0"}, "大于零"),
        ({"rate": "25"}, "0到20%之间"),
        ({"rate": "0"}, "0到20%之间"),
        ({"rate": "-1"}, "看不懂"),
        ({"rate": "1e1"}, "看不懂"),
        ({"benchmark": "nan"}, "看不懂"),
        ({"benchmark": "１.５"}, "看不懂"),
        ({"years": "0"}, "1 到 30"),
        ({"years": "31"}, "1 到 30"),
        ({"years": None}, "存期请写一种"),
        ({"days": "3"}, "存期请写一种"),
        ({"years": None, "days": "3", "basis": "366"}, "360 或 365"),
        ({"from": "2025-02-30"}, "不是有效日期"),
        ({"from": "9999-01-01"}, "超出了能计算的年份"),
        ({"from": "2025-01-01", "to": "2025-12-31"}, "到2026-01-01到期"),
        ({"to": "0001-01-01", "years": None, "days": "3"}, "超出了能计算的年份"),
    ],
)
def test_what_cannot_be_reckoned_is_told_in_one_line(changed: Values, words: str) -> None:
    result = run(YEAR | changed)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
