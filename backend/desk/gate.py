"""Before every page of the desk: who is there, and whether a form was sent from a page of ours.

A cookie carries the session here and opens nothing of the API; a token of the API opens nothing
here. Each form repeats a word that only a page of the same session knows, so that no other site
can send one in somebody's name.
"""

import hmac
from urllib.parse import urlsplit
from wsgiref.types import WSGIEnvironment

from flask import Flask, g, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from backend.domain.errors import Refused, refuse
from backend.domain.roles import Role
from backend.http.gate import ZERO_BYTE
from backend.http.parts import actor, context, parts
from backend.http.routes import JSON_LIMIT
from backend.services.base.access import granted_roles
from backend.services.base.context import Actor
from backend.services.files.uploads import MEGABYTE, SIZE_LIMIT
from backend.services.people.desk_sessions import authenticate

COOKIE = "tibao_desk"
PREFIX = "/desk"
FORM_WORD = "form_word"
FORM_LIMIT = JSON_LIMIT
FILES_LIMIT = SIZE_LIMIT + FORM_LIMIT
# Several pictures at once, in half of the room that all large bodies share.
PHOTOS_LIMIT = 64 * MEGABYTE
WITH_FILES = {
    "case.take": FILES_LIMIT,
    "applications.begin": FILES_LIMIT,
    "photos.hand_in": PHOTOS_LIMIT,
}
# Endpoints before anybody is signed in.
OPEN = frozenset({"static", "healthz", "entrance.sign_in", "entrance.enter"})


def cookie_name(name: str = COOKIE) -> str:
    """What a cookie is called: over TLS with the prefix that keeps other hosts from setting it."""
    return name if parts().sandbox else f"__Host-{name}"


def set_cookie(response: Response, value: str, name: str = COOKIE) -> None:
    """Until the browser is closed: no script reads it, and no other site has it sent."""
    response.set_cookie(
        cookie_name(name),
        value,
        secure=not parts().sandbox,
        httponly=True,
        samesite="Strict",
        path="/",
    )


def session_token() -> str:
    """The session of this browser; empty when it has none."""
    return request.cookies.get(cookie_name(), "")


def form_word() -> str:
    """What every form of this session repeats."""
    return context().cipher.digest("desk form", session_token()).hex()


def someone() -> Actor | None:
    """Who is signed in here, if anybody."""
    found: Actor | None = g.get("actor")
    return found


def _gate() -> None:
    request.max_content_length = WITH_FILES.get(request.endpoint or "", FORM_LIMIT)
    if ZERO_BYTE in request.query_string:
        raise BadRequest
    if request.endpoint is None or request.endpoint in OPEN:
        return
    if not session_token():
        raise refuse("login_required", "请先登录。", kind="unauthenticated")
    g.actor = authenticate(context(), session_token())


def check_form() -> None:
    """Call it before a form is believed; raises Refused `session_invalid`.

    The browser says where it comes from, and the form repeats the word of this session.
    """
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    given = request.form.get(FORM_WORD, "")
    if foreign or not hmac.compare_digest(given.encode(), form_word().encode()):
        message = "这张表单不是从您现在登录的页面提交的，没有办理。请打开页面重新填写。"
        raise refuse("session_invalid", message, kind="unauthenticated")


def me() -> Actor:
    """The person who works here; only behind the gate."""
    return actor()


def holds(*roles: Role) -> bool:
    """Whether the person here holds one of these roles for the city."""
    with context().sessions() as tx:
        return not granted_roles(tx, context(), me(), None, None).isdisjoint(roles)


def most_bytes(app: Flask, environ: WSGIEnvironment) -> int:
    """How many bytes this request may send, asked before they are heard: a file only to a step, and
    from somebody who is signed in."""
    with app.request_context(environ):
        limit = WITH_FILES.get(request.endpoint or "")
        if limit is None:
            return FORM_LIMIT
        try:
            authenticate(parts().ctx, session_token())
        except (Refused, OperationalError, PoolTimeout):
            return FORM_LIMIT
        return limit


def install(app: Flask) -> None:
    """Put the gate before every page of `app`."""
    app.before_request(_gate)
