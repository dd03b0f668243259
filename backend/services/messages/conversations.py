"""What the chat bot asked a person last, so that the next free text can be understood."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.store.cipher import Cipher
from backend.store.messages import ChatTurn

Expects = Literal["answer", "reason", "confirm"]


@dataclass(frozen=True)
class Turn:
    """The bot showed this plan at that moment (business time) and expects an answer to it, the
    reason of a refusal, or a yes to the `reason` that it quoted."""

    expects: Expects
    plan_id: UUID
    asked_at: datetime
    reason: str = ""


def last_turn(tx: Session, cipher: Cipher, person_id: UUID) -> Turn | None:
    """What the person was asked last, however long ago; None for nothing."""
    row = tx.get(ChatTurn, person_id)
    if row is None:
        return None
    sealed = row.reason_sealed
    reason = cipher.open(ChatTurn.reason_sealed, person_id, sealed) if sealed else ""
    return Turn(cast("Expects", row.expects), row.plan_id, row.asked_at, reason)


def remember(tx: Session, cipher: Cipher, person_id: UUID, turn: Turn | None) -> None:
    """From now on this is what the person was asked last. Does not commit."""
    if turn is None:
        tx.execute(delete(ChatTurn).where(ChatTurn.person_id == person_id))
        return
    reason = turn.reason
    values = {
        "expects": turn.expects,
        "plan_id": turn.plan_id,
        "asked_at": turn.asked_at,
        "reason_sealed": (
            cipher.seal(ChatTurn.reason_sealed, person_id, reason) if reason else None
        ),
    }
    tx.execute(
        insert(ChatTurn)
        .values(person_id=person_id, **values)
        .on_conflict_do_update(index_elements=[ChatTurn.person_id], set_=values)
    )
