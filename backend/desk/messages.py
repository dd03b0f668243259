"""消息: what was told to people and how it ended, without words and names; what did not arrive is
sent again, and what the platform told us and nobody worked on has another turn, for a reason."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, filters, forms, gate, lists, shown
from backend.desk.acts.act import REASON
from backend.desk.exports import export as export_of
from backend.desk.pages import go, page
from backend.domain.channels import App
from backend.domain.errors import Refusal
from backend.domain.local_time import local_date
from backend.domain.messages import (
    STATE_NAMES,
    WAY_NAMES,
    outcome_words,
    title_of,
)
from backend.http.parts import context
from backend.services.base.context import Context
from backend.services.lists.messages import EVENTS, NOBODYS, Asked, asked_of
from backend.services.messages import again
from backend.services.reads.message_pages import (
    READ_DEAD,
    MessagePage,
    closed_channels,
    failed_callbacks,
    figures_of,
    page_of_messages,
    part_name,
    read_dead,
    read_message,
    readers_of,
)

routes = Blueprint("messages", __name__, url_prefix=f"{gate.PREFIX}/messages")
DAYS_SHOWN = timedelta(days=6)
APP_NAMES = {App.SERVICE_ACCOUNT: "服务号", App.MINI_PROGRAM: "小程序", None: "不是本平台的"}
WHY = (REASON,)


def asked() -> Asked:
    """The list that this address asks for."""
    return asked_of(context(), gate.me(), lists.address())


@routes.get("")
def messages() -> Response | Redirect:
    """Those of the last days, until the address says otherwise: then it says all of it."""
    if not request.args:
        today = local_date(context().clock())
        return go("messages.messages", first=today - DAYS_SHOWN, last=today)
    this, ctx, me = asked(), context(), gate.me()
    of_case = this.case if this.case and this.case != NOBODYS else None
    return page(
        "messages.html",
        found=page_of_messages(ctx, me, this.chosen, lists.page_number()),
        figures=figures_of(ctx, me, this.chosen),
        readers=readers_of(ctx, me, of_case) if of_case else (),
        closed_channels=() if of_case else closed_channels(ctx, me),
        of_case=of_case,
        asked=this,
        states=STATE_NAMES,
        events=EVENTS,
        reads_dead=gate.holds(*READ_DEAD),
        export=url_for("messages.export", **dict[str, Any](this.narrowing)),
        **_names(),
        **filters.shown_at("messages", this.narrowing),
    )


@routes.get("/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    return export_of("messages")


@routes.get("/<uuid:message_id>")
def message(message_id: UUID) -> Response:
    """How one ended, and the form that sends it again."""
    view = read_message(context(), gate.me(), message_id)
    return _page(view, shown.begun(WHY, forms.NOTHING), 200)


@routes.post("/<uuid:message_id>/again")
def send_again(message_id: UUID) -> Response | Redirect:
    """Send it again, once."""
    me = gate.me()

    def shows(form: shown.Form, status: int) -> Response:
        return _page(read_message(context(), me, message_id), form, status)

    wrong = _for_a_reason(lambda part, why: again.send_again(part, me, message_id, why), shows)
    return wrong or go("messages.message", message_id=message_id, done="again")


@routes.get("/dead")
def dead() -> Response:
    """What the platform told us and ended nowhere."""
    return page(
        "failed_callbacks.html",
        found=failed_callbacks(context(), gate.me()),
        apps=APP_NAMES,
        done="已安排重新处理" if request.args.get("done") else "",
    )


@routes.get("/dead/<uuid:callback_id>")
def dead_one(callback_id: UUID) -> Response:
    """The form that gives one another turn."""
    return _dead_page(callback_id, shown.begun(WHY, forms.NOTHING), 200)


@routes.post("/dead/<uuid:callback_id>")
def take_up(callback_id: UUID) -> Response | Redirect:
    """Have it worked on once more."""
    me = gate.me()

    def shows(form: shown.Form, status: int) -> Response:
        return _dead_page(callback_id, form, status)

    wrong = _for_a_reason(
        lambda part, why: again.take_up_callback(part, me, callback_id, why), shows
    )
    return wrong or redirect(url_for("messages.dead", done="1"), 303)


def _for_a_reason(
    write: Callable[[Context, str], object], shows: Callable[[shown.Form, int], Response]
) -> Response | None:
    def again_(typed: Mapping[str, str], refusals: Sequence[Refusal], status: int) -> Response:
        return shows(shown.Form(WHY, forms.NOTHING, typed, refusals), status)

    return asking.done(WHY, lambda part, given: write(part, given[REASON.name]), again_)


def _page(view: MessagePage, form: shown.Form, status: int) -> Response:
    sent = request.args.get("done") == "again"
    return page("message.html", status, view=view, row=view.row, form=form, sent=sent, **_names())


def _dead_page(callback_id: UUID, form: shown.Form, status: int) -> Response:
    return page(
        "failed_callback.html",
        status,
        row=read_dead(context(), gate.me(), callback_id),
        may_take_up=gate.holds(*again.KEEPERS),
        form=form,
        apps=APP_NAMES,
    )


def _names() -> Mapping[str, Any]:
    return {
        "title_of": title_of,
        "part_name": part_name,
        "channels": WAY_NAMES,
        "state_names": STATE_NAMES,
        "outcome_words": outcome_words,
        "marks": {"sent": "good", "failed": "late", "unknown": "soon"},
    }
