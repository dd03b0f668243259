"""The source (资金来源) of a case: the accounts that pay, and what they can spend on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from backend.domain.ledger import HoldState
from backend.domain.source import Share, payable
from backend.domain.subject import PURCHASE, Subject
from backend.store.ledger import Account, Hold
from backend.store.purchases import PurchaseSource


@dataclass(frozen=True)
class SourceAccount:
    """One account of a source; what the case itself has set aside counts as still there (fen)."""

    id: UUID
    number: str
    name: str
    weight: int
    available_fen: int


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


def source_of(tx: Session, purchase_id: UUID) -> Source:
    """The source of a case, with its figures as of now."""
    own = func.coalesce(func.sum(Hold.amount_fen), 0)
    rows = tx.execute(
        select(
            Account.id,
            Account.number,
            Account.name,
            PurchaseSource.weight,
            Account.balance_fen - Account.held_fen + own,
        )
        .join(PurchaseSource, PurchaseSource.account_id == Account.id)
        .outerjoin(
            Hold,
            and_(
                Hold.account_id == Account.id,
                Hold.subject == Subject(PURCHASE, purchase_id),
                Hold.state == HoldState.PENDING,
            ),
        )
        .where(PurchaseSource.purchase_id == purchase_id)
        .group_by(Account.id, PurchaseSource.weight)
        .order_by(Account.id)
    )
    return Source(
        [
            SourceAccount(account_id, number, name, weight, int(available))
            for account_id, number, name, weight, available in rows
        ]
    )
