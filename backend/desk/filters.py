"""Filters by name: each list shows its own, and keeps what narrows it now, for oneself or for an
office."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, gate, lists, shown
from backend.desk.forms import Field, Given, Known
from backend.desk.pages import go, page
from backend.desk.values import Kind
from backend.domain.errors import Refusal
from backend.http.parts import context
from backend.services.base.access import nothing_there
from backend.services.base.context import Context
from backend.services.lists import saved
from backend.services.lists.desk_list import Address
from backend.services.lists.every import LISTS

routes = Blueprint("filters", __name__, url_prefix=f"{gate.PREFIX}/filters")
# Where each list stands.
PAGES: Mapping[str, str] = {
    "cases": "case_list.cases",
    "lifts": "progress.lifts",
    "estates": "estates.estates",
    "posters": "posters.posters",
    "rights": "people.people",
    "moderation": "moderation.words",
    "messages": "messages.messages",
    "objections": "objection_list.objections",
    "insurers": "insurers.insurers",
    "deposits": "income.deposits",
    "interest": "income.interest",
    "shares": "closes.shares",
}
SAVE = (
    Field("name", "名称", Kind.LINE, "例如“本周到期”。同名的会被替换。"),
    Field("office", "给谁用", Kind.CHOICE, "不选就是只给自己。", True),
)


def shown_at(name: str, narrowing: Address | None = None) -> Mapping[str, Any]:
    """What the page of this list shows of its filters; `narrowing` is what of its address narrows
    it, where the page has found that out."""
    parts = _narrowed(name) if narrowing is None else dict[str, Any](narrowing)
    return {
        "filters": [(each, _at(each)) for each in saved.filters_of(context(), gate.me(), name)],
        "save_filter": url_for("filters.filters", name=name, **parts),
    }


@routes.get("/<name>")
def filters(name: str) -> Response:
    """The form that keeps what narrows this list now, and its filters, to forget those of no
    use."""
    return _page(name, shown.begun(SAVE, _known()), 200)


@routes.post("/<name>")
def save(name: str) -> Response | Redirect:
    """Keep it, once."""
    me = gate.me()

    def write(part: Context, given: Given) -> None:
        saved.save(part, me, name, given["name"], given["office"] or "", lists.address())

    def again(typed: Mapping[str, str], refusals: Sequence[Refusal], status: int) -> Response:
        return _page(name, shown.Form(SAVE, _known(), typed, refusals), status)

    wrong = asking.done(SAVE, write, again)
    return wrong or redirect(url_for(PAGES[name], **_narrowed(name)), 303)


@routes.post("/one/<uuid:filter_id>")
def drop(filter_id: UUID) -> Redirect:
    """Forget one; once or twice is the same."""
    gate.check_form()
    return go("filters.filters", name=saved.drop(context(), gate.me(), filter_id), done="1")


def _known() -> Known:
    return Known(choices={"office": saved.offices_of(context(), gate.me())})


def _page(name: str, form: shown.Form, status: int) -> Response:
    if name not in LISTS:
        raise nothing_there("清单")
    chosen = LISTS[name]
    narrowed = chosen.narrowed(context(), gate.me(), lists.address())
    return page(
        "filters.html",
        status,
        PAGES[name],
        title=chosen.title,
        active=narrowed.active,
        back=url_for(PAGES[name], **dict[str, Any](narrowed.address)),
        filters=[(each, _at(each)) for each in saved.filters_of(context(), gate.me(), name)],
        form=form,
        here=url_for("filters.save", name=name, **dict[str, Any](narrowed.address)),
        done="已删除" if request.args.get("done") else "",
    )


def _narrowed(name: str) -> dict[str, Any]:
    """What of the address narrows this list: nothing else of what somebody typed there."""
    return dict(LISTS[name].narrowed(context(), gate.me(), lists.address()).address)


def _at(each: saved.ShownFilter) -> str:
    return url_for(PAGES[each.list_name], **dict[str, Any](each.address))
