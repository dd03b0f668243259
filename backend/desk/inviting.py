"""邀请: somebody scans a code and shows a number, or has no WeChat and gets a number and a code."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, gate, shown
from backend.desk.forms import NOTHING, Field
from backend.desk.one_form import OneForm
from backend.desk.pages import go, page
from backend.desk.right_asked import city_right_asked, granted, right_asked
from backend.desk.values import Kind
from backend.domain.desk_accounts import STATUS_NAMES, AccountStatus, in_fours
from backend.domain.errors import refuse
from backend.domain.invitations import DIGITS, OVER, STATE_NAMES, WAITING, InvitationState
from backend.domain.second_factor import NEEDED
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context, parts
from backend.pictures.codes import code_path
from backend.services.lists.rights import CITY
from backend.services.people import desk_accounts, invitations

routes = Blueprint("inviting", __name__, url_prefix=f"{gate.PREFIX}/people/invitations")
PRINTED = "/desk-invitation/"
NAME = Field("name", "姓名", Kind.WORDS, "您怎样称呼这个人。列表里只显示一部分。")
NUMBER = Field("number", f"对方手机上的{DIGITS}位数字", Kind.LINE)
DONE = {"taken-back": "邀请已撤回", "granted": "数字一致，已授权"}


@routes.get("")
def waiting() -> Response:
    """Invitations that wait, and the ways to make one."""
    return page(
        "invitations.html",
        rows=invitations.waiting(context(), gate.me()),
        names=STATE_NAMES,
        done=DONE.get(request.args.get("done", "")),
    )


@routes.get("/new")
def new() -> Response:
    """The form for somebody with WeChat."""
    return _new().begun()


@routes.post("/new")
def invite() -> Response | Redirect:
    """Make the invitation, and show its code."""
    me, form = gate.me(), _new()
    made: list[UUID] = []
    wrong = form.done(
        lambda part, given: made.append(invitations.invite(part, me, given["name"], granted(given)))
    )
    if wrong:
        return wrong
    return go("inviting.one", invitation_id=made[0]) if made else go("inviting.waiting")


@routes.get("/<uuid:invitation_id>")
def one(invitation_id: UUID) -> Response:
    """Its code while nobody scanned it; then the place for the number."""
    return _one(invitation_id, shown.begun((NUMBER,), NOTHING), 200)


@routes.post("/<uuid:invitation_id>/number")
def confirm(invitation_id: UUID) -> Response | Redirect:
    """The right is given to who shows this number; another one ends the invitation."""
    me = gate.me()
    right: list[bool] = []
    wrong = asking.done(
        (NUMBER,),
        lambda part, given: right.append(
            invitations.confirm(part, me, invitation_id, given["number"])
        ),
        lambda typed, refusals, status: _one(
            invitation_id, shown.Form((NUMBER,), NOTHING, typed, refusals), status
        ),
    )
    if wrong:
        return wrong
    if right == [False]:
        refused = invitations.wrong_number()
        form = shown.Form((NUMBER,), NOTHING, {}, refused.refusals)
        return _one(invitation_id, form, STATUS_OF_KIND[refused.kind])
    return go("inviting.one", invitation_id=invitation_id)


@routes.post("/<uuid:invitation_id>/withdrawal")
def withdraw(invitation_id: UUID) -> Redirect:
    """Nobody can scan it any more."""
    gate.check_form()
    invitations.withdraw(context(), gate.me(), invitation_id)
    return go("inviting.waiting", done="taken-back")


@routes.get("/without-wechat")
def accounts() -> Response:
    """Everybody who has no WeChat."""
    rows = desk_accounts.list_accounts(context(), gate.me())
    return page("accounts.html", rows=rows, names=STATUS_NAMES)


@routes.get("/without-wechat/new")
def new_account() -> Response:
    """The form for somebody without WeChat."""
    return _new_account().begun()


@routes.post("/without-wechat/new")
def invite_account() -> Response | Redirect:
    """Let them in: a number and a code."""
    me, form = gate.me(), _new_account()
    made: list[UUID] = []
    wrong = form.done(
        lambda part, given: made.append(
            desk_accounts.invite(part, me, given["name"], granted(given) if given["role"] else None)
        )
    )
    if wrong:
        return wrong
    return go("inviting.account", person_id=made[0]) if made else go("inviting.accounts")


@routes.get("/without-wechat/<uuid:person_id>")
def account(person_id: UUID) -> Response:
    """The number, and the code for who gave it, as long as they proved themselves a moment ago."""
    view = desk_accounts.read(context(), gate.me(), person_id)
    waits = view.status is AccountStatus.INVITED
    if waits and view.is_mine and not view.code:
        message = "看邀请码要再验证一次：请输入验证器上现在的六位数字。"
        raise refuse(NEEDED, message, kind="forbidden")
    stands, code = STATUS_NAMES[view.status], in_fours(view.code)
    return page("account.html", view=view, waits=waits, stands=stands, code=code)


@routes.post("/without-wechat/<uuid:person_id>/confirmation")
def confirm_account(person_id: UUID) -> Redirect:
    """Another administrator says that it is meant."""
    gate.check_form()
    desk_accounts.confirm(context(), gate.me(), person_id)
    return go("inviting.account", person_id=person_id)


def _new() -> OneForm:
    asked = right_asked()
    return OneForm(
        "邀请有微信的人",
        (*_path(), (url_for("inviting.waiting"), "邀请")),
        (NAME, *asked.fields),
        "屏幕上出现一个码，一天内有效。对方用自己的手机扫，手机上出现一个数字；您当面或打电话核对是本人，"
        "把这个数字填在屏幕上，授权才生效。",
        known=asked.known,
    )


def _new_account() -> OneForm:
    asked = city_right_asked()
    return OneForm(
        "邀请没有微信的人",
        (*_path(), (url_for("inviting.accounts"), "没有微信的人员")),
        (NAME, *asked.fields),
        "给出一个登录编号和一个邀请码，一天内有效，只能用一次。另一位系统管理员在工作台确认以后，邀请码"
        "才能用。核对是本人以后当面交给他；他在工作台的"
        "登录页用编号和邀请码登录，抄下口令、绑定验证器，以后用编号、口令和验证器登录。",
        known=asked.known,
    )


def _one(invitation_id: UUID, form: shown.Form, status: int) -> Response:
    view = invitations.read(context(), gate.me(), invitation_id)
    text = f"{parts().public_url.rstrip('/')}{PRINTED}{view.code}" if view.code else ""
    modules, path = code_path(text) if text else (0, "")
    return page(
        "invitation.html",
        status,
        view=view,
        form=form,
        city=CITY,
        text=text,
        modules=modules,
        path=path,
        state=OVER if view.over else STATE_NAMES[view.state],
        compares=view.state is InvitationState.ACCEPTED and not view.over,
        waits=view.state in WAITING and not view.over,
    )


def _path() -> tuple[tuple[str, str], ...]:
    return ((url_for("people.people"), "人员与授权"),)
