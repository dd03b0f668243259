"""银行流水: a statement of one bank account of the fund, and all that is wrong with it.

A statement is taken whole or not at all: its lines add up from opening to closing, and it follows
the one before without a day or a fen between. What it says of whom is for `bank_matching`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.money import yuan
from backend.domain.wording import plain_day

MOST_LINES = 20_000
MOST_FEN = 10**15  # ten trillion yuan: more is a slip of the keys
_AMOUNT = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?")


@dataclass(frozen=True)
class StatedLine:
    """One line: fen received are positive, fen paid negative. `row` is where it stands."""

    row: int
    day: date
    amount_fen: int
    reference: str
    counterparty: str = ""
    counterparty_account: str = ""
    purpose: str = ""


@dataclass(frozen=True)
class Statement:
    """What the bank says of one account from `from_on` to the end of `until_on`, in fen."""

    from_on: date
    until_on: date
    opening_fen: int
    closing_fen: int
    lines: Sequence[StatedLine]


@dataclass(frozen=True)
class StatementFault:
    """One thing that is wrong, with its row and the heading of its column where it has one."""

    code: str
    message: str
    row: int | None = None
    column: str | None = None

    @property
    def refusal(self) -> Refusal:
        """The same as a refusal, with its row in words."""
        at = f"第{self.row}行" if self.row else ""
        at += f"“{self.column}”" if self.column else ""
        return Refusal(self.code, f"{at}：{self.message}" if at else self.message, "lines")


@dataclass(frozen=True)
class ReadLines:
    """What a file or a program says: the lines that could be read, and what is wrong with the
    others."""

    lines: Sequence[StatedLine]
    faults: Sequence[StatementFault] = ()


@dataclass(frozen=True)
class Surroundings:
    """What a statement is held against: where the statement before ended and with what (None: there
    is none), since when the books have the account (None: not yet), what day it is, and which
    references lines of earlier statements have."""

    today: date
    ended_on: date | None = None
    closing_fen: int = 0
    opened_on: date | None = None
    references: frozenset[str] = frozenset()


def amount_fen(written: str) -> int:
    """Fen of an amount in yuan as a bank writes it: `-1,234.50`. Nothing is guessed: full-width
    digits, exponents and a third decimal are no amount. Raises Refused `statement_amount_invalid`.
    """
    text = written.strip()
    if not _AMOUNT.fullmatch(text):
        message = f"“{text[:30]}”不是金额，应为半角数字，最多两位小数，如 1,234.50。"
        raise refuse("statement_amount_invalid", message)
    whole, _, decimals = text.lstrip("+-").replace(",", "").partition(".")
    whole = whole.lstrip("0") or "0"
    if decimals[2:].strip("0"):
        message = f"{text[:30]}超过两位小数，请向银行核对金额。"
        raise refuse("statement_amount_invalid", message)
    fen = int(whole[:20]) * 100 + int(f"{decimals:0<2}"[:2])
    if fen > MOST_FEN:
        raise refuse("statement_amount_invalid", "金额过大，请向银行核对。")
    return -fen if text.startswith("-") else fen


def signed_fen(paid: str, received: str) -> int:
    """What a line moves, from its two columns (支出、收入), of which one is filled; a nought is as
    good as nothing, and what is struck out in red counts the other way.

    Raises Refused `statement_amount_invalid`, `statement_both_sides`, `statement_amount_missing`.
    """
    out, came = (amount_fen(text) if text.strip() else 0 for text in (paid, received))
    if out and came:
        message = "支出和收入都有金额，一行只能有一个，请核对后分成两行。"
        raise refuse("statement_both_sides", message)
    if not out and not came:
        raise refuse("statement_amount_missing", "支出和收入都没有金额，请核对。")
    return came - out


def faults(statement: Statement, around: Surroundings) -> Sequence[StatementFault]:
    """All that is wrong with a statement whose every line could be read; none for a good one."""
    return [
        *_period(statement, around),
        *_lines(statement, around.references),
        *_sums(statement, around),
    ]


def _period(statement: Statement, around: Surroundings) -> Iterator[StatementFault]:
    first, last = statement.from_on, statement.until_on
    if last < first:
        yield StatementFault("statement_period_invalid", "起始日晚于截止日，请核对流水的起止日期。")
        return
    if last > around.today:
        message = "流水的截止日还没有到，请核对起止日期。"
        yield StatementFault("statement_period_invalid", message)
    if around.opened_on is not None and first <= around.opened_on:
        message = (
            f"这个专户的期初余额是{plain_day(around.opened_on)}的，"
            "当天和以前的流水已经算在期初里，请从次日开始导入。"
        )
        yield StatementFault("statement_before_opening", message)
    if around.ended_on is None:
        return
    due = around.ended_on + timedelta(days=1)
    if first < due:
        message = (
            f"上一份流水到{plain_day(around.ended_on)}，这一份从{plain_day(first)}开始，"
            f"日期重叠，请从{plain_day(due)}起导出。"
        )
        yield StatementFault("statement_overlaps", message)
    elif first > due:
        message = f"上一份流水到{plain_day(around.ended_on)}，这一份从{plain_day(first)}开始，"
        message += f"中间缺{(first - due).days}天，请先导入缺少的流水。"
        yield StatementFault("statement_gap", message)


def _sums(statement: Statement, around: Surroundings) -> Iterator[StatementFault]:
    lacking = around.ended_on is not None and statement.opening_fen - around.closing_fen
    if lacking:
        message = (
            f"期初余额{yuan(statement.opening_fen)}，上一份流水的期末余额"
            f"{yuan(around.closing_fen)}，相差{abs(lacking)}分。"
        )
        yield StatementFault("statement_opening_differs", message)
    moved = sum(line.amount_fen for line in statement.lines)
    missed = statement.closing_fen - statement.opening_fen - moved
    if missed:
        message = (
            f"期初{yuan(statement.opening_fen)}加各行合计{yuan(moved)}，与期末"
            f"{yuan(statement.closing_fen)}相差{abs(missed)}分，请核对有没有漏行、改动。"
        )
        yield StatementFault("statement_sum_differs", message)


def too_long() -> StatementFault:
    """The fault of more than `MOST_LINES` lines."""
    message = f"流水超过{MOST_LINES}行，请分成几段日期导出。"
    return StatementFault("statement_too_long", message)


def _lines(statement: Statement, known: frozenset[str]) -> Iterator[StatementFault]:
    if not statement.lines and statement.opening_fen != statement.closing_fen:
        yield StatementFault("statement_empty", "文件里没有一行流水，期初和期末余额却不同。")
    if len(statement.lines) > MOST_LINES:
        yield too_long()
        return
    times = Counter(line.reference for line in statement.lines)
    first_rows: dict[str, int] = {}
    for line in statement.lines:
        if not statement.from_on <= line.day <= statement.until_on:
            message = f"{plain_day(line.day)}不在流水的起止日期之内。"
            yield StatementFault("statement_day_outside", message, line.row)
        if not line.amount_fen:
            yield StatementFault("statement_amount_missing", "金额不能为零。", line.row)
        if not line.reference:
            message = "没有交易流水号，无法与其他行区分，请向银行补齐。"
            yield StatementFault("statement_reference_missing", message, line.row)
            continue
        first = first_rows.setdefault(line.reference, line.row)
        if times[line.reference] > 1 and first != line.row:
            message = f"流水号“{line.reference}”与第{first}行重复。"
            yield StatementFault("statement_reference_repeated", message, line.row)
        elif line.reference in known:
            message = f"流水号“{line.reference}”在以前导入的流水里已经有了。"
            yield StatementFault("statement_reference_repeated", message, line.row)


def check(found: Sequence[StatementFault], most: int = 50) -> None:
    """Raises Refused with these faults, the first `most` of them."""
    if found:
        raise Refused(*(fault.refusal for fault in found[:most]))
