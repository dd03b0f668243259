"""The list of cases for an office: whatever narrows it is in its address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.roles import APPLICANT_ROLES, ROLE_NAMES, Role
from backend.domain.routes.catalogue import table_of
from backend.services.base.context import Actor, Context
from backend.services.base.paging import MOST_COUNTED, MOST_EXPORTED, MOST_PAGES, ROWS, whole
from backend.services.case.profiles import profile_at
from backend.store.queries import case_list
from backend.store.queries.case_list import CaseFilter, CaseRow
from backend.store.queries.cases import Viewer, reach_of

SORTS = ("due", "number", "changed")


@dataclass(frozen=True)
class CasePage:
    """A page of the list: how many lines there are (more than can be counted: `more`), and which
    pages. What comes next in each case, and whose turn it is, by its id."""

    rows: Sequence[CaseRow]
    next_words: Mapping[UUID, str]
    total: int
    more: bool
    page: int
    pages: int


@dataclass(frozen=True)
class PlaceInList:
    """Where a case stands in a list (from 1), and its neighbours there."""

    nth: int
    total: int
    more: bool
    before: UUID | None
    after: UUID | None


def page_of(ctx: Context, actor: Actor, chosen: CaseFilter, sort: str, page: int) -> CasePage:
    """The `page` (from 1) of the cases that this person may see, sorted by one of `SORTS`.

    Whoever wants more than twenty pages narrows the list down.
    """
    with ctx.sessions() as tx:
        reach = reach_of(tx, Viewer.at(actor.person_id, ctx.clock()))
        page = min(max(page, 1), MOST_PAGES)
        while True:
            span = (page - 1) * ROWS, ROWS
            total, rows = case_list.page(tx, reach, chosen, sort, span, MOST_COUNTED)
            pages = max(1, min(MOST_PAGES, -(-total // ROWS)))
            if page <= pages:
                break
            page = pages  # there is no such page: the last one
        next_words = {row.id: _next_words(tx, ctx, row) for row in rows}
    return CasePage(rows, next_words, total, total == MOST_COUNTED, page, pages)


def _next_words(tx: Session, ctx: Context, row: CaseRow) -> str:
    table = table_of(row.route, profile_at(tx, ctx, row.profile_version))
    awaited = table.awaited_row(row.state)
    if not awaited or not awaited.roles:
        return table.next_words(row.state)
    role = awaited.roles[0]
    who = APPLICANT_ROLES[row.applicant] if role is Role.APPLICANT else role
    return f"{table.next_words(row.state)}（{ROLE_NAMES[who]}）"


def place_of(
    ctx: Context, actor: Actor, chosen: CaseFilter, sort: str, purchase_id: UUID
) -> PlaceInList | None:
    """Where the case stands in this list now; None where it does not stand there any more."""
    with ctx.sessions() as tx:
        reach = reach_of(tx, Viewer.at(actor.person_id, ctx.clock()))
        ids = case_list.found(tx, reach, chosen, sort, 0, MOST_COUNTED)
    if purchase_id not in ids:
        return None
    here = ids.index(purchase_id)
    return PlaceInList(
        nth=here + 1,
        total=len(ids),
        more=len(ids) == MOST_COUNTED,
        before=ids[here - 1] if here else None,
        after=ids[here + 1] if here + 1 < len(ids) else None,
    )


def whole_list(
    ctx: Context, actor: Actor, chosen: CaseFilter, sort: str, most: int | None = None
) -> Sequence[CaseRow]:
    """Every line, `most` at most (None: `MOST_EXPORTED`); raises Refused `export_too_long`."""
    with ctx.sessions() as tx:
        reach = reach_of(tx, Viewer.at(actor.person_id, ctx.clock()))
        ids = whole(lambda *some: case_list.found(tx, reach, chosen, sort, *some), most)
        return [
            row
            for start in range(0, len(ids), MOST_EXPORTED)
            for row in case_list.rows_of(tx, ids[start : start + MOST_EXPORTED])
        ]
