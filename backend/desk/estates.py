"""小区与电梯: the list of estates, and one of them with its lifts, company, committee, money."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from backend.desk import gate, lists, registry
from backend.desk.pages import page
from backend.domain.wording import day_ends, plain_day
from backend.http.parts import context
from backend.services.reads.estate_pages import page_of_estates, read_estate, whole_estates

routes = Blueprint("estates", __name__, url_prefix=f"{gate.PREFIX}/estates")
HEADINGS = ("小区代码", "小区", "地址", "区县", "物业服务企业", "电梯（台）", "在办案件")


@routes.get("")
def estates() -> Response:
    """Fifty a page, by name."""
    words = lists.words()
    found = page_of_estates(context(), gate.me(), words, lists.page_number())
    return page(
        "estates.html",
        found=found,
        words=words,
        export=url_for("estates.export", words=words or None),
    )


@routes.get("/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    words = lists.words()
    rows = [
        (row.code, row.name, row.address, row.district, row.company, row.lifts, row.cases)
        for row in whole_estates(context(), gate.me(), words)
    ]
    return lists.workbook("小区", HEADINGS, rows, [f"含“{words}”"] if words else [])


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
