"""人员与授权: who may do what and until when; a right ends after it was seen what then waits."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, filters, gate, lists, shown
from backend.desk.exports import export as export_of
from backend.desk.forms import NOTHING, Field
from backend.desk.pages import go, page
from backend.desk.values import Kind
from backend.domain.errors import Refusal
from backend.domain.right_ends import RIGHT_END_NAMES, RightEnd
from backend.domain.roles import ROLE_NAMES, keeper_of
from backend.http.parts import context
from backend.services.lists.rights import CITY, COMMAND_LINE, ROLES, Asked, asked_of
from backend.services.people import grants
from backend.services.reads.people_pages import givable
from backend.services.reads.rights import (
    leaving,
    page_of_rights,
)

routes = Blueprint("people", __name__, url_prefix=f"{gate.PREFIX}/people")
BECAUSE = Field(
    "because",
    "为什么结束",
    Kind.CHOICE,
    choices=[(str(each), words) for each, words in RIGHT_END_NAMES.items()],
)


def asked() -> Asked:
    """The list that this address asks for."""
    return asked_of(lists.address())


@routes.get("")
def people() -> Response:
    """Rights by person, fifty a page."""
    this, ctx = asked(), context()
    return page(
        "people.html",
        found=page_of_rights(ctx, gate.me(), this.chosen(ctx.clock()), lists.page_number()),
        asked=this,
        roles=ROLES,
        city=CITY,
        command_line=COMMAND_LINE,
        done="已结束这项授权" if request.args.get("done") == "ended" else "",
        invites=bool(givable(context(), gate.me())),
        export=url_for("people.export", **dict[str, Any](this.narrowing)),
        **filters.shown_at("rights", this.narrowing),
    )


@routes.get("/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    return export_of("rights")


@routes.get("/<uuid:grant_id>/end")
def end(grant_id: UUID) -> Response:
    """What waits for whoever holds this right, and who may take it on, before it ends."""
    return _shown(grant_id, shown.begun((BECAUSE,), NOTHING), 200)


@routes.post("/<uuid:grant_id>/end")
def end_it(grant_id: UUID) -> Response | Redirect:
    """The right ends now."""

    def again(typed: Mapping[str, str], refusals: Sequence[Refusal], status: int) -> Response:
        return _shown(grant_id, shown.Form((BECAUSE,), NOTHING, typed, refusals), status)

    me = gate.me()
    wrong = asking.done(
        (BECAUSE,),
        lambda part, given: grants.revoke(part, me, grant_id, RightEnd(given["because"])),
        again,
    )
    return wrong or go("people.people", done="ended")


def _shown(grant_id: UUID, form: shown.Form, status: int) -> Response:
    found = leaving(context(), gate.me(), grant_id)
    keeper = keeper_of(found.right.role)
    return page(
        "right_ends.html",
        status,
        found=found,
        right=found.right,
        city=CITY,
        keeper=ROLE_NAMES[keeper],
        may_end=found.right.valid and gate.holds(keeper),
        form=form,
    )
