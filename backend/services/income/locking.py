"""锁账: one officer asks for the books to be locked up to a month's end, or opened again; another
agrees. The close of a year locks it, by the two who closed it."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import period_locks as rules
from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.closing import last_day
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.books.locks import change_alone, locked_until
from backend.services.case.conflicts_of_interest import books_officer
from backend.services.case.news import News, tell_book_officers
from backend.store.income import YearClose
from backend.store.period_locks import PeriodLock
from backend.store.queries.period_locks import LockView, lock_view, page_of_locks


def list_locks(
    ctx: Context, actor: Actor, after: UUID | None, page_size: int
) -> Sequence[LockView]:
    """`page_size` of them after the id `after`. Raises Refused `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        return page_of_locks(tx, after, page_size)


def ask(ctx: Context, actor: Actor, until_on: date | None, reason: str) -> LockView:
    """One officer asks for another day (None: no lock); nothing changes yet.

    Raises Refused: `not_found`, `role_required`, `lock_not_month_end`, `lock_not_over`,
    `text_required`, `text_too_long`, and as conflicts `lock_unchanged`, `lock_waiting`.
    """
    with ctx.sessions() as tx:
        role = require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "原因")
        former = locked_until(tx)
        rules.check_change(until_on, former, local_date(ctx.clock()))
        fact = books_officer(tx, ctx, [], actor.person_id)
        lock_id = tx.scalar(
            insert(PeriodLock)
            .values(
                until_on=until_on,
                former_until_on=former,
                reason=why,
                entered_by=actor.person_id,
                in_stead_of=fact.stands_in_for.get(role),
                entered_at=ctx.clock(),
            )
            .on_conflict_do_nothing()
            .returning(PeriodLock.id)
        )
        if lock_id is None:
            message = "已有一项锁账的登记等另一位工作人员确认，请先确认或退回。"
            raise refuse("lock_waiting", message, kind="conflict")
        lock = tx.get_one(PeriodLock, lock_id)
        _write_down(tx, ctx, actor, AuditAction.PERIOD_LOCK_ENTER, lock)
        _tell(tx, ctx, actor, lock, "锁账待确认", "请核对后确认或退回")
        tx.commit()
        return lock_view(tx, lock_id)


def confirm(ctx: Context, actor: Actor, lock_id: UUID) -> LockView:
    """Another officer agrees: from now on the books are locked up to there. What is being booked
    into these days right now comes first.

    Raises Refused: `not_found`, `role_required`, `own_lock` (forbidden), and as conflicts
    `lock_decided`, `lock_moved`.
    """
    with ctx.sessions() as tx:
        lock = _waiting(tx, ctx, actor, lock_id)
        fact = books_officer(tx, ctx, [], actor.person_id)
        if fact.is_own(lock.entered_by, lock.in_stead_of):
            message = "这是您本人、您代办的人或替您代办的人登记的，请由另一位工作人员确认。"
            raise refuse("own_lock", message, kind="forbidden")
        change_alone(tx)
        stands = locked_until(tx)
        if stands != lock.former_until_on:
            message = (
                f"登记以后账{rules.lock_words(stands)}，请退回这项登记，按现在的情况重新登记。"
            )
            raise refuse("lock_moved", message, kind="conflict")
        lock.decided_by, lock.decided_at = actor.person_id, ctx.clock()
        lock.confirmed = True
        tx.flush()
        _write_down(tx, ctx, actor, AuditAction.PERIOD_LOCK_CONFIRM, lock)
        _tell(tx, ctx, actor, lock, "锁账已改", "以前的日子按新的锁账日记账")
        tx.commit()
        return lock_view(tx, lock_id)


def turn_down(ctx: Context, actor: Actor, lock_id: UUID, reason: str) -> LockView:
    """The lock stays as it is. Whoever asked may take it back.

    Raises Refused: `not_found`, `role_required`, `lock_decided` (conflict), `text_required`,
    `text_too_long`.
    """
    with ctx.sessions() as tx:
        lock = _waiting(tx, ctx, actor, lock_id)
        lock.turned_down_because = texts.required(
            reason, texts.REASON_LIMIT, "reason", "退回的原因"
        )
        lock.decided_by, lock.decided_at = actor.person_id, ctx.clock()
        lock.confirmed = False
        _write_down(tx, ctx, actor, AuditAction.PERIOD_LOCK_TURN_DOWN, lock)
        _tell(tx, ctx, actor, lock, "锁账的登记已退回", "锁账的日子照旧")
        tx.commit()
        return lock_view(tx, lock_id)


def lock_closed_year(tx: Session, ctx: Context, close: YearClose) -> None:
    """A year that was closed takes nothing more, by the word of the two who closed it; the
    transaction changes the lock alone (`change_alone`)."""
    assert close.posted_by is not None
    year = close.year
    until_on, former = last_day(year), locked_until(tx)
    if rules.is_locked(until_on, former):
        return
    lock = PeriodLock(
        until_on=until_on,
        former_until_on=former,
        close_id=close.id,
        reason=f"{year}年度分配入账",
        entered_by=close.previewed_by,
        in_stead_of=close.in_stead_of,
        entered_at=close.previewed_at,
        decided_by=close.posted_by,
        decided_at=close.posted_at,
        confirmed=True,
    )
    tx.add(lock)
    tx.flush()
    by = Actor(close.posted_by)
    _write_down(tx, ctx, by, AuditAction.PERIOD_LOCK_CONFIRM, lock)


def _waiting(tx: Session, ctx: Context, actor: Actor, lock_id: UUID) -> PeriodLock:
    require_officer(tx, ctx, actor, *BOOK_OFFICERS)
    lock = tx.get(PeriodLock, lock_id, with_for_update=True)
    if lock is None:
        raise nothing_there("锁账的登记")
    tx.refresh(lock)
    if lock.decided_at is not None:
        done = "确认" if lock.confirmed else "退回"
        message = f"这项锁账的登记已经{done}，无需再办。"
        raise refuse("lock_decided", message, kind="conflict")
    return lock


def _tell(
    tx: Session, ctx: Context, actor: Actor, lock: PeriodLock, happened: str, then: str
) -> None:
    decided = lock.decided_at is not None
    stands = "decided" if decided else "waiting"
    news = News(f"period-lock/{lock.id}/{stands}", happened, then)
    tell_book_officers(tx, ctx, news, actor.person_id, decided=decided)


def _write_down(
    tx: Session, ctx: Context, actor: Actor, action: AuditAction, lock: PeriodLock
) -> None:
    facts = {
        "until_on": str(lock.until_on or ""),
        "former_until_on": str(lock.former_until_on or ""),
        "reason": lock.turned_down_because or lock.reason,
    }
    audit.append(tx, ctx.clock(), actor.person_id, action, ("period_lock", lock.id), facts)
