"""What locked the books or opened them, as officers see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from backend.store.income import YearClose
from backend.store.people import Person
from backend.store.period_locks import PeriodLock

Enterer, Decider = aliased(Person), aliased(Person)


@dataclass(frozen=True)
class LockView:
    """A change of the lock; None for `until_on` opens all books. `confirmed` is None while it waits
    for another officer; `close_year` is the year whose close it came with."""

    id: UUID
    until_on: date | None
    former_until_on: date | None
    close_year: int | None
    reason: str
    entered_by: UUID
    entered_at: datetime
    confirmed: bool | None
    decided_by: UUID | None
    decided_at: datetime | None
    turned_down_because: str | None


def lock_view(tx: Session, lock_id: UUID) -> LockView:
    """This one, which there must be."""
    return _view(*tx.execute(_locks().where(PeriodLock.id == lock_id)).one())


def lock_waiting(tx: Session) -> LockView | None:
    """The one that waits for the second officer."""
    found = tx.execute(_locks().where(PeriodLock.decided_at.is_(None))).first()
    return _view(*found) if found else None


def page_of_locks(tx: Session, after: UUID | None, page_size: int) -> Sequence[LockView]:
    """`page_size` of them after the id `after`, as they were entered."""
    query = _locks().order_by(PeriodLock.id).limit(page_size)
    found = tx.execute(query.where(PeriodLock.id > after) if after else query)
    return [_view(*row) for row in found]


def count_locks(tx: Session, most: int) -> int:
    """How many there are, counted up to `most`."""
    some = select(PeriodLock.id).limit(most).subquery()
    return tx.execute(select(func.count()).select_from(some)).scalar_one()


def lock_rows(
    tx: Session, skipped: int, most: int
) -> Sequence[tuple[LockView, Person, Person | None]]:
    """The latest first, each with who entered and who decided it."""
    query = (
        _locks()
        .add_columns(Enterer, Decider)
        .join(Enterer, Enterer.id == PeriodLock.entered_by)
        .outerjoin(Decider, Decider.id == PeriodLock.decided_by)
        .order_by(PeriodLock.entered_at.desc(), PeriodLock.id.desc())
    )
    rows = tx.execute(query.offset(skipped).limit(most))
    return [(_view(lock, year), enterer, decider) for lock, year, enterer, decider in rows]


def _locks() -> Select[PeriodLock, int | None]:
    return select(PeriodLock, YearClose.year).outerjoin(
        YearClose, YearClose.id == PeriodLock.close_id
    )


def _view(lock: PeriodLock, close_year: int | None) -> LockView:
    return LockView(
        lock.id,
        lock.until_on,
        lock.former_until_on,
        close_year,
        lock.reason,
        lock.entered_by,
        lock.entered_at,
        lock.confirmed,
        lock.decided_by,
        lock.decided_at,
        lock.turned_down_because,
    )
