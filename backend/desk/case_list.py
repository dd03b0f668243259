"""案件: the list, whose address says everything that narrows it."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from backend.desk import gate
from backend.desk.pages import page
from backend.domain.routes.catalogue import is_state, state_name
from backend.domain.states import STATE_NAMES
from backend.http.parts import context
from backend.services.reads.case_list import SORTS, page_of
from backend.store.queries.case_list import CaseFilter

routes = Blueprint("case_list", __name__, url_prefix=f"{gate.PREFIX}/cases")
MOST_LETTERS = 50


@routes.get("")
def cases() -> Response:
    """Fifty a page, sorted by what is due first."""
    asked = request.args
    states = [state for state in asked.getlist("state") if is_state(state)]
    words = asked.get("words", "").strip()[:MOST_LETTERS]
    overdue = asked.get("overdue") == "1"
    sort = asked["sort"] if asked.get("sort") in SORTS else SORTS[0]
    number = asked.get("page", "1")
    chosen = CaseFilter(states, words, context().clock() if overdue else None)
    found = page_of(context(), gate.me(), chosen, sort, int(number) if number.isdecimal() else 1)
    narrowing: list[tuple[str, str]] = [("state", state) for state in states]
    narrowing += [("words", words)] if words else []
    narrowing += [("overdue", "1")] if overdue else []
    return page(
        "cases.html",
        found=found,
        states=STATE_NAMES,
        state_name=state_name,
        chosen=chosen,
        overdue=overdue,
        sort=sort,
        links=_links(narrowing, sort, found.pages),
        active=_active(states, words, overdue),
    )


def _active(states: Sequence[str], words: str, overdue: bool) -> Sequence[str]:
    """What narrows the list, in words."""
    found = [state_name(state) for state in states]
    found += [f"含“{words}”"] if words else []
    return found + (["已逾期"] if overdue else [])


def _links(narrowing: Sequence[tuple[str, str]], sort: str, pages: int) -> Mapping[str, str]:
    """The address of each page of this list, and of the list in another order."""
    found = {
        f"page {number}": f"?{urlencode([*narrowing, ('sort', sort), ('page', number)])}"
        for number in range(1, pages + 1)
    }
    orders = {f"sort {each}": f"?{urlencode([*narrowing, ('sort', each)])}" for each in SORTS}
    return {**found, **orders}
