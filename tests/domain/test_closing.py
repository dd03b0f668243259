from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from backend.domain.city.benchmarks import benchmark_of
from backend.domain.closing import Share, check_over, explain
from backend.domain.errors import Refused
from backend.domain.income import days_later, months_later, parse_rate, percent
from backend.store.city_files import load_city

JISHOU = load_city("jishou")
# domain.md §6: of 7,907.40 by 408,000.00 × 183 days.
WHOLE = 20_586_155_000
WORKED = Share(UUID(int=1), "A", "1栋", 40_800_000 * 183, WHOLE, 790_740, 1, 286_794)


def code(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.refusals[0].code


def test_a_year_is_closed_when_it_is_over() -> None:
    check_over(2024, date(2025, 1, 1))
    assert code(lambda: check_over(2024, date(2024, 12, 31))) == "year_not_over"
    assert code(lambda: check_over(2026, date(2025, 1, 1))) == "year_out_of_range"
    assert code(lambda: check_over(2014, date(2025, 1, 1))) == "year_out_of_range"


def test_a_share_says_how_it_was_reckoned() -> None:
    reckoned = explain(WORKED)
    assert "7,466,400,000，全部账户合计20,586,155,000" in reckoned[0]
    assert reckoned[1].endswith("先舍去不足一分的部分：2,867.93元")
    assert "分到除不尽的1分" in reckoned[2]
    assert reckoned[3:] == ("本年应得2,867.94元",)
    assert WORKED.moved_fen == 286_794


def test_a_correction_says_what_it_takes_back_and_what_stays_owed() -> None:
    less = Share(UUID(int=1), "A", "1栋", 1, 3, 300, 0, 100, before_fen=180, receivable_fen=30)
    assert less.moved_fen == -50
    assert explain(less)[2:] == (
        "本年应得1元",
        "以前已分1.80元，这次入账-0.50元",
        "应退回的钱已经用掉，余额不够退的0.30元记为应收，报领导小组处理",
    )
    more = Share(UUID(int=1), "A", "1栋", 1, 3, 600, 0, 200, before_fen=100, settled_fen=30)
    assert more.moved_fen == 70
    assert explain(more)[-1] == "其中0.30元抵还以前记为应收的部分"


@pytest.mark.parametrize(
    ("text", "found"), [("1.95", "1.95%"), ("1.95%", "1.95%"), ("20", "20%"), ("0.000001", None)]
)
def test_a_rate_is_written_in_percent(text: str, found: str | None) -> None:
    rate = parse_rate(text, "rate")
    assert percent(rate) == (found or "0.000001%")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0", "rate_out_of_range"),
        ("20.01", "rate_out_of_range"),
        *(
            (text, "rate_invalid")
            for text in ("", "-1", "1e1", "１.５", "NaN", "1.95‰", "1.1234567")
        ),
        (1.95, "rate_invalid"),
    ],
)
def test_what_is_no_rate_is_refused(text: object, found: str) -> None:
    assert code(lambda: parse_rate(text, "rate")) == found


def test_a_term_ends_on_its_day_or_the_last_of_a_shorter_month() -> None:
    assert months_later(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert months_later(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert months_later(date(2025, 3, 15), -3) == date(2024, 12, 15)
    assert days_later(date(2025, 1, 1), -1) == date(2024, 12, 31)
    assert code(lambda: months_later(date(9998, 12, 31), 12)) == "date_out_of_range"
    assert code(lambda: days_later(date(1, 1, 1), -1)) == "date_out_of_range"


def test_a_deposit_is_measured_by_the_benchmark_of_its_own_term() -> None:
    on = date(2025, 1, 1)
    assert percent(benchmark_of(JISHOU, 12, on).rate) == "1.5%"
    assert benchmark_of(JISHOU, 0, on).source == "银发〔2015〕325号"
    assert percent(benchmark_of(JISHOU, 0, on).rate) == "0.35%"
    assert code(lambda: benchmark_of(JISHOU, 60, on)) == "benchmark_missing"
    assert code(lambda: benchmark_of(JISHOU, 12, date(2015, 10, 23))) == "benchmark_missing"
