"""What waits for a second officer, of whatever kind."""

from sqlalchemy import exists, literal, select, union_all
from sqlalchemy.orm import Session

from backend.store.proposals import DecidedByTwo, OpeningCorrection, PayeeChange, Succession

KINDS: tuple[type[DecidedByTwo], ...] = (Succession, PayeeChange, OpeningCorrection)


def kinds_waiting(tx: Session) -> frozenset[type[DecidedByTwo]]:
    """Of which kinds something waits; by one statement, since mostly nothing does."""
    asked = [
        select(literal(place)).where(exists().where(kind.decided_at.is_(None)))
        for place, kind in enumerate(KINDS)
    ]
    return frozenset(KINDS[place] for place in tx.scalars(union_all(*asked)))
