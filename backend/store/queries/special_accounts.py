"""Special accounts (专户): of which something is left and no case needs it any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from backend.domain.cover import CoverState
from backend.domain.ledger import AccountKind
from backend.domain.routes.catalogue import closed_states
from backend.store.ledger import Account
from backend.store.purchases import CoveragePeriod, Purchase, PurchaseSource
from backend.store.registry import Estate


@dataclass(frozen=True)
class Rest:
    """What is left on a special account (fen), and the last case that was paid from it."""

    purchase_id: UUID
    number: str
    estate: str
    rest_fen: int


def needs_its_account() -> Select[UUID]:
    """Cases, by id, that go on, or by which a lift is insured."""
    insures = exists().where(
        CoveragePeriod.purchase_id == Purchase.id,
        CoveragePeriod.state.not_in((CoverState.RELEASED, CoverState.ENDED)),
    )
    return select(Purchase.id).where(or_(Purchase.state.not_in(sorted(closed_states())), insures))


def left_idle() -> Select[UUID]:
    """The accounts of which something is left and that no case needs."""
    needed = exists().where(
        PurchaseSource.account_id == Account.id,
        PurchaseSource.purchase_id.in_(needs_its_account()),
    )
    return select(Account.id).where(
        Account.kind == AccountKind.SPECIAL_ACCOUNT, Account.balance_fen > 0, ~needed
    )


def rests(tx: Session) -> Sequence[Rest]:
    """What is to be paid back to owners, each with the case at which that is entered."""
    last = func.row_number().over(partition_by=Account.id, order_by=Purchase.id.desc())
    ranked = (
        select(Purchase.id, Purchase.number, Estate.name, Account.balance_fen, last.label("place"))
        .join(PurchaseSource, PurchaseSource.purchase_id == Purchase.id)
        .join(Account, Account.id == PurchaseSource.account_id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(Account.id.in_(left_idle()))
        .subquery()
    )
    rows = select(ranked.c.id, ranked.c.number, ranked.c.name, ranked.c.balance_fen)
    found = tx.execute(rows.where(ranked.c.place == 1).order_by(ranked.c.id))
    return [Rest(*row) for row in map(tuple, found)]
