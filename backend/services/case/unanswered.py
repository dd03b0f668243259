"""What one officer entered waits for another one, who says nothing: those who may are reminded, and
the supervisors hear of it in the end. A message is written once, however often this is swept."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import CompoundSelect, literal, select, union_all
from sqlalchemy.orm import Session

from backend.domain.roles import BOOK_OFFICERS, COMPANY_OFFICERS, PAYEE_OFFICERS, Role
from backend.domain.second_word import ESCALATED_AFTER, REMINDED_AFTER, is_late
from backend.services.base.context import Context
from backend.services.case.news import News, write
from backend.services.case.waiting_beside import officers_here
from backend.store.bank_transfers import BankTransfer
from backend.store.income import DepositInterest, InterestUndo
from backend.store.past_income import PastIncome
from backend.store.period_locks import PeriodLock
from backend.store.proposals import OpeningCorrection, PaperEntry, PayeeChange, Succession

Entered = (
    Succession
    | PayeeChange
    | OpeningCorrection
    | DepositInterest
    | InterestUndo
    | PeriodLock
    | BankTransfer
    | PastIncome
    | PaperEntry
)
# Whose word is waited for, and what of, in at most eleven letters.
KINDS: tuple[tuple[type[Entered], tuple[Role, ...], str], ...] = (
    (Succession, COMPANY_OFFICERS, "物业承继登记"),
    (PayeeChange, PAYEE_OFFICERS, "收款账户变更"),
    (OpeningCorrection, BOOK_OFFICERS, "期初更正"),
    (DepositInterest, BOOK_OFFICERS, "存款利息"),
    (InterestUndo, BOOK_OFFICERS, "撤销结息"),
    (PeriodLock, BOOK_OFFICERS, "锁账"),
    (BankTransfer, BOOK_OFFICERS, "专户划转"),
    (PastIncome, BOOK_OFFICERS, "以前年度收益"),
    (PaperEntry, (Role.CLERK,), "纸质材料"),
)


def sweep(ctx: Context) -> int:
    """Remind of what has waited too long; how many things that is."""
    with ctx.sessions() as tx:
        now = ctx.clock()
        late = tx.execute(_waited(ctx)).all()
        if not late:
            return 0
        here = officers_here(tx, ctx)
        for place, change_id, entered_at, *own in late:
            _, roles, name = KINDS[place]
            news = News(f"unanswered/{change_id}/reminder", f"{name}待确认", "请核对后确认或退回")
            _tell(tx, ctx, news, roles, here, set(own))
            if is_late(entered_at, now):
                words = f"{name}{ESCALATED_AFTER.days}天没有确认"
                news = News(f"unanswered/{change_id}/escalation", words, "请督促中心确认或退回")
                _tell(tx, ctx, news, (Role.SUPERVISOR,), here, set())
        tx.commit()
        return len(late)


def _waited(ctx: Context) -> CompoundSelect[int, UUID, datetime, UUID, UUID | None]:
    """The place of its kind, its id, since when it waits, whose entry it was."""
    since = ctx.clock() - REMINDED_AFTER
    return union_all(
        *(
            select(
                literal(place), kind.id, kind.entered_at, kind.entered_by, kind.in_stead_of
            ).where(kind.decided_at.is_(None), kind.entered_at <= since)
            for place, (kind, _, _) in enumerate(KINDS)
        )
    )


def _tell(
    tx: Session,
    ctx: Context,
    news: News,
    roles: tuple[Role, ...],
    here: Mapping[Role, set[UUID]],
    own: set[UUID | None],
) -> None:
    done = set(own)
    for role in roles:
        people = {person_id for person_id in here[role] if person_id not in done}
        write(tx, ctx, news, role, people)
        done |= people
