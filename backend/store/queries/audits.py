"""What auditors ask for: who looked at what is sealed, a sample of cases, an account by number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Row, Text, cast, func, select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.ledger import HoldState
from backend.store.audit import AuditEntry
from backend.store.ledger import Account, Hold
from backend.store.notices import Objection
from backend.store.people import Person
from backend.store.purchases import Purchase

# Somebody looked at what is sealed, names, words, papers about objections, at a flat's
# money, or up whose phone a number is.
LOOKS = (
    AuditAction.OWNER_VERIFICATION_UNMASK,
    AuditAction.PURCHASE_READ_OBJECTIONS,
    AuditAction.OBJECTION_UNMASK,
    AuditAction.FILE_READ_OBJECTION_PAPER,
    AuditAction.HOUSEHOLD_READ,
    AuditAction.PHONE_LOOK_UP,
)


@dataclass(frozen=True)
class Pending:
    """Money of an account that is set aside for a case."""

    case: UUID
    number: str
    amount_fen: int
    placed_at: datetime


def looks(tx: Session, skipped: int, most: int) -> Sequence[Row[AuditEntry, Person | None]]:
    """Looks, the latest first, with who looked."""
    query = (
        select(AuditEntry, Person)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(AuditEntry.action.in_([str(action) for action in LOOKS]))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )
    return tx.execute(query.offset(skipped).limit(most)).all()


def numbers_looked_at(tx: Session, links: Sequence[AuditEntry]) -> Mapping[str, str]:
    """By id, how people call the cases and objections that these links are about."""
    found: dict[str, str] = {}
    for kind, record in (("purchase", Purchase), ("objection", Objection)):
        ids = [UUID(link.subject_id) for link in links if link.subject_kind == kind]
        if ids:
            rows = tx.execute(select(record.id, record.number).where(record.id.in_(ids)))
            found |= {str(each): number for each, number in rows}
    return found


def count_looks(tx: Session, most: int) -> int:
    """How many looks, counted up to `most`."""
    some = (
        select(AuditEntry.id)
        .where(AuditEntry.action.in_([str(action) for action in LOOKS]))
        .limit(most)
    )
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def sample(tx: Session, seed: str, most: int, begun_in: int | None) -> Sequence[UUID]:
    """`most` cases (begun in this year) as this seed draws them: whoever draws again with it draws
    the same from the same cases."""
    drawn = func.sha256(cast(seed + ":" + cast(Purchase.id, Text), LargeBinary))
    query = select(Purchase.id).order_by(drawn)
    if begun_in is not None:
        year = func.extract("year", func.timezone("Asia/Shanghai", Purchase.started_at))
        query = query.where(year == begun_in)
    return tx.scalars(query.limit(most)).all()


def account_by_number(tx: Session, number: str) -> Account | None:
    """The account of this number."""
    return tx.scalar(select(Account).where(Account.number == number))


def numbers_of(tx: Session, cases: Sequence[UUID]) -> dict[UUID, str]:
    """The numbers of these cases."""
    query = select(Purchase.id, Purchase.number).where(Purchase.id.in_(cases))
    return dict(tx.execute(query).all())


def pending(tx: Session, account_id: UUID) -> Sequence[Pending]:
    """What is set aside of the account now."""
    query = (
        select(Purchase.id, Purchase.number, Hold.amount_fen, Hold.placed_at)
        .join(Hold, Hold.purchase_id == Purchase.id)
        .where(Hold.account_id == account_id, Hold.state == HoldState.PENDING)
        .order_by(Hold.placed_at)
    )
    return [Pending(*row) for row in tx.execute(query)]
