"""The central bank's rates that deposits are measured by."""

from datetime import date
from decimal import Decimal

from backend.domain.city.schema import CityProfile


def benchmark_rate(profile: CityProfile, months: int, on: date) -> Decimal | None:
    """The benchmark for a deposit of `months` made on `on` (0: demand); None when there is none."""
    known = [b for b in profile.income.benchmarks if b.months == months and b.since <= on]
    return max(known, key=lambda benchmark: benchmark.since).rate if known else None
