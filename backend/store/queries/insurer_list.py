"""Insurers as the centre keeps them: the list, and of one of them what it filed and was given."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from backend.domain.deadlines import DeadlineState
from backend.domain.selection import LOOK_BEFORE, SELECTED, TermStatus
from backend.store.clauses import FiledClause
from backend.store.messages import DeadlineRecord
from backend.store.people import Person
from backend.store.proposals import PayeeChange
from backend.store.purchases import Purchase
from backend.store.queries.estates import at_work
from backend.store.queries.places import looked_up
from backend.store.queries.searches import named_like
from backend.store.registry import Insurer

Enterer, Decider = aliased(Person), aliased(Person)


@dataclass(frozen=True)
class InsurerFilter:
    """What the list is narrowed to, on `today` at `now`: words in the name, how the selection
    stands. `limits` are those that insurers answer for."""

    now: datetime
    today: date
    limits: Collection[str]
    words: str = ""
    status: TermStatus | None = None


@dataclass(frozen=True)
class InsurerRow:
    """One line: clauses in use, cases at work, limits kept and not, and whether another account
    waits for the second officer."""

    insurer: Insurer
    clauses: int
    cases: int
    kept: int
    late: int
    change_waits: bool


@dataclass(frozen=True)
class ClauseRow:
    """Clauses, with whoever entered them."""

    clause: FiledClause
    entered_by: Person


@dataclass(frozen=True)
class AccountChange:
    """Another account: who entered it, and who decided it, if anybody did."""

    change: PayeeChange
    entered_by: Person
    decided_by: Person | None


@dataclass(frozen=True)
class OpenCase:
    """A case at work with the insurer."""

    id: UUID
    number: str
    state: str


def count(tx: Session, chosen: InsurerFilter, most: int) -> int:
    """How many insurers, counted up to `most`."""
    some = select(Insurer.id).where(*_where(chosen)).limit(most)
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def rows(tx: Session, chosen: InsurerFilter, skipped: int, most: int) -> Sequence[InsurerRow]:
    """Insurers by name, `most` after the first `skipped`."""
    return _rows(tx, chosen, *_where(chosen), skipped=skipped, most=most)


def one(tx: Session, chosen: InsurerFilter, insurer_id: UUID) -> InsurerRow | None:
    """This one."""
    found = _rows(tx, chosen, Insurer.id == insurer_id, skipped=0, most=1)
    return found[0] if found else None


def clauses_of(tx: Session, insurer_id: UUID) -> Sequence[ClauseRow]:
    """What it filed: what is in use first, then by day."""
    query = (
        select(FiledClause, Person)
        .join(Person, Person.id == FiledClause.entered_by)
        .where(FiledClause.insurer_id == insurer_id)
        .order_by(FiledClause.ended_on.is_not(None), FiledClause.filed_on, FiledClause.id)
    )
    return [ClauseRow(*row) for row in tx.execute(query)]


def account_changes(tx: Session, insurer_id: UUID) -> Sequence[AccountChange]:
    """Its accounts as they were entered and decided, the latest first."""
    query = (
        select(PayeeChange, Enterer, Decider)
        .join(Enterer, Enterer.id == PayeeChange.entered_by)
        .outerjoin(Decider, Decider.id == PayeeChange.decided_by)
        .where(PayeeChange.insurer_id == insurer_id)
        .order_by(PayeeChange.id.desc())
    )
    return [AccountChange(*row) for row in tx.execute(query)]


def open_cases(tx: Session, insurer_id: UUID, most: int) -> Sequence[OpenCase]:
    """Cases at work with it, the oldest first, `most` of them."""
    query = (
        select(Purchase.id, Purchase.number, Purchase.state)
        .where(Purchase.insurer_id == insurer_id, at_work())
        .order_by(Purchase.id)
        .limit(most)
    )
    return [OpenCase(*row) for row in tx.execute(query)]


def _rows(
    tx: Session, chosen: InsurerFilter, *where: ColumnElement[bool], skipped: int, most: int
) -> Sequence[InsurerRow]:
    order = (Insurer.name, Insurer.id)
    page = select(Insurer.id).where(*where).order_by(*order).offset(skipped).limit(most)
    insurers = select(looked_up("page", page).c.id)
    clauses = select(func.count()).where(
        FiledClause.insurer_id == Insurer.id, FiledClause.ended_on.is_(None)
    )
    waits = exists().where(PayeeChange.insurer_id == Insurer.id, PayeeChange.decided_at.is_(None))
    cases, limits = _cases(insurers), _limits(insurers, chosen)
    query = (
        select(
            Insurer,
            clauses.correlate(Insurer).scalar_subquery(),
            func.coalesce(cases.c.number, 0),
            func.coalesce(limits.c.kept, 0),
            func.coalesce(limits.c.late, 0),
            waits,
        )
        .outerjoin(cases, cases.c.insurer_id == Insurer.id)
        .outerjoin(limits, limits.c.insurer_id == Insurer.id)
        .where(Insurer.id.in_(insurers))
        .order_by(*order)
    )
    return [InsurerRow(*row) for row in tx.execute(query)]


def _cases(insurers: Select[UUID]) -> CTE:
    """How many cases are at work with each of these insurers."""
    return (
        select(Purchase.insurer_id, func.count().label("number"))
        .where(Purchase.insurer_id.in_(insurers), at_work())
        .group_by(Purchase.insurer_id)
        .cte("cases")
    )


def _limits(insurers: Select[UUID], chosen: InsurerFilter) -> CTE:
    """How many of the limits of its cases that each of these insurers answers for were kept, and
    how many not; all are read once."""
    return (
        select(
            Purchase.insurer_id,
            func.count().filter(_kept()).label("kept"),
            func.count().filter(_late(chosen.now)).label("late"),
        )
        .select_from(DeadlineRecord)
        .join(Purchase, Purchase.id == DeadlineRecord.purchase_id)
        .where(Purchase.insurer_id.in_(insurers), DeadlineRecord.kind.in_(sorted(chosen.limits)))
        .group_by(Purchase.insurer_id)
        .cte("limits")
    )


def _kept() -> ColumnElement[bool]:
    met = DeadlineRecord.state == DeadlineState.MET
    return and_(met, DeadlineRecord.settled_at <= DeadlineRecord.ends_before)


def _late(now: datetime) -> ColumnElement[bool]:
    met = and_(
        DeadlineRecord.state == DeadlineState.MET,
        DeadlineRecord.settled_at > DeadlineRecord.ends_before,
    )
    runs = DeadlineRecord.state == DeadlineState.OPEN
    return or_(met, and_(runs, DeadlineRecord.ends_before <= now))


def _where(chosen: InsurerFilter) -> Sequence[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if chosen.words:
        where.append(Insurer.name.ilike(named_like(chosen.words)))
    if chosen.status is not None:
        where.append(_stands(chosen.status, chosen.today))
    return where


def _stands(which: TermStatus, today: date) -> ColumnElement[bool]:
    """The same as `domain.selection.status`, asked of rows."""
    first, last = Insurer.selected_from, Insurer.selected_until
    selected: ColumnElement[bool] = and_(Insurer.selected(today))
    ending = and_(last.is_not(None), last <= today + LOOK_BEFORE)
    if which in SELECTED:
        return and_(selected, ending if which is TermStatus.ENDING else func.coalesce(not_(ending)))
    if which is TermStatus.NEVER:
        return first.is_(None)
    return first > today if which is TermStatus.COMING else and_(first <= today, last < today)
