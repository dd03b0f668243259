"""Explains the interest of a deposit on given values: what of it is whose, and of which year.

Takes the words of a command line, raises Refused for anything wrong in them, and returns plain
values for JSON. Needs no database and no city: every value stands on the command line.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from backend.domain.deposits import CUT_BY_YEAR, value_added_words
from backend.domain.errors import refuse
from backend.domain.income import (
    MOST_YEARS,
    Income,
    days_later,
    interest_fen,
    months_later,
    parse_rate,
    percent,
    split_by_year,
    value_added,
    whole_term,
)
from backend.domain.money import Part, parse_fen, yuan
from backend.explain import parse_date

MONTHS_OF_A_YEAR = 12
BASES = ("360", "365")
COUNT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True)
class Words:
    """What was asked, as written: yuan, percent a year, days or whole years, days as 2025-01-20."""

    principal: str
    rate: str
    benchmark: str
    days: str | None = None
    basis: str = "360"
    years: str | None = None
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True)
class Explained:
    """A deposit, what it earned, and the value-added part of each calendar year (in fen)."""

    principal_fen: int
    rate: Decimal
    benchmark: Decimal
    time: str
    times: str
    income: Income
    parts: tuple[Part, ...]


def explain_income(words: Words) -> Explained:
    """Interest A, statutory interest S and value-added income V = A − S (JS 四（一）), cut by days
    at 31 December where the first and the last day are given (the last is not counted).

    Raises Refused: `amount_invalid`, `amount_not_positive`, `rate_invalid`, `rate_out_of_range`,
    `term_invalid`, `term_differs`, `date_invalid`, `period_empty`.
    """
    principal_fen = parse_fen(words.principal, "principal")
    if not principal_fen:
        raise refuse("amount_not_positive", "本金必须大于零。", "principal")
    rate = parse_rate(words.rate, "rate")
    benchmark = parse_rate(words.benchmark, "benchmark")
    time, times, years, period = _time(words)
    income = value_added(
        interest_fen(principal_fen, rate, years), interest_fen(principal_fen, benchmark, years)
    )
    parts = split_by_year(income.pooled_fen, *period) if period else ()
    return Explained(principal_fen, rate, benchmark, time, times, income, parts)


def income_values(found: Explained) -> Mapping[str, object]:
    """What was found as plain values for JSON; `years` is empty where no days were given."""
    income = found.income
    return {
        "actual_fen": income.actual_fen,
        "statutory_fen": income.statutory_fen,
        "value_added_fen": income.pooled_fen,
        "shortfall_fen": income.owed_fen,
        "years": [{"year": int(part.name), "value_added_fen": part.fen} for part in found.parts],
    }


def income_text(found: Explained) -> str:
    """What was found for people: each figure with the way it was reckoned."""
    return "\n".join(_lines(found))


def _lines(found: Explained) -> Iterator[str]:
    income, principal = found.income, yuan(found.principal_fen)
    yield f"本金 {principal}，存期{found.time}，分以下四舍五入："
    actual = f"{principal} × {percent(found.rate)} {found.times}"
    yield f"  实得利息 A\t{actual} = {yuan(income.actual_fen)}"
    statutory = f"{principal} × {percent(found.benchmark)} {found.times}"
    yield f"  法定利息 S\t{statutory} = {yuan(income.statutory_fen)}，归业主［方案四（一）］"
    yield f"  增值收益 V\t{value_added_words(income)}"
    if found.parts:
        yield f"{CUT_BY_YEAR}："
        yield from (f"  {part.name}年\t{yuan(part.fen)}" for part in found.parts)


def _time(words: Words) -> tuple[str, str, Fraction, tuple[date, date] | None]:
    """How long: in words, as a factor and in years; its first day and the day after its last, if
    given."""
    if (words.days is None) == (words.years is None):
        raise refuse("term_invalid", "存期请写一种：按天用 --days，整年用 --years。", "days")
    if words.years is not None:
        years = _count(words.years, "years", MOST_YEARS)
        months = years * MONTHS_OF_A_YEAR
        period = _period(words, lambda on, sign: months_later(on, sign * months))
        return f"{years}年", f"× {years}", whole_term(months), period
    days = _count(words.days or "", "days", MOST_YEARS * 366)
    if words.basis not in BASES:
        raise refuse("term_invalid", "一年的计息天数只能是 360 或 365。", "basis")
    period = _period(words, lambda on, sign: days_later(on, sign * days))
    return f"{days}天", f"× {days} ÷ {words.basis}", Fraction(days, int(words.basis)), period


def _count(text: str, field: str, most: int) -> int:
    number = int(text) if COUNT.fullmatch(text) else 0
    if not 1 <= number <= most:
        message = f"存期“{text[:40]}”看不懂，请用半角数字写 1 到 {most} 的整数。"
        raise refuse("term_invalid", message, field)
    return number


def _period(words: Words, moved: Callable[[date, int], date]) -> tuple[date, date] | None:
    """Its first day and the day after its last, from whichever of them was written."""
    start = parse_date(words.start, "from") if words.start is not None else None
    end = parse_date(words.end, "to") if words.end is not None else None
    if start is None:
        return (moved(end, -1), end) if end else None
    until = moved(start, 1)
    if end not in (None, until):
        message = f"从{start}存这么久，到{until}到期（当天不计息），与写的{end}不一致，请核对。"
        raise refuse("term_differs", message, "to")
    return start, until
