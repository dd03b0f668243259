"""From a booking that a step ordered to holds and entries of the ledger."""

from uuid import UUID

from sqlalchemy import func, select

from backend.domain import ledger as rules
from backend.domain.effects import Booking
from backend.domain.ledger import Lines, PurchaseAccounts
from backend.domain.local_time import local_date
from backend.domain.source import parts, parts_back
from backend.services.books import banks, holds, ledger
from backend.services.books.ledger import NewEntry
from backend.services.case import special_bookings
from backend.services.case.case import Case
from backend.store.ledger import Entry, Posting
from backend.store.purchases import Plan, Transition
from backend.store.queries.sources import source_of

REFUND_RETURNED = "refund_returned"


def book(case: Case, transition: Transition, booking: Booking, amount_fen: int) -> None:
    """Carry out one booking at the time of the step; the step's id makes a repeat book once."""
    tx, purchase, at = case.tx, case.purchase, transition.at
    if booking in special_bookings.BOOKINGS:
        special_bookings.book(case, transition, booking, amount_fen)
        return
    if booking is Booking.HOLD:
        weights = source_of(tx, purchase.id).weights
        holds.place(tx, case.subject, parts(amount_fen, weights), at)
        return
    if booking is Booking.VOID_HOLD:
        holds.void(tx, case.subject, at)
        return
    if booking in (Booking.REVERSE_PREMIUM_DUE, Booking.HOLD_AGAIN):
        due = _premium_due(case)
        ledger.reverse(tx, due, local_date(at), f"{purchase.number} {transition.action}", at)
        if booking is Booking.HOLD_AGAIN:
            holds.place(tx, case.subject, _to_hold_again(case, due), at)
        return
    assert purchase.insurer_id is not None  # the plan's: while there is one, it stays
    accounts = ledger.purchase_accounts(tx, purchase.insurer_id)
    if booking is Booking.PREMIUM_DUE:
        holds.post(tx, accounts, case.subject, amount_fen, local_date(at), at)
        return
    for kind, lines in _entries(case, accounts, booking, amount_fen):
        ledger.post(
            tx,
            NewEntry(
                f"{kind}:{transition.id}",
                kind,
                local_date(at),
                lines,
                subject=case.subject,
                memo=purchase.number,
            ),
            at,
        )


def _premium_due(case: Case) -> UUID:
    """The entry by which the premium of the case last fell due."""
    due = case.tx.scalars(
        select(Entry.id)
        .where(Entry.subject == case.subject, Entry.kind == Booking.PREMIUM_DUE)
        .order_by(Entry.id.desc())
    ).first()
    assert due is not None
    return due


def _given_back(case: Case, amount_fen: int) -> dict[UUID, int]:
    """What each account gets of an amount that the insurer pays back."""
    due = _premium_due(case)
    back = select(Posting.account_id, -func.sum(Posting.amount_fen))
    back = back.join(Entry, Entry.id == Posting.entry_id).where(
        Entry.subject == case.subject, Entry.kind == REFUND_RETURNED, Entry.id > due
    )
    came = dict(case.tx.execute(back.group_by(Posting.account_id)).all())
    return parts_back(amount_fen, _paid_by(case, due), came)


def _to_hold_again(case: Case, due: UUID) -> dict[UUID, int]:
    """The plan's premium, up to which the contract may still be amended; what was due, where the
    rest has gone elsewhere meanwhile."""
    plan = case.tx.get_one(Plan, case.purchase.plan_id)
    source = source_of(case.tx, case.purchase.id)
    if source.available_fen >= plan.premium_fen:
        return parts(plan.premium_fen, source.weights)
    return _paid_by(case, due)


def _paid_by(case: Case, due: UUID) -> dict[UUID, int]:
    """What each account owed by this entry, in fen."""
    owed = select(Posting.account_id, Posting.amount_fen)
    owed = owed.where(Posting.entry_id == due, Posting.amount_fen > 0)
    return dict(case.tx.execute(owed).all())


def _entries(
    case: Case, accounts: PurchaseAccounts, booking: Booking, amount_fen: int
) -> list[tuple[str, Lines]]:
    tx = case.tx
    match booking:
        case Booking.PAYMENT_ORDERED:
            return [("payment_ordered", rules.payment_ordered(accounts, amount_fen))]
        case Booking.PAYMENT_CONFIRMED:
            bank = banks.paying(tx, case.purchase.id)
            return [("payment_confirmed", rules.payment_confirmed(accounts, bank, amount_fen))]
        case Booking.PAYMENT_REJECTED:
            return [("payment_rejected", rules.payment_rejected(accounts, amount_fen))]
        case Booking.PAYMENT_RETURNED:
            bank = banks.paying(tx, case.purchase.id)
            return [("payment_returned", rules.payment_returned(accounts, bank, amount_fen))]
        case Booking.PAYMENT_UNCONFIRMED:
            bank = banks.paying(tx, case.purchase.id)
            return [("payment_unconfirmed", rules.payment_unconfirmed(accounts, bank, amount_fen))]
        case Booking.REFUND:
            bank = banks.paying(tx, case.purchase.id)
            return [
                ("refund_received", rules.refund_received(accounts, bank, amount_fen)),
                (REFUND_RETURNED, rules.refund_returned(accounts, _given_back(case, amount_fen))),
            ]
    raise ValueError(booking)
