"""One envelope for everything that is refused: `{"errors": [...], "request_id": …}`."""

import errno
import re
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from flask import Flask, Response, g, request
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DataError, IntegrityError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from uuid_utils import uuid4
from werkzeug.exceptions import HTTPException

from backend.domain.errors import Refusal, Refused
from backend.http.collisions import COLLISIONS, OTHERWISE
from backend.seldom import logger_of
from backend.store.cipher import SealBroken
from backend.store.files import NO_ROOM

log = logger_of("tibao.api")

STATUS_OF_KIND = {
    "invalid": 422,
    "conflict": 409,
    "forbidden": 403,
    "missing": 404,
    "too_large": 413,
    "unauthenticated": 401,
    "too_many": 429,
    "unavailable": 503,
}

# What the web server's own refusals mean, by status.
HTTP_REFUSALS = {
    400: Refusal("malformed_request", "请求内容无法读取，请检查 JSON 或表单的格式。"),
    404: Refusal("not_found", "没有找到该内容，请检查链接或编号。"),
    405: Refusal("method_not_allowed", "该地址不支持这种操作，请查看接口文档。"),
    415: Refusal("unsupported_media_type", "内容类型不受支持，请按接口文档的类型提交。"),
}

OUR_FAULT = Refusal("internal_error", "系统出错，已记录，请稍后再试或联系中心。")

# pydantic's word for what is wrong → our code and sentence; the rest is `field_invalid`.
FIELD_REFUSALS = {
    "missing": ("field_missing", "缺少必填项{field}，请补充。"),
    "extra_forbidden": ("field_unknown", "{field}不是这个接口的字段，请删除。"),
    "string_too_short": ("text_too_short", "{field}太短，至少需要{min_length}个字符。"),
    "string_too_long": ("text_too_long", "{field}太长，最多{max_length}个字符，请精简。"),
    "too_short": ("list_too_short", "{field}至少需要{min_length}项。"),
    "too_long": ("list_too_long", "{field}最多{max_length}项。"),
}

# When to come again, in seconds: after what passes by itself, and after what somebody must do.
SOON, LATER = "2", "60"
PLAIN_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class ErrorItem(BaseModel):
    """One reason: a stable code, a Chinese sentence, and the input at fault."""

    code: str
    message: str
    field: str | None


class Errors(BaseModel):
    """Everything that was found wrong with one request."""

    errors: list[ErrorItem]
    request_id: str


def new_request_id(given: str | None) -> str:
    """The caller's own X-Request-Id when it is a plain word, else a new random one."""
    return given if given and PLAIN_REQUEST_ID.fullmatch(given) else uuid4().hex


def request_id() -> str:
    """The id of this request."""
    known: str | None = g.get("request_id")
    if known is None:
        known = g.request_id = new_request_id(request.headers.get("X-Request-Id"))
    return known


def envelope(of_request: str, *refusals: Refusal) -> str:
    """What is sent to whoever made the request of this id."""
    items = [ErrorItem(code=r.code, message=r.message, field=r.field) for r in refusals]
    return Errors(errors=items, request_id=of_request).model_dump_json()


def refusal_response(status: int, *refusals: Refusal) -> Response:
    """The envelope for these refusals."""
    body = envelope(request_id(), *refusals)
    response = Response(body, status, mimetype="application/json")
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def answer_refused(error: Refused) -> Response:
    """A rule said no."""
    response = refusal_response(STATUS_OF_KIND[error.kind], *error.refusals)
    if error.kind == "unavailable":
        response.headers["Retry-After"] = SOON
    return response


def answer_invalid(error: ValidationError) -> Response:
    """The input does not have the documented shape."""
    refusals = []
    for problem in error.errors(include_url=False):
        field = ".".join(str(part) for part in problem["loc"])
        code, sentence = FIELD_REFUSALS.get(
            problem["type"], ("field_invalid", "{field}填写不正确，请按接口文档的格式填写。")
        )
        shown = f"“{field}”" if field else "内容"
        message = sentence.format(field=shown, **problem.get("ctx", {}))
        refusals.append(Refusal(code, message, field or None))
    return refusal_response(422, *refusals)


def answer_http(error: HTTPException) -> Response | HTTPException:
    """The web server itself said no."""
    if error.response is not None or (error.code or 500) < 400:
        return error  # validation answers and redirects are complete already
    response = refusal_response(error.code or 500, http_refusal(error))
    for name, value in error.get_headers(request.environ):
        if name == "Allow":
            response.headers[name] = value
    return response


def http_refusal(error: HTTPException) -> Refusal:
    """What the web server's own no means, in words."""
    if error.code == 413:
        return _too_large()
    other = Refusal("refused", "请求无法处理，请检查后再试。")
    return HTTP_REFUSALS.get(error.code or 500, other)


def _too_large() -> Refusal:
    """How much may be sent here: some kilobytes of words, or a file of some megabytes."""
    most = request.max_content_length or 0
    may = f"最多{most // 2**20} MB" if most >= 2**20 else f"最多{most // 2**10} KB"
    message = f"内容过大，这里{may}。文字请精简；照片请打开后截屏再上传，文件请分成几份。"
    return Refusal("too_large", message)


def _answer_integrity(error: IntegrityError) -> Response:
    # A constraint caught what a service's own check let through, mostly two people at once.
    # Its words may quote personal data; its name does not.
    return refusal_response(409, collision(error))


def collision(error: IntegrityError) -> Refusal:
    """What stood in the way of two people at once, in words; its constraint is logged."""
    name = error.orig.diag.constraint_name if isinstance(error.orig, psycopg.Error) else None
    log.warning("constraint %s, request %s", name, request_id())
    return COLLISIONS.get(name or "", OTHERWISE)


def _answer_data(error: DataError) -> Response:
    log.warning("value, request %s: %s", request_id(), type(error.orig).__name__)
    return refusal_response(
        422, Refusal("value_out_of_range", "有数值超出允许范围，请检查后再提交。")
    )


def _answer_internal(error: InternalError) -> Response:
    """Of what PostgreSQL calls internal one thing passes: a request that slept so long in its
    transaction (its machine stood still, say) that it was undone."""
    if isinstance(error.orig, psycopg.errors.IdleInTransactionSessionTimeout):
        return _answer_unavailable(error)
    return _answer_unexpected(error)


def _answer_unavailable(error: OperationalError | InternalError | PoolTimeout) -> Response:
    cause = error if isinstance(error, PoolTimeout) else error.orig
    log.error("database, request %s: %s", request_id(), type(cause).__name__)
    response = refusal_response(503, Refusal("busy", "系统繁忙，请稍后再试。"))
    response.headers["Retry-After"] = SOON
    return response


def _answer_no_room(error: OSError) -> Response:
    """The disk is full, ours or the one for what is on its way: whoever looks after it makes room.
    Any other trouble with files is a fault of the house."""
    if error.errno not in NO_ROOM:
        return _answer_unexpected(error)
    log.error("disk, request %s: %s", request_id(), errno.errorcode[error.errno])
    message = "系统的存储空间暂时用完了，文件没有保存。请过几分钟再试；还不行请联系中心。"
    response = refusal_response(503, Refusal("busy", message))
    response.headers["Retry-After"] = LATER
    return response


def _answer_seal_broken(error: SealBroken) -> Response:
    """Something in the database stands where it was not put: nothing of it is shown."""
    log.error("sealed value, request %s: %s", request_id(), error)
    message = "有一条加密内容与它所在的位置不符，系统没有打开它，已记录。请联系中心核查。"
    return refusal_response(500, Refusal("internal_error", message))


def _answer_unexpected(error: Exception) -> Response:
    log.error("unexpected, request %s", request_id(), exc_info=error)
    return refusal_response(500, OUR_FAULT)


# What answers each kind of trouble that is no refusal of ours.
TROUBLE: Mapping[type[Exception], Callable[[Any], Response]] = {
    IntegrityError: _answer_integrity,
    DataError: _answer_data,
    OperationalError: _answer_unavailable,
    InternalError: _answer_internal,
    PoolTimeout: _answer_unavailable,
    OSError: _answer_no_room,
    SealBroken: _answer_seal_broken,
    Exception: _answer_unexpected,
}


def install(app: Flask) -> None:
    """Every error of `app` answers with the envelope."""
    app.register_error_handler(Refused, answer_refused)
    app.register_error_handler(HTTPException, answer_http)
    for kind, answer in TROUBLE.items():
        app.register_error_handler(kind, answer)
