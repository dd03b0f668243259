"""Deposits of the fund (存款): what a bank keeps for a term at a rate, as its certificate says.

A deposit moves no money in the books: it lies at the same bank account. It says what its interest
is measured by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.city.benchmarks import benchmark_of
from backend.domain.errors import refuse
from backend.domain.income import months_later, percent
from backend.domain.local_time import local_date
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.books import banks
from backend.services.files.handed_in import check_upload
from backend.store.income import Deposit, DepositInterest
from backend.store.queries.income import DepositView, deposit_view, page_of_deposits

NUMBER_LIMIT = 60


@dataclass(frozen=True)
class Certificate:
    """What the bank's paper says: principal in fen, the rate as a fraction of one, the term in
    months (0: on demand) and the day of value."""

    bank_id: UUID
    number: str
    principal_fen: int
    rate: Decimal
    months: int
    value_on: date


def list_deposits(
    ctx: Context, actor: Actor, after: UUID | None, page_size: int
) -> Sequence[DepositView]:
    """`page_size` of them after the id `after`, those withdrawn too, with the interest confirmed so
    far. Raises Refused `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        return page_of_deposits(tx, after, page_size)


def enter(ctx: Context, actor: Actor, paper: Certificate, file_sha256: str) -> DepositView:
    """One officer enters a deposit; its benchmark is frozen with it (JS 四（一）).

    Raises Refused: `role_required`, `amount_not_positive`, `bank_unknown`, `benchmark_missing`,
    `day_in_future`, `deposit_known` (conflict), `file_unknown`, `text_required`, `text_too_long`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        number = texts.required(paper.number, NUMBER_LIMIT, "number", "存单编号")
        if paper.principal_fen <= 0:
            raise refuse("amount_not_positive", "本金必须大于零。", "principal_fen")
        banks.check_bank(tx, paper.bank_id)
        if paper.value_on > local_date(ctx.clock()):
            raise refuse("day_in_future", "起息日还没有到，请在起息以后登记。", "value_on")
        benchmark = benchmark_of(ctx.city, paper.months, paper.value_on)
        matures_on = months_later(paper.value_on, paper.months) if paper.months else None
        check_upload(tx, actor, file_sha256, "file_sha256")
        deposit_id = tx.scalar(
            insert(Deposit)
            .values(
                bank_id=paper.bank_id,
                number=number,
                principal_fen=paper.principal_fen,
                rate=paper.rate,
                months=paper.months,
                value_on=paper.value_on,
                matures_on=matures_on,
                benchmark_rate=benchmark.rate,
                benchmark_source=benchmark.source,
                file_sha256=file_sha256,
                entered_by=actor.person_id,
                entered_at=ctx.clock(),
            )
            .on_conflict_do_nothing()
            .returning(Deposit.id)
        )
        if deposit_id is None:
            message = f"这家银行编号为“{number}”的存款已经登记过，请核对存单编号。"
            raise refuse("deposit_known", message, "number", kind="conflict")
        facts = {
            "number": number,
            "principal_fen": paper.principal_fen,
            "rate": percent(paper.rate),
            "benchmark": percent(benchmark.rate),
            "months": paper.months,
            "value_on": str(paper.value_on),
            "file_sha256": file_sha256,
        }
        subject = ("deposit", deposit_id)
        audit.append(tx, ctx.clock(), actor.person_id, AuditAction.DEPOSIT_ENTER, subject, facts)
        tx.commit()
        return deposit_view(tx, deposit_id)


def withdraw(ctx: Context, actor: Actor, deposit_id: UUID, reason: str) -> DepositView:
    """A deposit that was entered by mistake; its number may be entered anew.

    Raises Refused: `not_found`, `role_required`, `deposit_withdrawn` (conflict), `deposit_earned`
    (conflict) once interest waits or was booked, `text_required`, `text_too_long`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "撤销的原因")
        deposit = locked(tx, deposit_id)
        earned = select(DepositInterest.id).where(
            DepositInterest.deposit_id == deposit_id, DepositInterest.stands()
        )
        if tx.scalar(earned.limit(1)):
            message = "这笔存款已经登记了利息，不能撤销；利息有误的，请先退回或撤销那笔利息。"
            raise refuse("deposit_earned", message, kind="conflict")
        deposit.withdrawn_by, deposit.withdrawn_at = actor.person_id, ctx.clock()
        deposit.withdrawn_because = why
        subject = ("deposit", deposit_id)
        facts = {"reason": why}
        audit.append(tx, ctx.clock(), actor.person_id, AuditAction.DEPOSIT_WITHDRAW, subject, facts)
        tx.commit()
        return deposit_view(tx, deposit_id)


def locked(tx: Session, deposit_id: UUID) -> Deposit:
    """A deposit that counts, for this transaction alone. Raises Refused `not_found`,
    `deposit_withdrawn` (conflict)."""
    deposit = tx.get(Deposit, deposit_id, with_for_update=True)
    if deposit is None:
        raise nothing_there("存款")
    tx.refresh(deposit)
    if deposit.withdrawn_at is not None:
        message = "这笔存款的登记已经撤销，请刷新后核对。"
        raise refuse("deposit_withdrawn", message, kind="conflict")
    return deposit
