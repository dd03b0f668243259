"""What a corrected opening means for the cases that are paid from its accounts."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.errors import refuse
from backend.domain.ledger import AccountKind, HoldState
from backend.domain.money import yuan
from backend.domain.routes.catalogue import closed_states, takes_applications
from backend.services.base.context import Context
from backend.services.case.news import News, write
from backend.services.case.recipients import holders
from backend.store.ledger import Account, Hold
from backend.store.purchases import Purchase, PurchaseSource
from backend.store.queries.banks import all_banks
from backend.store.queries.past_income import left_fen
from backend.store.registry import Estate

NAMED = 5  # cases in a message


def check_room(tx: Session, changes: Mapping[UUID, tuple[int, int]]) -> None:
    """No account would have less than is held of it, no bank less than it was told to pay, and the
    owners not less than counts for some year. The accounts are locked.

    Raises Refused `balance_insufficient` (conflict), which names the cases that hold the money.
    """
    less = {account: before - after for account, (before, after) in changes.items()}
    less = {account: fen for account, fen in less.items() if fen > 0}
    rows = tx.execute(
        select(Account.id, Account.kind, Account.name, Account.balance_fen - Account.held_fen)
        .where(Account.id.in_(less))
        .order_by(Account.number)
    ).all()
    for account_id, kind, name, available_fen in rows:
        free = available_fen
        if kind == AccountKind.BANK:
            free = all_banks(tx, Account.id == account_id)[0].available_fen
        if kind == AccountKind.STATUTORY_INTEREST_PAYABLE:
            free = left_fen(tx)  # the rest is some year's
        if less[account_id] > free:
            message = (
                f"“{name}”现在可用{yuan(free)}，期初不能减少{yuan(less[account_id])}："
                f"{_because(tx, account_id)}"
            )
            raise refuse("balance_insufficient", message, "pools", kind="conflict")


def _because(tx: Session, account_id: UUID) -> str:
    pending = Hold.account_id == account_id, Hold.state == HoldState.PENDING
    held = tx.scalars(
        select(Purchase.number)
        .join(Hold, Hold.purchase_id == Purchase.id)
        .where(*pending)
        .order_by(Purchase.number)
    ).all()
    if not held:
        return "其余的已经拨付、转出、记到年份，或已通知银行付款。请先核对账目，再登记更正。"
    named = "、".join(held[:NAMED]) + ("等" if len(held) > NAMED else "")
    return f"申请 {named} 冻结了其中的钱。请先撤回、终止这些申请或改小方案，再登记更正。"


def tell_applicants(
    tx: Session, ctx: Context, correction_id: UUID, changes: Mapping[UUID, tuple[int, int]]
) -> None:
    """Whoever applied for an open case that is paid from one of these accounts hears that it has
    another balance. Does not commit."""
    rows = tx.scalars(
        select(Purchase)
        .join(PurchaseSource, PurchaseSource.purchase_id == Purchase.id)
        .where(
            PurchaseSource.account_id.in_(changes),
            Purchase.state.not_in(closed_states()),
            ~Purchase.on_paper,
        )
        .distinct()
        .order_by(Purchase.id)
    ).all()
    for purchase in rows:
        news = News(
            f"opening/{correction_id}/{purchase.id}",
            "付款账户期初已更正",
            "请核对可用金额够不够",
            tx.get_one(Estate, purchase.estate_id).name,
        )
        readers = [purchase.applied_by]
        if not takes_applications(purchase.route):  # its district began it
            readers = holders(tx, ctx, purchase.applicant_role, purchase.estate_id)
        write(tx, ctx, news, purchase.applicant_role, readers)
