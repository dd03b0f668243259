"""The account of one flat in the fund (分户账): its opening, and every movement since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.households import MovementKind
from backend.store.households import HouseholdMovement
from backend.store.ledger import HouseholdBalance


@dataclass(frozen=True)
class FlatBooking:
    """What moved a flat's balance on a day, in fen; of no kind: its opening."""

    booked_on: date
    kind: MovementKind | None
    amount_fen: int


def bookings_of(tx: Session, household_id: UUID) -> Sequence[FlatBooking]:
    """All of them, the oldest first: some a year, found side by side."""
    opened = tx.execute(
        select(HouseholdBalance.as_of, HouseholdBalance.principal_fen).where(
            HouseholdBalance.household_id == household_id
        )
    )
    moved = tx.execute(
        select(HouseholdMovement.booked_on, HouseholdMovement.kind, HouseholdMovement.amount_fen)
        .where(HouseholdMovement.household_id == household_id)
        .order_by(HouseholdMovement.booked_on, HouseholdMovement.entry_id, HouseholdMovement.kind)
    )
    found = [FlatBooking(as_of, None, fen) for as_of, fen in opened]
    found += [FlatBooking(booked_on, kind, fen) for booked_on, kind, fen in moved]
    return sorted(found, key=lambda each: each.booked_on)
