"""The gate before every view: size, who is there, and whether the body is of the right kind."""

from flask import Flask, g, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from backend.domain.errors import refuse
from backend.http.parts import parts
from backend.http.routes import DECLARATIONS, PREFIX
from backend.services.people.sessions import authenticate

ZERO_BYTE = b"%00"


def bearer_token() -> str:
    """The session token of this request; raises Refused when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise refuse("login_required", "请先登录。", kind="unauthenticated")
    return token.strip()


def _gate() -> None:
    declared = DECLARATIONS.get(request.endpoint or "")
    if declared is None:
        if request.endpoint and request.path.startswith(PREFIX):
            raise LookupError(f"{request.endpoint} declares no auth")
        return
    if declared.auth == "person":
        g.actor = authenticate(parts().ctx, bearer_token())
    request.max_content_length = declared.max_body
    if ZERO_BYTE in request.query_string:
        raise BadRequest
    if declared.takes_form:
        _require_form()
    if declared.takes_json and not isinstance(request.get_json(), dict):
        raise refuse("object_expected", "请求体应是一个 JSON 对象，请按接口文档提交。")


def _require_form() -> None:
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    if not request.mimetype_params.get("boundary"):
        raise BadRequest


def install(app: Flask) -> None:
    """Put the gate before every view of `app`."""
    app.before_request(_gate)
