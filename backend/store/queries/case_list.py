"""The list of cases as an office asks for it: filtered, in pages with numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from backend.domain.deadlines import DeadlineState
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Plan, Purchase, PurchaseLift
from backend.store.queries.cases import Reach, visible
from backend.store.registry import Estate

MOST_COUNTED = 1001
ESCAPED = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


@dataclass(frozen=True)
class CaseFilter:
    """What the list is narrowed to: states (empty: all), words in the number or the estate's name,
    and whether something must be overdue (at `now`)."""

    states: Collection[str] = ()
    words: str = ""
    overdue_at: datetime | None = None


@dataclass(frozen=True)
class CaseRow:
    """One line: `due` is the end of the most urgent limit that runs (the first moment too late)."""

    id: UUID
    number: str
    estate: str
    state: str
    applicant: str
    lifts: int
    premium_fen: int | None
    due: datetime | None
    updated_at: datetime


def rows(
    tx: Session, reach: Reach, chosen: CaseFilter, sort: str, skipped: int, most: int
) -> Sequence[CaseRow]:
    """`most` lines after the first `skipped`, sorted by `due`, `number` or `changed`."""
    due = _due().label("due")
    orders: Mapping[str, Sequence[Any]] = {
        "due": (due.asc().nulls_last(), Purchase.id),
        "number": (Purchase.number, Purchase.id),
        "changed": (Purchase.updated_at.desc(), Purchase.id),
    }
    lifts = (
        select(func.count())
        .where(PurchaseLift.purchase_id == Purchase.id)
        .correlate(Purchase)
        .scalar_subquery()
    )
    query = (
        select(
            Purchase.id,
            Purchase.number,
            Estate.name,
            Purchase.state,
            Purchase.applicant,
            lifts,
            Plan.premium_fen,
            due,
            Purchase.updated_at,
        )
        .join(Estate, Estate.id == Purchase.estate_id)
        .outerjoin(Plan, Plan.id == Purchase.plan_id)
        .where(*_where(reach, chosen))
        .order_by(*orders[sort])
        .offset(skipped)
        .limit(most)
    )
    return [CaseRow(*row) for row in tx.execute(query)]


def count(tx: Session, reach: Reach, chosen: CaseFilter) -> int:
    """How many lines there are, at most `MOST_COUNTED`."""
    some: Select[UUID] = (
        select(Purchase.id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(*_where(reach, chosen))
        .limit(MOST_COUNTED)
    )
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def _where(reach: Reach, chosen: CaseFilter) -> Sequence[ColumnElement[bool]]:
    found = [visible(reach)]
    if chosen.states:
        found.append(Purchase.state.in_(sorted(chosen.states)))
    if chosen.words:
        like = f"%{chosen.words.translate(ESCAPED)}%"
        found.append(or_(Purchase.number.ilike(like), Estate.name.ilike(like)))
    if chosen.overdue_at is not None:
        over = DeadlineRecord.ends_before <= chosen.overdue_at
        found.append(exists().where(_running(), over))
    return found


def _due() -> ScalarSelect[datetime]:
    return select(func.min(DeadlineRecord.ends_before)).where(_running()).scalar_subquery()


def _running() -> ColumnElement[bool]:
    return (DeadlineRecord.purchase_id == Purchase.id) & (
        DeadlineRecord.state == DeadlineState.OPEN
    )
