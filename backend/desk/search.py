"""查找: one box at the top of every page; the only hit opens at once."""

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.pages import page
from backend.http.parts import context
from backend.services.reads.searches import MOST_LETTERS, Hits, search

routes = Blueprint("search", __name__, url_prefix=f"{gate.PREFIX}/search")
WHY = {
    "purchase": "案件编号",
    "notice": "公示编号",
    "objection": "异议编号",
    "registration": "备案编号",
    "payment": "拨付编号",
    "policy": "保险单号",
}


@routes.get("")
def found() -> Response | Redirect:
    """What the words lead to."""
    words = request.args.get("q", "").strip()[: 2 * MOST_LETTERS]
    hits = search(context(), gate.me(), words)
    only = _address(hits) if hits.number == 1 else None
    if only:
        return redirect(only, 303)
    return page("search.html", words=words, hits=hits, why=WHY, lift_address=lift_address)


def _address(hits: Hits) -> str:
    for case in hits.cases:
        return url_for("case.case", purchase_id=case.id)
    for lift in hits.lifts:
        return lift_address(lift.estate_id, lift.id)
    for estate in hits.estates:
        return url_for("estates.estate", estate_id=estate.id)
    return url_for("estates.estates", words=hits.companies[0].name)


def lift_address(estate_id: object, lift_id: object) -> str:
    """Where a lift stands on the page of its estate."""
    return url_for("estates.estate", estate_id=estate_id, _anchor=f"lift-{lift_id}")
