"""What steps book on a special account beside its premiums: what came in, and what is paid back."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from backend.domain import ledger as rules
from backend.domain.deposit_facts import PaidIn
from backend.domain.effects import Booking
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.services.books import banks, ledger
from backend.services.books.ledger import NewEntry
from backend.services.case.case import Case
from backend.store.ledger import Account, AccountBank
from backend.store.purchases import PurchaseSource, Transition
from backend.store.special_accounts import SpecialDeposit

DEPOSITED, PAID_BACK = "special_deposit", "special_paid_back"
BOOKINGS = frozenset({Booking.UNDO_DEPOSIT, Booking.PAY_BACK})


def book_deposit(case: Case, transition: Transition, paid_in: PaidIn) -> None:
    """The one deposit of a case; raises Refused as `take_in`."""
    assert transition.actor_id is not None
    take_in(case, f"{DEPOSITED}:{transition.id}", paid_in, transition.actor_id)


def take_in(
    case: Case, key: str, paid_in: PaidIn, by: UUID, household_id: UUID | None = None
) -> None:
    """What came in is the payer's from here on, and lies at this bank.

    Raises Refused `reference_known` (conflict) for a reference that was entered before.
    """
    tx, account, bank = case.tx, paid_in.account_id, paid_in.bank_id
    lines = rules.deposited(bank, account, paid_in.amount_fen)
    head = (key, DEPOSITED, paid_in.booked_on, lines, case.subject, paid_in.bank_reference)
    entry = ledger.post(tx, NewEntry(*head), case.now)
    lies_there = insert(AccountBank).values(account_id=account, bank_id=bank)
    written = tx.scalar(
        insert(SpecialDeposit)
        .values(
            id=uuid7(),
            purchase_id=case.purchase.id,
            household_id=household_id,
            account_id=account,
            bank_id=bank,
            amount_fen=paid_in.amount_fen,
            received_on=paid_in.received_on,
            bank_reference=paid_in.bank_reference,
            entry_id=entry.id,
            file_sha256=paid_in.receipt_sha256,
            entered_by=by,
            entered_at=case.now,
        )
        .on_conflict_do_nothing()
        .returning(SpecialDeposit.id)
        .add_cte(lies_there.on_conflict_do_nothing().cte("lies_there"))
    )
    if written is None:
        message = f"流水号“{paid_in.bank_reference}”的缴存已经登记过，请核对银行回单。"
        raise refuse("reference_known", message, "bank_reference", kind="conflict")


def book(case: Case, transition: Transition, booking: Booking, amount_fen: int) -> None:
    """Carry out one of `BOOKINGS` at the time of the step."""
    if booking is Booking.PAY_BACK:
        _pay_back(case, transition, amount_fen)
        return
    deposit = case.tx.scalars(
        select(SpecialDeposit).where(
            SpecialDeposit.purchase_id == case.purchase.id, SpecialDeposit.undone_at.is_(None)
        )
    ).one()
    assert transition.actor_id is not None
    undo(case, deposit, f"{case.purchase.number} {transition.action}", transition.actor_id)


def undo(case: Case, deposit: SpecialDeposit, why: str, by: UUID) -> None:
    """What was entered by mistake is booked the other way round."""
    lines = rules.paid_back(deposit.bank_id, deposit.account_id, deposit.amount_fen)
    key, today = f"reversal:{deposit.entry_id}", local_date(case.now)
    head = (key, "reversal", today, lines, case.subject, why, deposit.entry_id)
    ledger.post(case.tx, NewEntry(*head), case.now)
    deposit.undone_by, deposit.undone_at = by, case.now


def _pay_back(case: Case, transition: Transition, amount_fen: int) -> None:
    """What is left is paid back from the bank at which it lies; the account takes no new case."""
    tx, at = case.tx, transition.at
    of_case = PurchaseSource.purchase_id == case.purchase.id
    account: UUID = tx.scalars(select(PurchaseSource.account_id).where(of_case)).one()
    lines = rules.paid_back(banks.paying(tx, case.purchase.id), account, amount_fen)
    key, today = f"{PAID_BACK}:{transition.id}", local_date(at)
    head = (key, PAID_BACK, today, lines, case.subject, case.purchase.number)
    ledger.post(tx, NewEntry(*head), at)
    opened = Account.id == account, Account.closed_on.is_(None)
    tx.execute(update(Account).where(*opened).values(closed_on=today))
