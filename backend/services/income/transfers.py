"""划转: money between the fund's own bank accounts, entered by one officer from the bank's receipt,
confirmed by another, and booked as one entry that both banks' statements show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import ledger as booking
from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.money import yuan
from backend.domain.period_locks import booking_day
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.domain.wording import plain_day
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.books import banks, ledger
from backend.services.books.ledger import NewEntry
from backend.services.books.locks import locked_until
from backend.services.case.conflicts_of_interest import books_officer
from backend.services.case.news import News, tell_book_officers
from backend.services.files.handed_in import check_upload
from backend.services.income.deposits import NUMBER_LIMIT
from backend.store.bank_transfers import BankTransfer
from backend.store.ledger import Account, AccountBank
from backend.store.queries.bank_statements import opened_on
from backend.store.queries.bank_transfers import (
    TransferView,
    page_of_transfers,
    transfer_view,
)
from backend.store.queries.banks import all_banks


@dataclass(frozen=True)
class Moved:
    """What the bank's receipt says: from where to where, fen, the day, its reference, and a note on
    what it was for."""

    from_bank_id: UUID
    to_bank_id: UUID
    amount_fen: int
    moved_on: date
    bank_reference: str
    note: str


def list_transfers(
    ctx: Context, actor: Actor, after: UUID | None, page_size: int
) -> Sequence[TransferView]:
    """`page_size` of them after the id `after`. Raises Refused `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        return page_of_transfers(tx, after, page_size)


def enter(ctx: Context, actor: Actor, moved: Moved, file_sha256: str) -> TransferView:
    """One officer enters it; nothing is booked yet.

    Raises Refused: `not_found`, `role_required`, `bank_unknown`, `banks_same`,
    `amount_not_positive`, `day_in_future`, `transfer_before_opening`, `bank_money_insufficient`
    (conflict), `transfer_known` (conflict), `file_unknown`, `text_required`, `text_too_long`.
    """
    with ctx.sessions() as tx:
        role = require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        reference = texts.required(
            moved.bank_reference, NUMBER_LIMIT, "bank_reference", "银行回单的流水号"
        )
        note = texts.required(moved.note, texts.REASON_LIMIT, "note", "划转的用途")
        _check(tx, moved, local_date(ctx.clock()))
        _check_money(tx, moved.from_bank_id, moved.amount_fen)
        check_upload(tx, actor, file_sha256, "file_sha256")
        fact = books_officer(tx, ctx, [], actor.person_id)
        transfer_id = tx.scalar(
            insert(BankTransfer)
            .values(
                from_bank_id=moved.from_bank_id,
                to_bank_id=moved.to_bank_id,
                amount_fen=moved.amount_fen,
                moved_on=moved.moved_on,
                bank_reference=reference,
                file_sha256=file_sha256,
                reason=note,
                entered_by=actor.person_id,
                in_stead_of=fact.stands_in_for.get(role),
                entered_at=ctx.clock(),
            )
            .on_conflict_do_nothing()
            .returning(BankTransfer.id)
        )
        if transfer_id is None:
            message = f"流水号“{reference}”的划转已经登记过，请核对银行回单。"
            raise refuse("transfer_known", message, "bank_reference", kind="conflict")
        made = tx.get_one(BankTransfer, transfer_id)
        _write_down(tx, ctx, actor, AuditAction.TRANSFER_ENTER, made)
        _tell(tx, ctx, actor, made, "专户划转待确认", "请核对银行回单后确认或退回")
        tx.commit()
        return transfer_view(tx, transfer_id)


def confirm(ctx: Context, actor: Actor, transfer_id: UUID) -> TransferView:
    """Another officer confirms it: it is booked on the bank's day, or today where the books of that
    day are locked. Whose money lay at the one bank may lie at the other from now on.

    Raises Refused: `not_found`, `role_required`, `own_transfer` (forbidden), and as conflicts
    `transfer_decided`, `bank_money_insufficient`, `period_locked`.
    """
    with ctx.sessions() as tx:
        one = _waiting(tx, ctx, actor, transfer_id)
        fact = books_officer(tx, ctx, [], actor.person_id)
        if fact.is_own(one.entered_by, one.in_stead_of):
            message = "这是您本人、您代办的人或替您代办的人登记的，请由另一位工作人员确认。"
            raise refuse("own_transfer", message, kind="forbidden")
        _lock_banks(tx, one)
        _check_money(tx, one.from_bank_id, one.amount_fen)
        now = ctx.clock()
        new = NewEntry(
            f"bank_transfer:{one.id}",
            "bank_transfer",
            booking_day(one.moved_on, locked_until(tx), local_date(now)),
            booking.transfer(one.to_bank_id, one.from_bank_id, one.amount_fen),
            memo=one.bank_reference,
        )
        one.entry_id = ledger.post(tx, new, now).id
        one.decided_by, one.decided_at, one.confirmed = actor.person_id, now, True
        _lies_there_too(tx, one)
        _write_down(tx, ctx, actor, AuditAction.TRANSFER_CONFIRM, one)
        _tell(tx, ctx, actor, one, "专户划转已入账", "请在银行流水里核对两个专户")
        tx.commit()
        return transfer_view(tx, transfer_id)


def turn_down(ctx: Context, actor: Actor, transfer_id: UUID, reason: str) -> TransferView:
    """It is not so, or not proved: nothing is booked. Whoever entered it may take it back.

    Raises Refused: `not_found`, `role_required`, `transfer_decided` (conflict), `text_required`,
    `text_too_long`.
    """
    with ctx.sessions() as tx:
        one = _waiting(tx, ctx, actor, transfer_id)
        one.turned_down_because = texts.required(reason, texts.REASON_LIMIT, "reason", "退回的原因")
        one.decided_by, one.decided_at, one.confirmed = actor.person_id, ctx.clock(), False
        _write_down(tx, ctx, actor, AuditAction.TRANSFER_TURN_DOWN, one)
        _tell(tx, ctx, actor, one, "专户划转的登记已退回", "账面照旧，请核对后重新登记")
        tx.commit()
        return transfer_view(tx, transfer_id)


def _check(tx: Session, moved: Moved, today: date) -> None:
    if moved.amount_fen <= 0:
        raise refuse("amount_not_positive", "划转的金额必须大于零。", "amount_fen")
    if moved.from_bank_id == moved.to_bank_id:
        raise refuse("banks_same", "转出、转入是同一个专户，请重新选择。", "to_bank_id")
    if moved.moved_on > today:
        raise refuse("day_in_future", "划转日还没有到，请在银行划转以后登记。", "moved_on")
    for bank_id in (moved.from_bank_id, moved.to_bank_id):
        banks.check_bank(tx, bank_id)
        opened = opened_on(tx, bank_id)
        if opened is not None and moved.moved_on <= opened:
            message = (
                f"有一个专户的期初余额是{plain_day(opened)}的，"
                "当天和以前的划转已经算在期初里，不再登记。"
            )
            raise refuse("transfer_before_opening", message, "moved_on")


def _check_money(tx: Session, bank_id: UUID, amount_fen: int) -> None:
    """What the bank was told to pay stays there."""
    (bank,) = all_banks(tx, Account.id == bank_id)
    if amount_fen > bank.available_fen:
        message = (
            f"专户{bank.words}可用{yuan(bank.available_fen)}（已扣除通知银行、尚未付出的款项），"
            f"不足以划转{yuan(amount_fen)}，请核对金额。"
        )
        raise refuse("bank_money_insufficient", message, "amount_fen", kind="conflict")


def _lock_banks(tx: Session, one: BankTransfer) -> None:
    both = Account.id.in_((one.from_bank_id, one.to_bank_id))
    tx.execute(select(Account.id).where(both).order_by(Account.id).with_for_update(key_share=True))


def _lies_there_too(tx: Session, one: BankTransfer) -> None:
    at = select(AccountBank.account_id, literal(one.to_bank_id))
    theirs = at.where(AccountBank.bank_id == one.from_bank_id)
    columns = ["account_id", "bank_id"]
    tx.execute(insert(AccountBank).from_select(columns, theirs).on_conflict_do_nothing())


def _waiting(tx: Session, ctx: Context, actor: Actor, transfer_id: UUID) -> BankTransfer:
    require_officer(tx, ctx, actor, *BOOK_OFFICERS)
    one = tx.get(BankTransfer, transfer_id, with_for_update=True)
    if one is None:
        raise nothing_there("划转的登记")
    tx.refresh(one)
    if one.decided_at is not None:
        done = "确认" if one.confirmed else "退回"
        message = f"这笔划转的登记已经{done}，无需再办。"
        raise refuse("transfer_decided", message, kind="conflict")
    return one


def _tell(
    tx: Session, ctx: Context, actor: Actor, one: BankTransfer, happened: str, then: str
) -> None:
    decided = one.decided_at is not None
    stands = "decided" if decided else "waiting"
    news = News(f"bank-transfer/{one.id}/{stands}", happened, then)
    tell_book_officers(tx, ctx, news, actor.person_id, decided=decided)


def _write_down(
    tx: Session, ctx: Context, actor: Actor, action: AuditAction, one: BankTransfer
) -> None:
    facts = {
        "from_bank_id": str(one.from_bank_id),
        "to_bank_id": str(one.to_bank_id),
        "amount_fen": one.amount_fen,
        "moved_on": str(one.moved_on),
        "bank_reference": one.bank_reference,
        "file_sha256": one.file_sha256,
        "reason": one.turned_down_because or one.reason,
    }
    audit.append(tx, ctx.clock(), actor.person_id, action, ("bank_transfer", one.id), facts)
