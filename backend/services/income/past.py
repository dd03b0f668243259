"""以前年度收益 (JS 五（二）1): of what the openings owe the owners, one officer enters how much
interest and how much value-added income counts for a year, another confirms it; the year's close
shares it. Until then it has a way back, by two again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import past_income as rules
from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.ledger import AccountKind, transfer
from backend.domain.local_time import local_date
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.domain.wording import calendar_year
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.case.conflicts_of_interest import books_officer
from backend.services.case.news import News, tell_book_officers
from backend.services.files.handed_in import check_upload
from backend.services.income.interest import unallocated
from backend.store.ledger import Account
from backend.store.past_income import PastIncome
from backend.store.queries.closing import statutory_waiting
from backend.store.queries.past_income import (
    PastIncomeView,
    begun_on,
    left_fen,
    page_of_past_income,
    past_income_view,
)


@dataclass(frozen=True)
class Counted:
    """What counts for a year, in fen: interest of the owners, and value-added income; and from
    which years and figures, in words."""

    year: int
    statutory_fen: int
    value_added_fen: int
    note: str


def list_past_income(
    ctx: Context, actor: Actor, after: UUID | None, page_size: int
) -> Sequence[PastIncomeView]:
    """`page_size` of them after the id `after`. Raises Refused `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        return page_of_past_income(tx, after, page_size)


def enter(ctx: Context, actor: Actor, counted: Counted, file_sha256: str) -> PastIncomeView:
    """One officer enters it; nothing counts yet.

    Raises Refused: `not_found`, `role_required`, `year_out_of_range`, `year_not_over` (conflict),
    `amount_negative`, `amount_not_positive`, `past_year_before_opening`, `past_income_exceeds`
    (conflict), `past_income_waiting` (conflict), `file_unknown`, `text_required`, `text_too_long`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        note = texts.required(counted.note, texts.REASON_LIMIT, "note", "说明")
        amounts = counted.statutory_fen, counted.value_added_fen
        today = local_date(ctx.clock())
        rules.check(counted.year, today, *amounts)
        rules.check_left(sum(amounts), left_fen(tx))
        if begun := begun_on(tx):
            rules.check_weighed(counted.year, begun, today)
        one = _entered(tx, ctx, actor, counted, file_sha256, reason=note)
        _write_down(tx, ctx, actor, AuditAction.PAST_INCOME_ENTER, one)
        _tell(tx, ctx, actor, one, "以前年度收益待确认", "请核对依据后确认或退回")
        tx.commit()
        return past_income_view(tx, one.id)


def ask_back(
    ctx: Context, actor: Actor, past_id: UUID, reason: str, file_sha256: str
) -> PastIncomeView:
    """One officer asks for what was confirmed to count no more.

    Raises Refused: `not_found`, `role_required`, `file_unknown`, `text_required`, `text_too_long`,
    and as conflicts `past_income_not_counted`, `past_income_shared`, `past_income_waiting`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "撤销的原因")
        former = _counting(tx, past_id)
        _lock(tx, former.year)
        _check_not_shared(tx, former)
        counted = Counted(former.year, former.statutory_fen, former.value_added_fen, why)
        one = _entered(tx, ctx, actor, counted, file_sha256, reason=why, undoes_id=past_id)
        _write_down(tx, ctx, actor, AuditAction.PAST_INCOME_ASK_BACK, one)
        _tell(tx, ctx, actor, one, "撤销以前年度收益待确认", "请核对依据后确认或退回")
        tx.commit()
        return past_income_view(tx, one.id)


def confirm(ctx: Context, actor: Actor, past_id: UUID) -> PastIncomeView:
    """Another officer confirms it: it counts for its year from now on, or no more.

    Raises Refused: `not_found`, `role_required`, `own_past_income` (forbidden), and as conflicts
    `past_income_decided`, `past_income_exceeds`, `past_income_not_counted`, `past_income_shared`.
    """
    with ctx.sessions() as tx:
        one = _waiting(tx, ctx, actor, past_id)
        fact = books_officer(tx, ctx, [], actor.person_id)
        if fact.is_own(one.entered_by, one.in_stead_of):
            message = "这是您本人、您代办的人或替您代办的人登记的，请由另一位工作人员确认。"
            raise refuse("own_past_income", message, kind="forbidden")
        if one.undoes_id:
            _counting(tx, one.undoes_id)  # before the accounts, as `ask_back` takes them
        statutory_id, unallocated_id = _lock(tx, one.year)
        one.entry_id = _book(tx, ctx, one, statutory_id, unallocated_id)
        one.decided_by, one.decided_at, one.confirmed = actor.person_id, ctx.clock(), True
        tx.flush()
        _write_down(tx, ctx, actor, AuditAction.PAST_INCOME_CONFIRM, one)
        done = "以前年度收益已撤销" if one.undoes_id else "以前年度收益已确认"
        _tell(tx, ctx, actor, one, done, "请预览那一年的分配")
        tx.commit()
        return past_income_view(tx, past_id)


def turn_down(ctx: Context, actor: Actor, past_id: UUID, reason: str) -> PastIncomeView:
    """It is not so, or not proved: all stays as it is. Whoever entered it may take it back.

    Raises Refused: `not_found`, `role_required`, `past_income_decided` (conflict), `text_required`,
    `text_too_long`.
    """
    with ctx.sessions() as tx:
        one = _waiting(tx, ctx, actor, past_id)
        one.turned_down_because = texts.required(reason, texts.REASON_LIMIT, "reason", "退回的原因")
        one.decided_by, one.decided_at, one.confirmed = actor.person_id, ctx.clock(), False
        _write_down(tx, ctx, actor, AuditAction.PAST_INCOME_TURN_DOWN, one)
        _tell(tx, ctx, actor, one, "以前年度收益已退回", "账面照旧，请核对后重新登记")
        tx.commit()
        return past_income_view(tx, past_id)


def _entered(
    tx: Session, ctx: Context, actor: Actor, counted: Counted, file_sha256: str, **more: Any
) -> PastIncome:
    check_upload(tx, actor, file_sha256, "file_sha256")
    role = require_officer(tx, ctx, actor, *BOOK_OFFICERS)
    fact = books_officer(tx, ctx, [], actor.person_id)
    past_id = tx.scalar(
        insert(PastIncome)
        .values(
            year=counted.year,
            statutory_fen=counted.statutory_fen,
            value_added_fen=counted.value_added_fen,
            file_sha256=file_sha256,
            entered_by=actor.person_id,
            in_stead_of=fact.stands_in_for.get(role),
            entered_at=ctx.clock(),
            **more,
        )
        .on_conflict_do_nothing()
        .returning(PastIncome.id)
    )
    if past_id is None:
        message = "已有一笔以前年度收益等待确认，请先确认或退回。"
        raise refuse("past_income_waiting", message, kind="conflict")
    return tx.get_one(PastIncome, past_id)


def _lock(tx: Session, year: int) -> tuple[UUID, UUID]:
    """What is owed to the owners, and the year's income, for this transaction alone; in one order
    of ids as everybody does."""
    both = (
        ledger.house_account(tx, AccountKind.STATUTORY_INTEREST_PAYABLE),
        unallocated(tx, year),
    )
    accounts = select(Account.id).where(Account.id.in_(both)).order_by(Account.id)
    tx.execute(accounts.with_for_update(key_share=True)).all()
    return both


def _book(
    tx: Session, ctx: Context, one: PastIncome, statutory_id: UUID, unallocated_id: UUID
) -> UUID | None:
    """The value-added part to its year, or back."""
    if one.undoes_id:
        _check_not_shared(tx, tx.get_one(PastIncome, one.undoes_id))
        way = unallocated_id, statutory_id
    else:
        rules.check_left(one.statutory_fen + one.value_added_fen, left_fen(tx))
        way = statutory_id, unallocated_id
    if not one.value_added_fen:
        return None
    now = ctx.clock()
    memo = f"以前年度收益记到{calendar_year(one.year)}"
    lines = transfer(*way, one.value_added_fen)
    new = NewEntry(f"past_income:{one.id}", "past_income", local_date(now), lines, memo=memo)
    return ledger.post(tx, new, now).id


def _counting(tx: Session, past_id: UUID) -> PastIncome:
    """One that counts, for this transaction alone."""
    one = tx.get(PastIncome, past_id, with_for_update=True)
    if one is None:
        raise nothing_there("以前年度收益的登记")
    tx.refresh(one)
    if not one.confirmed or one.undoes_id or past_income_view(tx, past_id).undone:
        message = "这笔登记没有确认，或者已经撤销，没有可以撤销的。"
        raise refuse("past_income_not_counted", message, kind="conflict")
    return one


def _check_not_shared(tx: Session, one: PastIncome) -> None:
    """The close of its year gave it to nobody."""
    waiting = tx.scalar(select(Account.balance_fen).where(Account.id == unallocated(tx, one.year)))
    if (waiting or 0) < one.value_added_fen or statutory_waiting(tx, one.year) < one.statutory_fen:
        year = calendar_year(one.year)
        message = f"{year}的收益已经分配，这笔算在里面，不能撤销，请报领导小组处理。"
        raise refuse("past_income_shared", message, kind="conflict")


def _waiting(tx: Session, ctx: Context, actor: Actor, past_id: UUID) -> PastIncome:
    require_officer(tx, ctx, actor, *BOOK_OFFICERS)
    one = tx.get(PastIncome, past_id, with_for_update=True)
    if one is None:
        raise nothing_there("以前年度收益的登记")
    tx.refresh(one)
    if one.decided_at is not None:
        done = "确认" if one.confirmed else "退回"
        message = f"这笔登记已经{done}，无需再办。"
        raise refuse("past_income_decided", message, kind="conflict")
    return one


def _tell(
    tx: Session, ctx: Context, actor: Actor, one: PastIncome, happened: str, then: str
) -> None:
    decided = one.decided_at is not None
    news = News(f"past-income/{one.id}/{'decided' if decided else 'waiting'}", happened, then)
    tell_book_officers(tx, ctx, news, actor.person_id, decided=decided)


def _write_down(
    tx: Session, ctx: Context, actor: Actor, action: AuditAction, one: PastIncome
) -> None:
    facts = {
        "year": one.year,
        "statutory_fen": one.statutory_fen,
        "value_added_fen": one.value_added_fen,
        "undoes_id": str(one.undoes_id) if one.undoes_id else None,
        "file_sha256": one.file_sha256,
        "reason": one.turned_down_because or one.reason,
    }
    audit.append(tx, ctx.clock(), actor.person_id, action, ("past_income", one.id), facts)
