"""Before every page of the desk: who is there, and whether a form was sent from a page of ours.

A cookie carries the session here and opens nothing of the API; a token of the API opens nothing
here. Each form repeats a word that only a page of the same session knows, so that no other site
can send one in somebody's name.
"""

import hmac
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID
from wsgiref.types import WSGIEnvironment

from flask import Flask, g, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from backend.domain.errors import refuse
from backend.domain.roles import Role
from backend.domain.second_factor import NEEDED
from backend.http.gate import ZERO_BYTE
from backend.http.parts import actor, context, parts
from backend.http.routes import JSON_LIMIT
from backend.services.base.context import Actor
from backend.services.files.uploads import MEGABYTE, SIZE_LIMIT
from backend.services.people.desk_sessions import authenticate, is_known
from backend.services.people.whoami import HeldGrant, grants_of

COOKIE = "tibao_desk"
PREFIX = "/desk"
KEYS, ON, OFF = "tibao_desk_keys", "on", "off"
FORM_WORD, AUTHOR = "form_word", "desk author"
FORM_LIMIT = JSON_LIMIT
FILES_LIMIT = SIZE_LIMIT + FORM_LIMIT
# Several pictures at once, in half of the room that all large bodies share.
PHOTOS_LIMIT = 64 * MEGABYTE
WITH_FILES = {
    "case.take": FILES_LIMIT,
    "applications.begin": FILES_LIMIT,
    "screenings.screen": FILES_LIMIT,
    "objections.do": FILES_LIMIT,
    "insurers.enter": FILES_LIMIT,
    "income.enter": FILES_LIMIT,
    "income.enter_interest": FILES_LIMIT,
    "income.ask_undo": FILES_LIMIT,
    "photos.hand_in": PHOTOS_LIMIT,
    "imports.hand_in": FILES_LIMIT,
    "payments.take": FILES_LIMIT,
}
# Endpoints before anybody is signed in.
OPEN = frozenset(
    {"static", "healthz", "entrance.sign_in", "entrance.enter", "by_number.ask", "by_number.enter"}
)
# And those of somebody who has yet to prove the second factor in this session.
UNPROVED = frozenset(
    {"second_factor.ask", "second_factor.answer", "entrance.sign_out", "sessions.mine"}
)


def cookie_name(name: str = COOKIE) -> str:
    """What a cookie is called: over TLS with the prefix that keeps other hosts from setting it."""
    return name if parts().sandbox else f"__Host-{name}"


def set_cookie(
    response: Response, value: str, name: str = COOKIE, lasts: timedelta | None = None
) -> None:
    """Until the browser is closed, or so long: no script reads it, and no other site has it
    sent."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=lasts,
        secure=not parts().sandbox,
        httponly=True,
        samesite="Strict",
        path="/",
    )


def keys_on() -> bool:
    """Whether letters alone are keys in this browser: until somebody switches them off here."""
    return request.cookies.get(cookie_name(KEYS)) != OFF


def session_token() -> str:
    """The session of this browser; empty when it has none."""
    return request.cookies.get(cookie_name(), "")


def form_word() -> str:
    """What every form of this session repeats: for whom it was made, a word that the session
    alone knows, and one of ours about both, which holds after the session's end too."""
    person = me().person_id.hex
    own = context().cipher.digest("desk form", f"{session_token()} {person}").hex()
    return f"{person}.{own}.{context().cipher.digest(AUTHOR, f'{person}.{own}').hex()}"


def author() -> Actor | None:
    """For whom the form of this request was made, in whatever session; None for no form of ours, or
    one that another site sends."""
    made_for, _, ours = request.form.get(FORM_WORD, "").rpartition(".")
    right = (each.hex().encode() for each in context().cipher.digests(AUTHOR, made_for))
    if is_foreign() or not any(hmac.compare_digest(ours.encode(), each) for each in right):
        return None
    return Actor(UUID(made_for.partition(".")[0]))


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
    found = g.actor = authenticate(context(), session_token())
    if must_prove(found) and request.endpoint not in UNPROVED:
        raise refuse(NEEDED, "请先输入验证器上的六位数字。", kind="forbidden")


def must_prove(person: Actor) -> bool:
    """Whether this person may do nothing yet: their office needs a second factor, or they have one,
    and it was not proved in this session."""
    proof = person.proof
    return proof is not None and (proof.has_factor or proof.needs_factor) and not proof.proved_at


def check_form() -> None:
    """Call it before a form is believed; raises Refused `session_invalid`.

    The browser says where it comes from, and the form repeats the word of this session.
    """
    given = request.form.get(FORM_WORD, "")
    if is_foreign() or not hmac.compare_digest(given.encode(), form_word().encode()):
        message = "这张表单不是从您现在登录的页面提交的，没有办理。请打开页面重新填写。"
        raise refuse("session_invalid", message, kind="unauthenticated")


def is_foreign() -> bool:
    """Whether the browser says that another site sent this."""
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def me() -> Actor:
    """The person who works here; only behind the gate."""
    return actor()


def rights() -> Sequence[HeldGrant]:
    """What the person here may do, read once for a page."""
    if "rights" not in g:
        with context().sessions() as tx:
            g.rights = grants_of(tx, context(), me())
    held: Sequence[HeldGrant] = g.rights
    return held


def holds(*roles: Role) -> bool:
    """Whether the person here holds one of these roles for the city."""
    return any(each.scope_kind == "city" and Role(each.role) in roles for each in rights())


def most_bytes(app: Flask, environ: WSGIEnvironment) -> int:
    """How many bytes this request may send, asked before they are heard: a file only to a step, and
    from somebody who is signed in, or was a moment ago: what they typed beside it is kept."""
    with app.request_context(environ):
        limit = WITH_FILES.get(request.endpoint or "")
        if limit is None:
            return FORM_LIMIT
        try:
            known = is_known(parts().ctx, session_token())
        except (OperationalError, PoolTimeout):
            return FORM_LIMIT
        return limit if known else FORM_LIMIT


def install(app: Flask) -> None:
    """Put the gate before every page of `app`."""
    app.before_request(_gate)
