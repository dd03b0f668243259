"""没有微信的人员登录: a number, with a code the first time, later a passphrase and six digits."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.addresses import after
from backend.desk.pages import page
from backend.domain.desk import place_of
from backend.domain.errors import Refused, refuse
from backend.http.callers import caller
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context
from backend.services.people import desk_accounts, desk_sessions
from backend.services.people.desk_accounts import Typed, Where

routes = Blueprint("by_number", __name__, url_prefix=f"{gate.PREFIX}/sign-in/number")
MOST_LETTERS = 60


@routes.get("")
def ask() -> Response:
    """The form; nothing of it says who is known here."""
    return _asked("", "", 200)


@routes.post("")
def enter() -> Response | Redirect:
    """All of it right, a session begins at this PC; else it says that something was wrong."""
    if gate.is_foreign():
        raise refuse("session_invalid", "请从工作台的登录页登录。", kind="unauthenticated")
    number, secret, digits = (
        request.form.get(name, "")[:MOST_LETTERS] for name in ("number", "secret", "digits")
    )
    where = Where(caller(), place_of(caller(), request.headers.get("User-Agent", "")))
    try:
        token = desk_accounts.come_in(context(), Typed(number, secret, digits), where)
    except Refused as refused:
        return _asked(number, refused.refusals[0].message, STATUS_OF_KIND[refused.kind])
    desk_sessions.sign_out(context(), gate.session_token())  # whoever was here before is not
    response = redirect(after(), 303)
    gate.set_cookie(response, token)
    return response


def _asked(number: str, problem: str, status: int) -> Response:
    return page("by_number.html", status, number=number, problem=problem, after=after())
