"""Other accounts of insurers, as officers see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.store.proposals import PayeeChange
from backend.store.registry import Insurer


@dataclass(frozen=True)
class PayeeChangeView:
    """Another account of an insurer; `entered_by` is who must leave it to somebody else."""

    id: UUID
    insurer_id: UUID
    insurer: str
    former_bank: str
    former_account: str
    bank_name: str
    bank_account: str
    file_sha256: str
    reason: str
    entered_by: UUID
    entered_at: datetime
    decided_at: datetime | None
    confirmed: bool | None
    turned_down_because: str | None


def view_of(tx: Session, change_id: UUID) -> PayeeChangeView:
    """This one."""
    (view,) = _views(tx, PayeeChange.id == change_id)
    return view


def waiting(tx: Session) -> Sequence[PayeeChangeView]:
    """Those that wait for the second officer, the oldest first."""
    return _views(tx, PayeeChange.decided_at.is_(None))


def _views(tx: Session, which: ColumnElement[bool]) -> Sequence[PayeeChangeView]:
    rows = tx.execute(
        select(PayeeChange, Insurer.name)
        .join(Insurer, Insurer.id == PayeeChange.insurer_id)
        .where(which)
        .order_by(PayeeChange.id)
    )
    return [
        PayeeChangeView(
            each.id,
            each.insurer_id,
            insurer,
            each.former_bank,
            each.former_account,
            each.bank_name,
            each.bank_account,
            each.file_sha256,
            each.reason,
            each.entered_by,
            each.entered_at,
            each.decided_at,
            each.confirmed,
            each.turned_down_because,
        )
        for each, insurer in rows
    ]
