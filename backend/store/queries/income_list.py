"""Deposits, interest, closes and shares as lists for the desk: narrowed, counted, by pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    and_,
    cast,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from backend.domain.closing import CloseState, Share
from backend.domain.deposits import DepositStatus, InterestStatus, Measure
from backend.domain.ledger import AccountKind
from backend.store.income import Deposit, DepositInterest, YearClose, YearShare
from backend.store.leading_decisions import LeadingDecision
from backend.store.ledger import Account, Entry
from backend.store.people import Person
from backend.store.queries.area import account_is_the_citys
from backend.store.queries.income import (
    CloseView,
    DepositView,
    InterestView,
    all_interest,
    close_view,
    deposit_of,
    deposits,
    interest_of,
    share_of,
    shares_in,
)
from backend.store.queries.income_parts import parts
from backend.store.queries.leading_decisions import decided_fen
from backend.store.queries.searches import named_like

Enterer, Decider = aliased(Person), aliased(Person)


@dataclass(frozen=True)
class DepositFilter:
    """What the deposits are narrowed to on `today`: words in the number, where they stand."""

    today: date
    words: str = ""
    status: DepositStatus | None = None


@dataclass(frozen=True)
class InterestFilter:
    """What the interest is narrowed to: words in the deposit's number or the bank's reference,
    where it stands, only what lacks of the statutory one, only one deposit's."""

    words: str = ""
    status: InterestStatus | None = None
    owed: bool = False
    deposit_id: UUID | None = None


@dataclass(frozen=True)
class DepositRow:
    """A deposit, and the day up to which interest was entered, confirmed or not."""

    view: DepositView
    entered_until: date | None


@dataclass(frozen=True)
class InterestRow:
    """Interest with its deposit and what that is measured by, who entered it, and who decided it,
    if anybody did."""

    view: InterestView
    deposit: DepositRow
    measure: Measure
    entered_by: Person
    decided_by: Person | None


@dataclass(frozen=True)
class YearOfIncome:
    """A year's income, in fen: what was confirmed of it, what of that waits for the close."""

    year: int
    confirmed_fen: int
    waiting_fen: int


@dataclass(frozen=True)
class OwingAccount:
    """An account that should give back what it has spent, in fen, and about how much of that the
    leading group decided; one that ended (拆分、合并) owes what it owed."""

    id: UUID
    number: str
    name: str
    owed_fen: int
    decided_fen: int | None
    closed_on: date | None


def count_deposits(tx: Session, chosen: DepositFilter, most: int) -> int:
    """How many, counted up to `most`."""
    return _count(tx, select(Deposit.id).where(*_deposits_where(chosen)), most)


def deposit_rows(
    tx: Session, chosen: DepositFilter, skipped: int, most: int
) -> Sequence[DepositRow]:
    """The latest first, `most` after the first `skipped`."""
    query = _deposits().where(*_deposits_where(chosen))
    rows = tx.execute(query.order_by(Deposit.id.desc()).offset(skipped).limit(most))
    return [_deposit_row(row) for row in rows]


def one_deposit(tx: Session, deposit_id: UUID) -> DepositRow | None:
    """This one."""
    query = _deposits().where(Deposit.id == deposit_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else _deposit_row(row)


def count_interest(tx: Session, chosen: InterestFilter, most: int) -> int:
    """How many, counted up to `most`."""
    query = select(DepositInterest.id).join(Deposit, Deposit.id == DepositInterest.deposit_id)
    return _count(tx, query.where(*_interest_where(chosen)), most)


def interest_rows(
    tx: Session, chosen: InterestFilter, skipped: int, most: int
) -> Sequence[InterestView]:
    """The latest first, `most` after the first `skipped`."""
    query = all_interest().where(*_interest_where(chosen)).order_by(DepositInterest.id.desc())
    return [interest_of(row) for row in tx.execute(query.offset(skipped).limit(most))]


def one_interest(tx: Session, interest_id: UUID) -> InterestRow | None:
    """This one with its deposit."""
    query = (
        all_interest()
        .add_columns(Enterer, Decider)
        .join(Enterer, Enterer.id == DepositInterest.entered_by)
        .outerjoin(Decider, Decider.id == DepositInterest.decided_by)
        .where(DepositInterest.id == interest_id)
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    *interest, entered_by, decided_by = row
    view = interest_of(interest)
    deposit = tx.execute(_deposits().where(Deposit.id == view.deposit_id)).one()
    by = measure_of(deposit[0])
    return InterestRow(view, _deposit_row(deposit), by, entered_by, decided_by)


def booked_on(tx: Session, interest_id: UUID) -> date | None:
    """The day of its entry; None where nothing was booked."""
    entry = select(Entry.booked_on).join(DepositInterest, DepositInterest.entry_id == Entry.id)
    return tx.scalar(entry.where(DepositInterest.id == interest_id))


def measure_of(deposit: Deposit) -> Measure:
    """What the deposit's statutory interest is measured by."""
    return Measure(
        deposit.principal_fen, deposit.benchmark_rate, deposit.months, deposit.matures_on
    )


def count_closes(tx: Session, most: int) -> int:
    """How many, counted up to `most`."""
    return _count(tx, select(YearClose.id), most)


def close_rows(tx: Session, skipped: int, most: int) -> Sequence[CloseView]:
    """The latest year first, its last revision first."""
    order = (YearClose.year.desc(), YearClose.revision.desc())
    query = select(YearClose).order_by(*order).offset(skipped).limit(most)
    return [close_view(close) for close in tx.scalars(query)]


def one_close(tx: Session, close_id: UUID | None) -> tuple[CloseView, Person, Person | None] | None:
    """This one, or (None) the latest year's last revision; who previewed and who posted it."""
    query = (
        select(YearClose, Enterer, Decider)
        .join(Enterer, Enterer.id == YearClose.previewed_by)
        .outerjoin(Decider, Decider.id == YearClose.posted_by)
        .order_by(YearClose.year.desc(), YearClose.revision.desc())
        .limit(1)
    )
    row = tx.execute(query if close_id is None else query.where(YearClose.id == close_id)).first()
    return None if row is None else (close_view(row[0]), row[1], row[2])


def count_shares(tx: Session, close_id: UUID, words: str, most: int) -> int:
    """How many accounts of a close, counted up to `most`."""
    query = select(YearShare.account_id).join(Account, Account.id == YearShare.account_id)
    return _count(tx, query.where(YearShare.close_id == close_id, *_named(words)), most)


def share_rows(tx: Session, close_id: UUID, words: str, skipped: int, most: int) -> Sequence[Share]:
    """By account number, `most` after the first `skipped`."""
    query = shares_in(close_id).where(*_named(words)).order_by(Account.number)
    return [share_of(*row) for row in tx.execute(query.offset(skipped).limit(most))]


def years_of_income(tx: Session) -> Sequence[YearOfIncome]:
    """Each year with income, the latest first."""
    of_years = parts().subquery("of_years")
    confirmed = (
        select(of_years.c.year, func.sum(of_years.c.value_added_fen).label("fen"))
        .group_by(of_years.c.year)
        .subquery("confirmed")
    )
    year = cast(func.right(Account.number, 4), Integer)
    rows = tx.execute(
        select(year, func.coalesce(confirmed.c.fen, 0), Account.balance_fen)
        .select_from(Account)
        .outerjoin(confirmed, confirmed.c.year == year)
        .where(Account.kind == AccountKind.UNALLOCATED_INCOME, account_is_the_citys())
        .order_by(year.desc())
    )
    return [YearOfIncome(each, int(fen), waiting_fen) for each, fen, waiting_fen in rows]


def owed_interest(tx: Session) -> tuple[int, int, int]:
    """How many confirmed interests lack of the statutory one, how much all of them (fen), and about
    how many the leading group has not decided."""
    lacks = DepositInterest.statutory_fen - DepositInterest.actual_fen
    decided = select(LeadingDecision.id).where(
        LeadingDecision.interest_id == DepositInterest.id, LeadingDecision.withdrawn_at.is_(None)
    )
    number, fen, undecided = tx.execute(
        select(
            func.count(),
            func.coalesce(func.sum(lacks), 0),
            func.count().filter(~decided.exists()),
        ).where(DepositInterest.counts(), lacks > 0)
    ).one()
    return number, int(fen), undecided


def count_owing(tx: Session, most: int) -> int:
    """How many accounts should give back what they have spent, counted up to `most`."""
    return _count(tx, _owing().with_only_columns(Account.id), most)


def owing_accounts(tx: Session, skipped: int, most: int) -> Sequence[OwingAccount]:
    """By account number, `most` after the first `skipped`."""
    rows = tx.execute(_owing().order_by(Account.number).offset(skipped).limit(most))
    return [
        OwingAccount(account_id, number, name, int(fen), decided, closed_on)
        for account_id, number, name, fen, decided, closed_on in rows
    ]


def ended_unpaid(today: date) -> ColumnElement[bool]:
    """Of `Deposit` in a query: it ended, and its last interest was not entered."""
    return and_(
        Deposit.withdrawn_at.is_(None),
        Deposit.matures_on <= today,
        ~_paid_to_the_end().exists(),
    )


def interest_waiting(tx: Session) -> Sequence[InterestView]:
    """What waits for the second officer, the oldest first."""
    waits = all_interest().where(DepositInterest.decided_at.is_(None))
    return [interest_of(row) for row in tx.execute(waits.order_by(DepositInterest.id))]


def previews(tx: Session) -> Sequence[CloseView]:
    """Closes that wait to be posted, by year."""
    waits = select(YearClose).where(YearClose.state == CloseState.PREVIEW)
    return [close_view(close) for close in tx.scalars(waits.order_by(YearClose.year))]


def count_unpaid(tx: Session, today: date) -> int:
    """How many deposits ended whose last interest was not entered."""
    return tx.scalar(select(func.count()).select_from(Deposit).where(ended_unpaid(today))) or 0


def _count(tx: Session, query: Select[Any], most: int) -> int:
    return tx.scalar(select(func.count()).select_from(query.limit(most).subquery())) or 0


def _paid_to_the_end() -> Select[UUID]:
    return select(DepositInterest.id).where(
        DepositInterest.deposit_id == Deposit.id,
        DepositInterest.stands(),
        DepositInterest.until_on >= Deposit.matures_on,
    )


def _deposits() -> Select[Any]:
    """As `deposits`, with the day up to which interest was entered."""
    return deposits().add_columns(_entered_until())


def _entered_until() -> ScalarSelect[date]:
    last = select(func.max(DepositInterest.until_on))
    of_deposit = last.where(DepositInterest.deposit_id == Deposit.id, DepositInterest.stands())
    return of_deposit.correlate(Deposit).scalar_subquery()


def _deposit_row(row: Any) -> DepositRow:
    *deposit, entered_until = row
    return DepositRow(deposit_of(deposit), entered_until)


def _deposits_where(chosen: DepositFilter) -> Sequence[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if chosen.words:
        where.append(Deposit.number.ilike(named_like(chosen.words)))
    if chosen.status is not None:
        where.append(_stands(chosen.status, chosen.today))
    return where


def _stands(status: DepositStatus, today: date) -> ColumnElement[bool]:
    """The same as `domain.deposits.deposit_status`, asked of rows."""
    withdrawn = Deposit.withdrawn_at.is_not(None)
    if status is DepositStatus.WITHDRAWN:
        return withdrawn
    if status is DepositStatus.UNPAID:
        return ended_unpaid(today)
    if status is DepositStatus.ENDED:
        return and_(~withdrawn, Deposit.matures_on <= today, _paid_to_the_end().exists())
    return and_(~withdrawn, or_(Deposit.matures_on.is_(None), not_(Deposit.matures_on <= today)))


def _interest_where(chosen: InterestFilter) -> Sequence[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if chosen.deposit_id is not None:
        where.append(DepositInterest.deposit_id == chosen.deposit_id)
    if chosen.words:
        like = named_like(chosen.words)
        where.append(or_(Deposit.number.ilike(like), DepositInterest.bank_reference.ilike(like)))
    if chosen.status is InterestStatus.WAITING:
        where.append(DepositInterest.decided_at.is_(None))
    elif chosen.status is InterestStatus.CONFIRMED:
        where.append(DepositInterest.counts())
    elif chosen.status is InterestStatus.TURNED_DOWN:
        where.append(DepositInterest.confirmed.is_(False))
    elif chosen.status is InterestStatus.UNDONE:
        where.append(DepositInterest.undone_at.is_not(None))
    if chosen.owed:
        where.append(DepositInterest.actual_fen < DepositInterest.statutory_fen)
        where.append(DepositInterest.counts())
    return where


def _named(words: str) -> Sequence[ColumnElement[bool]]:
    like = named_like(words)
    return [or_(Account.number.ilike(like), Account.name.ilike(like))] if words else []


def _owing() -> Select[UUID, str, str, int, int, date | None]:
    owed = func.sum(YearShare.receivable_fen - YearShare.settled_fen)
    return (
        select(
            *(Account.id, Account.number, Account.name),
            owed,
            decided_fen(),
            Account.closed_on,
        )
        .join(YearShare, YearShare.account_id == Account.id)
        .join(YearClose, YearClose.id == YearShare.close_id)
        .where(YearClose.state == CloseState.POSTED)
        .group_by(Account.id)
        .having(owed > 0)
    )
