"""Objections about which the centre still has something to do, by their limit; none of the words.

They are few: the centre has some working days for each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import Session

from backend.domain.deadlines import DeadlineState
from backend.domain.objection import ObjectionStatus
from backend.domain.subject import PURCHASE
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import Purchase
from backend.store.queries.cases import Reach, visible
from backend.store.queries.searches import named_like
from backend.store.registry import Estate

LIMITS = ("objection_answer", "objection_review")


@dataclass(frozen=True)
class ObjectionFilter:
    """What the list is narrowed to: what is owed, words in a number or in the estate's name, a
    district, and whether the limit must be over (at `overdue_at`)."""

    owed: str | None = None
    words: str = ""
    district: str = ""
    overdue_at: datetime | None = None


@dataclass(frozen=True)
class ObjectionRow:
    """One objection: what is owed first, and the first moment too late for it, where one runs."""

    id: UUID
    number: str
    purchase_id: UUID
    case: str
    estate: str
    district: str
    kind: str
    status: ObjectionStatus
    source: str
    received_at: datetime
    owed: str
    due: datetime | None


def count(tx: Session, reach: Reach, chosen: ObjectionFilter, most: int) -> int:
    """How many, counted up to `most`."""
    some = _of(Objection.id).where(*_where(reach, chosen)).limit(most)
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def by_owed(
    tx: Session, reach: Reach, chosen: ObjectionFilter, now: datetime
) -> Mapping[str, tuple[int, int]]:
    """How many wait for each thing that is owed, and how many of them are late."""
    each = _of(Objection.owed().label("owed"), _due().label("due")).where(*_where(reach, chosen))
    one = each.subquery()
    late = func.count().filter(one.c.due <= now)
    query = select(one.c.owed, func.count(), late).group_by(one.c.owed)
    return {owed: (number, overdue) for owed, number, overdue in tx.execute(query)}


def rows(
    tx: Session, reach: Reach, chosen: ObjectionFilter, skipped: int, most: int
) -> Sequence[ObjectionRow]:
    """Those whose limit ends first come first, those without one last."""
    due = _due()
    query = (
        _of(
            Objection.id,
            Objection.number,
            Purchase.id,
            Purchase.number,
            Estate.name,
            Estate.district,
            Objection.kind,
            Objection.status,
            Objection.source,
            Objection.received_at,
            Objection.owed(),
            due,
        )
        .where(*_where(reach, chosen))
        .order_by(due.asc().nulls_last(), Objection.received_at, Objection.id)
    )
    found = tx.execute(query.offset(skipped).limit(most))
    return [ObjectionRow(*row) for row in found]


def _of(*columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(Objection)
        .join(PublicNotice, PublicNotice.id == Objection.notice_id)
        .join(Purchase, Purchase.id == PublicNotice.purchase_id)
        .join(Estate, Estate.id == Purchase.estate_id)
    )


def _where(reach: Reach, chosen: ObjectionFilter) -> Sequence[ColumnElement[bool]]:
    where = [Objection.is_open(), _is_owed(), visible(reach)]
    if chosen.owed:
        where.append(Objection.owed() == chosen.owed)
    if chosen.words:
        like = named_like(chosen.words)
        texts = (Objection.number, Purchase.number, Estate.name)
        where.append(or_(*(each.ilike(like) for each in texts)))
    if chosen.district:
        where.append(Estate.district == chosen.district)
    if chosen.overdue_at is not None:
        where.append(_due() <= chosen.overdue_at)
    return where


def _is_owed() -> ColumnElement[bool]:
    """An answer is owed to whoever objected, whatever became of the case. Who they are is found
    out, and the answer reviewed, only while the case stands still for it: a limit runs then."""
    untold = or_(Objection.answer.is_(None), Objection.letter_due_since.is_not(None))
    return or_(untold, _due().is_not(None))


def _due() -> ScalarSelect[datetime]:
    return (
        select(func.min(DeadlineRecord.ends_before))
        .where(
            DeadlineRecord.subject_kind == PURCHASE,
            DeadlineRecord.subject_id == PublicNotice.purchase_id,
            DeadlineRecord.kind.in_(LIMITS),
            DeadlineRecord.about_id == Objection.id,
            DeadlineRecord.state == DeadlineState.OPEN,
        )
        .correlate(PublicNotice, Objection)
        .scalar_subquery()
    )
