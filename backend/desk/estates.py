"""小区与电梯: the list of estates, and one of them with its lifts, company, committee, money."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from backend.desk import filters, gate, lists, registry
from backend.desk.exports import export as export_of
from backend.desk.pages import page
from backend.domain.wording import day_ends, plain_day
from backend.http.parts import context
from backend.services.lists.estates import active_of, asked_of
from backend.services.reads.estate_pages import page_of_estates, read_estate

routes = Blueprint("estates", __name__, url_prefix=f"{gate.PREFIX}/estates")


@routes.get("")
def estates() -> Response:
    """Fifty a page, by name."""
    chosen = asked_of(lists.address())
    found = page_of_estates(context(), gate.me(), chosen, lists.page_number())
    return page(
        "estates.html",
        found=found,
        asked=chosen,
        active=active_of(chosen),
        export=url_for(
            "estates.export", words=chosen.words or None, district=chosen.district or None
        ),
        **filters.shown_at("estates"),
    )


@routes.get("/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    return export_of("estates")


@routes.get("/<uuid:estate_id>")
def estate(estate_id: UUID) -> Response:
    """Everything of one estate but people."""
    return page(
        "estate.html",
        view=read_estate(context(), gate.me(), estate_id),
        plain_day=plain_day,
        day_ends=day_ends,
        may_correct=gate.holds(*registry.KEEPERS),
        done=registry.done_words(request.args.get("done", "")),
    )
