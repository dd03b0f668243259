"""拨付批次: many premiums are ordered at once, by one file for the bank, which is made once.

A case that cannot be ordered is left out and named, and keeps no other back. A payment is of the
batch in which it was ordered, and the house has one order of a case at a time, so that no click
pays anybody twice.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from backend.domain.audit_actions import AuditAction
from backend.domain.bank_answers import BankLine, Expected, Judged, OutcomeWords, judge, number_in
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.ledger import PaymentState
from backend.domain.local_time import local_date
from backend.domain.roles import Role
from backend.services.base import audit
from backend.services.base.access import granted_roles, nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.numbers import next_number
from backend.services.base.proof import require_recent_proof
from backend.services.batches.bank_file import file_for
from backend.services.batches.due import READERS, overtaken
from backend.services.books import banks
from backend.services.case.case import open_case
from backend.services.purchase import payments
from backend.store.batches import BankAnswer, PaymentBatch
from backend.store.ledger import Account
from backend.store.purchases import Payment, Purchase
from backend.store.queries.banks import all_banks
from backend.store.queries.batches import answers_of, elsewhere, payments_of

MOST = 200
STATE_NAMES = {
    PaymentState.ORDERED: "等银行付款",
    PaymentState.CONFIRMED: "已付款",
    PaymentState.REJECTED: "已退回",
    PaymentState.RETURNED: "已退票",
}


_MADE_ANEW = Refusal(
    "batch_overtaken",
    "生成批次以后情况变了，文件不能再交给银行。请作废整批，把能付的重新生成一批；"
    "文件已经交给银行的，请先核实银行付了没有，再标记“已提交银行”。",
)
LeftOut = dict[str, Any]


@dataclass(frozen=True)
class BatchPayment:
    """A payment of a batch, with the number of its case and the estate."""

    payment: Payment
    case_number: str
    estate: str

    @property
    def state_name(self) -> str:
        """How far it is, in words."""
        return STATE_NAMES[self.payment.state]


@dataclass(frozen=True)
class AnswerView:
    """A line of the bank, and what it says of which payment of the batch, as things stand now."""

    answer: BankAnswer
    judged: Judged
    payment: Payment | None


@dataclass(frozen=True)
class BatchView:
    """One batch with everything of it; `may_work`: this person is a cashier."""

    batch: PaymentBatch
    bank: Account
    payments: Sequence[BatchPayment]
    answers: Sequence[AnswerView]
    may_work: bool

    @property
    def amount_fen(self) -> int:
        """What its file comes to."""
        return sum(each.payment.amount_fen for each in self.payments)

    @property
    def open(self) -> int:
        """How many of its payments the bank has not answered."""
        return sum(each.payment.state is PaymentState.ORDERED for each in self.payments)

    @property
    def void(self) -> bool:
        """Whether it is made void: the bank never got its file, and must not."""
        return self.batch.submitted_at is None and not self.open

    @property
    def due_again(self) -> Sequence[BatchPayment]:
        """Payments in the file that are due again, or were ordered anew since."""
        again = PaymentState.REJECTED, PaymentState.RETURNED
        return [each for each in self.payments if each.payment.state in again]


def make(
    ctx: Context, actor: Actor, batch_id: UUID, cases: Collection[UUID], bank_id: UUID | None
) -> None:
    """Order the premiums of these cases out of one bank account, all by one file. `batch_id` is
    what the form calls it: sent again, nothing happens, and with other cases it is refused.

    What cannot be ordered is left out, with its reasons. `bank_id` need not be said where there is
    one account. Raises Refused: not_found, role_required, second_factor_needed, batch_empty,
    batch_too_long, bank_required, idempotency_key_reused, and all that was in the way where nothing
    could be ordered.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CASHIER)
        require_recent_proof(actor)
        if not cases:
            raise refuse("batch_empty", "请至少勾选一件。", "cases")
        if len(set(cases)) > MOST:
            raise refuse("batch_too_long", f"一批最多{MOST}件，请分几批。", "cases")
        numbers = _lock(tx, sorted(set(cases)))
        if _is_made(tx, actor, batch_id, numbers):
            return
        bank = _bank(tx, bank_id)
        ordered, left_out = _order(tx, ctx, actor, numbers, bank)
        if not ordered:
            raise Refused(*_told(left_out), kind="conflict")
        now, content = ctx.clock(), file_for(ctx.city.bank_file, ordered)
        batch = PaymentBatch(
            id=batch_id,
            number=next_number(tx, "payment_batch", local_date(now)),
            bank_id=bank,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            left_out=left_out,
            made_by=actor.person_id,
            made_at=now,
        )
        tx.add(batch)
        tx.flush()
        for payment in ordered:
            payment.batch_id = batch_id
        facts = {
            "payments": [payment.number for payment in ordered],
            "amount_fen": sum(payment.amount_fen for payment in ordered),
            "sha256": batch.sha256,
        }
        subject = ("payment_batch", batch_id)
        audit.append(tx, now, actor.person_id, AuditAction.PAYMENT_MAKE_BATCH, subject, facts)
        tx.commit()


def _is_made(tx: Session, actor: Actor, batch_id: UUID, cases: Collection[UUID]) -> bool:
    made = tx.get(PaymentBatch, batch_id)
    if made is None:
        return False
    if made.made_by != actor.person_id:
        raise nothing_there("批次")
    of_batch = Payment.batch_id == batch_id
    before = set(tx.scalars(select(Payment.purchase_id).where(of_batch)))
    before |= {UUID(each["case"]) for each in made.left_out}
    if before != set(cases):
        message = f"这张表单已经生成了批次{made.number}，勾选的案件不同。请刷新后重新勾选。"
        raise refuse("idempotency_key_reused", message, kind="conflict")
    return True


def _lock(tx: Session, cases: Sequence[UUID]) -> dict[UUID, str]:
    """All cases of a batch and then all accounts that it moves, each in the order of their ids, so
    that two who order wait for each other and not in a circle; the cases' numbers."""
    of_batch = Purchase.id.in_(cases)
    rows = tx.execute(
        select(Purchase.id, Purchase.number, Purchase.insurer_id)
        .where(of_batch)
        .order_by(Purchase.id)
        .with_for_update(key_share=True)
    ).all()
    banks.lock_all(tx, {insurer for _, _, insurer in rows if insurer})
    return {case: number for case, number, _ in rows}


def _bank(tx: Session, wanted: UUID | None) -> UUID:
    known = {bank.id for bank in all_banks(tx)}
    if wanted is None and len(known) == 1:
        return known.pop()
    if wanted not in known or wanted is None:
        raise refuse("bank_required", "请选择从哪个专户拨付。", "bank_id")
    return wanted


def _order(
    tx: Session, ctx: Context, actor: Actor, numbers: dict[UUID, str], bank: UUID
) -> tuple[list[Payment], list[LeftOut]]:
    ordered: list[Payment] = []
    left_out: list[LeftOut] = []
    for case_id, number in sorted(numbers.items(), key=lambda pair: pair[1]):
        try:
            with tx.begin_nested():
                case = open_case(tx, ctx, Actor(actor.person_id, proof=actor.proof), case_id)
                ordered.append(payments.order(case, bank))
        except Refused as refused:
            reasons = [refusal.message for refusal in refused.refusals]
            left_out.append({"case": str(case_id), "number": number, "reasons": reasons})
    return ordered, left_out


def _told(left_out: Sequence[LeftOut]) -> list[Refusal]:
    return [
        Refusal("batch_empty", f"{each['number']}：{reason}")
        for each in left_out
        for reason in each["reasons"]
    ] or [Refusal("batch_empty", "勾选的案件不在了，请刷新后再选。")]


def read(ctx: Context, actor: Actor, batch_id: UUID) -> BatchView:
    """One batch. Raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return view_of(tx, ctx, actor, batch_id)


def view_of(tx: Session, ctx: Context, actor: Actor, batch_id: UUID) -> BatchView:
    """The same within a transaction, for somebody who may see it."""
    found = tx.execute(
        select(PaymentBatch, Account)
        .join(Account, Account.id == PaymentBatch.bank_id)
        .where(PaymentBatch.id == batch_id)
    ).one_or_none()
    if found is None:
        raise nothing_there("批次")
    rows = [
        BatchPayment(payment, purchase.number, estate)
        for payment, purchase, estate in tx.execute(payments_of(batch_id))
    ]
    answers = answers_of(tx, batch_id)
    lines = [answer.line for answer in answers]
    known = known_to(tx, batch_id, lines)
    by_number = {row.payment.number: row.payment for row in rows}
    rules = ctx.city.bank_file
    outcomes = OutcomeWords(rules.failed.value, rules.paid.value)
    judged = judge(lines, known.batch, outcomes, known.elsewhere)
    views = [
        AnswerView(answer, one, by_number.get(one.number or ""))
        for answer, one in zip(answers, judged, strict=True)
    ]
    may_work = Role.CASHIER in granted_roles(tx, ctx, actor, None, None)
    return BatchView(*found, rows, views, may_work)


@dataclass(frozen=True)
class Known:
    """What lines of the bank may be about: this batch's payments, and those from elsewhere."""

    batch: Sequence[Expected]
    elsewhere: Sequence[Expected]


def known_to(tx: Session, batch_id: UUID, lines: Sequence[BankLine]) -> Known:
    """What these lines, imported at this batch, may be about."""
    here = tx.scalars(select(Payment).where(Payment.batch_id == batch_id)).all()
    if not lines:
        return Known([_expected(each) for each in here], ())
    amounts = {each.amount_fen for each in here}
    numbers = {number for line in lines if (number := number_in(line))}
    references = {line.reference for line in lines if line.reference and not number_in(line)}
    numbers -= {each.number for each in here}
    others = elsewhere(tx, batch_id, amounts, numbers, references)
    return Known([_expected(each) for each in here], [_expected(each) for each in others])


def _expected(payment: Payment) -> Expected:
    return Expected(
        payment.number,
        payment.amount_fen,
        payment.payee_name,
        payment.state,
        payment.bank_reference,
    )


def bank_file(ctx: Context, actor: Actor, batch_id: UUID) -> tuple[str, bytes]:
    """The number of the batch and the file for the bank, always the same. For cashiers alone; none
    before the bank has it, once a premium of it is not to be paid so any more. Raises Refused
    `not_found`, `role_required`, `batch_not_whole`, `batch_overtaken`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CASHIER)
        batch = tx.get(PaymentBatch, batch_id, options=[undefer(PaymentBatch.content)])
        if batch is None:
            raise nothing_there("批次")
        if batch.submitted_at is None:
            _check_whole(tx, batch)
            if refusals := overtaken(tx, ctx, batch_id):
                raise Refused(*refusals, _MADE_ANEW, kind="conflict")
        return batch.number, batch.content


def submit(ctx: Context, actor: Actor, batch_id: UUID) -> None:
    """已提交银行: the bank has the file; the first who says so counts. Raises Refused `not_found`,
    `role_required`, `batch_not_whole`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CASHIER)
        batch = tx.get(PaymentBatch, batch_id, with_for_update=True)
        if batch is None:
            raise nothing_there("批次")
        if batch.submitted_at is None:
            _check_whole(tx, batch)
            batch.submitted_at, batch.submitted_by = ctx.clock(), actor.person_id
            subject = ("payment_batch", batch_id)
            facts = {"sha256": batch.sha256}
            audit.append(
                tx,
                ctx.clock(),
                actor.person_id,
                AuditAction.PAYMENT_SUBMIT_BATCH,
                subject,
                facts,
            )
        tx.commit()


def void(ctx: Context, actor: Actor, batch_id: UUID, reason: str) -> None:
    """作废整批: the bank never got this file, and nobody may give it to the bank any more; each of
    its premiums is due again. All of them or none; what is void stays so.

    Raises Refused: not_found, role_required, second_factor_needed, batch_submitted, and as
    `payments.reject`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CASHIER)
        require_recent_proof(actor)
        of_batch = Payment.batch_id == batch_id
        _lock(tx, sorted(tx.scalars(select(Payment.purchase_id).where(of_batch))))
        batch = tx.get(PaymentBatch, batch_id, with_for_update=True)
        if batch is None:
            raise nothing_there("批次")
        if batch.submitted_at is not None:
            message = "这一批已标记“已提交银行”，不能作废。银行没有付的，按银行的答复逐笔登记退回。"
            raise refuse("batch_submitted", message, kind="conflict")
        ordered = Payment.state == PaymentState.ORDERED
        cases = tx.scalars(select(Payment.purchase_id).where(of_batch, ordered)).all()
        if not cases:
            return
        rejected = [
            payments.reject(
                open_case(tx, ctx, Actor(actor.person_id, proof=actor.proof), case), reason
            )
            for case in sorted(cases)
        ]
        facts = {
            "payments": sorted(payment.number for payment in rejected),
            "reason": reason,
            "sha256": batch.sha256,
        }
        subject = ("payment_batch", batch_id)
        audit.append(
            tx, ctx.clock(), actor.person_id, AuditAction.PAYMENT_VOID_BATCH, subject, facts
        )
        tx.commit()


def _check_whole(tx: Session, batch: PaymentBatch) -> None:
    """Each payment of the file is still ordered: else its premium may stand in another file."""
    settled = (
        select(Purchase.number)
        .join(Payment, Payment.purchase_id == Purchase.id)
        .where(Payment.batch_id == batch.id, Payment.state != PaymentState.ORDERED)
        .order_by(Purchase.number)
    )
    if numbers := tx.scalars(settled).all():
        message = (
            f"批次{batch.number}的文件里有已经办结的拨付（案件{'、'.join(numbers)}），不能再交给银行，"
            "否则会重复付款。请作废整批，把还要付的重新生成一批；文件已经上传网银的，请先撤回。"
        )
        raise refuse("batch_not_whole", message, kind="conflict")
