"""The facts of special accounts: what was paid in on them, and what flats pay by their shares."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class Deposit:
    """What an owner who insures alone is asked for: whether nobody else has a flat in the circle,
    and how many years the bank has paid of other cases from the special account.
    `booked_fen` is what was paid in for this case; `account_in_use` where another one is paid from
    the account, or insures by it."""

    owned_alone: bool = False
    years_paid: int = 0
    booked_fen: int = 0
    account_in_use: bool = False


@dataclass(frozen=True)
class Shares:
    """What the flats of the circle pay of the current plan: how many flats there are, which of them
    have no owner on the roster (in words), how many have not paid, and what came in (fen)."""

    flats: int = 0
    unowned: tuple[str, ...] = ()
    outstanding: int = 0
    collected_fen: int = 0


@dataclass(frozen=True)
class PaidIn:
    """A sum (fen) that came in on a special account at one of the fund's banks, as its receipt says
    it; `booked_on` is the day that the books take it, its own or a later one (锁账)."""

    amount_fen: int
    account_id: UUID
    bank_id: UUID
    received_on: date
    booked_on: date
    bank_reference: str
    receipt_sha256: str
