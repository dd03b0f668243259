"""The platform's side of the protocol, for the calls we make.

Errors are HTTP 200 with errcode, and the request id inside errmsg, as on the platform.
"""

import json
import secrets
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from backend.wechat.sandbox.credentials import QuotaUsedUp
from backend.wechat.sandbox.faults import Fault
from backend.wechat.sandbox.parts import Parts
from backend.wechat.sandbox.state import Choice, Message, Person
from backend.wechat.templates import TEMPLATES, VALUE_LIMIT, Template

TEXT_LIMIT_BYTES = 2048
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
BY_PLATFORM_ID = {template.platform_id: template for template in TEMPLATES.values()}

ERRMSG = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40029: "invalid code",
    40037: "invalid template_id",
    40066: "invalid url",
    40125: "invalid appsecret",
    40163: "code been used",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    44002: "empty post data",
    44004: "empty content",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    47001: "data format error",
    47003: "argument invalid!",
}

Body = dict[str, Any]
Work = Callable[[Parts], Body]


class Errcode(Exception):
    """The call ends with this errcode; `detail` follows the usual text."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def stable_token(parts: Parts) -> Body:
    """POST /cgi-bin/stable_token."""
    body = _json_body()
    if body.get("grant_type") != "client_credential":
        raise Errcode(40002)
    appid = _known_app(parts, body.get("appid"), body.get("secret"))
    try:
        token, seconds = parts.tokens.stable(appid, force=body.get("force_refresh") is True)
    except QuotaUsedUp:
        raise Errcode(45009) from None
    return {"access_token": token, "expires_in": seconds}


def code_to_session(parts: Parts) -> Body:
    """GET /sns/jscode2session."""
    appid = _known_app(parts, request.args.get("appid"), request.args.get("secret"))
    if appid != parts.settings.mini_appid:
        raise Errcode(40013)
    if request.args.get("grant_type") != "authorization_code":
        raise Errcode(40002)
    code = request.args.get("js_code")
    if not code:
        raise Errcode(41008)
    openid = parts.codes.redeem(code)
    if isinstance(openid, int):
        raise Errcode(openid)
    person = parts.state.with_openid("mini", openid)
    if person is None:
        raise Errcode(40029)
    session_key = secrets.token_urlsafe(16)
    return {"openid": openid, "session_key": session_key, "unionid": person.unionid}


def user_info(parts: Parts) -> Body:
    """GET /cgi-bin/user/info. Of someone who does not follow, only that is told."""
    _check_token(parts)
    openid = request.args.get("openid", "")
    person = parts.state.with_openid("service", openid)
    if person is None:
        raise Errcode(40003)
    if not person.subscribed:
        return {"subscribe": 0, "openid": openid, "tagid_list": []}
    return {
        "subscribe": 1,
        "openid": openid,
        "language": "zh_CN",
        "remark": "",
        "unionid": person.unionid,
        "tagid_list": [],
    }


def template_send(parts: Parts) -> Body:
    """POST /cgi-bin/message/template/send: queue it, and report its fate as an event."""
    _check_token(parts)
    body = _json_body()
    person = _recipient(parts, body)
    template = BY_PLATFORM_ID.get(str(body.get("template_id")))
    if template is None:
        raise Errcode(40037)
    values = _template_values(template, body.get("data"))
    if not person.subscribed:
        raise Errcode(43004)
    client_msg_id = body.get("client_msg_id")
    number = parts.state.next_id()
    if client_msg_id is not None:
        if not isinstance(client_msg_id, str):
            raise Errcode(47001)
        first = parts.sends.claim(body["touser"], client_msg_id, number)
        if first != number:
            return {"errcode": 0, "errmsg": "ok", "msgid": first}
    parts.state.add_message(
        Message(
            id=number,
            at=parts.clock(),
            person=person.name,
            direction="in",
            type="template",
            text="\n".join([template.title, *(f"{k}：{v}" for k, v in values.items())]),
            template=template.key,
            data=values,
            url=body.get("url"),
            miniprogram=body.get("miniprogram"),
            client_msg_id=client_msg_id,
            msgid=str(number),
            status=person.template_result,
        )
    )
    parts.pusher.job_finished(person, number, person.template_result)
    return {"errcode": 0, "errmsg": "ok", "msgid": number}


def custom_send(parts: Parts) -> Body:
    """POST /cgi-bin/message/custom/send: text or menu, inside an open window."""
    _check_token(parts)
    # The platform shows \u escapes as they are written: people must get real characters.
    body = _json_body(escapes_stay=True)
    person = _recipient(parts, body)
    message = _chat_message(parts, person, body)
    if not person.subscribed:
        raise Errcode(45015)
    closed = parts.state.use_window(person)
    if closed:
        raise Errcode(45015 if closed == "closed" else 45047)
    parts.state.add_message(message)
    return {"errcode": 0, "errmsg": "ok"}


CALLS: tuple[tuple[str, str, Work], ...] = (
    ("POST", "/cgi-bin/stable_token", stable_token),
    ("GET", "/sns/jscode2session", code_to_session),
    ("GET", "/cgi-bin/user/info", user_info),
    ("POST", "/cgi-bin/message/template/send", template_send),
    ("POST", "/cgi-bin/message/custom/send", custom_send),
)


def platform_calls(parts: Parts) -> Blueprint:
    """The platform's endpoints; whatever else is asked for is an invalid url."""
    blueprint = Blueprint("platform", __name__)
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    for method, path, work in CALLS:
        blueprint.add_url_rule(
            path,
            endpoint=work.__name__,
            view_func=partial(_serve, parts, method, path, work),
            methods=methods,
        )
    for prefix in ("cgi-bin", "sns", "wxa"):
        blueprint.add_url_rule(
            f"/{prefix}/<path:rest>",
            endpoint=f"unknown_{prefix}",
            view_func=lambda rest: _answer(_error(Errcode(40066))),
            methods=methods,
        )
    return blueprint


def _serve(parts: Parts, method: str, path: str, work: Work) -> Response:
    """Count, wait, go wrong if told so, else do the work."""
    fault = parts.faults.count(path)
    if parts.faults.latency_ms:
        time.sleep(parts.faults.latency_ms / 1000)
    if fault and fault.kind != "lost_after":
        return _faulty(fault)
    try:
        if request.method != method:
            raise Errcode(43002 if method == "POST" else 43001)
        answer = work(parts)
    except Errcode as error:
        answer = _error(error)
    return _faulty(fault) if fault else _answer(answer)


def _faulty(fault: Fault) -> Response:
    if fault.kind == "errcode":
        return _answer(_error(Errcode(fault.code)))
    if fault.kind == "http":
        return Response("<html>error</html>", fault.code, mimetype="text/html")
    time.sleep(fault.seconds)
    return Response("", 504)


def _answer(body: Body) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")


def _error(error: Errcode) -> Body:
    text = " ".join(filter(None, (ERRMSG.get(error.code, "error"), error.detail)))
    rid = "-".join(secrets.token_hex(4) for _ in range(3))
    return {"errcode": error.code, "errmsg": f"{text} rid: {rid}"}


def _json_body(escapes_stay: bool = False) -> Body:
    raw = request.get_data()
    if not raw:
        raise Errcode(44002)
    if request.mimetype in FORM_TYPES:
        raise Errcode(47001)
    if escapes_stay:
        raw = raw.replace(b"\\u", b"\\\\u")
    try:
        body = json.loads(raw)
    except ValueError:
        raise Errcode(47001) from None
    if not isinstance(body, dict):
        raise Errcode(47001)
    return body


def _known_app(parts: Parts, appid: object, secret: object) -> str:
    settings = parts.settings
    known = {
        settings.service_appid: settings.service_secret.get_secret_value(),
        settings.mini_appid: settings.mini_secret.get_secret_value(),
    }
    if not appid:
        raise Errcode(41002)
    if not secret:
        raise Errcode(41004)
    if not isinstance(appid, str) or appid not in known:
        raise Errcode(40013)
    if secret != known[appid]:
        raise Errcode(40125)
    return appid


def _check_token(parts: Parts) -> None:
    code = parts.tokens.errcode(request.args.get("access_token", ""), parts.settings.service_appid)
    if code:
        raise Errcode(code)


def _recipient(parts: Parts, body: Body) -> Person:
    touser = body.get("touser")
    person = parts.state.with_openid("service", touser) if isinstance(touser, str) else None
    if person is None:
        raise Errcode(40003)
    return person


def _template_values(template: Template, data: object) -> dict[str, str]:
    """The values as shown, by label: cut at 20 characters without a word."""
    if not isinstance(data, dict):
        raise Errcode(47001)
    keywords = {field.keyword for field in template.fields}
    for keyword in data.keys() - keywords:
        raise Errcode(47003, f"data.{keyword} is unknown")
    shown = {}
    for field in template.fields:
        entry = data.get(field.keyword)
        value = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise Errcode(47003, f"data.{field.keyword}.value invalid")
        shown[field.label] = value[:VALUE_LIMIT]
    return shown


def _chat_message(parts: Parts, person: Person, body: Body) -> Message:
    kind = body.get("msgtype")
    if kind not in ("text", "msgmenu"):
        raise Errcode(40008)
    content = body.get(kind)
    if not isinstance(content, dict):
        raise Errcode(47001)
    choices = _choices(content.get("list")) if kind == "msgmenu" else []
    return Message(
        id=parts.state.next_id(),
        at=parts.clock(),
        person=person.name,
        direction="in",
        type="menu" if kind == "msgmenu" else "text",
        text=_chat_text(content.get("head_content" if kind == "msgmenu" else "content")),
        choices=choices,
        tail=_chat_text(content.get("tail_content")) if kind == "msgmenu" else "",
    )


def _choices(listed: object) -> list[Choice]:
    if not isinstance(listed, list) or not listed:
        raise Errcode(47001)
    choices = []
    for entry in listed:
        if not isinstance(entry, dict):
            raise Errcode(47001)
        number, text = entry.get("id"), entry.get("content")
        if not isinstance(number, str) or not isinstance(text, str) or not number or not text:
            raise Errcode(47001)
        choices.append(Choice(id=number, text=text))
    return choices


def _chat_text(value: object) -> str:
    if not isinstance(value, str):
        raise Errcode(47001)
    if not value:
        raise Errcode(44004)
    if len(value.encode()) > TEXT_LIMIT_BYTES:
        raise Errcode(45002)
    return value
