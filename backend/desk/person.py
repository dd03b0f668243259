"""One person among 人员与授权: rights, sessions, 停用; a right is given, sessions end, somebody is
kept out or let in again."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.forms import Field, Given
from backend.desk.one_form import OneForm
from backend.desk.pages import go, page
from backend.desk.right_asked import granted, right_asked
from backend.domain.roles import Role
from backend.http.parts import context
from backend.services.base.access import nothing_there, require
from backend.services.base.context import Context
from backend.services.lists.rights import CITY, COMMAND_LINE
from backend.services.people import desk_accounts, grants, lockouts
from backend.services.reads.people_pages import PersonPage, read_person

routes = Blueprint("person", __name__, url_prefix=f"{gate.PREFIX}/people/of/<uuid:person_id>")
REASON = Field("reason", "理由", hint="加密保存，只有系统管理员和审计能看到。")
DONE = {
    "granted": "已授权",
    "kept-out": "已停用，全部登录已结束",
    "let-in": "已恢复，本人可以重新登录",
    "signed-out": "已结束全部登录",
}


@routes.get("")
def person(person_id: UUID) -> Response:
    """Everything about one of them that their keepers see."""
    return page(
        "person.html",
        view=_view(person_id),
        city=CITY,
        command_line=COMMAND_LINE,
        done=DONE.get(request.args.get("done", "")),
    )


@routes.get("/grant")
def grant(person_id: UUID) -> Response:
    """The form for another right."""
    return _grant(person_id).begun()


@routes.post("/grant")
def give(person_id: UUID) -> Response | Redirect:
    """Give it; who gives rights proves themselves again."""
    me, form = gate.me(), _grant(person_id)

    def write(part: Context, given: Given) -> object:
        right = granted(given)
        return grants.grant(part, me, person_id, right.role, right.scope_id, right.until)

    wrong = form.done(write)
    return wrong or _back(person_id, "granted")


@routes.get("/lockout")
def lockout(person_id: UUID) -> Response:
    """The form for keeping somebody out."""
    return _lockout(person_id).begun()


@routes.post("/lockout")
def lock_out(person_id: UUID) -> Response | Redirect:
    """Keep them out."""
    me, form = gate.me(), _lockout(person_id)
    wrong = form.done(lambda part, given: lockouts.lock_out(part, me, person_id, given["reason"]))
    return wrong or _back(person_id, "kept-out")


@routes.get("/return")
def come_back(person_id: UUID) -> Response:
    """The form for letting somebody in again."""
    form, _ = _return(person_id)
    return form.begun()


@routes.post("/return")
def let_in(person_id: UUID) -> Response | Redirect:
    """Let them in again."""
    me = gate.me()
    form, of = _return(person_id)
    wrong = form.done(lambda part, given: lockouts.let_in(part, me, of, given["reason"]))
    return wrong or _back(person_id, "let-in")


@routes.post("/sign-out")
def sign_out(person_id: UUID) -> Redirect:
    """End all their sessions."""
    gate.check_form()
    lockouts.end_sessions(context(), gate.me(), person_id)
    return _back(person_id, "signed-out")


@routes.get("/anew")
def anew(person_id: UUID) -> Response:
    """The form for inviting somebody without WeChat once more."""
    return _anew(person_id).begun()


@routes.post("/anew")
def invite_anew(person_id: UUID) -> Response | Redirect:
    """What they sign in with is void, and another code is given."""
    me, form = gate.me(), _anew(person_id)
    wrong = form.done(lambda part, _: desk_accounts.invite_anew(part, me, person_id))
    return wrong or go("inviting.account", person_id=person_id)


def _view(person_id: UUID) -> PersonPage:
    return read_person(context(), gate.me(), person_id)


def _keepable(person_id: UUID) -> PersonPage:
    """Whom the administrator here may keep out, and who is not that administrator."""
    view = _view(person_id)
    if not view.may_keep_out:
        require((), (Role.ADMINISTRATOR,))
    return view


def _grant(person_id: UUID) -> OneForm:
    view, asked = _view(person_id), right_asked()
    return OneForm(
        "再给一项授权",
        _path(view),
        asked.fields,
        f"{view.name}马上可以以这个身份办理，并收到在等的案件的通知。同样的授权再给一次，只改截止时间。",
        known=asked.known,
    )


def _lockout(person_id: UUID) -> OneForm:
    view = _keepable(person_id)
    return OneForm(
        "停用",
        _path(view),
        (REASON,),
        f"{view.name}的全部登录马上结束，恢复以前不能登录，也不能在服务号里办理；由他委托别人代办的同时"
        "结束。授权不变，在等的案件由别人接着办。",
    )


def _return(person_id: UUID) -> tuple[OneForm, UUID]:
    """The form, and the lockout that it ends."""
    view = _keepable(person_id)
    if view.lockout_id is None:
        raise nothing_there("停用记录")
    follows = f"{view.name}可以重新登录，原来的授权都在；原来委托别人的代办要重新委托。"
    return OneForm("恢复", _path(view), (REASON,), follows), view.lockout_id


def _anew(person_id: UUID) -> OneForm:
    view = _keepable(person_id)
    if not view.account:
        raise nothing_there("登录编号")
    return OneForm(
        "重新邀请",
        _path(view),
        (),
        "原来的口令和验证器马上作废，全部登录结束；登录编号不变。接着给出一个新的邀请码，一天内有效，"
        "核对是本人以后当面交给他。",
    )


def _path(view: PersonPage) -> tuple[tuple[str, str], ...]:
    return (
        (url_for("people.people"), "人员与授权"),
        (url_for("person.person", person_id=view.person_id), view.name),
    )


def _back(person_id: UUID, done: str) -> Redirect:
    return go("person.person", person_id=person_id, done=done)
