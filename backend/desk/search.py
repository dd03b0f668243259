"""查找: one box at the top of every page; the only hit opens at once.

Whoever may look up phones sends the box as a form: a number is in no address then, and in no log.
"""

from collections.abc import Sequence

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate, once
from backend.desk.pages import page
from backend.http.parts import context
from backend.services.base.access import nothing_there
from backend.services.reads.phone_search import READERS, Called, find_by_phone
from backend.services.reads.searches import MOST_LETTERS, Hits, looks_like_phone, search

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
    """What the words lead to; a phone's number leads nowhere from here."""
    words = request.args.get("q", "").strip()[: 2 * MOST_LETTERS]
    hits = search(context(), gate.me(), words)
    only = _address(hits) if hits.number == 1 else None
    if only:
        return redirect(only, 303)
    is_phone = not hits.number and looks_like_phone(words)
    return page(
        "search.html",
        words="" if is_phone else words,
        is_phone=is_phone,
        hits=hits,
        why=WHY,
        lift_address=lift_address,
        unit_address=unit_address,
    )


@routes.post("")
def find() -> Response | Redirect:
    """The same, from whoever may look up whose phone a number is: once, no copy of it is kept."""
    gate.check_form()
    if not gate.holds(*READERS):
        raise nothing_there("表单")
    words, me = request.form.get("q", "").strip()[: 2 * MOST_LETTERS], gate.me()
    if not looks_like_phone(words) or search(context(), me, words).number:
        return redirect(url_for("search.found", q=words), 303)
    calls: list[Sequence[Called]] = []
    # What makes two of them the same is the form, not the number: nothing of that is written down.
    once.do_once((), lambda part, _: calls.append(find_by_phone(part, me, words)))
    return page("phone.html", called=calls[-1] if calls else None)


def _address(hits: Hits) -> str:
    for case in hits.cases:
        return url_for("case.case", purchase_id=case.id)
    for flat in hits.flats:
        return unit_address(flat.unit.estate_id, flat.unit.id)
    for lift in hits.lifts:
        return lift_address(lift.estate_id, lift.id)
    for estate in hits.estates:
        return url_for("estates.estate", estate_id=estate.id)
    return url_for("estates.estates", words=hits.companies[0].name)


def lift_address(estate_id: object, lift_id: object) -> str:
    """Where a lift stands on the page of its estate."""
    return url_for("estates.estate", estate_id=estate_id, _anchor=f"lift-{lift_id}")


def unit_address(estate_id: object, unit_id: object) -> str:
    """Where a unit stands on the page of its estate."""
    return url_for("estates.estate", estate_id=estate_id, _anchor=f"unit-{unit_id}")
