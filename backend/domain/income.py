"""Interest and value-added income (增值收益): what a deposit earned, and whose it is.

All amounts are fen, all rates exact decimals as fractions of one (1.95 % is Decimal("0.0195")), all
times exact fractions of a year. Nothing is rounded but the interest itself, half a fen upwards.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

from backend.domain.city.schema import IncomeRules
from backend.domain.errors import Refused, refuse
from backend.domain.money import Part, split

PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%?")
HIGHEST_RATE = Decimal("0.2")  # [D]: the central bank's own highest for a year was 10.98 %
MOST_YEARS = 30  # [D]: longer than any deposit


@dataclass(frozen=True)
class Income:
    """One deposit's interest A, cut into owners' and pooled money (plan, section 四（一）).

    `actual_fen` = `owners_fen` + `pooled_fen`, always. `owed_fen` is what the statutory interest S
    lacks when the bank paid less than S: owed to the owners, an exception for the leading group.
    """

    actual_fen: int
    statutory_fen: int
    pooled_fen: int
    owners_fen: int
    owed_fen: int


@dataclass(frozen=True)
class Affordability:
    """Whether an account can pay a premium: the gap, and the year in which income closes it.

    `closes_in` is None when no income comes in.
    """

    available_fen: int
    premium_fen: int
    shortfall_fen: int
    closes_in: int | None


def parse_rate(text: object, field: str) -> Decimal:
    """A rate in percent as a contract has it ("1.95" or "1.95%") → the fraction of one (0.0195).

    Raises Refused: `rate_invalid`; `rate_out_of_range` at nothing, and above `HIGHEST_RATE`.
    """
    found = PERCENT.fullmatch(text) if isinstance(text, str) and text.isascii() else None
    if found is None:
        message = (
            f"利率“{str(text)[:30]}”看不懂，请按年利率的百分数写成 1.95 的样子，最多六位小数。"
        )
        raise refuse("rate_invalid", message, field)
    rate = Decimal(found[1]).scaleb(-2)
    if not 0 < rate <= HIGHEST_RATE:
        message = (
            f"年利率{found[1]}%不在0到{HIGHEST_RATE * 100:.0f}%之间，"
            "请核对：应写百分数，1.95%写成 1.95。"
        )
        raise refuse("rate_out_of_range", message, field)
    return rate


def percent(rate: Decimal) -> str:
    """A rate as people read it: Decimal("0.0195") → "1.95%"."""
    return f"{(rate * 100).normalize():f}%"


def days_later(on: date, days: int) -> date:
    """So many days later (before, if negative). Raises Refused `date_out_of_range`."""
    try:
        return on + timedelta(days)
    except OverflowError:
        raise _out_of_range() from None


def months_later(on: date, months: int) -> date:
    """The same day so many months later (before, if negative), or the last of a shorter month, as a
    bank counts a term. Raises Refused `date_out_of_range`."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    if not date.min.year <= year < date.max.year:
        raise _out_of_range()
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def whole_term(months: int) -> Fraction:
    """A deposit held to term, in years: 12 months → 1, 6 months → 1/2."""
    return Fraction(months, 12)


def broken_term(rules: IncomeRules, from_on: date, until_on: date) -> Fraction:
    """A time by days, in years of as many days as the city reckons with (360 or 365): the first day
    counts, the last does not. Raises Refused (`period_empty`)."""
    return Fraction(_days(from_on, until_on), rules.day_count_basis.value)


def interest_fen(principal_fen: int, rate: Decimal, years: Fraction) -> int:
    """Principal × rate × time, half a fen rounded up."""
    exact = principal_fen * Fraction(rate) * years
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def value_added(actual_fen: int, statutory_fen: int) -> Income:
    """Cut the interest the bank really paid (A) at the statutory interest (S).

    V = A − S is a residual, so nothing is invented or lost. With A < S nothing is pooled, owners
    get all of A and S − A stays owed to them. Raises Refused (`amount_negative`).
    """
    if actual_fen < 0 or statutory_fen < 0:
        raise refuse("amount_negative", "利息不能是负数，请核对银行回单。", "actual_fen")
    owners = min(actual_fen, statutory_fen)
    return Income(
        actual_fen=actual_fen,
        statutory_fen=statutory_fen,
        pooled_fen=actual_fen - owners,
        owners_fen=owners,
        owed_fen=statutory_fen - owners,
    )


def split_by_year(amount_fen: int, from_on: date, until_on: date) -> tuple[Part, ...]:
    """Cut an amount by days into calendar years (JS period: 1 January to 31 December).

    `until_on` is the day the deposit ends and is not counted. Parts are named by year, oldest
    first. Raises Refused (`period_empty`).
    """
    _days(from_on, until_on)
    weights = [
        (
            str(year),
            (min(until_on, date(year + 1, 1, 1)) - max(from_on, date(year, 1, 1))).days,
        )
        for year in range(from_on.year, until_on.year + 1)
    ]
    return split(amount_fen, [(year, days) for year, days in weights if days])


def years_of(part_fen: int, from_on: date, until_on: date) -> dict[int, int]:
    """A part of an interest (value-added, or the owners') by year, in fen; years without any are
    left out. Raises Refused (`period_empty`)."""
    if not part_fen:
        return {}
    parts = split_by_year(part_fen, from_on, until_on)
    return {int(part.name): part.fen for part in parts if part.fen}


def principal_needed(premium_fen: int, spread: Decimal) -> int:
    """Principal (fen, rounded up) whose value-added income of one year pays `premium_fen`.

    `spread` is the rate above the benchmark. Raises Refused (`spread_not_positive`).
    """
    if spread <= 0:
        raise refuse("spread_not_positive", "利率没有高于基准，存多少都不产生增值收益。", "spread")
    return ceil(premium_fen / Fraction(spread))


def affordability(
    available_fen: int, premium_fen: int, income_fen: int, next_booking_year: int
) -> Affordability:
    """Compare what is available with a year's premium.

    `income_fen` is expected once a year, first in `next_booking_year`; the gap closes in the year
    whose booking makes it good. With no gap that is the year before: now.
    """
    shortfall = max(0, premium_fen - available_fen)
    if shortfall == 0:
        closes: int | None = next_booking_year - 1
    elif income_fen <= 0:
        closes = None
    else:
        closes = next_booking_year - 1 + -(-shortfall // income_fen)
    return Affordability(available_fen, premium_fen, shortfall, closes)


def _days(from_on: date, until_on: date) -> int:
    days = (until_on - from_on).days
    if days <= 0:
        raise refuse("period_empty", "计息期间至少一天：结束日应晚于开始日。", "until_on")
    return days


def _out_of_range() -> Refused:
    return refuse("date_out_of_range", "日期超出了能计算的年份，请核对。", "from")
