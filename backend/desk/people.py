"""人员与授权: who may do what and until when; a right ends after it was seen what then waits."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, filters, gate, lists, once
from backend.desk.exports import export as export_of
from backend.desk.pages import go, page
from backend.domain.errors import Refusal
from backend.domain.roles import GRANT_SCOPES, ROLE_NAMES, Role
from backend.http.parts import context
from backend.services.lists.rights import CITY, COMMAND_LINE, ROLES, Asked, asked_of
from backend.services.people import grants
from backend.services.reads.rights import (
    leaving,
    page_of_rights,
)

routes = Blueprint("people", __name__, url_prefix=f"{gate.PREFIX}/people")


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
        export=url_for("people.export", **dict[str, Any](this.narrowing)),
        **filters.shown_at("rights"),
    )


@routes.get("/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    return export_of("rights")


@routes.get("/<uuid:grant_id>/end")
def end(grant_id: UUID) -> Response:
    """What waits for whoever holds this right, and who may take it on, before it ends."""
    return _shown(grant_id, {}, (), 200)


@routes.post("/<uuid:grant_id>/end")
def end_it(grant_id: UUID) -> Response | Redirect:
    """The right ends now."""

    def shown(typed: Mapping[str, str], refusals: Sequence[Refusal], status: int) -> Response:
        return _shown(grant_id, typed, refusals, status)

    me = gate.me()
    wrong = asking.done((), lambda part, _: grants.revoke(part, me, grant_id), shown)
    return wrong or go("people.people", done="ended")


def _shown(
    grant_id: UUID, typed: Mapping[str, str], refusals: Sequence[Refusal], status: int
) -> Response:
    found = leaving(context(), gate.me(), grant_id)
    keeper = Role.ADMINISTRATOR if GRANT_SCOPES[found.right.role] == "city" else Role.CLERK
    return page(
        "right_ends.html",
        status,
        found=found,
        right=found.right,
        city=CITY,
        keeper=ROLE_NAMES[keeper],
        may_end=found.right.valid and gate.holds(keeper),
        refusals=refusals,
        key=once.key_of(refusals),
    )
