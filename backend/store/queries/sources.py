"""The source (资金来源) of a case: the accounts that pay, and what they can spend on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, false, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from backend.domain.ledger import HoldState, PaymentState
from backend.domain.source import Share, payable
from backend.domain.subject import PURCHASE, Subject
from backend.store.ledger import Account, Hold
from backend.store.purchases import Payment, PurchaseSource


@dataclass(frozen=True)
class SourceAccount:
    """One account of a source, in fen: what the case itself has set aside of it (`held_fen`) counts
    as still there. `posted`: what was set aside has fallen due."""

    id: UUID
    number: str
    name: str
    weight: int
    available_fen: int
    held_fen: int
    posted: bool


@dataclass(frozen=True)
class Source:
    """All accounts of a case's source by id; none while they are not set yet."""

    accounts: Sequence[SourceAccount]

    @property
    def name(self) -> str:
        """The accounts as people call them."""
        return "、".join(account.name for account in self.accounts)

    @property
    def number(self) -> str:
        """The numbers of the accounts."""
        return "、".join(account.number for account in self.accounts)

    @property
    def weights(self) -> dict[UUID, int]:
        """How much each account pays beside the others."""
        return {account.id: account.weight for account in self.accounts}

    @property
    def available_fen(self) -> int:
        """What the source can spend on the case, in fen."""
        return payable([Share(each.id, each.weight, each.available_fen) for each in self.accounts])

    def left_after(self, premium_fen: int) -> int | None:
        """What it could still spend once the premium is paid, in fen, below 0 where it cannot pay
        it; None once it did."""
        return None if self.hold is HoldState.POSTED else self.available_fen - premium_fen

    @property
    def held_fen(self) -> int:
        """What the case has set aside, in fen."""
        return sum(each.held_fen for each in self.accounts)

    @property
    def hold(self) -> HoldState | None:
        """How what the case sets aside stands; None when it never did, or gave it back."""
        if any(each.held_fen for each in self.accounts):
            return HoldState.PENDING
        return HoldState.POSTED if any(each.posted for each in self.accounts) else None


def source_of(tx: Session, purchase_id: UUID) -> Source:
    """The source of a case, with its figures as of now."""
    own = func.coalesce(func.sum(Hold.amount_fen).filter(Hold.state == HoldState.PENDING), 0)
    # The hold made last says how the money stands: papers that were returned leave an older one.
    last = func.array_agg(aggregate_order_by(Hold.state, Hold.id.desc()))[1]
    posted = func.coalesce(last == HoldState.POSTED, false())
    rows = tx.execute(
        select(
            Account.id,
            Account.number,
            Account.name,
            PurchaseSource.weight,
            Account.balance_fen - Account.held_fen + own,
            own,
            posted,
        )
        .join(PurchaseSource, PurchaseSource.account_id == Account.id)
        .outerjoin(
            Hold,
            and_(
                Hold.account_id == Account.id,
                Hold.subject == Subject(PURCHASE, purchase_id),
            ),
        )
        .where(PurchaseSource.purchase_id == purchase_id)
        .group_by(Account.id, PurchaseSource.weight)
        .order_by(Account.id)
    )
    return Source(
        [
            SourceAccount(account_id, number, name, weight, int(available), int(held), due)
            for account_id, number, name, weight, available, held, due in rows
        ]
    )


def lock_source(tx: Session, purchase_id: UUID) -> None:
    """Keep the figures of a case's source as they are until this transaction ends."""
    own = select(PurchaseSource.account_id).where(PurchaseSource.purchase_id == purchase_id)
    tx.execute(
        select(Account.id)
        .where(Account.id.in_(own))
        .order_by(Account.id)
        .with_for_update(key_share=True)
    )


def premiums_paid(tx: Session) -> int:
    """What the bank confirmed of premiums and did not return, in fen."""
    paid = select(func.coalesce(func.sum(Payment.amount_fen), 0))
    return int(tx.scalar(paid.where(Payment.state == PaymentState.CONFIRMED)) or 0)


def money_of_kinds(tx: Session, kinds: Sequence[str]) -> tuple[int, int]:
    """All accounts of these kinds that are open: what is on them, and set aside of it, in fen."""
    query = select(
        func.coalesce(func.sum(Account.balance_fen), 0),
        func.coalesce(func.sum(Account.held_fen), 0),
    ).where(Account.kind.in_(kinds), Account.closed_on.is_(None))
    balance, held = tx.execute(query).one()
    return int(balance), int(held)
