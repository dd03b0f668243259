"""Ordered files: those of a person, those of a case, those that nobody works on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session

from backend.domain.ordered import OrderedState
from backend.store.ordered import OrderedFile
from backend.store.people import AccessGrant, Person


def open_one(tx: Session, person_id: UUID, same: str) -> OrderedFile | None:
    """What this person ordered and has not yet got, if it is the same."""
    return tx.scalar(
        select(OrderedFile).where(
            OrderedFile.ordered_by == person_id,
            OrderedFile.same == same,
            OrderedFile.state == OrderedState.OPEN,
        )
    )


def has_lost_a_right(tx: Session, order_id: UUID, now: datetime) -> bool:
    """Whether any right of whoever ordered this ended since."""
    theirs = AccessGrant.person_id == OrderedFile.ordered_by
    ended = exists().where(theirs, AccessGrant.ended_within(OrderedFile.ordered_at, now))
    return bool(tx.scalar(select(ended).where(OrderedFile.id == order_id)))


def count_mine(tx: Session, person_id: UUID, most: int) -> int:
    """How many this person ordered, counted up to `most`."""
    some = select(OrderedFile.id).where(OrderedFile.ordered_by == person_id).limit(most)
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def mine(
    tx: Session, person_id: UUID, skipped: int, most: int
) -> Sequence[tuple[OrderedFile, Person]]:
    """What this person ordered, the latest first."""
    return _shown(tx, OrderedFile.ordered_by == person_id, skipped, most)


def of_case(tx: Session, purchase_id: UUID, most: int) -> Sequence[tuple[OrderedFile, Person]]:
    """What was bound of this case, by whom, the latest first."""
    of = OrderedFile.purchase_id == purchase_id
    return _shown(tx, of, 0, most)


def _shown(
    tx: Session, which: ColumnElement[bool], skipped: int, most: int
) -> Sequence[tuple[OrderedFile, Person]]:
    rows = tx.execute(
        select(OrderedFile, Person)
        .join(Person, Person.id == OrderedFile.ordered_by)
        .where(which)
        .order_by(OrderedFile.ordered_at.desc(), OrderedFile.id.desc())
        .offset(skipped)
        .limit(most)
    )
    return [(order, person) for order, person in rows]


def lease(tx: Session, order_id: UUID, now: datetime, until: datetime) -> OrderedFile | None:
    """Take an open one that nobody works on, until a moment of real time; one more attempt
    begins."""
    return tx.scalar(
        update(OrderedFile)
        .where(OrderedFile.id == order_id, *_free(now))
        .values(leased_until=until, attempts=OrderedFile.attempts + 1)
        .returning(OrderedFile)
    )


def free_ids(tx: Session, now: datetime, batch_size: int) -> Sequence[UUID]:
    """Open ones that nobody works on, the oldest first."""
    ids = select(OrderedFile.id).where(*_free(now)).order_by(OrderedFile.id)
    return tx.scalars(ids.limit(batch_size)).all()


def is_free(tx: Session, order_id: UUID, now: datetime) -> bool:
    """Whether this is one of them."""
    free = exists().where(OrderedFile.id == order_id, *_free(now))
    return bool(tx.scalar(select(free)))


def note_progress(tx: Session, order_id: UUID, done: int, total: int, until: datetime) -> None:
    """So many parts are there; whoever works on it goes on until then."""
    tx.execute(
        update(OrderedFile)
        .where(OrderedFile.id == order_id)
        .values(done=done, total=total, leased_until=until)
    )


def over(tx: Session, now: datetime, period: timedelta, most: int) -> Sequence[OrderedFile]:
    """Those that were kept for long enough, the oldest first."""
    old = select(OrderedFile).where(OrderedFile.ordered_at < now - period)
    some = old.order_by(OrderedFile.ordered_at).limit(most)
    return tx.scalars(some.with_for_update(skip_locked=True)).all()


def _free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        OrderedFile.state == OrderedState.OPEN,
        or_(OrderedFile.leased_until.is_(None), OrderedFile.leased_until <= now),
    )
