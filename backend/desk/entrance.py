"""Getting in and out (登录): the code that the phone confirms, and the end of a session."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.pages import go, page
from backend.domain.desk import SignInOutcome
from backend.http.parts import context, parts
from backend.pictures.codes import code_path
from backend.services.people import desk_sessions
from backend.services.people.desk_sessions import Code

routes = Blueprint("entrance", __name__, url_prefix=gate.PREFIX)
WAITING = "tibao_desk_waiting"
PRINTED = "/desk-sign-in/"
SEPARATOR = "."
SECONDS = 3  # between two looks of a page that waits


@routes.get("/sign-in")
def sign_in() -> Response | Redirect:
    """扫码登录: the page looks again every few seconds whether a phone has confirmed."""
    code = _shown()
    outcome = desk_sessions.outcome_of(context(), code) if code else None
    if code and outcome is SignInOutcome.CONFIRMED:
        return page("enter.html", after=_after())
    if code is None or outcome is not None:
        return _with_new_code(outcome)
    return _waiting(code, None)


@routes.post("/sign-in")
def enter() -> Redirect:
    """The phone has confirmed: a session begins at this PC."""
    code = _shown()
    if code is None:
        return go("entrance.sign_in", next=_after())
    token = desk_sessions.sign_in(context(), code)
    response = redirect(_after(), 303)
    gate.set_cookie(response, token)  # type: ignore[arg-type]  # the same class, by another name
    response.delete_cookie(gate.cookie_name(WAITING), secure=not parts().sandbox)
    return response


@routes.post("/sign-out")
def sign_out() -> Redirect:
    """退出: this PC's session ends everywhere."""
    gate.check_form()
    desk_sessions.sign_out(context(), gate.me(), gate.session_token())
    response = go("entrance.sign_in")
    response.delete_cookie(gate.cookie_name(), secure=not parts().sandbox)
    return response


def _shown() -> Code | None:
    """The code that this PC shows, while it lasts."""
    secret, _, text = request.cookies.get(gate.cookie_name(WAITING), "").partition(SEPARATOR)
    return desk_sessions.read_code(context(), secret, text) if secret and text else None


def _with_new_code(outcome: SignInOutcome | None) -> Response:
    secret = desk_sessions.new_secret()
    code = desk_sessions.new_code(context(), secret)
    response = _waiting(code, outcome)
    gate.set_cookie(response, f"{secret}{SEPARATOR}{code.text}", WAITING)
    return response


def _waiting(code: Code, outcome: SignInOutcome | None) -> Response:
    text = f"{parts().public_url.rstrip('/')}{PRINTED}{code.text}"
    modules, path = code_path(text)
    return page(
        "sign_in.html",
        text=text,
        modules=modules,
        path=path,
        number=code.number,
        seconds=SECONDS,
        outcome=outcome,
    )


def _after() -> str:
    """Where to go afterwards: a page of the desk, whatever the address says."""
    asked = request.values.get("next", "")
    there = urlsplit(asked)
    ours = not there.netloc and not there.scheme and there.path.startswith(gate.PREFIX + "/")
    return asked if ours and "\\" not in asked else url_for("today.today")


gate.open_to_all(routes, "sign_in")
gate.open_to_all(routes, "enter")
