"""Where a deposit (存款) stands, and how its interest is told: by what each figure is so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from backend.domain.city.schema import IncomeRules
from backend.domain.income import Income, interest_fen, percent, whole_term
from backend.domain.money import yuan
from backend.domain.wording import plain_day

CUT_BY_YEAR = "增值收益按天数分到各年（1月1日至12月31日，最大余数法）［方案四（二）］"
ON_DEMAND = "活期"


class DepositStatus(StrEnum):
    """Where a deposit stands: it runs, ended with or without its last interest entered, or was
    entered by mistake."""

    RUNNING = "running"
    UNPAID = "unpaid"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


DEPOSIT_STATUS_NAMES = {
    DepositStatus.RUNNING: "在存",
    DepositStatus.UNPAID: "到期，还没有登记结息",
    DepositStatus.ENDED: "到期，已登记结息",
    DepositStatus.WITHDRAWN: "登记已撤销",
}


class InterestStatus(StrEnum):
    """Where interest stands: it waits for the second officer, was confirmed or turned down, or was
    undone after it had been confirmed."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    TURNED_DOWN = "turned_down"
    UNDONE = "undone"


INTEREST_STATUS_NAMES = {
    InterestStatus.WAITING: "待确认",
    InterestStatus.CONFIRMED: "已入账",
    InterestStatus.TURNED_DOWN: "已退回",
    InterestStatus.UNDONE: "入账后已撤销",
}


@dataclass(frozen=True)
class Measure:
    """What statutory interest is measured by: the principal (fen), the benchmark of the deposit's
    own term (a fraction of one), its months (0: on demand) and its maturity, if it has one."""

    principal_fen: int
    benchmark: Decimal
    months: int
    matures_on: date | None


def deposit_status(
    matures_on: date | None, entered_until: date | None, today: date, *, withdrawn: bool
) -> DepositStatus:
    """Where a deposit stands today; `entered_until` is the day up to which interest was entered,
    whether it waits or was confirmed."""
    if withdrawn:
        return DepositStatus.WITHDRAWN
    if matures_on is None or today < matures_on:
        return DepositStatus.RUNNING
    paid = entered_until is not None and entered_until >= matures_on
    return DepositStatus.ENDED if paid else DepositStatus.UNPAID


def interest_status(confirmed: bool | None, *, undone: bool) -> InterestStatus:
    """Where interest stands, by the second officer's word."""
    if undone:
        return InterestStatus.UNDONE
    if confirmed is None:
        return InterestStatus.WAITING
    return InterestStatus.CONFIRMED if confirmed else InterestStatus.TURNED_DOWN


def term_words(months: int) -> str:
    """How people call a term: 12 → 12个月, 0 → 活期."""
    return f"{months}个月" if months else ON_DEMAND


def value_added_words(income: Income, *, households: bool = False) -> str:
    """What became of V = A − S, and whose it is: the pools', or the households'."""
    if income.owed_fen:
        return (
            f"0元：实得低于法定，差额 S − A = {yuan(income.owed_fen)}"
            "仍欠业主，报领导小组处理，不从统筹账户扣"
        )
    whose = "归各户" if households else "进统筹账户"
    return f"A − S = {yuan(income.pooled_fen)}，{whose}［方案四（一）］"


def statutory_words(
    rules: IncomeRules, by: Measure, from_on: date, until_on: date, statutory_fen: int
) -> str:
    """How the statutory interest of these days was reckoned: by their days, or at maturity as what
    the whole term's leaves."""
    product = f"{yuan(by.principal_fen)} × 基准利率{percent(by.benchmark)}"
    if until_on != by.matures_on:
        days, basis = (until_on - from_on).days, rules.day_count_basis.value
        return f"{product} × {days} ÷ {basis} = {yuan(statutory_fen)}，归业主［方案四（一）］"
    whole = interest_fen(by.principal_fen, by.benchmark, whole_term(by.months))
    words = f"整个存期 {product} × {by.months} ÷ 12 = {yuan(whole)}"
    if statutory_fen < whole:
        words += f"，以前各次已算{yuan(whole - statutory_fen)}，这次{yuan(statutory_fen)}"
    return f"{words}，归业主［方案四（一）］"


def cut_words(
    rules: IncomeRules,
    by: Measure,
    days: tuple[date, date],
    income: Income,
    years: Mapping[int, int],
) -> tuple[tuple[str, str], ...]:
    """How interest is cut: each figure's name with the way it was reckoned. `days` are the first
    one and the one after the last, `years` the value-added part by year (fen)."""
    from_on, until_on = days
    households = rules.mode.value == "household"
    found = [
        (
            "计息期间",
            f"{plain_day(from_on)}到{plain_day(until_on)}（当天不计息）"
            f"，共{(until_on - from_on).days}天",
        ),
        ("实得利息 A", f"{yuan(income.actual_fen)}，照银行回单"),
        ("法定利息 S", statutory_words(rules, by, from_on, until_on, income.statutory_fen)),
        ("增值收益 V", value_added_words(income, households=households)),
    ]
    if years:
        parts = "、".join(f"{year}年{yuan(fen)}" for year, fen in sorted(years.items()))
        found.append(("各年", f"{parts}。{CUT_BY_YEAR}"))
    return tuple(found)
