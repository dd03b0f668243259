"""人员与授权: who may do what and until when; a right ends after it was seen what then waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, gate, lists, once
from backend.desk.pages import go, page
from backend.domain.errors import Refusal
from backend.domain.roles import GRANT_SCOPES, ROLE_NAMES, Role
from backend.http.parts import context
from backend.services.people import grants
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
        )
        for row in whole_rights(context(), gate.me(), this.chosen)
    ]
    return lists.workbook("授权", HEADINGS, rows, this.active)


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
