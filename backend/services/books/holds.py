"""Holds (冻结): money of accounts set aside, then posted or given back. Nothing here commits."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import ledger as rules
from backend.domain.errors import refuse
from backend.domain.ledger import AccountKind, HoldState, PurchaseAccounts
from backend.domain.money import yuan
from backend.domain.source import parts
from backend.domain.subject import Subject
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.store.ledger import Account, Entry, Hold


def place(tx: Session, subject: Subject, parts_fen: Mapping[UUID, int], at: datetime) -> None:
    """Set money aside for a subject: of each account its part.

    Locks the accounts in the order of their ids, so two of them cannot both get the last of one.
    Raises Refused: `account_not_a_source`, `premium_above_available`, `premium_already_held`.
    """
    for account_id in sorted(parts_fen):
        _place_part(tx, subject, account_id, parts_fen[account_id], at)


def _place_part(
    tx: Session, subject: Subject, account_id: UUID, amount_fen: int, at: datetime
) -> None:
    account = tx.execute(
        select(Account.kind, Account.balance_fen - Account.held_fen)
        .where(Account.id == account_id)
        .with_for_update(key_share=True)
    ).one()
    kind, available_fen = account
    rules.check_source(AccountKind(kind))
    if amount_fen > available_fen:
        raise refuse(
            "premium_above_available",
            f"账户可用余额{yuan(available_fen)}，不足以支付保费{yuan(amount_fen)}，"
            "请减少电梯数量、调整方案，或等待增值收益入账后再办理。",
            "premium_fen",
            kind="conflict",
        )
    placed = tx.scalar(
        insert(Hold)
        .values(
            account_id=account_id,
            subject=subject,
            amount_fen=amount_fen,
            state=HoldState.PENDING,
            placed_at=at,
        )
        .on_conflict_do_nothing(
            # As words: with a parameter a prepared statement no longer finds the index.
            index_elements=[Hold.subject_kind, Hold.subject_id, Hold.account_id],
            index_where=text("state = 'pending'"),
        )
        .returning(Hold.id)
    )
    if placed is None:
        message = "该申请的保费已经冻结，无需重复办理。"
        raise refuse("premium_already_held", message, kind="conflict")


def void(tx: Session, subject: Subject, at: datetime) -> None:
    """Give back what is held for a subject; raises Refused `no_pending_hold`."""
    _settle(tx, subject, HoldState.VOIDED, at)


def post(
    tx: Session,
    accounts: PurchaseAccounts,
    subject: Subject,
    amount_fen: int,
    booked_on: date,
    at: datetime,
) -> Entry:
    """The premium falls due: settle the pending hold and book the amount, at most what was held.

    Each account pays in proportion to what was held of it. Raises Refused `no_pending_hold`,
    `premium_above_hold`.
    """
    held = _settle(tx, subject, HoldState.POSTED, at, moved_too=[accounts.held_premium])
    held_fen = sum(each.amount_fen for each in held)
    if amount_fen > held_fen:
        message = f"应付保费不得高于已冻结的{yuan(held_fen)}，请核对合同与方案。"
        raise refuse("premium_above_hold", message, "premium_fen", kind="conflict")
    return ledger.post(
        tx,
        NewEntry(
            f"premium_due:{min(each.id for each in held)}",
            "premium_due",
            booked_on,
            rules.premium_due(
                accounts, parts(amount_fen, {each.account_id: each.amount_fen for each in held})
            ),
            subject=subject,
        ),
        at,
    )


def _settle(
    tx: Session,
    subject: Subject,
    state: HoldState,
    at: datetime,
    moved_too: Sequence[UUID] = (),
) -> Sequence[Hold]:
    """Settle what is pending. First all accounts are locked that this and the booking after it
    move, in the order of their ids as everybody does, so that no two wait for each other."""
    pending = (Hold.subject == subject, Hold.state == HoldState.PENDING)
    held_on = select(Hold.account_id).where(*pending)
    locked = (
        select(Account.id)
        .where(or_(Account.id.in_(held_on), Account.id.in_(moved_too)))
        .order_by(Account.id)
        .with_for_update(key_share=True)
        .cte("locked")
    )
    settled = tx.scalars(
        update(Hold)
        .where(*pending, select(func.count()).select_from(locked).scalar_subquery() > 0)
        .values(state=state, settled_at=at)
        .returning(Hold)
        .execution_options(populate_existing=True)
    ).all()
    if not settled:
        message = "该申请没有待处理的冻结款，请刷新后查看最新进度。"
        raise refuse("no_pending_hold", message, kind="conflict")
    return settled
