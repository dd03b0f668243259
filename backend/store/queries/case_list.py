"""The list of cases as an office asks for it: filtered, in pages with numbers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    exists,
    func,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from backend.domain.deadlines import DeadlineState
from backend.domain.standing_still import THE_NOTICE_ITSELF
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Plan, Purchase, PurchaseLift
from backend.store.queries.cases import Reach, visible
from backend.store.queries.estates import at_work
from backend.store.registry import Estate, Insurer

DUE = "due"
ESCAPED = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


@dataclass(frozen=True)
class CaseFilter:
    """What the list is narrowed to: states (empty: all), words in the number or the estate's name,
    whether something must be overdue (at `overdue_at`), and what a city is counted by: a district,
    an insurer by its name, a kind of limit that runs, and for cases at work since when nothing went
    on in them."""

    states: Collection[str] = ()
    words: str = ""
    overdue_at: datetime | None = None
    district: str = ""
    insurer: str = ""
    limit: str = ""
    still_since: datetime | None = None


@dataclass(frozen=True)
class CaseRow:
    """One line: `due` is the end of the most urgent limit that runs (the first moment too late),
    `owed` that of those with which somebody can be late."""

    id: UUID
    number: str
    estate: str
    state: str
    applicant: str
    lifts: int
    premium_fen: int | None
    due: datetime | None
    owed: datetime | None
    updated_at: datetime
    route: str
    profile_version: str


def found(
    tx: Session, reach: Reach, chosen: CaseFilter, sort: str, skipped: int, most: int
) -> Sequence[UUID]:
    """`most` cases of the list after the first `skipped`, sorted by `due`, `number` or `changed`.

    Sorted by what is due, cases with no running limit come last.
    """
    some = _span(reach, chosen, sort, skipped, most)
    query = select(Purchase.id).join(some, some.c.id == Purchase.id)
    return tx.scalars(query.order_by(*_order(sort))).all()


def page(
    tx: Session, reach: Reach, chosen: CaseFilter, sort: str, span: tuple[int, int], counted: int
) -> tuple[int, Sequence[CaseRow]]:
    """How many lines there are, up to `counted`, and those of the `span` (how many are skipped, and
    how many follow): in one statement, unless nothing is left there."""
    start = _span(reach, chosen, sort, *span)
    some = select(Purchase.id).where(*_where(reach, chosen)).limit(counted).subquery()
    total = select(func.count()).select_from(some).scalar_subquery()
    query = _lines().add_columns(total).join(start, start.c.id == Purchase.id)
    rows = tx.execute(query.order_by(*_order(sort, DUE))).all()
    if not rows:
        return count(tx, reach, chosen, counted), []
    return rows[0][-1], [CaseRow(*row[:-1]) for row in rows]


def count(tx: Session, reach: Reach, chosen: CaseFilter, most: int) -> int:
    """How many lines there are, counted up to `most`."""
    some = select(Purchase.id).where(*_where(reach, chosen)).limit(most).subquery()
    return tx.scalar(select(func.count()).select_from(some)) or 0


@dataclass(frozen=True)
class CaseFigure:
    """How many cases stand alike: in a state, a district, with an insurer. Of them `at_work` ones
    something is asked of somebody, `overdue` ones somebody is late with, and in `still` ones
    nothing went on since each of some moments."""

    state: str
    district: str
    insurer: str | None
    cases: int
    at_work: int
    overdue: int
    still: Sequence[int]


def figures(
    tx: Session, reach: Reach, now: datetime, still_since: Sequence[datetime]
) -> Sequence[CaseFigure]:
    """Every case within reach, counted in one statement; reads them all, by its nature."""
    late = aliased(DeadlineRecord)
    overdue = exists().where(_owed(late), late.ends_before <= now)
    query = (
        select(
            Purchase.state,
            Estate.district,
            Insurer.name,
            func.count(),
            func.count().filter(at_work()),
            func.count().filter(overdue),
            *(func.count().filter(at_work(), Purchase.updated_at <= each) for each in still_since),
        )
        .join(Estate, Estate.id == Purchase.estate_id)
        .outerjoin(Insurer, Insurer.id == Purchase.insurer_id)
        .where(visible(reach))
        .group_by(Purchase.state, Estate.district, Insurer.name)
    )
    return [CaseFigure(*row[:6], still=row[6:]) for row in tx.execute(query)]


def by_limit(tx: Session, reach: Reach, now: datetime) -> Sequence[tuple[str, int, int]]:
    """For each kind of limit that somebody can be late with: in how many cases one runs, and in how
    many of them it is over."""
    of = func.count(DeadlineRecord.purchase_id.distinct())
    query = (
        select(DeadlineRecord.kind, of, of.filter(DeadlineRecord.ends_before <= now))
        .join(Purchase, _owed())
        .where(visible(reach))
        .group_by(DeadlineRecord.kind)
        .order_by(DeadlineRecord.kind)
    )
    return [(kind, running, late) for kind, running, late in tx.execute(query)]


def rows_of(tx: Session, ids: Sequence[UUID]) -> Sequence[CaseRow]:
    """The lines of these cases, in their order."""
    query = _lines().where(Purchase.id.in_(ids))
    lines = {row.id: CaseRow(*row) for row in tx.execute(query)}
    return [lines[each] for each in ids if each in lines]


def _span(reach: Reach, chosen: CaseFilter, sort: str, skipped: int, most: int) -> Subquery:
    """The ids of `most` cases after the first `skipped`, in whatever order.

    Of what is due, those at rest are looked for only where running limits do not fill the span:
    they are what its limit still has room for, and none are read when that is nothing.
    """
    if sort != "due":
        query = select(Purchase.id).where(*_where(reach, chosen)).order_by(*_order(sort))
        return query.offset(skipped).limit(most).subquery()
    urgent = _most_urgent(reach, chosen)
    if chosen.overdue_at is not None:  # nothing at rest is late
        return urgent.offset(skipped).limit(most).subquery()
    before = urgent.limit(skipped + most).cte("urgent")
    running = select(func.count()).select_from(before).scalar_subquery()
    first = func.greatest(skipped - running, 0)
    room = func.greatest(skipped + most - func.greatest(running, skipped), 0)
    here = select(before.c.id).order_by(before.c.ends_before, before.c.id).offset(skipped)
    rest = _at_rest(reach, chosen).offset(first).limit(room)
    both = union_all(here.subquery().select(), rest.subquery().select())
    # They are no more than that. PostgreSQL expects a tenth of all where it does not see the limit,
    # and would read every case to join them.
    return both.limit(most).subquery()


def _order(sort: str, due: str | None = None) -> Sequence[Any]:
    """What sorts a list; `due` is the column of it that says so already."""
    if sort == "due":
        return due or _first_end(_running()), Purchase.id
    return (Purchase.number,) if sort == "number" else (Purchase.updated_at.desc(), Purchase.id)


def _lines() -> Select[Any]:
    """What a `CaseRow` says, column by column."""
    lifts = (
        select(func.count())
        .where(PurchaseLift.purchase_id == Purchase.id)
        .correlate(Purchase)
        .scalar_subquery()
    )
    return (
        select(
            Purchase.id,
            Purchase.number,
            Estate.name,
            Purchase.state,
            Purchase.applicant,
            lifts,
            Plan.premium_fen,
            _first_end(_running()).label(DUE),
            _first_end(_owed()),
            Purchase.updated_at,
            Purchase.route,
            Purchase.profile_version,
        )
        .join(Estate, Estate.id == Purchase.estate_id)
        .outerjoin(Plan, Plan.id == Purchase.plan_id)
    )


def _most_urgent(reach: Reach, chosen: CaseFilter) -> Select[UUID, datetime]:
    """Cases by the first end of a limit that runs, along the index of these ends."""
    sooner = aliased(DeadlineRecord)
    first = ~exists().where(
        sooner.purchase_id == DeadlineRecord.purchase_id,
        sooner.state == DeadlineState.OPEN,
        tuple_(sooner.ends_before, sooner.id)
        < tuple_(DeadlineRecord.ends_before, DeadlineRecord.id),
    )
    query = (
        select(Purchase.id, DeadlineRecord.ends_before)
        .join(DeadlineRecord, _running())
        .where(first, *_where(reach, chosen))
        .order_by(DeadlineRecord.ends_before, DeadlineRecord.purchase_id)
    )
    if chosen.overdue_at is not None:  # what is over of any limit is over of the first one
        query = query.where(DeadlineRecord.ends_before <= chosen.overdue_at)
    return query


def _at_rest(reach: Reach, chosen: CaseFilter) -> Select[UUID]:
    running = exists().where(_running())
    return select(Purchase.id).where(~running, *_where(reach, chosen)).order_by(Purchase.id)


def _where(reach: Reach, chosen: CaseFilter) -> Sequence[ColumnElement[bool]]:
    where = [visible(reach)]
    if chosen.states:
        where.append(Purchase.state.in_(sorted(chosen.states)))
    if chosen.words:
        like = f"%{chosen.words.translate(ESCAPED)}%"
        named = select(Estate.id).where(Estate.name.ilike(like))
        where.append(or_(Purchase.number.ilike(like), Purchase.estate_id.in_(named)))
    if chosen.overdue_at is not None:
        late = aliased(DeadlineRecord)
        over = _owed(late), late.ends_before <= chosen.overdue_at
        where.append(exists().where(*over, *_of_kind(late, chosen)))
    elif chosen.limit:
        runs = aliased(DeadlineRecord)
        where.append(exists().where(_running(runs), *_of_kind(runs, chosen)))
    return [*where, *_counted_by(chosen)]


def _of_kind(limit: type[DeadlineRecord], chosen: CaseFilter) -> Sequence[ColumnElement[bool]]:
    return [limit.kind == chosen.limit] if chosen.limit else []


def _counted_by(chosen: CaseFilter) -> Sequence[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if chosen.district:
        here = select(Estate.id).where(Estate.district == chosen.district)
        where.append(Purchase.estate_id.in_(here))
    if chosen.insurer:
        of_name = select(Insurer.id).where(Insurer.name == chosen.insurer)
        where.append(Purchase.insurer_id.in_(of_name))
    if chosen.still_since is not None:
        where += [at_work(), Purchase.updated_at <= chosen.still_since]
    return where


def _first_end(which: ColumnElement[bool]) -> ScalarSelect[datetime]:
    return select(func.min(DeadlineRecord.ends_before)).where(which).scalar_subquery()


def _running(limit: type[DeadlineRecord] = DeadlineRecord) -> ColumnElement[bool]:
    return (limit.purchase_id == Purchase.id) & (limit.state == DeadlineState.OPEN)


def _owed(limit: type[DeadlineRecord] = DeadlineRecord) -> ColumnElement[bool]:
    """What somebody can be late with: a notice that is over is nobody's fault."""
    return _running(limit) & (limit.kind != THE_NOTICE_ITSELF)
