"""Paying the insurer (拨付保费): invoice, request, order (JS annex 二（一）7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select

from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused, refuse
from backend.domain.facts import StepFacts
from backend.domain.ledger import PaymentState
from backend.domain.papers import check_buyer, check_issued_on, invoice_buyers
from backend.domain.paying import account_refusals
from backend.domain.steps import EvidenceKind
from backend.services.base import audit
from backend.services.base.context import Actor, Context
from backend.services.base.numbers import next_number
from backend.services.base.proof import require_recent_proof
from backend.services.books import banks
from backend.services.case.case import Case, open_case
from backend.services.case.retired_lifts import await_return
from backend.services.case.reviews import await_reviews
from backend.services.case.steps import advance, give_evidence, take_step
from backend.services.files.handed_in import check_upload
from backend.store.batches import PaymentBatch
from backend.store.purchases import Contract, Invoice, Payment, Purchase
from backend.store.queries.batches import came_back, paid_elsewhere
from backend.store.registry import Insurer, PropertyCompany


@dataclass(frozen=True)
class InvoicePaper:
    """The premium invoice as its paper says it; amount in fen."""

    number: str
    insurer_id: UUID
    amount_fen: int
    issued_on: date
    file_sha256: str
    buyer: str


def add_invoice(ctx: Context, actor: Actor, purchase_id: UUID, paper: InvoicePaper) -> Invoice:
    """Hand in the invoice; the one handed in last counts, also under its number, such as a better
    picture. A number of one insurer serves one case.

    Raises Refused: role_required, not_the_applicant, invoice_not_possible, invoice_date_invalid,
    invoice_reused, insurer_unknown, invoice_buyer_differs, file_unknown.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        purchase = case.purchase
        case.require_role(Action.ADD_INVOICE)
        check_upload(tx, actor, paper.file_sha256, "file_sha256")
        case.require_place(Action.ADD_INVOICE)
        check_issued_on(paper.issued_on, case.today)
        check_buyer(paper.buyer, buyers_of(case), case.profile)
        known = tx.scalars(
            select(Invoice)
            .where(Invoice.insurer_id == paper.insurer_id, Invoice.number == paper.number)
            .order_by(Invoice.id.desc())
        ).all()
        if any(invoice.purchase_id != purchase.id for invoice in known):
            message = "该发票号码已用于其他案件，请核对或更换发票。"
            raise refuse("invoice_reused", message, "number", "conflict")
        if same := next((invoice for invoice in known if _is_same(invoice, paper)), None):
            if purchase.invoice_id != same.id:
                _let_count(case, same)
                tx.commit()
            return same
        if paper.amount_fen <= 0:
            raise refuse("amount_not_positive", "发票金额应大于0。", "amount_fen")
        if tx.get(Insurer, paper.insurer_id) is None:
            raise refuse("insurer_unknown", "没有找到该保险机构，请核对。", "insurer_id")
        invoice = Invoice(
            purchase_id=purchase.id,
            insurer_id=paper.insurer_id,
            number=paper.number,
            amount_fen=paper.amount_fen,
            buyer=paper.buyer,
            issued_on=paper.issued_on,
            file_sha256=paper.file_sha256,
        )
        tx.add(invoice)
        tx.flush()
        _let_count(case, invoice)
        tx.commit()
        return invoice


def _is_same(invoice: Invoice, paper: InvoicePaper) -> bool:
    """Whether this very paper was handed in before."""
    return (invoice.amount_fen, invoice.buyer, invoice.issued_on, invoice.file_sha256) == (
        paper.amount_fen,
        paper.buyer,
        paper.issued_on,
        paper.file_sha256,
    )


def buyers_of(case: Case) -> Sequence[str]:
    """Who the invoice of this case may be made out to."""
    purchase, estate = case.purchase, case.estate
    applied = purchase.applicant == "property_company" and estate.property_company_id
    company = case.tx.get_one(PropertyCompany, estate.property_company_id) if applied else None
    name = company.name if company else None
    alone = estate.sole_manager
    return invoice_buyers(case.profile, purchase.applicant, estate.name, name, alone)


def _let_count(case: Case, invoice: Invoice) -> None:
    case.purchase.invoice_id = invoice.id
    audit.append(
        case.tx,
        case.now,
        case.person_id,
        AuditAction.PURCHASE_ADD_INVOICE,
        ("purchase", case.purchase.id),
        {
            "number": invoice.number,
            "amount_fen": invoice.amount_fen,
            "sha256": invoice.file_sha256,
        },
    )


def request_payment(ctx: Context, actor: Actor, purchase_id: UUID) -> Purchase:
    """Ask the centre to pay. Incomplete files get one full list of what is missing."""
    return take_step(ctx, actor, purchase_id, Action.REQUEST_PAYMENT)


def review_payment(ctx: Context, actor: Actor, purchase_id: UUID) -> Purchase:
    """The reviewer has looked at contract, invoice and photos; the cashier may pay."""
    return take_step(ctx, actor, purchase_id, Action.REVIEW_PAYMENT)


def return_papers(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """退回补齐资料: the seven working days end, the premium is held again and not due."""
    return take_step(ctx, actor, purchase_id, Action.RETURN_PAPERS, reason=reason)


def order_payment(
    ctx: Context,
    actor: Actor,
    purchase_id: UUID,
    *,
    bank_id: UUID | None = None,
    begun_cover_known: bool = False,
) -> Payment:
    """The cashier instructs the bank to pay the insurer's account as it was at the signing, from
    the bank account `bank_id`; it need not be said where the money lies at one bank.

    `begun_cover_known`: they know that days of cover are over already, if there are any; that
    stands in the transition. Else raises Refused `cover_begun_before_payment` (conflict).
    Raises Refused `second_factor_needed`, and as `_contract_to_pay` and `banks.to_pay_from`.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        require_recent_proof(actor)
        payment = order(case, bank_id, begun_cover_known=begun_cover_known)
        tx.commit()
        return payment


def order(
    case: Case,
    bank_id: UUID | None,
    *,
    begun_cover_known: bool = False,
) -> Payment:
    """Order the premium of an opened case, alone or in a batch, as `order_payment`. Does not
    commit; whether the payer proved themselves is asked before."""
    tx, purchase = case.tx, case.purchase
    assert case.person_id is not None
    banks.lock(tx, purchase.id, purchase.insurer_id)
    known: dict[str, str | None] = {}
    if begun_cover_known:
        words = "知道保障期已经开始、保费还没有付，仍然拨付。"
        give_evidence(case, EvidenceKind.BEGUN_COVER, statement=words)
        known[EvidenceKind.BEGUN_COVER] = None
    given = StepFacts(begun_cover_known=begun_cover_known)
    advance(case, Action.ORDER_PAYMENT, given, evidence=known)
    contract = _contract_to_pay(case)
    payment = Payment(
        number=next_number(tx, "payment", case.today),
        purchase_id=purchase.id,
        amount_fen=contract.premium_fen,
        payee_name=contract.payee_name,
        payee_bank=contract.payee_bank,
        payee_account=contract.payee_account,
        bank_id=banks.to_pay_from(tx, purchase.id, bank_id, contract.premium_fen),
        state=PaymentState.ORDERED,
        ordered_by=case.person_id,
        ordered_at=case.now,
    )
    tx.add(payment)
    tx.flush()
    return payment


def _contract_to_pay(case: Case) -> Contract:
    """The contract whose account is paid.

    Raises Refused `payee_account_unusable` (conflict): a payment to this account came back because
    of the account, and the contract was not handed in again since; `payee_account_changed`: two
    officers gave the insurer another account since.
    """
    contract, unusable, elsewhere = case.tx.execute(
        select(Contract, came_back(), paid_elsewhere()).where(
            Contract.id == case.purchase.contract_id
        )
    ).one()
    if refusals := account_refusals(came_back=unusable, changed=elsewhere):
        raise Refused(*refusals, kind="conflict")
    found: Contract = contract
    return found


def confirm_payment(
    ctx: Context,
    actor: Actor,
    purchase_id: UUID,
    bank_reference: str,
    receipt_sha256: str,
    payment_id: UUID | None = None,
) -> Purchase:
    """The bank paid; its receipt is the evidence. `payment_id` says which order is meant, where
    somebody saw one. Raises Refused `bank_reference_used`, `payment_not_open`,
    `batch_not_submitted`."""
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        give_evidence(case, EvidenceKind.BANK_RECEIPT, receipt_sha256)
        evidence: dict[str, str | None] = {EvidenceKind.BANK_RECEIPT: receipt_sha256}
        known = {"bank_reference": bank_reference}
        advance(case, Action.CONFIRM_PAYMENT, evidence=evidence, on_record=known)
        if tx.scalar(select(Payment.id).where(Payment.bank_reference == bank_reference)):
            raise refuse(
                "bank_reference_used",
                "该银行流水号已用于其他拨付，请核对。",
                "bank_reference",
                "conflict",
            )
        payment = _close_payment(case, PaymentState.CONFIRMED, bank_reference)
        _check_meant(payment, payment_id)
        _check_told(case, payment)
        await_return(case)
        tx.commit()
        return case.purchase


def undo_confirmation(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """撤销确认已拨付: what the cashier confirmed was no payment of this case, so the order is open
    as it was, and the bank's reference serves the payment whose it is. That it stood here once is
    kept by the audit chain alone."""
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        stood = {"bank_reference": tx.scalar(select(Payment.bank_reference).where(*_paid(case)))}
        advance(case, Action.UNDO_CONFIRM_PAYMENT, reason=reason, on_record=stood)
        payment = _confirmed(case)
        payment.state, payment.settled_at = PaymentState.ORDERED, None
        payment.bank_reference = None
        tx.commit()
        return case.purchase


def reject_payment(
    ctx: Context,
    actor: Actor,
    purchase_id: UUID,
    reason: str,
    account_unusable: bool = False,
    payment_id: UUID | None = None,
) -> Purchase:
    """The bank refused; the premium stays due and the cashier can order it again, unless the
    account is at fault. `payment_id` and refusals as `confirm_payment`."""
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        payment = reject(case, reason, account_unusable)
        _check_meant(payment, payment_id)
        _check_told(case, payment)
        tx.commit()
        return case.purchase


def reject(case: Case, reason: str, account_unusable: bool = False) -> Payment:
    """The order of an opened case is off, alone or with its whole batch, as `reject_payment`. Does
    not commit."""
    advance(case, Action.REJECT_PAYMENT, reason=reason)
    payment = _close_payment(case, PaymentState.REJECTED, None, account_unusable)
    await_reviews(case)
    return payment


def return_payment(
    ctx: Context,
    actor: Actor,
    purchase_id: UUID,
    receipt_sha256: str,
    reason: str,
    account_unusable: bool = False,
) -> Purchase:
    """退票: the bank paid and got the money back; its receipt is the evidence. The premium is due
    again and can be ordered again, unless the account is at fault."""
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        give_evidence(case, EvidenceKind.BANK_RECEIPT, receipt_sha256)
        evidence: dict[str, str | None] = {EvidenceKind.BANK_RECEIPT: receipt_sha256}
        advance(case, Action.RETURN_PAYMENT, reason=reason, evidence=evidence)
        payment = _confirmed(case)
        payment.state = PaymentState.RETURNED
        payment.account_unusable = account_unusable
        await_reviews(case)
        tx.commit()
        return case.purchase


def _confirmed(case: Case) -> Payment:
    return case.tx.scalars(select(Payment).where(*_paid(case))).one()


def _paid(case: Case) -> Sequence[ColumnElement[bool]]:
    return Payment.purchase_id == case.purchase.id, Payment.state == PaymentState.CONFIRMED


def _close_payment(
    case: Case, state: PaymentState, bank_reference: str | None, account_unusable: bool = False
) -> Payment:
    payment = case.tx.scalars(
        select(Payment).where(
            Payment.purchase_id == case.purchase.id, Payment.state == PaymentState.ORDERED
        )
    ).one()
    payment.state, payment.settled_at = state, case.now
    payment.bank_reference, payment.account_unusable = bank_reference, account_unusable
    return payment


def _check_meant(payment: Payment, meant: UUID | None) -> None:
    if meant not in (None, payment.id):
        message = "这笔拨付已经办结，案件后来又通知过银行。请刷新后核对是哪一笔。"
        raise refuse("payment_not_open", message, kind="conflict")


def _check_told(case: Case, payment: Payment) -> None:
    """An order whose batch the bank does not have is not answered: the file still holds it, and
    the premium, due again, would stand in another file too."""
    batch = case.tx.get(PaymentBatch, payment.batch_id) if payment.batch_id else None
    if batch is not None and batch.submitted_at is None:
        message = (
            f"这笔拨付在批次{batch.number}里，批次还没有标记“已提交银行”。"
            "文件已交银行的，请先到批次页标记；没有交的，请到批次页作废整批。"
        )
        raise refuse("batch_not_submitted", message, kind="conflict")
