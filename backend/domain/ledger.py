"""The ledger: which accounts there are and how each event is booked (double entry, fen).

A line is signed: debit positive, credit negative. An account's balance is kept in its natural sign,
so a healthy balance is never negative. Nothing is edited; a mistake is booked again the other way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from backend.domain.errors import Refused, refuse


class Side(StrEnum):
    """Where an account grows."""

    DEBIT = "debit"
    CREDIT = "credit"


class HoldState(StrEnum):
    """Money set aside (冻结): `pending`, then `posted` as a debt or `voided`, once."""

    PENDING = "pending"
    POSTED = "posted"
    VOIDED = "voided"


HOLD_NAMES = {
    HoldState.PENDING: "冻结中",
    HoldState.POSTED: "已转为应付保费",
    HoldState.VOIDED: "已解除冻结",
}


class PaymentState(StrEnum):
    """A payment order (拨付): `ordered`, then the bank confirms or rejects it; what was confirmed
    may come back (`returned`, 退票)."""

    ORDERED = "ordered"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    RETURNED = "returned"


# Entries of what was there before these books: workbooks of the centre, and files of the fund.
OPENINGS = ("opening", "fund_balances")


class AccountKind(StrEnum):
    """What an account is for."""

    BANK = "bank"
    OWNERS_PRINCIPAL = "owners_principal"
    HOUSEHOLD_FUND = "household_fund"
    STATUTORY_INTEREST_PAYABLE = "statutory_interest_payable"
    UNALLOCATED_INCOME = "unallocated_income"
    POOLED_INCOME = "pooled_income"
    POOL_RECEIVABLE = "pool_receivable"
    HELD_PREMIUM = "held_premium"
    INSURER_PAYABLE = "insurer_payable"
    SPECIAL_ACCOUNT = "special_account"
    REFUND_SUSPENSE = "refund_suspense"


# The centre owns nothing of it: all is owed to somebody, but the money at the bank and what pools
# owe that spent more than a later close left them.
DEBIT_KINDS = frozenset({AccountKind.BANK, AccountKind.POOL_RECEIVABLE})
NORMAL_SIDES = {kind: Side.DEBIT if kind in DEBIT_KINDS else Side.CREDIT for kind in AccountKind}

ACCOUNT_NAMES = {
    AccountKind.BANK: "银行存款",
    AccountKind.OWNERS_PRINCIPAL: "业主交存本金",
    AccountKind.HOUSEHOLD_FUND: "业主分户资金",
    AccountKind.STATUTORY_INTEREST_PAYABLE: "应付业主法定利息",
    AccountKind.UNALLOCATED_INCOME: "待分配增值收益",
    AccountKind.POOLED_INCOME: "增值收益统筹账户",
    AccountKind.POOL_RECEIVABLE: "应收统筹账户多分款",
    AccountKind.HELD_PREMIUM: "待拨保费",
    AccountKind.INSURER_PAYABLE: "应付保险机构保费",
    AccountKind.SPECIAL_ACCOUNT: "专户",
    AccountKind.REFUND_SUSPENSE: "退保待转款",
}

# What a premium may come from. The owners' principal is not among them, so the pooled-income route
# can never reach it (both plans: only the income is used).
SOURCE_KINDS = frozenset({AccountKind.POOLED_INCOME, AccountKind.SPECIAL_ACCOUNT})


@dataclass(frozen=True)
class Line:
    """One side of an entry: debit positive, credit negative, in fen."""

    account: UUID
    amount_fen: int


Lines = tuple[Line, ...]


@dataclass(frozen=True)
class Figures:
    """What an account shows, in its natural sign."""

    balance_fen: int = 0
    held_fen: int = 0

    @property
    def available_fen(self) -> int:
        """What may still be promised to somebody."""
        return self.balance_fen - self.held_fen


@dataclass(frozen=True)
class PurchaseAccounts:
    """The accounts a premium passes between the case's source and the insurer."""

    held_premium: UUID
    insurer_payable: UUID
    refund_suspense: UUID


def check_balanced(lines: Sequence[Line]) -> None:
    """Raises Refused `entry_unbalanced` unless there are two lines or more, none zero, sum zero."""
    amounts = [line.amount_fen for line in lines]
    if len(amounts) < 2 or 0 in amounts or sum(amounts) != 0:
        raise unbalanced()


def unbalanced() -> Refused:
    """What is said of an entry whose lines do not add up to nothing."""
    return refuse("entry_unbalanced", "分录借贷不平，没有入账，请核对每一行的金额。", "lines")


def check_source(kind: AccountKind) -> None:
    """Raises Refused `account_not_a_source` for an account that no premium may be paid from."""
    if kind not in SOURCE_KINDS:
        message = f"“{ACCOUNT_NAMES[kind]}”不能用来支付保费，请选择增值收益统筹账户或专户。"
        raise refuse("account_not_a_source", message, "account_id")


def transfer(debit: UUID, credit: UUID, amount_fen: int) -> Lines:
    """Debit one account, credit another; raises Refused `amount_not_positive`."""
    if amount_fen <= 0:
        raise refuse("amount_not_positive", "金额必须大于零。", "amount_fen")
    return Line(debit, amount_fen), Line(credit, -amount_fen)


def opening(bank: UUID, bank_fen: int, owed_fen: Mapping[UUID, int]) -> Lines:
    """Opening balances: the bank's figure against everything owed out of it.

    Accounts that start at nothing get no line. Raises Refused `amount_negative`, and
    `opening_not_reconciled` when the parts are not the bank's figure to the fen.
    """
    if any(fen < 0 for fen in owed_fen.values()):
        raise refuse("amount_negative", "期初余额不能是负数，请核对后重新导入。", "balances")
    difference = bank_fen - sum(owed_fen.values())
    if difference:
        raise refuse(
            "opening_not_reconciled",
            f"各账户期初余额合计与银行余额相差{abs(difference)}分，请逐户核对。",
            "balances",
        )
    return _received(bank, owed_fen)


def income_booked(
    bank: UUID, statutory: UUID, owners_fen: int, unallocated_fen: Mapping[UUID, int]
) -> Lines:
    """Interest the bank paid (JS 四（一）): the statutory part stays the owners', the rest waits
    for the close of the years that earned it.

    `owners_fen` and the parts of `unallocated_fen` (account of a year → fen) add up to what the
    bank paid. Raises Refused `amount_negative`.
    """
    if owners_fen < 0 or any(fen < 0 for fen in unallocated_fen.values()):
        raise refuse("amount_negative", "利息收入不能是负数，请核对银行回单。", "amount_fen")
    return _received(bank, {statutory: owners_fen, **unallocated_fen})


def deposited(bank: UUID, special: UUID, amount_fen: int) -> Lines:
    """Somebody paid into a special account (JS annex 二（三）3); raises Refused
    `amount_not_positive`."""
    return transfer(bank, special, amount_fen)


def paid_back(bank: UUID, special: UUID, amount_fen: int) -> Lines:
    """What is left on a special account goes back to who paid it in [D]."""
    return transfer(special, bank, amount_fen)


def premium_due(accounts: PurchaseAccounts, parts_fen: Mapping[UUID, int]) -> Lines:
    """The payment file is complete: the held premium leaves its source (JS annex 二（一）7).

    `parts_fen` is what each account of the source pays. Raises Refused `amount_not_positive`.
    """
    _check_parts(parts_fen)
    paid = tuple(Line(account, fen) for account, fen in parts_fen.items())
    return *paid, Line(accounts.held_premium, -sum(parts_fen.values()))


def payment_ordered(accounts: PurchaseAccounts, amount_fen: int) -> Lines:
    """The cashier instructs the bank: owed to the insurer from here on."""
    return transfer(accounts.held_premium, accounts.insurer_payable, amount_fen)


def payment_confirmed(accounts: PurchaseAccounts, bank: UUID, amount_fen: int) -> Lines:
    """The bank paid the insurer."""
    return transfer(accounts.insurer_payable, bank, amount_fen)


def payment_unconfirmed(accounts: PurchaseAccounts, bank: UUID, amount_fen: int) -> Lines:
    """It was no payment of the case that was confirmed: the order is open as before."""
    return reversal(payment_confirmed(accounts, bank, amount_fen))


def payment_rejected(accounts: PurchaseAccounts, amount_fen: int) -> Lines:
    """The bank refused: the order is undone, the premium waits for the next one."""
    return reversal(payment_ordered(accounts, amount_fen))


def payment_returned(accounts: PurchaseAccounts, bank: UUID, amount_fen: int) -> Lines:
    """退票: what the bank paid is back, and the premium waits for the next order."""
    return transfer(bank, accounts.held_premium, amount_fen)


def refund_received(accounts: PurchaseAccounts, bank: UUID, amount_fen: int) -> Lines:
    """退保: the insurer's money arrives at the bank that had paid [D]."""
    return transfer(bank, accounts.refund_suspense, amount_fen)


def refund_returned(accounts: PurchaseAccounts, parts_fen: Mapping[UUID, int]) -> Lines:
    """The refund goes back to the accounts that paid, each its part."""
    _check_parts(parts_fen)
    back = tuple(Line(account, -fen) for account, fen in parts_fen.items())
    return Line(accounts.refund_suspense, sum(parts_fen.values())), *back


def _check_parts(parts_fen: Mapping[UUID, int]) -> None:
    if not parts_fen or any(fen <= 0 for fen in parts_fen.values()):
        raise refuse("amount_not_positive", "金额必须大于零。", "amount_fen")


def reversal(lines: Iterable[Line]) -> Lines:
    """The same entry the other way round (红字冲销)."""
    return tuple(Line(line.account, -line.amount_fen) for line in lines)


def natural(kind: AccountKind, amount_fen: int) -> int:
    """A signed posting seen from the account: positive when the balance grows."""
    return amount_fen if NORMAL_SIDES[kind] is Side.DEBIT else -amount_fen


def replay(
    kinds: Mapping[UUID, AccountKind], postings: Iterable[Line], pending: Iterable[Line]
) -> dict[UUID, Figures]:
    """The figures of every account in `kinds`, counted again from all postings and pending holds.

    A pending hold is a line with the amount it sets aside.
    """
    balances, held = dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0)
    for line in postings:
        balances[line.account] += natural(kinds[line.account], line.amount_fen)
    for line in pending:
        held[line.account] += line.amount_fen
    return {account: Figures(balances[account], held[account]) for account in kinds}


def trial_balance(balances: Iterable[tuple[AccountKind, int]]) -> int:
    """Debit balances less credit balances, from natural balances; zero in a sound ledger."""
    return sum(natural(kind, balance_fen) for kind, balance_fen in balances)


def _received(bank: UUID, owed_fen: Mapping[UUID, int]) -> Lines:
    credited = tuple(Line(account, -fen) for account, fen in owed_fen.items() if fen)
    if not credited:
        raise refuse("amount_not_positive", "金额全部为零，没有可以入账的内容。", "amount_fen")
    return Line(bank, -sum(line.amount_fen for line in credited)), *credited
