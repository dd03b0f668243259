"""移交案件: all cases of a leaver are looked at, one confirmation moves those that may move."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, gate, shown
from backend.desk.forms import Field, Given, Known
from backend.desk.pages import go, page
from backend.desk.values import Kind
from backend.domain.right_ends import RIGHT_END_NAMES, RightEnd
from backend.http.parts import context
from backend.services.base.context import Context
from backend.services.people import handing_over
from backend.services.people.handing_over import Preview

routes = Blueprint(
    "handing_over", __name__, url_prefix=f"{gate.PREFIX}/people/<uuid:grant_id>/handover"
)
BECAUSE = Field(
    "because",
    "同时结束他的这项授权，原因",
    Kind.CHOICE,
    "不选的，授权照旧，只移交案件。",
    optional=True,
    choices=[(str(each), words) for each, words in RIGHT_END_NAMES.items()],
)
TO = Field("to", "接手人", Kind.ID)
VERSION = Field("version", "清单", Kind.CHOICE)
FIELDS = (BECAUSE,)


@routes.get("")
def preview(grant_id: UUID) -> Response:
    """The cases, and with a successor in the address which of them would move."""
    return _shown(grant_id, _asked(), shown.Form(FIELDS, Known(), {}), 200)


@routes.post("")
def hand_over(grant_id: UUID) -> Response | Redirect:
    """Move what was looked at, to whom the page was about; nothing where the cases are others."""
    me = gate.me()

    def write(part: Context, given: Given) -> object:
        because = RightEnd(given["because"]) if given["because"] else None
        to, version = given["to"], given["version"]
        return handing_over.hand_over(part, me, grant_id, to, version, because)

    wrong = asking.done(
        (*FIELDS, TO, VERSION),
        write,
        lambda typed, refusals, status: _shown(
            grant_id, _asked(), shown.Form(FIELDS, Known(), typed, refusals), status
        ),
    )
    if wrong:
        return wrong
    return go("handing_over.preview", grant_id=grant_id, to=_asked(), done="moved")


def _asked() -> UUID | None:
    """The successor that the address or the form names."""
    try:
        return UUID(request.values.get("to", ""))
    except ValueError:
        return None


def _shown(grant_id: UUID, to: UUID | None, form: shown.Form, status: int) -> Response:
    view = handing_over.preview(context(), gate.me(), grant_id, to)
    return page(
        "handover.html",
        status,
        view=view,
        form=form,
        done=_done(view) if request.args.get("done") == "moved" else "",
        path=_path(),
    )


def _done(view: Preview) -> str:
    return f"已移交给{view.successor}。" + (
        f"还有{len(view.staying)}件没有移交，列在下面。" if view.staying else "没有剩下的案件。"
    )


def _path() -> Sequence[tuple[str, str]]:
    return ((url_for("people.people"), "人员与授权"),)
