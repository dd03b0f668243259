"""Files by which the fund's own system (维修资金系统) and this one keep the flats' accounts alike.

In come what flats had (分户余额) and what they paid in and out since (分户明细); out go the year's
interest and income of the flats (分户入账). Each file is one batch of one bank account: a head with
the number of its lines and their sums, then the lines. What the head says must be what the lines
add up to, to the fen; a batch is booked whole or not at all (办法 18, 30: the books of each flat).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from backend.domain.errors import Refused
from backend.domain.money import parse_fen, yuan

Choice = TypeVar("Choice")
MOST_TEXT = 100  # letters of one cell: a reference, a place
COUNTED = re.compile("[1-9][0-9]{0,8}")
WRITTEN_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class BatchKind(StrEnum):
    """What a file brings: balances of flats that were not known before, or their movements."""

    BALANCES = "balances"
    MOVEMENTS = "movements"


class LineKind(StrEnum):
    """What a line adds to a flat: its balance, paid in (交存), paid out (支取)."""

    BALANCE = "balance"
    PAID_IN = "paid_in"
    PAID_OUT = "paid_out"


BATCH_NAMES = {BatchKind.BALANCES: "分户余额", BatchKind.MOVEMENTS: "分户明细"}
LINE_NAMES = {LineKind.BALANCE: "余额", LineKind.PAID_IN: "交存", LineKind.PAID_OUT: "支取"}

# The columns, in any order; further ones do not count.
KIND, NUMBER, BANK, AS_OF = "文件", "批次", "专户账号", "截至日期"
COUNT, IN_SUM, OUT_SUM = "笔数", "增加合计", "减少合计"
ESTATE, BUILDING, UNIT, ROOM = "小区编号", "楼栋", "单元", "房号"
REFERENCE, DAY, WAY, AMOUNT, BALANCE = "流水号", "日期", "种类", "金额", "余额"
HEAD = (KIND, NUMBER, BANK, AS_OF, COUNT, IN_SUM, OUT_SUM)
PLACE = (ESTATE, BUILDING, UNIT, ROOM)
SENT = "分户入账"  # the kind of file that goes out
SENT_COLUMNS = (*PLACE, DAY, WAY, AMOUNT)
COLUMNS = {
    BatchKind.BALANCES: (*PLACE, BALANCE),
    BatchKind.MOVEMENTS: (REFERENCE, *PLACE, DAY, WAY, AMOUNT),  # BALANCE where the system knows it
}


@dataclass(frozen=True)
class Fault:
    """What is wrong, in which line of the file and in which column of it."""

    line: int
    column: str
    message: str


class BadLine(Exception):
    """A line, or the head, that cannot be read."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__(*faults)
        self.faults: Sequence[tuple[str, str]] = faults


@dataclass(frozen=True)
class Head:
    """A batch: its number in the fund's system, the bank account, the day up to which it goes, and
    what its lines add up to: how many, and what they add and take in fen."""

    kind: BatchKind
    number: str
    bank: str
    as_of: date
    count: int
    in_fen: int
    out_fen: int


@dataclass(frozen=True)
class Line:
    """One line: the flat's place as it is written there, the day, and fen (more than nothing).
    `balance_fen` is what the fund's system says the flat has after it, None where it does not."""

    reference: str | None
    place: tuple[str, str, str, str]
    on: date
    kind: LineKind
    fen: int
    balance_fen: int | None


def by_column(names: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    """The cells of a line by their columns, without blanks around either."""
    return {name.strip(): cell.strip() for name, cell in zip(names, cells, strict=False)}


def read_head(cells: Mapping[str, str]) -> Head:
    """The head from its cells by column. Raises BadLine with all that is wrong."""
    read = _Reader(cells)
    kinds = {name: kind for kind, name in BATCH_NAMES.items()}
    kind = read.choice(KIND, kinds)
    number, bank = read.text(NUMBER), read.text(BANK)
    as_of = read.day(AS_OF)
    count = read.count(COUNT)
    in_fen, out_fen = read.fen(IN_SUM), read.fen(OUT_SUM)
    read.done()
    return Head(kind, number, bank, as_of, count, in_fen, out_fen)


def read_line(head: Head, cells: Mapping[str, str]) -> Line:
    """A line of this batch from its cells by column. Raises BadLine with all that is wrong."""
    read = _Reader(cells)
    place = (read.text(ESTATE), read.text(BUILDING), read.text(UNIT), read.text(ROOM))
    if head.kind is BatchKind.BALANCES:
        line = Line(None, place, head.as_of, LineKind.BALANCE, read.fen(BALANCE), None)
        read.done()
        return line
    reference, on = read.text(REFERENCE), read.day(DAY)
    kinds = {LINE_NAMES[kind]: kind for kind in (LineKind.PAID_IN, LineKind.PAID_OUT)}
    kind, fen = read.choice(WAY, kinds), read.fen(AMOUNT)
    balance = read.fen(BALANCE) if cells.get(BALANCE) else None
    read.done()
    if not fen:
        raise BadLine((AMOUNT, "金额应大于零"))
    if on > head.as_of:
        raise BadLine((DAY, f"晚于文件的截至日期 {head.as_of}"))
    return Line(reference, place, on, kind, fen, balance)


class _Reader:
    """Reads one line's cells and collects what is wrong with them."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self._faults: list[tuple[str, str]] = []

    def done(self) -> None:
        """Raises BadLine where anything was wrong: until then what was read may be a stand-in."""
        if self._faults:
            raise BadLine(*self._faults)

    def text(self, column: str) -> str:
        found = self._cells.get(column, "")
        if not found:
            self._faults.append((column, "没有填写"))
        elif len(found) > MOST_TEXT or not found.isprintable():
            self._faults.append((column, f"不能超过{MOST_TEXT}个字，也不能有换行等看不见的字符"))
        return found

    def choice(self, column: str, choices: Mapping[str, Choice]) -> Choice:
        found = self._cells.get(column, "")
        if found not in choices:
            names = "或".join(f"“{name}”" for name in choices)
            self._faults.append((column, f"应为{names}"))
        return choices.get(found, next(iter(choices.values())))

    def day(self, column: str) -> date:
        found = self._cells.get(column, "")
        try:
            if WRITTEN_DAY.fullmatch(found):
                return date.fromisoformat(found)
        except ValueError:
            pass
        self._faults.append((column, "应为日期，写成 2025-01-20 的样子"))
        return date.min

    def count(self, column: str) -> int:
        found = self._cells.get(column, "")
        if not COUNTED.fullmatch(found):
            self._faults.append((column, "应为笔数，用半角数字，至少一笔"))
            return 0
        return int(found)

    def fen(self, column: str) -> int:
        try:
            return parse_fen(self._cells.get(column, ""))
        except Refused as refused:
            self._faults.append((column, refused.refusals[0].message))
            return 0


def sums_differ(head: Head, count: int, in_fen: int, out_fen: int) -> Sequence[tuple[str, str]]:
    """Where what the lines add up to is not what the head says: column and what is wrong."""
    found = []
    if count != head.count:
        found.append((COUNT, f"文件里有 {count} 笔，与所填的 {head.count} 笔不符"))
    for column, due, fen in ((IN_SUM, head.in_fen, in_fen), (OUT_SUM, head.out_fen, out_fen)):
        if fen != due:
            more = "多" if fen > due else "少"
            message = f"各笔合计 {yuan(fen)}，比所填的 {yuan(due)} {more} {yuan(abs(fen - due))}"
            found.append((column, message))
    return found
