"""What undoes confirmed interest, as officers see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from backend.store.income import DepositInterest, InterestUndo
from backend.store.queries.income import InterestView, all_interest, interest_of


@dataclass(frozen=True)
class UndoView:
    """The undoing of an interest, as one officer asked for it; `confirmed` is None while it waits
    for another one."""

    id: UUID
    interest_id: UUID
    interest: InterestView
    reason: str
    file_sha256: str
    entered_by: UUID
    entered_at: datetime
    confirmed: bool | None
    decided_at: datetime | None
    turned_down_because: str | None


def undo_view(tx: Session, undo_id: UUID) -> UndoView:
    """This one, which there must be."""
    return _undo(tx.execute(_undos().where(InterestUndo.id == undo_id)).one())


def undos_waiting(tx: Session) -> Sequence[UndoView]:
    """Those that wait for the second officer, the oldest first."""
    waits = _undos().where(InterestUndo.decided_at.is_(None)).order_by(InterestUndo.id)
    return [_undo(row) for row in tx.execute(waits)]


def undos_of(tx: Session, interest_id: UUID) -> Sequence[UndoView]:
    """All of one interest, the latest first."""
    query = _undos().where(InterestUndo.interest_id == interest_id)
    return [_undo(row) for row in tx.execute(query.order_by(InterestUndo.id.desc()))]


def _undos() -> Select[Any]:
    of_interest = InterestUndo.interest_id == DepositInterest.id
    return all_interest().add_columns(InterestUndo).join(InterestUndo, of_interest)


def _undo(row: Any) -> UndoView:
    *interest, undo = row
    return UndoView(
        undo.id,
        undo.interest_id,
        interest_of(interest),
        undo.reason,
        undo.file_sha256,
        undo.entered_by,
        undo.entered_at,
        undo.confirmed,
        undo.decided_at,
        undo.turned_down_because,
    )
