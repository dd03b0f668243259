"""A list leaves exactly as it was narrowed down: at once, or, longer than anybody waits for, as a
file that a worker makes."""

from flask import Response

from backend.desk import gate, lists, once
from backend.desk.pages import page
from backend.domain.errors import Refused
from backend.domain.ordered import MOST_LINES
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context
from backend.services.lists.every import LISTS


def export(name: str) -> Response:
    """The list of this name as a workbook, or the form that orders it."""
    chosen = LISTS[name]
    narrowed = chosen.narrowed(context(), gate.me(), lists.address())
    try:
        rows = narrowed.lines(None)
    except Refused as refused:
        if refused.refusals[0].code != "export_too_long":
            raise
        return page(
            "too_long.html",
            STATUS_OF_KIND[refused.kind],
            refusals=refused.refusals,
            title=chosen.title,
            active=narrowed.active,
            name=name,
            address=narrowed.address,
            most=f"{MOST_LINES:,}",
            key=once.key_of(),
        )
    return lists.workbook(chosen.title, chosen.headings, rows, narrowed.active)
