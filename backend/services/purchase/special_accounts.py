"""专户: an independent owner has an account opened, and pays years in beforehand (JS annex
二（三）)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from backend.domain import texts
from backend.domain.actions import Action
from backend.domain.deposit_facts import PaidIn
from backend.domain.errors import refuse
from backend.domain.facts import StepFacts
from backend.domain.ledger import AccountKind
from backend.domain.period_locks import booking_day
from backend.domain.roles import APPLICANT_ROLES
from backend.domain.steps import EvidenceKind
from backend.services.base.context import Actor, Context
from backend.services.base.numbers import next_number
from backend.services.books import banks, ledger
from backend.services.books.locks import LOCKED_UNTIL
from backend.services.case.case import Case, open_case
from backend.services.case.steps import advance, hand_in
from backend.services.purchase.duplicates import check_lifts_free, lock_lifts
from backend.store.ledger import Account
from backend.store.purchases import Purchase, PurchaseLift, PurchaseSource
from backend.store.queries.banks import is_bank
from backend.store.registry import Lift
from backend.store.special_accounts import SpecialDeposit

REFERENCE_LIMIT = 100


@dataclass(frozen=True)
class Receipt:
    """What the bank's receipt says: fen, to which bank account, the day, its reference; and the
    file that shows it."""

    amount_fen: int
    bank_id: UUID
    received_on: date
    bank_reference: str
    receipt_sha256: str


def apply_alone(
    ctx: Context, actor: Actor, purchase_id: UUID, title_sha256: str, upkeep_record_sha256: str
) -> Purchase:
    """The owner asks for the survey, with the title and the last record of the upkeep.

    Raises Refused: lift_in_open_case, file_unknown, not_owned_alone, not_managed,
    inspection_overdue.
    """
    papers = {
        EvidenceKind.TITLE_PROOF: title_sha256,
        EvidenceKind.UPKEEP_RECORD: upkeep_record_sha256,
    }
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.APPLY)
        if case.table.find(case.state, Action.APPLY):
            lifts = select(PurchaseLift.lift_id).where(PurchaseLift.purchase_id == purchase_id)
            locked = lock_lifts(tx, Lift.id.in_(lifts))
            check_lifts_free(tx, locked, own=purchase_id)
        advance(case, Action.APPLY, evidence=hand_in(case, papers))
        tx.commit()
        return case.purchase


def open_account(ctx: Context, actor: Actor, purchase_id: UUID, title_check: str) -> Purchase:
    """The clerk compared the title, and opens the owner's account, or takes the one from which an
    earlier year of these lifts was paid.

    Raises Refused: text_required, text_too_long, and what the step may refuse.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.OPEN_ACCOUNT)
        checked = hand_in(case, {EvidenceKind.TITLE_CHECK: title_check})
        if case.table.find(case.state, Action.OPEN_ACCOUNT):
            set_source(case)
        advance(case, Action.OPEN_ACCOUNT, evidence=checked)
        tx.commit()
        return case.purchase


def fund(ctx: Context, actor: Actor, purchase_id: UUID, receipt: Receipt) -> Purchase:
    """The cashier books the one deposit by the bank's receipt; a year of it is set aside.

    Raises Refused: bank_unknown, day_in_future, text_required, text_too_long, file_unknown,
    reference_known, deposit_made, deposit_too_small, deposit_too_large, and what the step may
    refuse.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.FUND)
        paid_in = read_receipt(case, receipt, once=True)
        paper = hand_in(case, {EvidenceKind.BANK_RECEIPT: receipt.receipt_sha256})
        advance(case, Action.FUND, StepFacts(paid_in=paid_in), evidence=paper)
        tx.commit()
        return case.purchase


def undo_fund(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """误登: the reviewer has the deposit reversed; it is entered anew by its receipt."""
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        advance(case, Action.UNDO_FUND, reason=reason)
        tx.commit()
        return case.purchase


def set_source(case: Case) -> None:
    """The source is set once; an owner's lifts are paid from one account over the years, and so
    are a house's where nothing is left of what its flats paid for another case: that goes back."""
    tx, purchase = case.tx, case.purchase
    if tx.scalar(select(exists().where(PurchaseSource.purchase_id == purchase.id))):
        return
    earlier, own = aliased(PurchaseLift), aliased(PurchaseLift)
    alone = purchase.applicant == "independent_owner"
    alike = {each for each in APPLICANT_ROLES if (each == "independent_owner") == alone}
    fits = Purchase.applied_by == purchase.applied_by if alone else Account.balance_fen == 0
    found = tx.scalar(
        select(Account.id)
        .join(PurchaseSource, PurchaseSource.account_id == Account.id)
        .join(Purchase, Purchase.id == PurchaseSource.purchase_id)
        .join(earlier, earlier.purchase_id == Purchase.id)
        .join(own, own.lift_id == earlier.lift_id)
        .where(
            own.purchase_id == purchase.id,
            Purchase.applicant.in_(alike),
            fits,
            Account.kind == AccountKind.SPECIAL_ACCOUNT,
            Account.closed_on.is_(None),
        )
        .order_by(Account.id)
        .limit(1)
    )
    account = found or ledger.open_account(
        tx,
        AccountKind.SPECIAL_ACCOUNT,
        next_number(tx, "special_account", case.today),
        f"{case.estate.name}电梯保险专户",
    )
    tx.add(PurchaseSource(purchase_id=purchase.id, account_id=account, weight=1))
    tx.flush()


def read_receipt(case: Case, receipt: Receipt, *, once: bool = False) -> PaidIn | None:
    """What the receipt says came in on the case's account; None while there is no account.
    `once`: it is one sum, and no second one (一次性).

    Raises Refused: deposit_made (conflict), bank_unknown, day_in_future, text_required,
    text_too_long.
    """
    account = select(PurchaseSource.account_id).where(
        PurchaseSource.purchase_id == case.purchase.id
    )
    of_case = SpecialDeposit.purchase_id == case.purchase.id, SpecialDeposit.undone_at.is_(None)
    found = case.tx.execute(
        select(
            account.scalar_subquery(),
            exists().where(Account.id == receipt.bank_id, is_bank()),
            exists().where(*of_case),
            LOCKED_UNTIL,
        )
    ).one()
    account_id: UUID | None = found[0]
    _, known, is_made, locked = found
    if once and is_made:
        message = "本案已登记一次性缴存，不能再登记第二笔；多收的请原路退回，登记错了的请复核撤销。"
        raise refuse("deposit_made", message, kind="conflict")
    if not known:
        raise banks.bank_unknown()
    if receipt.received_on > case.today:
        raise refuse("day_in_future", "银行到账日不能晚于今天，请核对回单。", "received_on")
    reference = texts.required(
        receipt.bank_reference, REFERENCE_LIMIT, "bank_reference", "银行回单的流水号"
    )
    if account_id is None:  # there is no account yet, and the step will say so
        return None
    return PaidIn(
        receipt.amount_fen,
        account_id,
        receipt.bank_id,
        receipt.received_on,
        booking_day(receipt.received_on, locked, case.today),
        reference,
        receipt.receipt_sha256,
    )
