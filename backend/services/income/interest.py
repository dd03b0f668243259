"""Interest that a bank paid (结息): entered by one officer from the bank's receipt, confirmed by
another. Then it is booked: the statutory part as the owners', the value-added part for the years
that earned it (JS 四（一）、四（二）). Nothing of it reaches a pooled account before the close.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import income as rules
from backend.domain import ledger as booking
from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.city.schema import CityProfile
from backend.domain.errors import refuse
from backend.domain.facts import ActorFact
from backend.domain.income import Income
from backend.domain.ledger import ACCOUNT_NAMES, OPENINGS, AccountKind
from backend.domain.local_time import local_date
from backend.domain.period_locks import booking_day
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.domain.wording import plain_day
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.books.locks import locked_until
from backend.services.case.conflicts_of_interest import books_officer
from backend.services.case.news import News, tell_book_officers
from backend.services.files.handed_in import check_upload
from backend.services.income.deposits import NUMBER_LIMIT, locked
from backend.store.income import Deposit, DepositInterest, InterestYear
from backend.store.ledger import Entry, Posting
from backend.store.queries.income import InterestView, interest_view, page_of_interest


@dataclass(frozen=True)
class Receipt:
    """What the bank's receipt says: its reference, the day it paid, the day up to and without which
    it paid, the amount in fen, and a note on what is unusual."""

    bank_reference: str
    posted_on: date
    until_on: date
    actual_fen: int
    note: str


def list_interest(
    ctx: Context, actor: Actor, after: UUID | None, page_size: int
) -> Sequence[InterestView]:
    """`page_size` of them after the id `after`. Raises Refused `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        return page_of_interest(tx, after, page_size)


def enter(
    ctx: Context, actor: Actor, deposit_id: UUID, receipt: Receipt, file_sha256: str
) -> InterestView:
    """One officer enters interest for the days since the last time.

    Raises Refused: `not_found`, `role_required`, `deposit_withdrawn` (conflict), `interest_waiting`
    (conflict), `bank_reference_used` (conflict), `period_empty`, `interest_days_invalid`,
    `interest_before_opening`, `day_in_future`, `file_unknown`, `text_required`, `text_too_long`.
    """
    with ctx.sessions() as tx:
        role = require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        deposit = locked(tx, deposit_id)
        reference = texts.required(
            receipt.bank_reference, NUMBER_LIMIT, "bank_reference", "银行回单的流水号"
        )
        from_on, statutory = judged(tx, ctx, deposit, receipt)
        check_upload(tx, actor, file_sha256, "file_sha256")
        fact = books_officer(tx, ctx, [], actor.person_id)
        interest_id = tx.scalar(
            insert(DepositInterest)
            .values(
                deposit_id=deposit_id,
                bank_id=deposit.bank_id,
                bank_reference=reference,
                posted_on=receipt.posted_on,
                from_on=from_on,
                until_on=receipt.until_on,
                actual_fen=receipt.actual_fen,
                statutory_fen=statutory,
                file_sha256=file_sha256,
                reason=texts.optional(receipt.note, texts.REASON_LIMIT, "note", "说明") or "",
                entered_by=actor.person_id,
                in_stead_of=fact.stands_in_for.get(role),
                entered_at=ctx.clock(),
            )
            .on_conflict_do_nothing()
            .returning(DepositInterest.id)
        )
        if interest_id is None:
            raise _taken(tx, deposit_id, reference)
        interest = tx.get_one(DepositInterest, interest_id)
        _write_down(tx, ctx, actor, AuditAction.INTEREST_ENTER, interest)
        _tell(tx, ctx, actor, interest, "存款利息待确认", "请核对银行回单后确认或退回")
        tx.commit()
        return interest_view(tx, interest_id)


def confirm(ctx: Context, actor: Actor, interest_id: UUID) -> InterestView:
    """Another officer confirms it: it is booked on the day the bank paid it, or today where the
    books of that day are locked.

    Raises Refused: `not_found`, `role_required`, `own_interest` (forbidden), `interest_decided`
    (conflict).
    """
    with ctx.sessions() as tx:
        interest, fact = _waiting(tx, ctx, actor, interest_id)
        if fact.is_own(interest.entered_by, interest.in_stead_of):
            message = "这是您本人、您代办的人或替您代办的人登记的，请由另一位工作人员确认。"
            raise refuse("own_interest", message, kind="forbidden")
        cut = rules.value_added(interest.actual_fen, interest.statutory_fen)
        days = interest.from_on, interest.until_on
        parts = rules.years_of(cut.pooled_fen, *days)
        owners = rules.years_of(cut.owners_fen, *days)
        entry_id = _book(tx, ctx, interest, cut, parts) if interest.actual_fen else None
        interest.decided_by, interest.decided_at = actor.person_id, ctx.clock()
        interest.confirmed, interest.entry_id = True, entry_id
        tx.add_all(
            InterestYear(
                interest_id=interest_id,
                year=year,
                value_added_fen=parts.get(year, 0),
                owners_fen=owners.get(year, 0),
            )
            for year in sorted(parts.keys() | owners.keys())
        )
        _write_down(tx, ctx, actor, AuditAction.INTEREST_CONFIRM, interest)
        then = "低于法定利息，差额请报领导小组" if cut.owed_fen else "已按年度记入待分配增值收益"
        _tell(tx, ctx, actor, interest, "存款利息已入账", then)
        tx.commit()
        return interest_view(tx, interest_id)


def turn_down(ctx: Context, actor: Actor, interest_id: UUID, reason: str) -> InterestView:
    """It is not so, or not proved: nothing is booked. Whoever entered it may take it back.

    Raises Refused: `not_found`, `role_required`, `interest_decided` (conflict), `text_required`,
    `text_too_long`.
    """
    with ctx.sessions() as tx:
        interest, _ = _waiting(tx, ctx, actor, interest_id)
        interest.turned_down_because = texts.required(
            reason, texts.REASON_LIMIT, "reason", "退回的原因"
        )
        interest.decided_by, interest.decided_at = actor.person_id, ctx.clock()
        interest.confirmed = False
        _write_down(tx, ctx, actor, AuditAction.INTEREST_TURN_DOWN, interest)
        _tell(tx, ctx, actor, interest, "存款利息的登记已退回", "账面照旧，请核对后重新登记")
        tx.commit()
        return interest_view(tx, interest_id)


def judged(tx: Session, ctx: Context, deposit: Deposit, receipt: Receipt) -> tuple[date, int]:
    """From which day a receipt's interest counts, and its statutory interest in fen.

    Raises Refused: `period_empty`, `interest_days_invalid`, `interest_before_opening`,
    `day_in_future`.
    """
    from_on = _earned_until(tx, deposit)
    _check_days(deposit, from_on, receipt, local_date(ctx.clock()))
    _check_not_in_opening(tx, deposit.bank_id, receipt.posted_on)
    return from_on, _statutory(tx, ctx.city, deposit, from_on, receipt.until_on)


def _statutory(
    tx: Session, city: CityProfile, deposit: Deposit, from_on: date, until_on: date
) -> int:
    """The statutory interest of these days, in fen: by their days in the city's year, and the last
    of a term what the whole term's (by its months) leaves, however often the bank paid."""
    if until_on != deposit.matures_on:
        years = rules.broken_term(city.income, from_on, until_on)
        return rules.interest_fen(deposit.principal_fen, deposit.benchmark_rate, years)
    years = rules.whole_term(deposit.months)
    whole = rules.interest_fen(deposit.principal_fen, deposit.benchmark_rate, years)
    before = select(func.coalesce(func.sum(DepositInterest.statutory_fen), 0))
    return max(0, whole - int(tx.scalars(before.where(*_confirmed(deposit))).one()))


def _earned_until(tx: Session, deposit: Deposit) -> date:
    """The first day for which no interest was confirmed."""
    last = select(func.max(DepositInterest.until_on)).where(*_confirmed(deposit))
    return tx.scalar(last) or deposit.value_on


def _confirmed(deposit: Deposit) -> tuple[ColumnElement[bool], ...]:
    return DepositInterest.deposit_id == deposit.id, DepositInterest.counts()


def _check_not_in_opening(tx: Session, bank_id: UUID, posted_on: date) -> None:
    """What the bank paid until the day of its opening balance stands in that balance."""
    opened: date | None = tx.scalar(
        select(func.min(Entry.booked_on))
        .join(Posting, Posting.entry_id == Entry.id)
        .where(Entry.kind.in_(OPENINGS), Posting.account_id == bank_id)
    )
    if opened is not None and posted_on <= opened:
        message = (
            f"这个专户的期初余额是{plain_day(opened)}的，"
            "当天和以前入账的利息已经算在期初里，不再登记。"
        )
        raise refuse("interest_before_opening", message, "posted_on")


def _check_days(deposit: Deposit, from_on: date, receipt: Receipt, today: date) -> None:
    if receipt.until_on <= from_on:
        message = f"{plain_day(from_on)}以前的利息已经登记，止息日请写在这以后（当天不计息）。"
        raise refuse("period_empty", message, "until_on")
    if deposit.matures_on and receipt.until_on > deposit.matures_on:
        message = (
            f"这笔存款{plain_day(deposit.matures_on)}到期，止息日不能更晚；"
            "到期后转存的，请登记为另一笔存款。"
        )
        raise refuse("interest_days_invalid", message, "until_on")
    if receipt.posted_on < receipt.until_on:
        message = "银行入账日早于止息日，请核对回单。"
        raise refuse("interest_days_invalid", message, "posted_on")
    if receipt.posted_on > today:
        raise refuse("day_in_future", "银行入账日还没有到，请在入账以后登记。", "posted_on")


def check_none_waits(tx: Session, deposit_id: UUID) -> None:
    """Of a deposit one interest waits at a time. Raises Refused `interest_waiting` (conflict)."""
    waits = DepositInterest.deposit_id == deposit_id, DepositInterest.decided_at.is_(None)
    if tx.scalar(select(DepositInterest.id).where(*waits)):
        message = "这笔存款已有一笔利息等待确认，请先确认或退回。"
        raise refuse("interest_waiting", message, kind="conflict")


def _taken(tx: Session, deposit_id: UUID, reference: str) -> Exception:
    check_none_waits(tx, deposit_id)
    message = f"流水号“{reference}”已经登记为另一笔利息，请核对银行回单。"
    return refuse("bank_reference_used", message, "bank_reference", kind="conflict")


def _waiting(
    tx: Session, ctx: Context, actor: Actor, interest_id: UUID
) -> tuple[DepositInterest, ActorFact]:
    require_officer(tx, ctx, actor, *BOOK_OFFICERS)
    interest = tx.get(DepositInterest, interest_id, with_for_update=True)
    if interest is None:
        raise nothing_there("存款利息")
    tx.refresh(interest)
    if interest.decided_at is not None:
        done = "确认" if interest.confirmed else "退回"
        message = f"这笔利息的登记已经{done}，无需再办。"
        raise refuse("interest_decided", message, kind="conflict")
    return interest, books_officer(tx, ctx, [], actor.person_id)


def _book(
    tx: Session, ctx: Context, interest: DepositInterest, cut: Income, parts: Mapping[int, int]
) -> UUID:
    lines = booking.income_booked(
        interest.bank_id,
        ledger.house_account(tx, AccountKind.STATUTORY_INTEREST_PAYABLE),
        cut.owners_fen,
        {unallocated(tx, year): fen for year, fen in parts.items()},
    )
    key = f"deposit_interest:{interest.id}"
    today = local_date(ctx.clock())
    booked_on = booking_day(interest.posted_on, locked_until(tx), today)
    new = NewEntry(key, "deposit_interest", booked_on, lines, memo="存款利息")
    return ledger.post(tx, new, ctx.clock()).id


def unallocated(tx: Session, year: int) -> UUID:
    """The account of a year's income that was not given to the pools yet, opened if new."""
    kind = AccountKind.UNALLOCATED_INCOME
    return ledger.open_account(
        tx, kind, f"UNALLOCATED-INCOME-{year}", f"{year}年{ACCOUNT_NAMES[kind]}"
    )


def _tell(
    tx: Session, ctx: Context, actor: Actor, interest: DepositInterest, happened: str, then: str
) -> None:
    stands = "waiting" if interest.decided_at is None else "decided"
    news = News(f"interest/{interest.id}/{stands}", happened, then)
    decided = interest.decided_at is not None
    tell_book_officers(tx, ctx, news, actor.person_id, decided=decided)


def _write_down(
    tx: Session, ctx: Context, actor: Actor, action: AuditAction, interest: DepositInterest
) -> None:
    facts = {
        "deposit_id": str(interest.deposit_id),
        "bank_reference": interest.bank_reference,
        "days": [str(interest.from_on), str(interest.until_on)],
        "actual_fen": interest.actual_fen,
        "statutory_fen": interest.statutory_fen,
        "file_sha256": interest.file_sha256,
        "reason": interest.turned_down_because or interest.reason,
    }
    subject = ("deposit_interest", interest.id)
    audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
