"""更正请求: what people say is wrong about them, and what a clerk answers."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.forms import Field
from backend.desk.one_form import OneForm
from backend.desk.pages import go, page
from backend.desk.values import Kind
from backend.domain.wording import minute
from backend.http.parts import context
from backend.services.base.access import nothing_there
from backend.services.people import rectification_requests
from backend.services.people.rectification_requests import OpenRectificationRequest

routes = Blueprint("rectifications", __name__, url_prefix=f"{gate.PREFIX}/rectification-requests")
CORRECTED, NOT_CORRECTED = "corrected", "not_corrected"
FIELDS = (
    Field(
        "outcome",
        "办理结果",
        Kind.CHOICE,
        choices=((CORRECTED, "已更正"), (NOT_CORRECTED, "不更正")),
    ),
    Field("answer", "给本人的答复", hint="更正了什么，或者为什么不更正，写给本人看。"),
)
MOST = 200


@routes.get("")
def waiting() -> Response:
    """Those that wait, the oldest first."""
    rows = rectification_requests.open_requests(context(), gate.me(), page_size=MOST)
    done = "已答复" if request.args.get("done") == "answered" else ""
    return page("rectifications.html", rows=rows, done=done)


@routes.get("/<uuid:request_id>")
def one(request_id: UUID) -> Response:
    """What they wrote, and the form for the answer."""
    found = _waiting(request_id)
    if found is None:
        raise nothing_there("更正请求")
    return _form(found).begun()


@routes.post("/<uuid:request_id>")
def answer(request_id: UUID) -> Response | Redirect:
    """It was corrected, or the answer says why not."""
    me, found = gate.me(), _waiting(request_id)
    if found is None:  # answered a moment ago, by this very form or by somebody else
        return go("rectifications.waiting")
    wrong = _form(found).done(
        lambda part, given: rectification_requests.close_request(
            part, me, request_id, given["outcome"] == CORRECTED, given["answer"]
        )
    )
    return wrong or go("rectifications.waiting", done="answered")


def _waiting(request_id: UUID) -> OpenRectificationRequest | None:
    """The request as long as it waits; who may see none is refused."""
    rows = rectification_requests.open_requests(context(), gate.me(), page_size=MOST)
    return next((each for each in rows if each.id == request_id), None)


def _form(found: OpenRectificationRequest) -> OneForm:
    name = found.masked_name or "未登记姓名"
    return OneForm(
        "答复更正请求",
        ((url_for("rectifications.waiting"), "更正请求"),),
        FIELDS,
        "请求办结，答复写进本人的个人信息；名册要改的，请先在“导入”或小区的页面上改好。",
        about=f"{name}，{minute(found.made_at)}：{found.what}——{found.text}",
        verb="答复",
    )
