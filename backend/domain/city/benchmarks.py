"""The central bank's rates that deposits are measured by."""

from datetime import date

from backend.domain.city.schema import Benchmark, CityProfile
from backend.domain.errors import refuse
from backend.domain.wording import plain_day


def known_terms(profile: CityProfile) -> list[int]:
    """The terms that have a benchmark, in months (0: on demand), the shortest first."""
    return sorted({each.months for each in profile.income.benchmarks})


def benchmark_of(profile: CityProfile, months: int, on: date) -> Benchmark:
    """The benchmark with its source. Raises Refused `benchmark_missing` for a term without one."""
    there = [each for each in profile.income.benchmarks if each.since <= on]
    known = [each for each in there if each.months == months]
    if not known:
        terms = "、".join(f"{m}个月" if m else "活期" for m in sorted({b.months for b in there}))
        message = (
            f"没有{months}个月存款在{plain_day(on)}的基准利率，不能算出法定利息。"
            f"已有：{terms or '无'}；请核对存期，或先在城市参数里补上这一期限的基准利率和来源。"
        )
        raise refuse("benchmark_missing", message, "months")
    return max(known, key=lambda benchmark: benchmark.since)
