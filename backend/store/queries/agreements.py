"""What was agreed with banks for the fund's deposits, as officers see it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from backend.domain.agreements import AgreementKind, Offer
from backend.store.agreements import BankAgreement, BankOffer
from backend.store.ledger import Account
from backend.store.people import Person


@dataclass(frozen=True)
class AgreementView:
    """An agreement with all offers, as they were entered."""

    id: UUID
    bank: str
    number: str
    kind: AgreementKind
    from_on: date
    until_on: date
    note: str
    file_sha256: str
    entered_at: datetime
    withdrawn_because: str | None
    offers: Sequence[Offer]


def agreement_view(tx: Session, agreement_id: UUID) -> AgreementView:
    """This one, which there must be."""
    row = tx.execute(_agreements().where(BankAgreement.id == agreement_id)).one()
    return _views(tx, [row])[0][0]


def agreement_rows(tx: Session, skipped: int, most: int) -> Sequence[tuple[AgreementView, Person]]:
    """The latest first, each with who entered it."""
    query = _agreements().order_by(BankAgreement.id.desc()).offset(skipped).limit(most)
    return _views(tx, tx.execute(query).all())


def count_agreements(tx: Session, most: int) -> int:
    """How many there are, counted up to `most`."""
    some = select(BankAgreement.id).limit(most).subquery()
    return tx.execute(select(func.count()).select_from(some)).scalar_one()


def agreed_for(tx: Session, bank_id: UUID, months: int, on: date) -> Sequence[tuple[str, Offer]]:
    """What was agreed with this bank for this term on that day: the agreement's number and it."""
    query = (
        select(BankAgreement.number, BankOffer)
        .join(BankOffer, BankOffer.agreement_id == BankAgreement.id)
        .where(
            BankAgreement.bank_id == bank_id,
            BankAgreement.withdrawn_at.is_(None),
            BankAgreement.from_on <= on,
            BankAgreement.until_on >= on,
            BankOffer.months == months,
            BankOffer.agreed,
        )
        .order_by(BankAgreement.id)
    )
    return [(number, _offer(row)) for number, row in tx.execute(query)]


def _agreements() -> Select[BankAgreement, str, str, Person]:
    return (
        select(BankAgreement, Account.name, Account.number, Person)
        .join(Account, Account.id == BankAgreement.bank_id)
        .join(Person, Person.id == BankAgreement.entered_by)
    )


def _views(
    tx: Session, rows: Sequence[Row[BankAgreement, str, str, Person]]
) -> Sequence[tuple[AgreementView, Person]]:
    offers = _offers(tx, [one.id for one, *_ in rows])
    return [
        (
            AgreementView(
                one.id,
                f"{name} {number}",
                one.number,
                one.kind,
                one.from_on,
                one.until_on,
                one.note,
                one.file_sha256,
                one.entered_at,
                one.withdrawn_because,
                offers[one.id],
            ),
            person,
        )
        for one, name, number, person in rows
    ]


def _offers(tx: Session, agreements: Collection[UUID]) -> Mapping[UUID, Sequence[Offer]]:
    found: dict[UUID, list[Offer]] = defaultdict(list)
    of = select(BankOffer).where(BankOffer.agreement_id.in_(agreements))
    for row in tx.scalars(of.order_by(BankOffer.agreement_id, BankOffer.place)):
        found[row.agreement_id].append(_offer(row))
    return found


def _offer(row: BankOffer) -> Offer:
    return Offer(row.bank, row.months, row.rate, row.agreed)
