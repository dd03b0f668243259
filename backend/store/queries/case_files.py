"""What a bound case (案卷) says beside what its page shows: money, notices, who gave its files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.ledger import HoldState, PaymentState
from backend.domain.subject import PURCHASE, Subject
from backend.store.ledger import Account, Entry, Hold, Posting
from backend.store.notices import PublicNotice, StoredFile, Upload
from backend.store.people import Person
from backend.store.purchases import Payment
from backend.store.votes import Vote


@dataclass(frozen=True)
class HeldMoney:
    """Money of an account that was set aside for the case."""

    account: str
    number: str
    amount_fen: int
    state: HoldState
    placed_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True)
class BookedLine:
    """A line of an entry for the case; debit positive."""

    entry_id: UUID
    booked_on: date
    memo: str
    account: str
    number: str
    amount_fen: int


@dataclass(frozen=True)
class PaidOut:
    """A payment order, without the account that it goes to."""

    number: str
    amount_fen: int
    payee: str
    state: PaymentState
    ordered_at: datetime
    bank_reference: str | None


@dataclass(frozen=True)
class GivenFile:
    """A file: what it is, how large, who handed it in first and when."""

    media_type: str
    size_bytes: int
    given_by: UUID | None
    given_at: datetime | None


def holds_of(tx: Session, purchase_id: UUID) -> Sequence[HeldMoney]:
    """What was set aside for the case, in the order in which it was."""
    rows = tx.execute(
        select(
            Account.name,
            Account.number,
            Hold.amount_fen,
            Hold.state,
            Hold.placed_at,
            Hold.settled_at,
        )
        .join(Account, Account.id == Hold.account_id)
        .where(Hold.subject == Subject(PURCHASE, purchase_id))
        .order_by(Hold.id)
    )
    return [HeldMoney(*row) for row in rows]


def lines_of(tx: Session, purchase_id: UUID) -> Sequence[BookedLine]:
    """Every line that was booked for the case, entry by entry."""
    rows = tx.execute(
        select(
            Entry.id,
            Entry.booked_on,
            Entry.memo,
            Account.name,
            Account.number,
            Posting.amount_fen,
        )
        .join(Posting, Posting.entry_id == Entry.id)
        .join(Account, Account.id == Posting.account_id)
        .where(Entry.subject == Subject(PURCHASE, purchase_id))
        .order_by(Entry.id, Posting.id)
    )
    return [BookedLine(*row) for row in rows]


def payments_of(tx: Session, purchase_id: UUID) -> Sequence[PaidOut]:
    """Every payment order of the case."""
    rows = tx.execute(
        select(
            Payment.number,
            Payment.amount_fen,
            Payment.payee_name,
            Payment.state,
            Payment.ordered_at,
            Payment.bank_reference,
        )
        .where(Payment.purchase_id == purchase_id)
        .order_by(Payment.id)
    )
    return [PaidOut(*row) for row in rows]


def votes_of(tx: Session, purchase_id: UUID) -> Sequence[Vote]:
    """Every vote of the owners on a plan of the case."""
    return tx.scalars(select(Vote).where(Vote.purchase_id == purchase_id).order_by(Vote.id)).all()


def notices_of(tx: Session, purchase_id: UUID) -> Sequence[PublicNotice]:
    """Every notice of the case, those that were replaced too."""
    of_case = select(PublicNotice).where(PublicNotice.purchase_id == purchase_id)
    return tx.scalars(of_case.order_by(PublicNotice.id)).all()


def given_files(tx: Session, hashes: Iterable[str]) -> Mapping[str, GivenFile]:
    """What is on record of these files, by their SHA-256."""
    rows = tx.execute(
        select(
            StoredFile.sha256,
            StoredFile.media_type,
            StoredFile.size_bytes,
            Upload.person_id,
            Upload.uploaded_at,
        )
        .outerjoin(Upload, Upload.file_sha256 == StoredFile.sha256)
        .where(StoredFile.sha256.in_(sorted(set(hashes))))
        .order_by(StoredFile.sha256, Upload.uploaded_at, Upload.person_id)
    )
    found: dict[str, GivenFile] = {}
    for sha256, media_type, size, given_by, given_at in rows:
        found.setdefault(sha256, GivenFile(media_type, size, given_by, given_at))
    return found


def people_of(tx: Session, ids: Iterable[UUID | None]) -> Mapping[UUID, Person]:
    """These people by their ids."""
    known = {each for each in ids if each is not None}
    found = tx.scalars(select(Person).where(Person.id.in_(sorted(known))))
    return {person.id: person for person in found}
