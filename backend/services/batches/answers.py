"""What the bank answers to a batch: read from its statement, proposed line by line, and booked only
where a cashier confirms it."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.domain.audit_actions import AuditAction
from backend.domain.bank_answers import PAYS, Verdict, is_about
from backend.domain.errors import Refused, refuse
from backend.domain.ledger import PaymentState
from backend.domain.money import decimal_yuan
from backend.domain.roles import Role
from backend.domain.texts import file_name
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.batches.bank_file import ReadLine, read_answers
from backend.services.batches.batches import AnswerView, known_to, view_of
from backend.services.files import uploads
from backend.services.files.line import HANDED_IN
from backend.services.purchase import payments
from backend.services.workbooks.lists import XLSX, ListSheet, list_workbook
from backend.services.workbooks.package import MAX_FILE_BYTES
from backend.store.batches import BankAnswer, PaymentBatch
from backend.store.purchases import Payment

RECEIPT = "银行明细"
HEADINGS = ("流水号", "金额", "收款户名", "用途", "结果", "原因")
NAME_LIMIT = 80
AT_ONCE = 1000  # a statement of the database has 65,535 values at most


@dataclass(frozen=True)
class Taken:
    """How many lines were new, and how many of the file are about no payment of the batch; these
    are not kept, since they tell of other people's money."""

    new: int
    others: int


@dataclass(frozen=True)
class Outcome:
    """What became of one line that was ticked: its payment's number, and what was in the way."""

    number: str
    reasons: Sequence[str]


def take(ctx: Context, actor: Actor, batch_id: UUID, name: str, file: IO[bytes]) -> Taken:
    """Read a statement or receipts of the bank (.xlsx); nothing is booked by it. Lines that are
    about the batch are kept; one that was read before is not taken again.

    Raises Refused: not_found, role_required, batch_not_submitted, busy, upload_empty,
    upload_too_large, file_unreadable, bank_headings_missing.
    """
    with HANDED_IN.turn(actor.person_id):
        content = file.read(MAX_FILE_BYTES + 1)
        if not content:
            raise refuse("upload_empty", "文件是空的，请重新选择文件。", "file")
        if len(content) > MAX_FILE_BYTES:
            message = f"文件超过 {MAX_FILE_BYTES // 1024 // 1024} MB，请分几段导出。"
            raise refuse("upload_too_large", message, "file", kind="too_large")
        with ctx.sessions() as tx:
            require_officer(tx, ctx, actor, Role.CASHIER)
            batch = tx.get(PaymentBatch, batch_id)
            if batch is None:
                raise nothing_there("批次")
            if batch.submitted_at is None:
                message = "这一批还没有标记“已提交银行”。提交银行以后再导入银行的明细。"
                raise refuse("batch_not_submitted", message, kind="conflict")
        read = read_answers(ctx.city.bank_file, content)
    now = ctx.clock()
    with ctx.sessions() as tx:
        known = known_to(tx, batch_id, [each.line for each in read])
        lines = [each for each in read if is_about(each.line, known.batch, known.elsewhere)]
        rows = _rows(actor, batch_id, name, now, lines)
        taken = Taken(
            sum(_keep(tx, rows[at : at + AT_ONCE]) for at in range(0, len(rows), AT_ONCE)),
            len(read) - len(lines),
        )
        if taken.new:
            facts = {
                "lines": taken.new,
                "others": taken.others,
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            subject = ("payment_batch", batch_id)
            audit.append(tx, now, actor.person_id, AuditAction.PAYMENT_TAKE_ANSWERS, subject, facts)
        tx.commit()
    return taken


def _rows(
    actor: Actor, batch_id: UUID, name: str, now: datetime, lines: Sequence[ReadLine]
) -> list[dict[str, Any]]:
    return [
        {
            "id": uuid7(),
            "batch_id": batch_id,
            "digest": _digest(asdict(each.line)),
            "file_name": file_name(name, NAME_LIMIT),
            "row": each.row,
            **asdict(each.line),
            "taken_by": actor.person_id,
            "taken_at": now,
        }
        for each in lines
    ]


def _keep(tx: Session, rows: Sequence[dict[str, Any]]) -> int:
    """How many of these are new."""
    fresh = insert(BankAnswer).values(rows).on_conflict_do_nothing()
    return len(tx.scalars(fresh.returning(BankAnswer.id)).all())


def confirm(
    ctx: Context, actor: Actor, batch_id: UUID, answers: Collection[UUID]
) -> Sequence[Outcome]:
    """The bank paid, say these lines: each payment is confirmed by its own line, one by one, and
    one that cannot be keeps no other back. What was confirmed by its line stays so.

    Raises Refused `not_found`, `role_required`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CASHIER)
        view = view_of(tx, ctx, actor, batch_id)
    return [_confirm(ctx, actor, each) for each in view.answers if each.answer.id in set(answers)]


def _confirm(ctx: Context, actor: Actor, found: AnswerView) -> Outcome:
    payment, answer = found.payment, found.answer
    if payment is None or found.judged.verdict not in PAYS:
        if payment and _is_done_by(payment, answer):
            return Outcome(payment.number, ())
        return Outcome(found.judged.number or answer.reference, (found.judged.words,))
    paper = uploads.Read(_receipt(answer), media_type=XLSX)
    receipt = uploads.keep_upload(ctx, actor, paper).sha256
    try:
        payments.confirm_payment(
            ctx, actor, payment.purchase_id, answer.reference, receipt, payment.id
        )
    except Refused as refused:
        with ctx.sessions() as tx:  # a colleague may have confirmed the same line meanwhile
            if _is_done_by(tx.get_one(Payment, payment.id), answer):
                return Outcome(payment.number, ())
        return Outcome(payment.number, [each.message for each in refused.refusals])
    return Outcome(payment.number, ())


def send_back(
    ctx: Context,
    actor: Actor,
    batch_id: UUID,
    answer_id: UUID,
    reason: str,
    *,
    account_unusable: bool,
) -> None:
    """退回: the bank did not pay, says this line; the premium is due again, unless the account is
    at fault. What is sent back stays so. Raises Refused as `payments.reject_payment`, and
    `answer_proposes_nothing`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CASHIER)
        view = view_of(tx, ctx, actor, batch_id)
    found = next((each for each in view.answers if each.answer.id == answer_id), None)
    if found is None:
        raise nothing_there("银行明细")
    payment = found.payment
    if payment is not None and payment.state is PaymentState.REJECTED:
        return
    if payment is None or found.judged.verdict is not Verdict.RETURNED:
        raise refuse("answer_proposes_nothing", found.judged.words, kind="conflict")
    payments.reject_payment(ctx, actor, payment.purchase_id, reason, account_unusable, payment.id)


def _is_done_by(payment: Payment, answer: BankAnswer) -> bool:
    return payment.bank_reference == answer.reference != ""


def _digest(line: object) -> str:
    written = json.dumps(line, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def _receipt(answer: BankAnswer) -> bytes:
    """The one line of the statement that is about this payment: whoever may read the papers of its
    case sees none of another."""
    row = (
        answer.reference,
        None if answer.amount_fen is None else decimal_yuan(answer.amount_fen),
        answer.payee,
        answer.purpose,
        answer.outcome,
        answer.reason,
    )
    about = [f"摘自银行明细“{answer.file_name}”第{answer.row}行"]
    return list_workbook(ListSheet(RECEIPT, HEADINGS, [row], about))
