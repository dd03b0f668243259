"""What a flat has in the fund, and its movements of a year: for its owner, and for those who keep
or watch the books, whose every look is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.households import FlatYear, year_of
from backend.domain.local_time import local_date
from backend.domain.roles import BOOK_READERS
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.store.queries.flat_accounts import bookings_of
from backend.store.queries.places import places_of
from backend.store.registry import Owner


@dataclass(frozen=True)
class FlatAccount:
    """A flat's account in one year, and what it has today (fen); `years` are those with
    bookings, the latest first."""

    household_id: UUID
    place: str
    balance_fen: int
    years: Sequence[int]
    of_year: FlatYear


def read_own(ctx: Context, actor: Actor, owner_id: UUID, year: int | None) -> FlatAccount:
    """The account of one's own flat, by the entry on the roster; without a year the latest one.
    Raises Refused `not_found`."""
    with ctx.sessions() as tx:
        own = Owner.id == owner_id, Owner.person_id == actor.person_id, Owner.ended_at.is_(None)
        household_id = tx.scalar(select(Owner.household_id).where(*own))
        if household_id is None:
            raise nothing_there("房屋")
        return _account(tx, ctx, household_id, year)


def look(ctx: Context, actor: Actor, household_id: UUID, year: int | None) -> FlatAccount:
    """The same for an officer or auditor of the books; that they looked is written down. Raises
    Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        found = _account(tx, ctx, household_id, year)
        subject, facts = ("household", household_id), {"year": found.of_year.year}
        audit.append(tx, ctx.clock(), actor.person_id, AuditAction.HOUSEHOLD_READ, subject, facts)
        tx.commit()
        return found


def _account(tx: Session, ctx: Context, household_id: UUID, year: int | None) -> FlatAccount:
    place = places_of(tx, [household_id]).get(household_id)
    if place is None:
        raise nothing_there("房屋")
    bookings = bookings_of(tx, household_id)
    years = sorted({each.booked_on.year for each in bookings}, reverse=True)
    latest = years[0] if years else local_date(ctx.clock()).year
    lines = [(each.booked_on, each.kind, each.amount_fen) for each in bookings]
    return FlatAccount(
        household_id,
        place,
        sum(each.amount_fen for each in bookings),
        years,
        year_of(lines, year if year is not None else latest),
    )
