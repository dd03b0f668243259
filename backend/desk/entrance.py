"""Getting in and out (登录): the code that the phone confirms, and the end of a session."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.addresses import after
from backend.desk.pages import go, page
from backend.domain.desk import SignInOutcome, place_of
from backend.http.callers import caller
from backend.http.parts import context, parts
from backend.pictures.codes import code_path
from backend.services.people import desk_sessions
from backend.services.people.desk_sessions import Code

routes = Blueprint("entrance", __name__, url_prefix=gate.PREFIX)
WAITING = "tibao_desk_waiting"
PRINTED = "/desk-sign-in/"
SEPARATOR = "."
KEPT = (
    "刚才的登录已经结束，没有办理。您填写的内容保存一天，只有您本人看得到：重新登录以后就在原来的"
    "页面上；选过的文件要重新选。"
)
NOT_CONFIRMED = {
    SignInOutcome.WRONG_NUMBER: "手机上选的数字和电脑上的不一致，那个码已作废。请扫新的码。",
    SignInOutcome.NOT_ENTITLED: "扫码的人没有工作台的权限。需要的，请联系中心的系统管理员授权。",
}


@routes.get("/sign-in")
def sign_in() -> Response:
    """扫码登录: the code that this PC shows, or a new one where that is over."""
    code, problem = _shown(), KEPT if request.args.get("kept") else ""
    return _waiting(code, problem) if code else _with_new_code(problem)


@routes.post("/sign-in")
def enter() -> Response | Redirect:
    """The phone has confirmed: a session begins at this PC. Else the page says what is missing."""
    code = _shown()
    outcome = desk_sessions.outcome_of(context(), code) if code else None
    if code is None:
        return _with_new_code("码已过期，请扫新的码。")
    if outcome is None:
        return _waiting(code, "手机上还没有确认。请先扫码、选数字，再点下面的按钮。")
    if outcome is not SignInOutcome.CONFIRMED:
        return _with_new_code(NOT_CONFIRMED[outcome])
    place = place_of(caller(), request.headers.get("User-Agent", ""))
    token = desk_sessions.sign_in(context(), code, place)
    desk_sessions.sign_out(context(), gate.session_token())  # whoever was here before is not
    response = redirect(after(), 303)
    gate.set_cookie(response, token)
    response.delete_cookie(gate.cookie_name(WAITING), secure=not parts().sandbox)
    return response


@routes.post("/sign-out")
def sign_out() -> Redirect:
    """退出: this PC's session ends everywhere."""
    gate.check_form()
    desk_sessions.sign_out(context(), gate.session_token())
    response = go("entrance.sign_in")
    response.delete_cookie(gate.cookie_name(), secure=not parts().sandbox)
    return response


def _shown() -> Code | None:
    """The code that this PC shows, while it lasts."""
    secret, _, text = request.cookies.get(gate.cookie_name(WAITING), "").partition(SEPARATOR)
    return desk_sessions.read_code(context(), secret, text) if secret and text else None


def _with_new_code(problem: str) -> Response:
    secret = desk_sessions.new_secret()
    code = desk_sessions.new_code(context(), secret)
    response = _waiting(code, problem)
    gate.set_cookie(response, f"{secret}{SEPARATOR}{code.text}", WAITING)
    return response


def _waiting(code: Code, problem: str) -> Response:
    text = f"{parts().public_url.rstrip('/')}{PRINTED}{code.text}"
    modules, path = code_path(text)
    return page(
        "sign_in.html",
        text=text,
        modules=modules,
        path=path,
        number=code.number,
        problem=problem,
        after=after(),
    )
