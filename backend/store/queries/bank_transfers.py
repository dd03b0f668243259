"""Money moved between the fund's bank accounts, as officers see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from backend.store.bank_transfers import BankTransfer
from backend.store.ledger import Account, Entry
from backend.store.people import Person

Giver, Taker = aliased(Account), aliased(Account)
Enterer, Decider = aliased(Person), aliased(Person)


@dataclass(frozen=True)
class TransferView:
    """A transfer; `confirmed` is None while it waits for another officer, `booked_on` the day of
    its entry."""

    id: UUID
    from_bank: str
    to_bank: str
    amount_fen: int
    moved_on: date
    bank_reference: str
    note: str
    file_sha256: str
    entered_at: datetime
    confirmed: bool | None
    decided_at: datetime | None
    turned_down_because: str | None
    booked_on: date | None


def transfer_view(tx: Session, transfer_id: UUID) -> TransferView:
    """This one, which there must be."""
    return _view(*tx.execute(_transfers().where(BankTransfer.id == transfer_id)).one())


def transfers_waiting(tx: Session) -> Sequence[TransferView]:
    """Those that wait for the second officer, the oldest first."""
    waits = _transfers().where(BankTransfer.decided_at.is_(None)).order_by(BankTransfer.id)
    return [_view(*row) for row in tx.execute(waits)]


def page_of_transfers(tx: Session, after: UUID | None, page_size: int) -> Sequence[TransferView]:
    """`page_size` of them after the id `after`, as they were entered."""
    query = _transfers().order_by(BankTransfer.id).limit(page_size)
    found = tx.execute(query.where(BankTransfer.id > after) if after else query)
    return [_view(*row) for row in found]


def count_transfers(tx: Session, most: int) -> int:
    """How many there are, counted up to `most`."""
    some = select(BankTransfer.id).limit(most).subquery()
    return tx.execute(select(func.count()).select_from(some)).scalar_one()


def transfer_rows(
    tx: Session, skipped: int, most: int
) -> Sequence[tuple[TransferView, Person, Person | None]]:
    """The latest first, each with who entered and who decided it."""
    query = (
        _transfers()
        .add_columns(Enterer, Decider)
        .join(Enterer, Enterer.id == BankTransfer.entered_by)
        .outerjoin(Decider, Decider.id == BankTransfer.decided_by)
        .order_by(BankTransfer.id.desc())
    )
    rows = tx.execute(query.offset(skipped).limit(most))
    return [(_view(*row[:-2]), row[-2], row[-1]) for row in map(tuple, rows)]


def _transfers() -> Select[BankTransfer, str, str, str, str, date]:
    return (
        select(BankTransfer, Giver.name, Giver.number, Taker.name, Taker.number, Entry.booked_on)
        .join(Giver, Giver.id == BankTransfer.from_bank_id)
        .join(Taker, Taker.id == BankTransfer.to_bank_id)
        .outerjoin(Entry, Entry.id == BankTransfer.entry_id)
    )


def _view(
    one: BankTransfer,
    giver: str,
    giver_number: str,
    taker: str,
    taker_number: str,
    booked_on: date | None,
) -> TransferView:
    return TransferView(
        one.id,
        f"{giver} {giver_number}",
        f"{taker} {taker_number}",
        one.amount_fen,
        one.moved_on,
        one.bank_reference,
        one.reason,
        one.file_sha256,
        one.entered_at,
        one.confirmed,
        one.decided_at,
        one.turned_down_because,
        booked_on,
    )
