"""人员与授权: who may do what and until when; a right ends after it was seen what then waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, gate, lists, shown
from backend.desk.forms import NOTHING, Field
from backend.desk.pages import go, page
from backend.desk.values import Kind
from backend.domain.errors import Refusal
from backend.domain.right_ends import RIGHT_END_NAMES, RightEnd
from backend.domain.roles import GRANT_SCOPES, ROLE_NAMES, keeper_of
from backend.http.parts import context
from backend.services.people import grants
from backend.services.reads.people_pages import givable
from backend.services.reads.rights import (
    ENDS_SOON,
    IDLE,
    leaving,
    page_of_rights,
    whole_rights,
)
from backend.store.queries.rights import RightFilter

routes = Blueprint("people", __name__, url_prefix=f"{gate.PREFIX}/people")
ROLES = {str(role): ROLE_NAMES[role] for role in GRANT_SCOPES}
HEADINGS = (
    "人员",
    "电话",
    "身份",
    "范围",
    "授权人",
    "授权时间",
    "截止时间",
    "代谁办理",
    "最近登录",
    "结束的原因",
)
BECAUSE = Field(
    "because",
    "为什么结束",
    Kind.CHOICE,
    choices=[(str(each), words) for each, words in RIGHT_END_NAMES.items()],
)
CITY, COMMAND_LINE = "全市", "系统命令行"


@dataclass(frozen=True)
class Asked:
    """The list that an address asks for."""

    role: str
    ended: bool
    soon: bool
    idle: bool

    @property
    def chosen(self) -> RightFilter:
        """The same as the service takes it."""
        now = context().clock()
        return RightFilter(
            now,
            self.role or None,
            self.ended,
            now + ENDS_SOON if self.soon else None,
            now - IDLE if self.idle else None,
        )

    @property
    def narrowing(self) -> Mapping[str, Any]:
        """What of the address narrows the list."""
        ticks = {"ended": self.ended, "soon": self.soon, "idle": self.idle}
        found = {name: "1" for name, ticked in ticks.items() if ticked}
        return found | ({"role": self.role} if self.role else {})

    @property
    def active(self) -> Sequence[str]:
        """What narrows the list, in words."""
        found = [ROLES[self.role]] if self.role else []
        found += ["30天内截止"] if self.soon else []
        found += ["90天没有登录"] if self.idle else []
        return found + (["包括已截止的"] if self.ended else [])


def asked() -> Asked:
    """The list that this address asks for."""
    args = request.args
    role = args.get("role", "")
    ticked = (args.get(name) == "1" for name in ("ended", "soon", "idle"))
    return Asked(role if role in ROLES else "", *ticked)


@routes.get("")
def people() -> Response:
    """Rights by person, fifty a page."""
    this = asked()
    return page(
        "people.html",
        found=page_of_rights(context(), gate.me(), this.chosen, lists.page_number()),
        asked=this,
        roles=ROLES,
        city=CITY,
        command_line=COMMAND_LINE,
        done="已结束这项授权" if request.args.get("done") == "ended" else "",
        invites=bool(givable(context(), gate.me())),
        export=url_for("people.export", **this.narrowing),
    )


@routes.get("/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    this = asked()
    rows = [
        (
            row.name,
            row.phone,
            row.role_name,
            row.scope or CITY,
            row.given_by or COMMAND_LINE,
            row.given_at,
            row.valid_until,
            row.stands_in_for,
            row.seen_at,
            row.ended_because,
        )
        for row in whole_rights(context(), gate.me(), this.chosen)
    ]
    return lists.workbook("授权", HEADINGS, rows, this.active)


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
