"""Deposits and their interest, for those who keep or watch the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, true
from sqlalchemy.orm import Session

from backend.domain.closing import CloseState, Share
from backend.domain.households import IncomeMode
from backend.domain.income import percent, value_added
from backend.store.income import Deposit, DepositInterest, YearClose, YearShare
from backend.store.ledger import Account


@dataclass(frozen=True)
class DepositView:
    """A deposit: amounts in fen, rates in percent as people read them, and what interest was
    confirmed of it so far, all of it cut as each was (`domain.income.value_added`)."""

    id: UUID
    bank_id: UUID
    bank_name: str
    number: str
    principal_fen: int
    rate: str
    months: int
    value_on: date
    matures_on: date | None
    benchmark: str
    benchmark_source: str
    earned_until: date
    actual_fen: int
    statutory_fen: int
    value_added_fen: int
    file_sha256: str
    withdrawn_because: str | None


@dataclass(frozen=True)
class InterestView:
    """Interest of a deposit as it was entered, in fen: A, S, V = A − S, and what A lacks of S.
    `confirmed` is None while it waits."""

    id: UUID
    deposit_id: UUID
    deposit_number: str
    bank_name: str
    bank_reference: str
    posted_on: date
    from_on: date
    until_on: date
    actual_fen: int
    statutory_fen: int
    value_added_fen: int
    owed_fen: int
    note: str
    file_sha256: str
    entered_by: UUID
    entered_at: datetime
    confirmed: bool | None
    decided_at: datetime | None
    turned_down_because: str | None
    undone_at: datetime | None


@dataclass(frozen=True)
class CloseView:
    """A yearly close: the value-added income, whose it is, and the statutory interest, in fen; all
    weights together (fen × days, as digits), how many accounts and flats take part, and what could
    not be given back."""

    id: UUID
    year: int
    revision: int
    state: CloseState
    mode: IncomeMode
    total_fen: int
    statutory_fen: int
    weight: str
    accounts: int
    households: int
    moved_fen: int
    statutory_moved_fen: int
    receivable_fen: int
    previewed_by: UUID
    previewed_at: datetime
    posted_at: datetime | None


def close_view(close: YearClose) -> CloseView:
    """A close as people see it."""
    return CloseView(
        close.id,
        close.year,
        close.revision,
        close.state,
        close.mode,
        close.total_fen,
        close.statutory_fen,
        str(close.weight),
        close.accounts,
        close.households,
        close.moved_fen,
        close.statutory_moved_fen,
        close.receivable_fen,
        close.previewed_by,
        close.previewed_at,
        close.posted_at,
    )


def page_of_closes(tx: Session, after: UUID | None, page_size: int) -> Sequence[CloseView]:
    """`page_size` of them after the id `after`, in the order they were previewed."""
    query = select(YearClose).order_by(YearClose.id).limit(page_size)
    found = tx.scalars(query.where(YearClose.id > after) if after else query)
    return [close_view(close) for close in found]


def page_of_shares(
    tx: Session, close_id: UUID, after: UUID | None, page_size: int
) -> Sequence[Share]:
    """`page_size` shares after the account of this id, in the order of their ids."""
    query = shares_in(close_id).order_by(YearShare.account_id).limit(page_size)
    rows = tx.execute(query.where(YearShare.account_id > after) if after else query)
    return [share_of(*row) for row in rows]


def shares_of(tx: Session, close_id: UUID, number: str | None) -> Sequence[Share]:
    """All shares by account number, or that of this number."""
    query = shares_in(close_id).order_by(Account.number)
    rows = tx.execute(query.where(Account.number == number) if number else query)
    return [share_of(*row) for row in rows]


def shares_in(close_id: UUID) -> Select[YearShare, str, str, Decimal, int]:
    """All shares of a close, as rows for `share_of`."""
    return (
        select(YearShare, Account.number, Account.name, YearClose.weight, YearClose.total_fen)
        .join(Account, Account.id == YearShare.account_id)
        .join(YearClose, YearClose.id == YearShare.close_id)
        .where(YearShare.close_id == close_id)
    )


def share_of(share: YearShare, number: str, name: str, whole: Decimal, total_fen: int) -> Share:
    """A row of `shares_in`."""
    return Share(
        share.account_id,
        number,
        name,
        int(share.weight),
        int(whole),
        total_fen,
        share.extra,
        share.fen,
        share.before_fen,
        share.receivable_fen,
        share.settled_fen,
    )


def deposit_view(tx: Session, deposit_id: UUID) -> DepositView:
    """One deposit, which there must be."""
    return deposit_of(tx.execute(deposits().where(Deposit.id == deposit_id)).one())


def page_of_deposits(tx: Session, after: UUID | None, page_size: int) -> Sequence[DepositView]:
    """`page_size` of them after the id `after`, in the order they were entered."""
    query = deposits().order_by(Deposit.id).limit(page_size)
    rows = tx.execute(query.where(Deposit.id > after) if after else query)
    return [deposit_of(row) for row in rows]


def interest_view(tx: Session, interest_id: UUID) -> InterestView:
    """One interest, which there must be."""
    return interest_of(tx.execute(all_interest().where(DepositInterest.id == interest_id)).one())


def page_of_interest(tx: Session, after: UUID | None, page_size: int) -> Sequence[InterestView]:
    """`page_size` of them after the id `after`, in the order they were entered."""
    query = all_interest().order_by(DepositInterest.id).limit(page_size)
    rows = tx.execute(query.where(DepositInterest.id > after) if after else query)
    return [interest_of(row) for row in rows]


def deposits() -> Select[Any]:
    """All deposits, as rows for `deposit_of`."""
    confirmed = DepositInterest.deposit_id == Deposit.id, DepositInterest.counts()
    actual, statutory = DepositInterest.actual_fen, DepositInterest.statutory_fen
    pooled = actual - func.least(actual, statutory)
    earned = (
        select(
            func.max(DepositInterest.until_on).label("until"),
            func.coalesce(func.sum(actual), 0).label("actual"),
            func.coalesce(func.sum(statutory), 0).label("statutory"),
            func.coalesce(func.sum(pooled), 0).label("pooled"),
        )
        .where(*confirmed)
        .lateral()
    )
    of_bank = Account.id == Deposit.bank_id
    return select(Deposit, Account.name, earned).join(Account, of_bank).join(earned, true())


def deposit_of(row: Any) -> DepositView:
    """A row of `deposits`."""
    deposit, bank_name, until, actual, statutory, pooled = row
    return DepositView(
        deposit.id,
        deposit.bank_id,
        bank_name,
        deposit.number,
        deposit.principal_fen,
        percent(deposit.rate),
        deposit.months,
        deposit.value_on,
        deposit.matures_on,
        percent(deposit.benchmark_rate),
        deposit.benchmark_source,
        until or deposit.value_on,
        int(actual),
        int(statutory),
        int(pooled),
        deposit.file_sha256,
        deposit.withdrawn_because,
    )


def all_interest() -> Select[DepositInterest, str, str]:
    """All interest, as rows for `interest_of`."""
    return (
        select(DepositInterest, Deposit.number, Account.name)
        .join(Deposit, Deposit.id == DepositInterest.deposit_id)
        .join(Account, Account.id == DepositInterest.bank_id)
    )


def interest_of(row: Any) -> InterestView:
    """A row of `all_interest`."""
    interest, number, bank_name = row
    cut = value_added(interest.actual_fen, interest.statutory_fen)
    return InterestView(
        interest.id,
        interest.deposit_id,
        number,
        bank_name,
        interest.bank_reference,
        interest.posted_on,
        interest.from_on,
        interest.until_on,
        interest.actual_fen,
        interest.statutory_fen,
        cut.pooled_fen,
        cut.owed_fen,
        interest.reason,
        interest.file_sha256,
        interest.entered_by,
        interest.entered_at,
        interest.confirmed,
        interest.decided_at,
        interest.turned_down_because,
        interest.undone_at,
    )
