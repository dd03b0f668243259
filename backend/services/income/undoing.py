"""Interest that was confirmed by mistake (撤销结息): one officer asks with a paper, another agrees.
Then its entry is reversed, and the days may be entered anew.

What the close of its year gave to the pools is not taken back here: interest is undone only while
its income still waits for the close, and the last of its deposit first.
"""

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.roles import BOOK_OFFICERS
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.books import ledger
from backend.services.case.conflicts_of_interest import books_officer
from backend.services.case.news import News, tell_book_officers
from backend.services.files.handed_in import check_upload
from backend.services.income.deposits import locked
from backend.services.income.interest import unallocated
from backend.store.income import DepositInterest, InterestUndo, InterestYear
from backend.store.ledger import Account, Posting
from backend.store.queries.closing import statutory_waiting
from backend.store.queries.undos import UndoView, undo_view


def ask(ctx: Context, actor: Actor, interest_id: UUID, reason: str, file_sha256: str) -> UndoView:
    """One officer asks for it; nothing is booked.

    Raises Refused: `not_found`, `role_required`, `file_unknown`, `text_required`, `text_too_long`,
    and as conflicts `interest_not_booked`, `interest_followed`, `interest_allocated`,
    `undo_waiting`.
    """
    with ctx.sessions() as tx:
        role = require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        interest = _booked(tx, interest_id)
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "撤销的原因")
        _check(tx, interest)
        check_upload(tx, actor, file_sha256, "file_sha256")
        fact = books_officer(tx, ctx, [], actor.person_id)
        undo_id = tx.scalar(
            insert(InterestUndo)
            .values(
                interest_id=interest_id,
                file_sha256=file_sha256,
                reason=why,
                entered_by=actor.person_id,
                in_stead_of=fact.stands_in_for.get(role),
                entered_at=ctx.clock(),
            )
            .on_conflict_do_nothing()
            .returning(InterestUndo.id)
        )
        if undo_id is None:
            message = "这笔利息的撤销已经登记，等另一位工作人员确认。"
            raise refuse("undo_waiting", message, kind="conflict")
        undo = tx.get_one(InterestUndo, undo_id)
        _write_down(tx, ctx, actor, AuditAction.INTEREST_UNDO_ENTER, undo)
        _tell(tx, ctx, actor, undo, "撤销结息待确认", "请核对依据后确认或退回")
        tx.commit()
        return undo_view(tx, undo_id)


def confirm(ctx: Context, actor: Actor, undo_id: UUID) -> UndoView:
    """Another officer agrees: the entry is reversed today.

    Raises Refused: `not_found`, `role_required`, `own_undo` (forbidden), and as conflicts
    `undo_decided`, `interest_followed`, `interest_allocated`, `balance_insufficient`.
    """
    with ctx.sessions() as tx:
        undo, interest = _waiting(tx, ctx, actor, undo_id)
        fact = books_officer(tx, ctx, [], actor.person_id)
        if fact.is_own(undo.entered_by, undo.in_stead_of):
            message = "这是您本人、您代办的人或替您代办的人登记的，请由另一位工作人员确认。"
            raise refuse("own_undo", message, kind="forbidden")
        _check(tx, interest)
        now = ctx.clock()
        if interest.entry_id is not None:
            today = local_date(now)
            undo.entry_id = ledger.reverse(tx, interest.entry_id, today, "撤销结息", now).id
        interest.undone_at = undo.decided_at = now
        undo.decided_by, undo.confirmed = actor.person_id, True
        _write_down(tx, ctx, actor, AuditAction.INTEREST_UNDO_CONFIRM, undo)
        _tell(tx, ctx, actor, undo, "存款利息已撤销", "原分录已冲销，请按回单重新登记")
        tx.commit()
        return undo_view(tx, undo_id)


def turn_down(ctx: Context, actor: Actor, undo_id: UUID, reason: str) -> UndoView:
    """The interest stays as it is. Whoever asked may take it back.

    Raises Refused: `not_found`, `role_required`, `undo_decided` (conflict), `text_required`,
    `text_too_long`.
    """
    with ctx.sessions() as tx:
        undo, _ = _waiting(tx, ctx, actor, undo_id)
        undo.turned_down_because = texts.required(
            reason, texts.REASON_LIMIT, "reason", "退回的原因"
        )
        undo.decided_by, undo.decided_at = actor.person_id, ctx.clock()
        undo.confirmed = False
        _write_down(tx, ctx, actor, AuditAction.INTEREST_UNDO_TURN_DOWN, undo)
        _tell(tx, ctx, actor, undo, "撤销结息的登记已退回", "利息照旧，账面不变")
        tx.commit()
        return undo_view(tx, undo_id)


def _booked(tx: Session, interest_id: UUID) -> DepositInterest:
    """Interest that counts, with its deposit for this transaction alone."""
    of_deposit = select(DepositInterest.deposit_id).where(DepositInterest.id == interest_id)
    deposit_id = tx.scalar(of_deposit)
    if deposit_id is None:
        raise nothing_there("存款利息")
    locked(tx, deposit_id)
    interest = tx.get_one(DepositInterest, interest_id, with_for_update=True)
    tx.refresh(interest)
    if not interest.confirmed or interest.undone_at is not None:
        message = "这笔利息没有入账，或者已经撤销，没有可以撤销的。"
        raise refuse("interest_not_booked", message, kind="conflict")
    return interest


def _waiting(
    tx: Session, ctx: Context, actor: Actor, undo_id: UUID
) -> tuple[InterestUndo, DepositInterest]:
    require_officer(tx, ctx, actor, *BOOK_OFFICERS)
    undo = tx.get(InterestUndo, undo_id, with_for_update=True)
    if undo is None:
        raise nothing_there("撤销结息的登记")
    tx.refresh(undo)
    if undo.decided_at is not None:
        done = "确认" if undo.confirmed else "退回"
        message = f"这笔撤销的登记已经{done}，无需再办。"
        raise refuse("undo_decided", message, kind="conflict")
    return undo, _booked(tx, undo.interest_id)


def _check(tx: Session, interest: DepositInterest) -> None:
    """The last of its deposit, and its income was given to nobody; of the accounts of its years
    none is closed meanwhile."""
    later = DepositInterest.from_on >= interest.until_on, DepositInterest.stands()
    of_deposit = DepositInterest.deposit_id == interest.deposit_id
    if tx.scalar(select(DepositInterest.id).where(of_deposit, *later).limit(1)):
        message = "这笔存款后来又登记了利息，请先撤销或退回后面的，再撤销这一笔。"
        raise refuse("interest_followed", message, kind="conflict")
    query = select(InterestYear.year, InterestYear.value_added_fen, InterestYear.owners_fen)
    parts = tx.execute(query.where(InterestYear.interest_id == interest.id)).all()
    accounts = {unallocated(tx, year): (year, fen, owners) for year, fen, owners in parts}
    # With all that the reversal books on, in the one order in which everybody takes accounts.
    booked = select(Posting.account_id).where(Posting.entry_id == interest.entry_id)
    every = or_(Account.id.in_(accounts), Account.id.in_(booked))
    rows = select(Account.id, Account.balance_fen).where(every).order_by(Account.id)
    balances = dict(tx.execute(rows.with_for_update(key_share=True)).all())
    for account_id, (year, fen, owners_fen) in accounts.items():
        if balances[account_id] < fen or statutory_waiting(tx, year) < owners_fen:
            message = f"{year}年的收益已经分配，这笔利息算在里面，不能撤销，请报领导小组处理。"
            raise refuse("interest_allocated", message, kind="conflict")


def _tell(
    tx: Session, ctx: Context, actor: Actor, undo: InterestUndo, happened: str, then: str
) -> None:
    decided = undo.decided_at is not None
    stands = "decided" if decided else "waiting"
    news = News(f"interest-undo/{undo.id}/{stands}", happened, then)
    tell_book_officers(tx, ctx, news, actor.person_id, decided=decided)


def _write_down(
    tx: Session, ctx: Context, actor: Actor, action: AuditAction, undo: InterestUndo
) -> None:
    facts = {
        "undo_id": str(undo.id),
        "file_sha256": undo.file_sha256,
        "reason": undo.turned_down_because or undo.reason,
    }
    subject = ("deposit_interest", undo.interest_id)
    audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
