"""分摊收款: the house has an account opened, and its flats pay their shares in (JS 四（四）)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from backend.domain import texts
from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.money import yuan
from backend.domain.roles import OFFICERS, Role
from backend.domain.steps import EvidenceKind
from backend.domain.wording import plain_day
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, act_as_officer, open_case, see_case
from backend.services.case.special_bookings import DEPOSITED, take_in, undo
from backend.services.case.steps import advance, give_evidence, hand_in, settle
from backend.services.purchase.special_accounts import Receipt, read_receipt, set_source
from backend.store.purchases import Purchase
from backend.store.queries.area import homes_of
from backend.store.queries.shares import ShareRow, share_rows
from backend.store.registry import Household
from backend.store.special_accounts import SpecialDeposit


@dataclass(frozen=True)
class Collected:
    """The shares of a case, as far as this person may see them; `may_book`, `may_undo` while the
    case collects. `total_fen` and `collected_fen` are of all of them."""

    rows: Sequence[ShareRow]
    total_fen: int
    collected_fen: int
    may_book: bool
    may_undo: bool


def open_house_account(
    ctx: Context, actor: Actor, purchase_id: UUID, upkeep_statement: str, record_sha256: str
) -> Purchase:
    """The clerk takes the application up, with what shows that the lifts are looked after, and
    opens the house's account, or takes the one from which an earlier year was paid.

    Raises Refused: text_required, text_too_long, file_unknown, and what the step may refuse.
    """
    papers = {
        EvidenceKind.UPKEEP_RECORD: record_sha256,
        EvidenceKind.UPKEEP_STATEMENT: upkeep_statement,
    }
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.OPEN_HOUSE_ACCOUNT)
        evidence = hand_in(case, papers)
        if case.table.find(case.state, Action.OPEN_HOUSE_ACCOUNT):
            set_source(case)
        advance(case, Action.OPEN_HOUSE_ACCOUNT, evidence=evidence)
        tx.commit()
        return case.purchase


def read_shares(ctx: Context, actor: Actor, purchase_id: UUID) -> Collected:
    """What the flats pay: all of it for officers and whoever applied, the own share for an owner.

    Raises Refused `not_found`.
    """
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, purchase_id)
        rows = share_rows(tx, case.purchase)
        shown = rows
        if not _sees_all(case):
            own = set(homes_of(tx, actor.person_id))
            shown = [row for row in rows if row.household_id in own]
        if not shown:
            raise nothing_there("分摊")
        open_ = case.table.allows(Action.COLLECT_SHARE, case.purchase.state)
        return Collected(
            shown,
            sum(row.fen for row in rows),
            sum(row.fen for row in rows if row.received_on),
            open_ and Role.CASHIER in case.held,
            open_ and Role.REVIEWER in case.held,
        )


def collect(
    ctx: Context, actor: Actor, purchase_id: UUID, household_id: UUID, receipt: Receipt
) -> Purchase:
    """The cashier books what one flat paid, by the bank's receipt: its share, to the fen. What came
    in differs is not booked; its line of the bank waits, and is sent back. With the last share the
    case goes on by itself.

    Raises Refused: not_found, role_required, case_closed, collecting_not_open, same_officer,
    officer_is_party, share_paid, share_amount_differs, reference_known, bank_unknown,
    day_in_future, text_required, text_too_long, file_unknown.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        act_as_officer(case, case.require(Action.COLLECT_SHARE))
        share = _share(case, household_id)
        if share.received_on:
            message = (
                f"{share.place}的分摊已于{plain_day(share.received_on)}缴清，流水号"
                f"{share.bank_reference}。这一笔是多缴的，请原路退回。"
            )
            raise refuse("share_paid", message, "household_id", "conflict")
        if receipt.amount_fen != share.fen:
            message = (
                f"{share.place}应分摊{yuan(share.fen)}，这一笔是{yuan(receipt.amount_fen)}。"
                "多缴、少缴的不予登记，请原路退回，由缴款人按数重缴。"
            )
            raise refuse("share_amount_differs", message, "amount_fen", "conflict")
        paid_in = read_receipt(case, receipt)
        assert paid_in is not None  # the account was opened before there was a plan
        give_evidence(case, EvidenceKind.BANK_RECEIPT, file_sha256=receipt.receipt_sha256)
        key = f"{DEPOSITED}:{uuid7()}"
        take_in(case, key, paid_in, actor.person_id, household_id)
        _write_down(case, AuditAction.SHARE_COLLECT, share, receipt.bank_reference, "")
        settle(case)
        tx.commit()
        return case.purchase


def undo_share(
    ctx: Context, actor: Actor, purchase_id: UUID, household_id: UUID, reason: str
) -> Purchase:
    """误登: the reviewer has one flat's payment reversed, while the case still collects.

    Raises Refused: not_found, role_required, case_closed, collecting_not_open, same_officer,
    officer_is_party, share_unpaid, text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        act_as_officer(case, case.require(Action.UNDO_SHARE))
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "理由")
        share = _share(case, household_id)
        deposit = tx.scalar(
            select(SpecialDeposit).where(
                SpecialDeposit.purchase_id == purchase_id,
                SpecialDeposit.household_id == household_id,
                SpecialDeposit.undone_at.is_(None),
            )
        )
        if deposit is None:
            message = f"{share.place}还没有登记缴款，不用撤销。"
            raise refuse("share_unpaid", message, "household_id", "conflict")
        undo(case, deposit, f"{case.purchase.number} {Action.UNDO_SHARE}", actor.person_id)
        _write_down(case, AuditAction.SHARE_UNDO, share, deposit.bank_reference, why)
        tx.commit()
        return case.purchase


def _sees_all(case: Case) -> bool:
    """Officers and whoever applied see what every flat pays; an owner sees the own share, also one
    who signed with others."""
    began = case.purchase.applicant != "owners" or case.person_id == case.purchase.applied_by
    return bool(case.held & OFFICERS) or (Role.APPLICANT in case.held and began)


def _share(case: Case, household_id: UUID) -> ShareRow:
    rows = share_rows(case.tx, case.purchase, Household.id == household_id)
    if not rows:
        raise nothing_there("分摊")
    return rows[0]


def _write_down(
    case: Case, action: AuditAction, share: ShareRow, reference: str, reason: str
) -> None:
    facts = {
        "number": case.purchase.number,
        "household_id": str(share.household_id),
        "amount_fen": share.fen,
        "bank_reference": reference,
        "reason": reason,
    }
    subject = ("purchase", case.purchase.id)
    audit.append(case.tx, case.now, case.person_id, action, subject, facts)
