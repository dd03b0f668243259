"""At which bank account (专户) money lies, and from which of them a premium is paid.

Each is an account of the ledger; one never falls below what the bank was told to pay from it.
Nothing here commits.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from backend.domain.errors import Refused, refuse
from backend.domain.ledger import AccountKind, PaymentState
from backend.domain.money import yuan
from backend.services.books import ledger
from backend.store.ledger import Account, AccountBank
from backend.store.purchases import Payment
from backend.store.queries.banks import banks_of_case, ids_of_case, is_bank


def lie_at(tx: Session, accounts: Collection[UUID], banks: Collection[UUID]) -> None:
    """Money of these accounts lies at these banks, from now on also."""
    rows = [{"account_id": account, "bank_id": bank} for account in accounts for bank in banks]
    if rows:
        tx.execute(insert(AccountBank).values(rows).on_conflict_do_nothing())


def check_bank(tx: Session, bank_id: UUID) -> None:
    """Raises Refused `bank_unknown` for what is no bank account of the fund."""
    if tx.scalar(select(Account.id).where(Account.id == bank_id, is_bank())) is None:
        raise bank_unknown()


def bank_unknown() -> Refused:
    """What is said of a bank account that is none of the fund's."""
    message = "没有这个专户，请从专户列表里选择；还没有的，请先导入余额表。"
    return refuse("bank_unknown", message, "bank_id")


def banks_of(tx: Session, accounts: Collection[UUID]) -> Sequence[UUID]:
    """Where money of these accounts lies."""
    at = select(AccountBank.bank_id).where(AccountBank.account_id.in_(accounts)).distinct()
    return tx.scalars(at).all()


def numbers_at(tx: Session, bank_number: str) -> set[str]:
    """The numbers of the accounts that have money at this bank."""
    bank = aliased(Account)
    numbers = (
        select(Account.number)
        .join(AccountBank, AccountBank.account_id == Account.id)
        .join(bank, bank.id == AccountBank.bank_id)
        .where(bank.number == bank_number)
    )
    return set(tx.scalars(numbers))


def lock(tx: Session, purchase_id: UUID, insurer_id: UUID | None) -> None:
    """Keep the banks of the case for this transaction, so that no two orders spend the same money;
    with them what an order moves, in the order of their ids as everybody does."""
    moved = [ledger.HOUSE_NUMBERS[AccountKind.HELD_PREMIUM]]
    moved += [ledger.payable_number(insurer_id)] if insurer_id else []
    tx.execute(
        select(Account.id)
        .where(or_(Account.id.in_(ids_of_case(purchase_id)), Account.number.in_(moved)))
        .order_by(Account.id)
        .with_for_update(key_share=True)
    )


def lock_all(tx: Session, insurers: Collection[UUID]) -> None:
    """The same for a batch: every bank, and what orders to any of these insurers move."""
    moved = [ledger.HOUSE_NUMBERS[AccountKind.HELD_PREMIUM]]
    moved += [ledger.payable_number(insurer) for insurer in insurers]
    tx.execute(
        select(Account.id)
        .where(or_(is_bank(), Account.number.in_(moved)))
        .order_by(Account.id)
        .with_for_update(key_share=True)
    )


def to_pay_from(tx: Session, purchase_id: UUID, wanted: UUID | None, amount_fen: int) -> UUID:
    """The bank account that pays so much for the case: the only one that can, or the one that the
    payer names. The banks are locked (`lock`).

    Raises Refused `bank_required`, `bank_not_of_source`, `bank_money_insufficient` (conflict), and
    `bank_account_missing` (conflict) before the first import.
    """
    found = banks_of_case(tx, purchase_id)
    if not found:
        message = "还没有导入银行账户和期初余额，请先导入余额表。"
        raise refuse("bank_account_missing", message, kind="conflict")
    if wanted is None and len(found) > 1:
        names = "、".join(bank.words for bank in found)
        message = f"这笔钱存在几个专户：{names}。请选择从哪个专户拨付。"
        raise refuse("bank_required", message, "bank_id")
    bank = next((each for each in found if wanted in (None, each.id)), None)
    if bank is None:
        message = "付款的账户没有钱存在这个专户，请重新选择。"
        raise refuse("bank_not_of_source", message, "bank_id")
    if amount_fen > bank.available_fen:
        message = (
            f"专户{bank.words}可用{yuan(bank.available_fen)}（已扣除通知银行、尚未付出的款项），"
            f"不足以拨付{yuan(amount_fen)}，没有发出指令。请换一个专户，或核对该专户的余额。"
        )
        raise refuse("bank_money_insufficient", message, "bank_id", kind="conflict")
    return bank.id


def paying(tx: Session, purchase_id: UUID) -> UUID:
    """The bank account that was told to pay for the case, or has paid; where no order named one,
    the first of those where its money lies."""
    live = Payment.state.in_((PaymentState.ORDERED, PaymentState.CONFIRMED))
    named = select(Payment.bank_id).where(Payment.purchase_id == purchase_id, live)
    first = ids_of_case(purchase_id).order_by("id").limit(1)
    found: UUID | None = tx.scalar(
        select(func.coalesce(named.scalar_subquery(), first.scalar_subquery()))
    )
    assert found is not None
    return found
