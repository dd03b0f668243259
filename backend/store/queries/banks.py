"""The fund's bank accounts (专户), with what lies there by the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend.domain.ledger import AccountKind, PaymentState
from backend.store.ledger import Account, AccountBank
from backend.store.purchases import Payment, PurchaseSource
from backend.store.queries.area import account_is_the_citys
from backend.store.special_accounts import SpecialDeposit


@dataclass(frozen=True)
class Bank:
    """A bank account of the fund, in fen: what lies there, and what of it the bank was told to pay
    and has not paid yet."""

    id: UUID
    number: str
    name: str
    balance_fen: int
    ordered_fen: int

    @property
    def available_fen(self) -> int:
        """What may still be ordered to be paid from it."""
        return self.balance_fen - self.ordered_fen

    @property
    def words(self) -> str:
        """How people call it."""
        return f"“{self.name} {self.number}”"


def is_bank() -> ColumnElement[bool]:
    """Of `Account` in a query."""
    return and_(Account.kind == AccountKind.BANK, account_is_the_citys())


def ids_of_case(purchase_id: UUID) -> Select[UUID]:
    """The banks where money of the accounts that pay for the case lies; all of them, where nobody
    said of these accounts where it lies."""
    bank = aliased(Account)
    at = (
        select(AccountBank.bank_id)
        .join(PurchaseSource, PurchaseSource.account_id == AccountBank.account_id)
        .where(PurchaseSource.purchase_id == purchase_id, ~_only_by_mistake())
    )
    every = select(bank.id).where(
        bank.kind == AccountKind.BANK, bank.unit_id.is_(None), bank.building_id.is_(None)
    )
    return every.where(or_(bank.id.in_(at), ~at.exists()))


def _only_by_mistake() -> ColumnElement[bool]:
    """Of `AccountBank`: all that was paid in there was entered for the wrong bank, and undone."""
    there = select(func.bool_and(SpecialDeposit.undone_at.is_not(None))).where(
        SpecialDeposit.account_id == AccountBank.account_id,
        SpecialDeposit.bank_id == AccountBank.bank_id,
    )
    return func.coalesce(there.scalar_subquery(), false())


def banks_of_case(tx: Session, purchase_id: UUID) -> Sequence[Bank]:
    """Those of `ids_of_case`, by number."""
    return all_banks(tx, Account.id.in_(ids_of_case(purchase_id)))


def all_banks(tx: Session, *which: ColumnElement[bool]) -> Sequence[Bank]:
    """The bank accounts of the fund, or those of them, by number."""
    ordered = (
        select(func.coalesce(func.sum(Payment.amount_fen), 0))
        .where(Payment.bank_id == Account.id, Payment.state == PaymentState.ORDERED)
        .scalar_subquery()
    )
    rows = tx.execute(
        select(Account.id, Account.number, Account.name, Account.balance_fen, ordered)
        .where(is_bank(), *which)
        .order_by(Account.number)
    )
    return [
        Bank(bank_id, number, name, balance_fen, int(ordered_fen))
        for bank_id, number, name, balance_fen, ordered_fen in rows
    ]
