"""The list of cases for an office: whatever narrows it is in its address."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.services.base.context import Actor, Context
from backend.store.queries import case_list
from backend.store.queries.case_list import MOST_COUNTED, CaseFilter, CaseRow
from backend.store.queries.cases import Viewer, reach_of

ROWS = 50
MOST_PAGES = 20
SORTS = ("due", "number", "changed")


@dataclass(frozen=True)
class CasePage:
    """A page of the list: how many lines there are (more than can be counted: `more`), and which
    pages."""

    rows: Sequence[CaseRow]
    total: int
    more: bool
    page: int
    pages: int


def page_of(ctx: Context, actor: Actor, chosen: CaseFilter, sort: str, page: int) -> CasePage:
    """The `page` (from 1) of the cases that this person may see, sorted by one of `SORTS`.

    Whoever wants more than twenty pages narrows the list down.
    """
    with ctx.sessions() as tx:
        reach = reach_of(tx, Viewer.at(actor.person_id, ctx.clock()))
        total = case_list.count(tx, reach, chosen)
        pages = max(1, min(MOST_PAGES, -(-total // ROWS)))
        page = min(max(page, 1), pages)
        rows = case_list.rows(tx, reach, chosen, sort, (page - 1) * ROWS, ROWS)
    return CasePage(rows, total, total == MOST_COUNTED, page, pages)
