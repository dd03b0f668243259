"""What a line of the bank may be: each line against what the books have of the same account.

A line and a booking fit only by the very amount. Our number in the line's purpose, or the bank's
own reference, says which is meant; where a line says neither, the amount alone may, within
`NEAR`. Proposed is what fits one way only, seen from both sides; a person takes each proposal.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from backend.domain.money import yuan
from backend.domain.normal import normal_code, normal_name, plain
from backend.domain.wording import plain_day

LEAST_NUMBER = 4  # shorter ones stand in any purpose
NEAR = timedelta(days=31)  # [D] how far booking and bank may be apart where no number says which


class ThingKind(StrEnum):
    """What a line of the bank may stand for."""

    PAYMENT = "payment"
    PAYMENT_RETURNED = "payment_returned"
    REFUND = "refund"
    INTEREST = "interest"
    TRANSFER = "transfer"
    DEPOSIT_PLACED = "deposit_placed"
    DEPOSIT_MATURED = "deposit_matured"
    OTHER = "other"


THING_NAMES = {
    ThingKind.PAYMENT: "拨付保费",
    ThingKind.PAYMENT_RETURNED: "退票",
    ThingKind.REFUND: "退费、退保",
    ThingKind.INTEREST: "存款利息",
    ThingKind.TRANSFER: "专户划转",
    ThingKind.DEPOSIT_PLACED: "存入定期",
    ThingKind.DEPOSIT_MATURED: "定期到期",
    ThingKind.OTHER: "其他入账",
}
OF_DEPOSITS = (ThingKind.DEPOSIT_PLACED, ThingKind.DEPOSIT_MATURED)


@dataclass(frozen=True)
class Thing:
    """What the books have of a bank account: an entry, or a deposit's beginning or end (`id` is the
    entry's or the deposit's). Fen received are positive. `number` is ours, `reference` the bank's
    as the receipt said it; empty where there is none. `bank_on` is the day that the receipt said,
    where there is one: what came late is booked on another (锁账)."""

    kind: ThingKind
    id: UUID
    amount_fen: int
    day: date
    number: str = ""
    reference: str = ""
    counterparty: str = ""
    counterparty_account: str = ""
    bank_on: date | None = None

    def is_near(self, day: date) -> bool:
        """Whether a line of this day may be about it, where nothing else says so."""
        return abs((self.bank_on or self.day) - day) <= NEAR

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.kind}:{self.id}"

    @property
    def words(self) -> str:
        """How people call it."""
        name = THING_NAMES[self.kind]
        return f"{name}{self.number and ' ' + self.number}，{plain_day(self.day)}"


@dataclass(frozen=True)
class FreeLine:
    """A line that is matched with nothing yet."""

    id: UUID
    day: date
    amount_fen: int
    reference: str
    counterparty: str = ""
    counterparty_account: str = ""
    purpose: str = ""


class Fit(StrEnum):
    """What is to be said of a line."""

    PROPOSED = "proposed"
    SEVERAL = "several"
    AMOUNT_DIFFERS = "amount_differs"
    NOT_BOOKED = "not_booked"
    PAID_TWICE = "paid_twice"
    UNKNOWN = "unknown"


FIT_NAMES = {
    Fit.PROPOSED: "可以核对",
    Fit.SEVERAL: "不止一笔",
    Fit.AMOUNT_DIFFERS: "金额不一致",
    Fit.NOT_BOOKED: "还没有入账",
    Fit.PAID_TWICE: "疑似重复拨付",
    Fit.UNKNOWN: "账上没有",
}


@dataclass(frozen=True)
class LineFit:
    """A line's fit, in words, with everything that fits; proposed is the only one."""

    fit: Fit
    things: Sequence[Thing]
    words: str


@dataclass(frozen=True)
class Books:
    """What lines are judged against: things without a line, payments that have theirs, and orders
    of payments that nobody has confirmed."""

    free: Sequence[Thing]
    paid: Sequence[Thing] = ()
    ordered: Sequence[Thing] = ()


def names(line: FreeLine, thing: Thing) -> bool:
    """Whether the line says that it is this one: by the bank's reference, or by our number."""
    if thing.reference and normal_code(thing.reference) == normal_code(line.reference):
        return True
    number = _dense(thing.number)
    if len(number) < LEAST_NUMBER:
        return False
    return (
        re.search(rf"(?<![0-9A-Z]){re.escape(number)}(?![0-9A-Z])", _dense(line.purpose))
        is not None
    )


def _dense(text: str) -> str:
    """Codes as they are compared: banks drop hyphens, or the blank before the words."""
    return plain(text).upper().replace("-", "")


class Index:
    """Things by what a line may say of them, so that a year's lines are judged without holding each
    against every booking."""

    def __init__(self, things: Iterable[Thing]) -> None:
        self.by_amount: dict[int, list[Thing]] = defaultdict(list)
        self._by_reference: dict[str, list[Thing]] = defaultdict(list)
        self._by_number: dict[str, list[Thing]] = defaultdict(list)
        self._lengths: dict[str, set[int]] = defaultdict(set)  # by how a number begins
        self._places: dict[str, int] = {}
        for place, thing in enumerate(things):
            self._places.setdefault(thing.key, place)
            self.by_amount[thing.amount_fen].append(thing)
            if thing.reference:
                self._by_reference[normal_code(thing.reference)].append(thing)
            if len(number := _dense(thing.number)) >= LEAST_NUMBER:
                self._by_number[number].append(thing)
                self._lengths[number[:LEAST_NUMBER]].add(len(number))

    def named(self, line: FreeLine) -> Sequence[Thing]:
        """Those that `names` finds, in the order they came in."""
        found = {each.key: each for each in self._by_reference.get(normal_code(line.reference), ())}
        purpose = _dense(line.purpose)
        for at in range(len(purpose)):
            for length in self._lengths.get(purpose[at : at + LEAST_NUMBER], ()):
                written = self._by_number.get(purpose[at : at + length], ())
                found |= {each.key: each for each in written if each.key not in found}
        there = [each for each in found.values() if names(line, each)]
        return sorted(there, key=lambda each: self._places[each.key])


def judge(lines: Sequence[FreeLine], books: Books) -> Mapping[UUID, LineFit]:
    """Every line by its id."""
    free, others = Index(books.free), Index((*books.paid, *books.ordered))
    paid, ordered = Index(books.paid), Index(books.ordered)
    named = {line.id: free.named(line) for line in lines}
    fits = {
        line.id: [each for each in named[line.id] if each.amount_fen == line.amount_fen]
        for line in lines
    }
    sure = set(_one_way(fits).values())
    for line in lines:
        if not named[line.id] and not others.named(line):
            same = free.by_amount.get(line.amount_fen, ())
            near = [each for each in same if each.is_near(line.day)]
            fits[line.id] = [each for each in near if each.key not in sure]
    proposed = _one_way(fits)
    return {
        line.id: _say(line, fits[line.id], named[line.id], line.id in proposed, paid, ordered)
        for line in lines
    }


def _one_way(fits: Mapping[UUID, Sequence[Thing]]) -> Mapping[UUID, str]:
    """The lines that fit one thing, which fits no other line."""
    times = Counter(thing.key for things in fits.values() for thing in things)
    return {
        line: things[0].key
        for line, things in fits.items()
        if len(things) == 1 and times[things[0].key] == 1
    }


def _say(
    line: FreeLine,
    fits: Sequence[Thing],
    named: Sequence[Thing],
    proposed: bool,
    paid: Index,
    ordered: Index,
) -> LineFit:
    if proposed:
        how = (
            "编号或流水号、金额都一致。" if named else "金额一致，流水里没有编号，请核对后再勾选。"
        )
        return LineFit(Fit.PROPOSED, fits, how)
    if len(fits) > 1:
        words = f"金额与账上{len(fits)}笔一致，认不出是哪一笔，请核对后选择。"
        return LineFit(Fit.SEVERAL, fits, words)
    if fits:
        return LineFit(Fit.SEVERAL, fits, "另一行流水也像这一笔，请核对后选择。")
    returned = (*named, *paid.named(line))
    if back := next((each for each in returned if each.amount_fen == -line.amount_fen), None):
        words = f"像是{back.words}的退回，账上还没有登记，请到那个案件登记后再核对。"
        return LineFit(Fit.NOT_BOOKED, (), words)
    if named:
        words = f"{named[0].words}：账上{_said(named[0])}，银行{_said(line)}，金额不一致。"
        return LineFit(Fit.AMOUNT_DIFFERS, (), words)
    if waiting := _like(line, ordered.by_amount.get(line.amount_fen, ())):
        words = f"{waiting.number}已通知银行、还没有确认，请先在“拨付”里确认这笔付款。"
        return LineFit(Fit.NOT_BOOKED, (), words)
    if again := _like(line, paid.by_amount.get(line.amount_fen, ())):
        words = (
            f"疑似重复拨付：{again.words}已经有一行流水，这一行又付了同样的金额，请马上向银行核实。"
        )
        return LineFit(Fit.PAID_TWICE, (), words)
    return LineFit(Fit.UNKNOWN, (), "账上没有金额一致的记录，请核对是什么款项。")


def _said(one: FreeLine | Thing) -> str:
    return ("收" if one.amount_fen > 0 else "付") + yuan(abs(one.amount_fen))


def _like(line: FreeLine, same: Sequence[Thing]) -> Thing | None:
    """The first of these, which are of the line's amount, that it names, or else one to the same
    payee."""
    named = [each for each in same if names(line, each)]
    return next(iter(named or [each for each in same if _same_payee(line, each)]), None)


def _same_payee(line: FreeLine, thing: Thing) -> bool:
    """As far as the line says to whom it went."""
    if line.counterparty_account and thing.counterparty_account:
        return normal_code(line.counterparty_account) == normal_code(thing.counterparty_account)
    if line.counterparty and thing.counterparty:
        return normal_name(line.counterparty) == normal_name(thing.counterparty)
    return True
