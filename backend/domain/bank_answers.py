"""What the bank answered to a batch (拨付批次): each line against the payment that it is about.

A line is matched by our number in its purpose (用途), and then must say our amount and our payee;
where the bank cut the number off, amount and payee may point to the only order that is like it,
as paid, never as sent back. Nothing is booked by it: a person confirms each.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend.domain.ledger import PaymentState
from backend.domain.money import yuan
from backend.domain.normal import normal_code, normal_name

NUMBER = re.compile("BF-?([0-9]{4})-?([0-9]{6})")
STATES = {
    PaymentState.CONFIRMED: "已确认付款",
    PaymentState.REJECTED: "已登记退回",
    PaymentState.RETURNED: "已登记退票",
}


class Verdict(StrEnum):
    """What a line proposes, or why it proposes nothing."""

    PAID = "paid"
    ALIKE = "alike"
    RETURNED = "returned"
    SETTLED = "settled"
    CONTRADICTS = "contradicts"
    AMOUNT_DIFFERS = "amount_differs"
    PAYEE_DIFFERS = "payee_differs"
    NO_REFERENCE = "no_reference"
    OUTCOME_UNCLEAR = "outcome_unclear"
    REPEATED = "repeated"
    UNKNOWN = "unknown"


PAYS = (Verdict.PAID, Verdict.ALIKE)
PROPOSES = (*PAYS, Verdict.RETURNED)


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
class OutcomeWords:
    """By which words the bank says that it did not pay (somewhere in a line), and that it did (the
    whole of the outcome). A line without an outcome tells of a payment, as statements do."""

    failed: Collection[str]
    paid: Collection[str]


@dataclass(frozen=True)
class Judged:
    """A line, the number of the payment that it is about (None: of none here), and in words."""

    verdict: Verdict
    number: str | None
    words: str


def judge(
    lines: Sequence[BankLine],
    batch: Sequence[Expected],
    words: OutcomeWords,
    elsewhere: Sequence[Expected] = (),
) -> Sequence[Judged]:
    """Each line, in their order. `elsewhere` are orders that are not of this batch: those that a
    line may be alike to, those that lines name though they were rejected, and those that a line's
    reference confirmed.

    At most one line of each payment proposes something; none where two lines with different
    references would, nor where one line says that it was paid and another that it was not.
    """
    found = [_judge(line, batch, words, elsewhere) for line in lines]
    references: dict[str | None, set[str]] = {}
    outcomes: dict[str | None, set[bool]] = {}
    for line, one in zip(lines, found, strict=True):
        if one.verdict in PROPOSES:
            references.setdefault(one.number, set()).add(line.reference)
        if one.verdict is not Verdict.OUTCOME_UNCLEAR:
            outcomes.setdefault(one.number, set()).add(_failure(line, words) is None)
    proposed: set[str | None] = set()
    for nth, one in enumerate(found):
        if one.verdict not in PROPOSES:
            continue
        if len(outcomes[one.number]) > 1:
            message = "有的明细说这笔已付，有的说没有付成。请向银行核实现在是哪一种，没有确认。"
            found[nth] = Judged(Verdict.REPEATED, one.number, message)
        elif len(references[one.number]) > 1:
            message = "两笔明细对同一编号，请核对。请向银行核实哪一笔是真的，没有确认。"
            found[nth] = Judged(Verdict.REPEATED, one.number, message)
        elif one.number in proposed:
            message = "前面已有一行是这笔拨付的，请向银行核实，不要重复确认。"
            found[nth] = Judged(Verdict.REPEATED, one.number, message)
        proposed.add(one.number)
    return found


def is_about(line: BankLine, batch: Sequence[Expected], elsewhere: Sequence[Expected]) -> bool:
    """Whether the line speaks of a payment of this batch: by our number, or, where there is none,
    by amount and payee; or of an order from elsewhere that was rejected, and must not be paid. Any
    other line of a statement is none of the batch's business."""
    if number_in(line):
        return _named(line, batch, elsewhere) is not None
    if _confirmed_by(line, batch):
        return True
    return not _confirmed_by(line, elsewhere) and any(_is_alike(line, each) for each in batch)


def number_in(line: BankLine) -> str | None:
    """Our number in the purpose, as we write it."""
    written = NUMBER.search(normal_code(line.purpose))
    return f"BF-{written[1]}-{written[2]}" if written else None


def _judge(
    line: BankLine,
    batch: Sequence[Expected],
    outcomes: OutcomeWords,
    elsewhere: Sequence[Expected],
) -> Judged:
    payment = _about(line, batch, elsewhere)
    if payment is None:
        words = "用途里没有这一批的拨付编号，按金额和户名也认不出是哪一笔。请向银行核实，没有确认。"
        return Judged(Verdict.UNKNOWN, None, words)
    number, written = payment.number, number_in(line)
    why = _failure(line, outcomes)
    if payment.state is not PaymentState.ORDERED:
        return _judge_settled(line, payment, why)
    if line.amount_fen != payment.amount_fen:
        bank = "看不懂" if line.amount_fen is None else yuan(line.amount_fen)
        words = f"金额不一致：银行{bank}，我们{yuan(payment.amount_fen)}。请向银行核实，没有确认。"
        return Judged(Verdict.AMOUNT_DIFFERS, number, words)
    if normal_name(line.payee) != normal_name(payment.payee):
        words = f"户名不一致：银行“{line.payee}”，我们“{payment.payee}”。请向银行核实，没有确认。"
        return Judged(Verdict.PAYEE_DIFFERS, number, words)
    if why and not written:  # it may be one that was paid before, which is not due again
        words = (
            f"银行没有付成：{why}。明细里没有我们的编号，像{number}，也可能是以前付过的一笔。"
            "请向银行核实，再到那个案件登记退回或退票。"
        )
        return Judged(Verdict.UNKNOWN, number, words)
    if why:
        return Judged(Verdict.RETURNED, number, f"银行没有付成：{why}")
    if line.outcome and normal_code(line.outcome) not in map(normal_code, outcomes.paid):
        words = f"银行的处理结果是“{line.outcome}”，看不出已经付款。请等银行办结后重新导入明细。"
        return Judged(Verdict.OUTCOME_UNCLEAR, number, words)
    if not line.reference:
        return Judged(Verdict.NO_REFERENCE, number, "没有银行流水号，不能确认。请补上后重新导入。")
    if not written:
        words = "金额、户名一致，银行明细里没有我们的编号，请核对后再勾选。"
        return Judged(Verdict.ALIKE, number, words)
    return Judged(Verdict.PAID, number, "编号、金额、户名都一致。")


def _judge_settled(line: BankLine, payment: Expected, why: str | None) -> Judged:
    """What is settled proposes nothing; where the bank says otherwise than we wrote, loudly."""
    number = payment.number
    if payment.state is PaymentState.REJECTED and not why:
        words = f"{number}银行已付，但我们已登记退回，请先与银行核实，不要再拨付。"
        return Judged(Verdict.CONTRADICTS, number, words)
    if payment.state is PaymentState.CONFIRMED and why:
        words = f"{number}已确认付款，但这一行说没有付成：{why}。请与银行核实，确已退款的登记退票。"
        return Judged(Verdict.CONTRADICTS, number, words)
    if not why and payment.reference and line.reference not in ("", payment.reference):
        words = (
            f"{number}已凭流水号{payment.reference}确认付款，这一行是另一笔。"
            "请与银行核实是否重复付款。"
        )
        return Judged(Verdict.CONTRADICTS, number, words)
    return Judged(Verdict.SETTLED, number, f"{number}{STATES[payment.state]}，不再办理。")


def _failure(line: BankLine, outcomes: OutcomeWords) -> str | None:
    """In whose words the bank says that it did not pay: a line of a 退汇 may have no outcome."""
    texts = (line.outcome, line.reason, line.purpose)
    if not any(word in text for word in outcomes.failed for text in texts):
        return None
    return line.reason or line.outcome or line.purpose


def _about(
    line: BankLine, batch: Sequence[Expected], elsewhere: Sequence[Expected]
) -> Expected | None:
    if number_in(line):
        return _named(line, batch, elsewhere)
    if known := _confirmed_by(line, batch):
        return known
    if _confirmed_by(line, elsewhere):
        return None
    orders = [each for each in (*batch, *elsewhere) if each.state is PaymentState.ORDERED]
    alike = [each for each in orders if _is_alike(line, each)]
    return alike[0] if len(alike) == 1 and alike[0] in batch else None


def _confirmed_by(line: BankLine, payments: Sequence[Expected]) -> Expected | None:
    """The one of these payments that was confirmed by this very line's reference."""
    found = (each for each in payments if each.reference and each.reference == line.reference)
    return next(found, None)


def _named(
    line: BankLine, batch: Sequence[Expected], elsewhere: Sequence[Expected]
) -> Expected | None:
    off = [each for each in elsewhere if each.state is PaymentState.REJECTED]
    return next((each for each in (*batch, *off) if each.number == number_in(line)), None)


def _is_alike(line: BankLine, payment: Expected) -> bool:
    same_payee = normal_name(line.payee) == normal_name(payment.payee)
    return line.amount_fen == payment.amount_fen and same_payee
