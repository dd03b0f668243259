"""What the bank answered to a batch (拨付批次): each line against the payment that it is about.

A line is matched by our number in its purpose (用途), and then must say our amount and our payee;
where the bank cut the number off, amount and payee may point to one payment. Nothing is booked by
it: a person confirms each.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend.domain.ledger import PaymentState
from backend.domain.money import yuan
from backend.domain.normal import normal_code, normal_name

NUMBER = re.compile("BF-?[0-9]{4}-?[0-9]{6}")
STATES = {
    PaymentState.CONFIRMED: "已确认付款",
    PaymentState.REJECTED: "已登记退回",
    PaymentState.RETURNED: "已登记退票",
}


class Verdict(StrEnum):
    """What a line proposes, or why it proposes nothing."""

    PAID = "paid"
    RETURNED = "returned"
    SETTLED = "settled"
    AMOUNT_DIFFERS = "amount_differs"
    PAYEE_DIFFERS = "payee_differs"
    NO_REFERENCE = "no_reference"
    REPEATED = "repeated"
    UNKNOWN = "unknown"


PROPOSES = (Verdict.PAID, Verdict.RETURNED)


@dataclass(frozen=True)
class Expected:
    """A payment of the batch, in fen; `reference` is the bank's, once it is confirmed."""

    number: str
    amount_fen: int
    payee: str
    state: PaymentState
    reference: str | None = None


@dataclass(frozen=True)
class BankLine:
    """One line as the bank wrote it; `amount_fen` None where no amount could be read."""

    reference: str
    amount_fen: int | None
    payee: str
    purpose: str
    outcome: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Judged:
    """A line, the number of the payment that it is about (None: of none here), and in words."""

    verdict: Verdict
    number: str | None
    words: str


def judge(
    lines: Sequence[BankLine], batch: Sequence[Expected], failed: Collection[str]
) -> Sequence[Judged]:
    """Each line, in their order. `failed` are words by which the bank says that it did not pay.

    At most one line of each payment proposes something.
    """
    proposed: set[str | None] = set()
    found = []
    for line in lines:
        one = _judge(line, batch, failed)
        if one.verdict in PROPOSES and one.number in proposed:
            words = "前面已有一行是这笔拨付的，请向银行核实，不要重复确认。"
            one = Judged(Verdict.REPEATED, one.number, words)
        elif one.verdict in PROPOSES:
            proposed.add(one.number)
        found.append(one)
    return found


def _judge(line: BankLine, batch: Sequence[Expected], failed: Collection[str]) -> Judged:
    payment = _about(line, batch)
    if payment is None:
        return Judged(Verdict.UNKNOWN, None, "用途里没有这一批的拨付编号，金额和户名也对不上。")
    number = payment.number
    if payment.state is not PaymentState.ORDERED:
        return Judged(Verdict.SETTLED, number, f"{number}{STATES[payment.state]}，不再办理。")
    if line.amount_fen != payment.amount_fen:
        bank = "看不懂" if line.amount_fen is None else yuan(line.amount_fen)
        words = f"金额不一致：银行{bank}，我们{yuan(payment.amount_fen)}。请向银行核实，没有确认。"
        return Judged(Verdict.AMOUNT_DIFFERS, number, words)
    if normal_name(line.payee) != normal_name(payment.payee):
        words = f"户名不一致：银行“{line.payee}”，我们“{payment.payee}”。请向银行核实，没有确认。"
        return Judged(Verdict.PAYEE_DIFFERS, number, words)
    if any(word in line.outcome for word in failed):
        why = line.reason or line.outcome
        return Judged(Verdict.RETURNED, number, f"银行没有付成：{why}")
    if not line.reference:
        return Judged(Verdict.NO_REFERENCE, number, "没有银行流水号，不能确认。请补上后重新导入。")
    return Judged(Verdict.PAID, number, "编号、金额、户名都一致。")


def _about(line: BankLine, batch: Sequence[Expected]) -> Expected | None:
    written = NUMBER.search(normal_code(line.purpose))
    if written:
        digits = written[0].replace("-", "")
        named = (each for each in batch if each.number.replace("-", "") == digits)
        return next(named, None)
    payee = normal_name(line.payee)
    alike = [
        each
        for each in batch
        if each.amount_fen == line.amount_fen and normal_name(each.payee) == payee
    ]
    return alike[0] if len(alike) == 1 else None
