"""异议: those that are not settled, the soonest limit first."""

from typing import Any

from flask import Blueprint, Response, url_for

from backend.desk import filters, gate, lists
from backend.desk.exports import export as export_of
from backend.desk.pages import page
from backend.desk.today import near
from backend.domain.local_time import local_date, midnight_after
from backend.domain.objection import KINDS, OWED_NAMES, SOURCE_NAMES, STATUS_NAMES
from backend.http.parts import context
from backend.services.lists.objections import asked_of
from backend.services.reads.objection_pages import page_of_objections
from backend.services.reads.objections import HANDLE

routes = Blueprint("objection_list", __name__, url_prefix=f"{gate.PREFIX}/objections")


@routes.get("")
def objections() -> Response:
    """Fifty a page, by the end of their limit."""
    this, now = asked_of(lists.address()), context().clock()
    narrowing = dict[str, Any](this.narrowing)
    return page(
        "objections.html",
        found=page_of_objections(context(), gate.me(), this.chosen(now), lists.page_number()),
        asked=this,
        kinds=KINDS,
        owed_names=OWED_NAMES,
        sources=SOURCE_NAMES,
        statuses=STATUS_NAMES,
        handles=gate.holds(*HANDLE),
        tonight=midnight_after(local_date(now)),
        near=near(now),
        export=url_for("objection_list.export", **narrowing),
        **filters.shown_at("objections", this.narrowing),
    )


@routes.get("/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook, without any words of authors."""
    return export_of("objections")
