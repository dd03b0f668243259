"""原文审核: words that wait are judged one by one, without a name; published ones are taken down,
and restored by somebody else. Opening held words is a form: the look is on record."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, filters, gate, lists, once
from backend.desk.acts.act import REASON
from backend.desk.exports import export as export_of
from backend.desk.forms import Field, Given
from backend.desk.pages import go, page
from backend.domain.errors import Refusal
from backend.domain.objection import (
    KINDS,
    PUBLICATION_NAMES,
    STATUS_NAMES,
    Publication,
    as_published,
)
from backend.http.parts import context
from backend.services.base.context import Actor, Context
from backend.services.lists.moderation import TABS, verdict_name, which_of
from backend.services.public_notice import moderation, takedowns
from backend.services.public_notice.moderation import HeldWords
from backend.services.reads.moderation_pages import (
    WordsPage,
    next_to_judge,
    page_of_words,
    read_words_page,
)

routes = Blueprint("moderation", __name__, url_prefix=f"{gate.PREFIX}/moderation")
DONE = {
    "publication": "已公布",
    "withholding": "已决定不予公布",
    "takedown": "已撤下",
    "restore": "已恢复",
}
Write = Callable[[Context, Actor, UUID, str], object]


def _decides(publish: bool) -> Write:
    return lambda ctx, me, of, reason: moderation.decide_publication(ctx, me, of, publish, reason)


# What is done with words, by the word in its address: what it asks for, and the service.
DEEDS: Mapping[str, tuple[tuple[Field, ...], Write]] = {
    "publication": ((), _decides(True)),
    "withholding": ((REASON,), _decides(False)),
    "takedown": ((REASON,), takedowns.take_down_words),
    "restore": ((REASON,), takedowns.restore_words),
}


@routes.get("")
def words() -> Response:
    """Those that wait, by the day they came; or those that are published, or were refused."""
    which = _asked()
    return page(
        "moderation.html",
        found=page_of_words(context(), gate.me(), which, lists.page_number()),
        which=which,
        waits=which is Publication.HELD,
        tabs=TABS,
        done=DONE.get(request.args.get("done", "")),
        export=url_for("moderation.export", publication=which),
        **_names(),
        **filters.shown_at("moderation"),
    )


@routes.get("/workbook")
def export() -> Response:
    """The same list as a workbook, without any words of authors."""
    return export_of("moderation")


@routes.get("/<uuid:objection_id>")
def one(objection_id: UUID) -> Response:
    """How one stands; held words are not open yet."""
    return _page(read_words_page(context(), gate.me(), objection_id), 200)


@routes.post("/<uuid:objection_id>/words")
def look(objection_id: UUID) -> Response:
    """The held words, masked, with what the platform said of them and both answers."""
    me = gate.me()
    view = read_words_page(context(), me, objection_id)
    found: list[HeldWords] = []

    def again(typed: Mapping[str, str], refusals: Sequence[Refusal], status: int) -> Response:
        return _page(view, status, refusals=refusals)

    wrong = asking.done(
        (), lambda part, _: found.append(moderation.look(part, me, objection_id)), again
    )
    if wrong:
        return wrong
    return _page(view, 200, look=found[-1] if found else None, looked_before=not found)


@routes.post("/<uuid:objection_id>/<any(publication, withholding, takedown, restore):deed>")
def do(objection_id: UUID, deed: str) -> Response | Redirect:
    """Do it, once; after a decision the next one that waits comes by itself."""
    me = gate.me()
    fields, write = DEEDS[deed]

    def done(part: Context, given: Given) -> object:
        return write(part, me, objection_id, given.get(REASON.name, ""))

    def again(typed: Mapping[str, str], refusals: Sequence[Refusal], status: int) -> Response:
        view = read_words_page(context(), me, objection_id)
        return _page(view, status, refusals=refusals, typed=typed, asked=deed)

    wrong = asking.done(fields, done, again)
    if wrong:
        return wrong
    if deed in ("takedown", "restore"):
        return go("moderation.one", objection_id=objection_id, done=deed)
    following = next_to_judge(context(), me, objection_id)
    if following is None:
        return go("moderation.words", done=deed)
    return go("moderation.one", objection_id=following, done=deed)


def _page(view: WordsPage, status: int, **values: Any) -> Response:
    shown = {"refusals": (), "typed": {}, "look": None, "asked": "", **values}
    row = view.row
    return page(
        "moderation_one.html",
        status,
        view=view,
        row=row,
        tab=TABS[row.publication],
        waits=row.publication is Publication.HELD,
        is_public=row.publication is Publication.PUBLISHED,
        public_words=as_published(row.published, row.taken_down),
        keys=(once.key_of(shown["refusals"]), once.key_of()),
        done=DONE.get(request.args.get("done", "")),
        **_names(),
        **shown,
    )


def _names() -> Mapping[str, Any]:
    return {
        "kinds": KINDS,
        "statuses": {str(each): name for each, name in STATUS_NAMES.items()},
        "publications": PUBLICATION_NAMES,
        "verdict_name": verdict_name,
    }


def _asked() -> Publication:
    return which_of(lists.address())
