"""How the emulator answers: errcodes, the request's body and token, faults on the way.

Errors are HTTP 200 with errcode, and the request id inside errmsg, as on the platform.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from socket import SHUT_RDWR
from typing import Any

from flask import Response, request

from backend.wechat.sandbox.memory.faults import DONE_ALL_THE_SAME, Fault
from backend.wechat.sandbox.memory.state import Person
from backend.wechat.sandbox.parts import SandboxParts

DRIP_SECONDS = 0.05
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")

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
    40129: "invalid scene",
    40125: "invalid appsecret",
    40163: "code been used",
    40164: "invalid ip, not in whitelist",
    40165: "invalid weapp pagepath",
    40166: "invalid weapp appid",
    40169: "invalid length for scene, or the data is not json string",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    44004: "empty content",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45109: "this api has been withdrawn",
    47001: "data format error",
    47003: "argument invalid!",
    61010: "code is expired, the user has not opened the mini program lately",
}

# A picture instead of JSON is `bytes`.
Body = dict[str, Any]
Work = Callable[[SandboxParts], Body | bytes]


class Errcode(Exception):
    """The call ends with this errcode; `detail` follows the usual text."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def serve(parts: SandboxParts, method: str, path: str, work: Work) -> Response:
    """Count, wait, go wrong if told so, else do the work."""
    fault = parts.faults.count(path)
    if parts.faults.latency_ms:
        time.sleep(parts.faults.latency_ms / 1000)
    if fault and fault.kind not in DONE_ALL_THE_SAME:
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
    if fault.kind == "html":
        return Response("<html>please log in</html>", mimetype="text/html")
    if fault.kind == "drip":
        return Response(_bytes_for(fault.seconds), mimetype="application/json")
    if fault.kind in ("reset", "dropped"):
        return _ended()
    time.sleep(fault.seconds)
    return Response("", 504)


def _bytes_for(seconds: float) -> Iterator[bytes]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield b" "
        time.sleep(DRIP_SECONDS)


def _ended() -> Response:
    """No answer: the connection ends, where the server lets us; elsewhere in the middle of one."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(SHUT_RDWR)
    response = Response(b"{", mimetype="application/json")
    response.headers["Content-Length"] = "100"
    response.automatically_set_content_length = False
    return response


def _answer(body: Body | bytes) -> Response:
    if isinstance(body, bytes):
        return Response(body, mimetype="image/png")
    return Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")


def _error(error: Errcode) -> Body:
    text = " ".join(filter(None, (ERRMSG.get(error.code, "error"), error.detail)))
    rid = "-".join(secrets.token_hex(4) for _ in range(3))
    return {"errcode": error.code, "errmsg": f"{text} rid: {rid}"}


def unknown_call(path: str) -> Response:
    """Whatever the emulator does not speak; one call was withdrawn in 2023 and always says so."""
    return _answer(_error(Errcode(45109 if path.endswith("uniform_send") else 40066)))


def json_body(escapes_stay: bool = False) -> Body:
    """The request's JSON object; with `escapes_stay` a \\u escape stays as it is written."""
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


def check_token(parts: SandboxParts, appid: str) -> None:
    """The token in the query must be good for this app."""
    code = parts.tokens.errcode(request.args.get("access_token", ""), appid)
    if code:
        raise Errcode(code)


def recipient(parts: SandboxParts, app: str, openid: object) -> Person:
    """The person with this openid under the `service` or `mini` app."""
    person = parts.state.with_openid(app, openid) if isinstance(openid, str) else None
    if person is None:
        raise Errcode(40003)
    return person
