"""The central bank's rates that deposits are measured by."""

from datetime import date
from decimal import Decimal

from backend.domain.city.schema import Benchmark, CityProfile
from backend.domain.errors import refuse


def benchmark_rate(profile: CityProfile, months: int, on: date) -> Decimal | None:
    """The benchmark for a deposit of `months` made on `on` (0: demand); None when there is none."""
    if months not in terms_of(profile, on):
        return None
    return benchmark_of(profile, months, on).rate


def benchmark_of(profile: CityProfile, months: int, on: date) -> Benchmark:
    """The benchmark with its source. Raises Refused `benchmark_missing` for a term without one."""
    known = [b for b in profile.income.benchmarks if b.months == months and b.since <= on]
    if not known:
        terms = "、".join(f"{m}个月" if m else "活期" for m in sorted(terms_of(profile, on)))
        message = (
            f"没有{months}个月存款在{on}的基准利率，不能算出法定利息。已有：{terms or '无'}；"
            "请核对存期，或先在城市参数里补上这一期限的基准利率和来源。"
        )
        raise refuse("benchmark_missing", message, "months")
    return max(known, key=lambda benchmark: benchmark.since)


def terms_of(profile: CityProfile, on: date) -> set[int]:
    """The terms in months that have a benchmark on that day."""
    return {b.months for b in profile.income.benchmarks if b.since <= on}
