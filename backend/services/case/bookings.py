"""From a booking that a step ordered to holds and entries of the ledger."""

from uuid import UUID

from sqlalchemy import select

from backend.domain import ledger as rules
from backend.domain.effects import Booking
from backend.domain.ledger import Lines, PurchaseAccounts
from backend.domain.local_time import local_date
from backend.domain.source import parts
from backend.services.books import holds, ledger
from backend.services.books.ledger import NewEntry
from backend.services.case.case import Case
from backend.store.ledger import Entry
from backend.store.purchases import Plan, Transition
from backend.store.queries.sources import source_of


def book(case: Case, transition: Transition, booking: Booking, amount_fen: int) -> None:
    """Carry out one booking at the time of the step; the step's id makes a repeat book once."""
    tx, purchase, at = case.tx, case.purchase, transition.at
    if booking is Booking.HOLD:
        holds.place(tx, case.subject, _parts(case, amount_fen), at)
        return
    if booking is Booking.VOID_HOLD:
        holds.void(tx, case.subject, at)
        return
    if booking is Booking.REVERSE_PREMIUM_DUE:
        due = tx.scalars(
            select(Entry)
            .where(Entry.subject == case.subject, Entry.kind == Booking.PREMIUM_DUE)
            .order_by(Entry.id.desc())
        ).first()
        assert due is not None
        ledger.reverse(tx, due.id, local_date(at), f"{purchase.number} {transition.action}", at)
        return
    plan = tx.get_one(Plan, purchase.plan_id)
    accounts = ledger.purchase_accounts(tx, plan.insurer_id)
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


def _parts(case: Case, amount_fen: int) -> dict[UUID, int]:
    """What each account of the case's source pays of an amount, or gets back of it."""
    return parts(amount_fen, source_of(case.tx, case.purchase.id).weights)


def _entries(
    case: Case, accounts: PurchaseAccounts, booking: Booking, amount_fen: int
) -> list[tuple[str, Lines]]:
    match booking:
        case Booking.PAYMENT_ORDERED:
            return [("payment_ordered", rules.payment_ordered(accounts, amount_fen))]
        case Booking.PAYMENT_CONFIRMED:
            return [("payment_confirmed", rules.payment_confirmed(accounts, amount_fen))]
        case Booking.PAYMENT_REJECTED:
            return [("payment_rejected", rules.payment_rejected(accounts, amount_fen))]
        case Booking.REFUND:
            return [
                ("refund_received", rules.refund_received(accounts, amount_fen)),
                ("refund_returned", rules.refund_returned(accounts, _parts(case, amount_fen))),
            ]
    raise ValueError(booking)
