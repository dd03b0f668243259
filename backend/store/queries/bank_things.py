"""What the books have of a bank account that a line of its statement may stand for."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    and_,
    case,
    func,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from backend.domain.bank_matching import OF_DEPOSITS, Thing, ThingKind
from backend.domain.ledger import OPENINGS, PaymentState
from backend.domain.local_time import local_date
from backend.domain.reconciling import PairSide
from backend.store.bank_statements import BankMatch, BankStatementLine
from backend.store.bank_transfers import BankTransfer
from backend.store.income import Deposit, DepositInterest
from backend.store.ledger import Entry, Posting
from backend.store.purchases import Payment
from backend.store.queries.bank_statements import MATCHED

# Booked so long before the first statement, a line of it may still be about it.
LOOK_BACK = timedelta(days=92)
CONFIRMED, UNCONFIRMED = "payment_confirmed", "payment_unconfirmed"
INTEREST = "deposit_interest"
PAID_IN = "special_deposit"
# What is reversed where it was entered by mistake.
UNDOABLE = (INTEREST, PAID_IN)
KINDS = {
    CONFIRMED: ThingKind.PAYMENT,
    "payment_returned": ThingKind.PAYMENT_RETURNED,
    "refund_received": ThingKind.REFUND,
    INTEREST: ThingKind.INTEREST,
    "bank_transfer": ThingKind.TRANSFER,
}


@dataclass(frozen=True)
class BookedThing:
    """An entry of the bank account, or a deposit's beginning or end; `undone_on` is when it was
    taken back, `line_on` the day of the line that it is matched with."""

    thing: Thing
    undone_on: date | None = None
    line_id: UUID | None = None
    line_on: date | None = None
    line_fen: int = 0

    @property
    def booked(self) -> PairSide:
        """As one side of a pair."""
        return PairSide(self.thing.day, self.thing.amount_fen, self.undone_on)

    @property
    def line(self) -> PairSide | None:
        """The other side."""
        return PairSide(self.line_on, self.line_fen) if self.line_on else None


def entries_of(tx: Session, bank_id: UUID, *which: ColumnElement[bool]) -> Iterator[BookedThing]:
    """Entries of the bank account that a statement shows, which are all but its opening balances.
    What was confirmed by mistake has an end, unless the bank took it back too, as a line that is
    matched with the reversal says. `which` is about `Entry`, `BankMatch`, `BankStatementLine`."""
    for row in tx.execute(_entries(bank_id).where(*which)):
        entry, fen, payment, interest, bank_on, undone, match_id, line = row
        kind = KINDS.get(entry.kind, ThingKind.OTHER)
        thing = Thing(
            kind,
            entry.id,
            int(fen),
            entry.booked_on,
            number=payment.number if payment else entry.memo,
            reference=_reference(kind, entry, payment, interest),
            counterparty=payment.payee_name if payment else "",
            counterparty_account=payment.payee_account if payment else "",
            bank_on=bank_on,
        )
        matched = match_id is not None and line is not None
        yield BookedThing(
            thing,
            undone,
            line.id if matched else None,
            line.day if matched else None,
            line.amount_fen if matched else 0,
        )


def _reference(kind: ThingKind, entry: Entry, payment: Payment | None, interest: str | None) -> str:
    if kind is ThingKind.TRANSFER:
        return entry.memo
    if kind is ThingKind.INTEREST:
        return interest or ""
    if entry.kind == PAID_IN:
        return entry.memo
    return (payment.bank_reference or "") if payment and kind is ThingKind.PAYMENT else ""


def _entries(bank_id: UUID) -> Select[Any]:
    moved = (
        select(Posting.entry_id, func.sum(Posting.amount_fen).label("fen"))
        .where(Posting.account_id == bank_id)
        .group_by(Posting.entry_id)
        .subquery()
    )
    other = aliased(Entry)
    of_opening = select(other.id).where(other.id == Entry.reverses_id, other.kind == "opening")
    paid, next_one = _payment_of_entry(), _next_confirmation()
    undone = case(
        (next_one.c.kind == UNCONFIRMED, next_one.c.booked_on),
        (Entry.kind.in_(UNDOABLE), _reversed_on(bank_id)),
        else_=null(),
    )
    matched = and_(BankMatch.entry_id == Entry.id, BankMatch.bank_id == bank_id, MATCHED)
    return (
        select(
            Entry,
            moved.c.fen,
            Payment,
            DepositInterest.bank_reference,
            func.coalesce(DepositInterest.posted_on, BankTransfer.moved_on),
            undone.label("undone_on"),
            BankMatch.id,
            BankStatementLine,
        )
        .join(moved, moved.c.entry_id == Entry.id)
        .outerjoin(paid, true())
        .outerjoin(Payment, Payment.id == paid.c.id)
        .outerjoin(DepositInterest, DepositInterest.entry_id == Entry.id)
        .outerjoin(BankTransfer, BankTransfer.entry_id == Entry.id)
        .outerjoin(next_one, true())
        .outerjoin(BankMatch, matched)
        .outerjoin(BankStatementLine, BankStatementLine.id == BankMatch.line_id)
        .where(Entry.kind.not_in((*OPENINGS, UNCONFIRMED)), ~of_opening.exists(), moved.c.fen != 0)
        .order_by(Entry.booked_on, Entry.id)
    )


def _payment_of_entry() -> FromClause:
    """A confirmation is of the payment that was settled by it, what comes back of the last one."""
    one = aliased(Payment)
    same = case(
        (Entry.kind == CONFIRMED, one.settled_at == Entry.created_at),
        else_=one.settled_at <= Entry.created_at,
    )
    settled = one.state.in_((PaymentState.CONFIRMED, PaymentState.RETURNED))
    return (
        select(one.id)
        .where(one.purchase_id == Entry.purchase_id, settled, same)
        .order_by(one.settled_at.desc(), one.id.desc())
        .limit(1)
        .lateral()
    )


def _next_confirmation() -> FromClause:
    """What came after a confirmation of the same case: another one, or that it was undone."""
    later = aliased(Entry)
    return (
        select(later.kind, later.booked_on)
        .where(
            Entry.kind == CONFIRMED,
            later.subject_id == Entry.subject_id,
            later.kind.in_((CONFIRMED, UNCONFIRMED)),
            later.id > Entry.id,
        )
        .order_by(later.id)
        .limit(1)
        .lateral()
    )


def _reversed_on(bank_id: UUID) -> ScalarSelect[date]:
    """When the entry was reversed, if no line of the bank account stands for the reversal."""
    later = aliased(Entry)
    line = select(BankMatch.id).where(
        BankMatch.entry_id == later.id, BankMatch.bank_id == bank_id, MATCHED
    )
    reversal = select(later.booked_on).where(later.reverses_id == Entry.id, ~line.exists())
    return reversal.correlate(Entry).scalar_subquery()


def deposits_of(tx: Session, bank_id: UUID, since: date, until: date) -> Iterator[BookedThing]:
    """Beginnings and ends of deposits for a term within these days that have no line."""
    rows = tx.scalars(
        select(Deposit)
        .where(Deposit.bank_id == bank_id, Deposit.months > 0, Deposit.withdrawn_at.is_(None))
        .order_by(Deposit.value_on, Deposit.id)
    ).all()
    mine = BankMatch.bank_id == bank_id, BankMatch.kind.in_(OF_DEPOSITS), MATCHED
    known = {(match.deposit_id, match.kind) for match in tx.scalars(select(BankMatch).where(*mine))}
    for deposit in rows:
        assert deposit.matures_on is not None
        ends = (
            (ThingKind.DEPOSIT_PLACED, deposit.value_on, -deposit.principal_fen),
            (ThingKind.DEPOSIT_MATURED, deposit.matures_on, deposit.principal_fen),
        )
        for kind, day, fen in ends:
            if since <= day <= until and (deposit.id, kind) not in known:
                yield BookedThing(Thing(kind, deposit.id, fen, day, number=deposit.number))


def apart(tx: Session, bank_id: UUID, first: date, on: date) -> int:
    """What lies in deposits apart from the account at the end of `on`, in fen: from the line of
    its placing on, and from the beginning where it was placed before the first statement, whose
    first day is `first`; until the line of its end."""
    placed, ended = aliased(BankMatch), aliased(BankMatch)
    placing, ending = aliased(BankStatementLine), aliased(BankStatementLine)

    def of(match: Any, kind: ThingKind) -> ColumnElement[bool]:
        return and_(match.deposit_id == Deposit.id, match.kind == kind, match.undone_at.is_(None))

    before = and_(
        placed.id.is_(None),
        Deposit.withdrawn_at.is_(None),
        Deposit.value_on < first,
        Deposit.matures_on >= first,
    )
    lies = select(func.coalesce(func.sum(Deposit.principal_fen), 0)).select_from(Deposit)
    lies = lies.outerjoin(placed, of(placed, ThingKind.DEPOSIT_PLACED))
    lies = lies.outerjoin(placing, placing.id == placed.line_id)
    lies = lies.outerjoin(ended, of(ended, ThingKind.DEPOSIT_MATURED))
    lies = lies.outerjoin(ending, ending.id == ended.line_id)
    return int(
        tx.scalars(
            lies.where(
                Deposit.bank_id == bank_id,
                or_(placing.day <= on, before),
                or_(ending.day.is_(None), ending.day > on),
            )
        ).one()
    )


def orders_of(tx: Session, bank_id: UUID) -> Sequence[Thing]:
    """Payments that the bank was told to make from this account and nobody has confirmed."""
    ordered = Payment.bank_id == bank_id, Payment.state == PaymentState.ORDERED
    return [
        Thing(
            ThingKind.PAYMENT,
            payment.id,
            -payment.amount_fen,
            local_date(payment.ordered_at),
            payment.number,
            counterparty=payment.payee_name,
            counterparty_account=payment.payee_account,
        )
        for payment in tx.scalars(select(Payment).where(*ordered).order_by(Payment.number))
    ]


def paid_of(tx: Session, bank_id: UUID, amounts_fen: Collection[int]) -> Sequence[Thing]:
    """Payments that have their line, of these amounts (what was paid is negative)."""
    if not amounts_fen:
        return []
    matched = BankMatch.id.is_not(None), BankStatementLine.amount_fen.in_(amounts_fen)
    mine = Entry.kind == CONFIRMED
    return [each.thing for each in entries_of(tx, bank_id, mine, *matched)]
