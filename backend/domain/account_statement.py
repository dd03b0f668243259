"""The statement of an account to take away (对账单): what it had as a period began, every movement,
and what it had at the end. Page, PDF and workbook show this one value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from backend.domain.errors import Refused, refuse
from backend.domain.households import MOVEMENT_NAMES, OPENING_NAME, MovementKind
from backend.domain.wording import plain_day

MOST_LINES = 2000  # that leave at once; more of them are fetched in shorter periods
OTHER = "其他"
# What an entry is called on a statement, by its kind.
ENTRY_NAMES: Mapping[str, str] = {
    "opening": "期初余额及更正",
    "bank_transfer": "专户之间划转",
    "past_income": "以前年度收益",
    "deposit_interest": "存款利息",
    "year_close": "年度分配",
    "special_deposit": "专户缴存",
    "special_paid_back": "专户余款退还",
    "premium_due": "保险费（申请拨付时记账）",
    "payment_ordered": "通知银行拨付",
    "payment_confirmed": "银行已拨付",
    "payment_rejected": "银行未受理，撤销通知",
    "payment_returned": "退票，款项退回",
    "payment_unconfirmed": "撤销确认已拨付",
    "refund_received": "收到退回的保险费",
    "refund_returned": "退回的保险费转回账户",
    "reversal": "冲销",
    "account_split": "账户拆分",
    "account_merge": "账户合并",
    "households": "本金转入分户控制账户",
    "fund_balances": "资金系统转来的分户余额",
    "fund_movements": "资金系统转来的交存、支取",
}


@dataclass(frozen=True)
class Period:
    """The days that a statement is of, the last one included."""

    from_on: date
    until_on: date

    @property
    def words(self) -> str:
        """In a sentence: 2025年1月1日至2025年12月31日."""
        return f"{plain_day(self.from_on)}至{plain_day(self.until_on)}"


@dataclass(frozen=True)
class BookedLine:
    """One movement: more than nothing when the balance grew, and the balance after it; the number
    of the case that it is of, if of any."""

    booked_on: date
    name: str
    case: str
    amount_fen: int
    balance_fen: int


Lines = TypeVar("Lines", bound=object)


@dataclass(frozen=True)
class AccountStatement(Generic[Lines]):
    """An account in a period, in fen. `lines` are all movements, or a page of them; the sums and
    `count` are of all."""

    number: str
    name: str
    kind_name: str
    period: Period
    opening_fen: int
    received_fen: int
    paid_fen: int
    count: int
    lines: Lines

    @property
    def closing_fen(self) -> int:
        """What it had at the end of the last day."""
        return self.opening_fen + self.received_fen - self.paid_fen

    @property
    def sums(self) -> Sequence[tuple[str, int]]:
        """The figures that stand above the movements, by their names."""
        return (
            ("期初余额", self.opening_fen),
            ("本期增加", self.received_fen),
            ("本期减少", self.paid_fen),
            ("期末余额", self.closing_fen),
        )


WholeStatement = AccountStatement[Sequence[BookedLine]]


def period_of(from_on: date | None, until_on: date | None, today: date) -> Period:
    """The period that somebody asks for: without a last day until today, without a first one from
    the beginning of the last one's year.

    Raises Refused: `day_in_future`, `statement_period_invalid`.
    """
    last = until_on or today
    first = from_on or last.replace(month=1, day=1)
    if last > today:
        raise refuse("day_in_future", "截止日还没有到，请选择今天或以前的一天。", "until_on")
    if first > last:
        message = "起始日晚于截止日，请重新选择期间。"
        raise refuse("statement_period_invalid", message, "from_on")
    return Period(first, last)


def too_long(count: int) -> Refused:
    """What is said of more lines than leave at once."""
    message = f"这段时间有{count}笔，一次最多{MOST_LINES}笔，没有生成。请把期间选短，分几次取。"
    return refuse("account_statement_too_long", message, "from_on", kind="conflict")


def entry_name(kind: str) -> str:
    """What an entry of this kind is called on a statement."""
    return ENTRY_NAMES.get(kind, OTHER)


def of_flat(
    place: str, bookings: Iterable[tuple[date, MovementKind | None, int]], period: Period
) -> WholeStatement:
    """The statement of a flat's account by its bookings from the first on, the oldest first: day,
    kind (None: the opening) and fen."""
    opening_fen, balance_fen = 0, 0
    lines = []
    for booked_on, kind, fen in bookings:
        if booked_on > period.until_on:
            break
        balance_fen += fen
        if booked_on < period.from_on:
            opening_fen = balance_fen
        else:
            name = MOVEMENT_NAMES[kind] if kind else OPENING_NAME
            lines.append(BookedLine(booked_on, name, "", fen, balance_fen))
    received = sum(line.amount_fen for line in lines if line.amount_fen > 0)
    paid = -sum(line.amount_fen for line in lines if line.amount_fen < 0)
    return AccountStatement(
        "", place, "分户账", period, opening_fen, received, paid, len(lines), lines
    )
