"""The platform's side of the protocol, for the calls we make: the table, tokens and identities."""

import secrets
from functools import partial

from flask import Blueprint, request

from backend.wechat.sandbox.calls import mini_program, service_account
from backend.wechat.sandbox.calls.answering import (
    Body,
    Errcode,
    Work,
    check_token,
    json_body,
    recipient,
    serve,
    unknown_call,
)
from backend.wechat.sandbox.memory.credentials import QuotaUsedUp
from backend.wechat.sandbox.parts import SandboxParts


def stable_token(parts: SandboxParts) -> Body:
    """POST /cgi-bin/stable_token."""
    body = json_body()
    if body.get("grant_type") != "client_credential":
        raise Errcode(40002)
    appid = _known_app(parts, body.get("appid"), body.get("secret"))
    try:
        token, seconds = parts.tokens.stable(appid, force=body.get("force_refresh") is True)
    except QuotaUsedUp:
        raise Errcode(45009) from None
    return {"access_token": token, "expires_in": seconds}


def code_to_session(parts: SandboxParts) -> Body:
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


def user_info(parts: SandboxParts) -> Body:
    """GET /cgi-bin/user/info. Of someone who does not follow, only that is told."""
    check_token(parts, parts.settings.service_appid)
    openid = request.args.get("openid", "")
    person = recipient(parts, "service", openid)
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


CALLS: tuple[tuple[str, str, Work], ...] = (
    ("POST", "/cgi-bin/stable_token", stable_token),
    ("GET", "/sns/jscode2session", code_to_session),
    ("GET", "/cgi-bin/user/info", user_info),
    ("POST", "/cgi-bin/message/template/send", service_account.template_send),
    ("POST", "/cgi-bin/message/custom/send", service_account.custom_send),
    ("POST", "/cgi-bin/message/subscribe/send", mini_program.subscribe_send),
    ("POST", "/wxa/msg_sec_check", mini_program.check_text),
    ("POST", "/wxa/business/getuserphonenumber", mini_program.phone_number),
    ("POST", "/wxa/getwxacodeunlimit", mini_program.unlimited_code),
)


def platform_calls(parts: SandboxParts) -> Blueprint:
    """The platform's endpoints; whatever else is asked for is an invalid url."""
    blueprint = Blueprint("platform", __name__)
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    for method, path, work in CALLS:
        blueprint.add_url_rule(
            path,
            endpoint=work.__name__,
            view_func=partial(serve, parts, method, path, work),
            methods=methods,
        )
    for prefix in ("cgi-bin", "sns", "wxa"):
        blueprint.add_url_rule(
            f"/{prefix}/<path:path>",
            endpoint=f"unknown_{prefix}",
            view_func=unknown_call,
            methods=methods,
        )
    return blueprint


def _known_app(parts: SandboxParts, appid: object, secret: object) -> str:
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
