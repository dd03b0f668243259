"""领导小组决定: about interest below the statutory one, and about accounts that should give back
what they have spent."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate, lists
from backend.desk.acts.act import PHOTO_OR_PDF
from backend.desk.forms import Field, Given
from backend.desk.income_tabs import TABS
from backend.desk.one_form import OneForm
from backend.desk.pages import go, page
from backend.desk.values import Kind
from backend.domain.money import yuan
from backend.domain.wording import plain_day
from backend.http.parts import context
from backend.services.income import leading
from backend.services.income.leading import Decided
from backend.services.reads import income_pages
from backend.services.reads.decision_pages import (
    read_decision,
    read_decisions,
    what_an_account_owes,
)

routes = Blueprint("decisions", __name__, url_prefix=f"{gate.PREFIX}/income/decisions")
LIST = "decisions.decisions"
FIELDS = (
    Field("decided_on", "哪天决定的", Kind.DAY),
    Field("body", "作出决定的会议或文件", Kind.WORDS, "例如“领导小组2025年第1次会议”。"),
    Field("decision", "决定的内容", hint="怎么补、由谁补、什么时候补；或者为什么不补。"),
    Field("file_sha256", "会议纪要或文件", Kind.FILE, PHOTO_OR_PDF),
)
WHY = Field("reason", "撤销的原因")
FOLLOWS = "决定和依据留在这里，监督、审计看得到。账面不变：一笔归一笔，不与别的存款、账户相抵。"
DONE = {"new": "登记领导小组的决定", "taken-back": "撤销登记"}


@routes.get("")
def decisions() -> Response:
    """The latest first, fifty a page."""
    return page(
        "decisions.html",
        view=read_decisions(context(), gate.me(), lists.page_number()),
        tabs=TABS,
        plain_day=plain_day,
        done=DONE.get(request.args.get("done", "")),
    )


@routes.get("/interest/<uuid:interest_id>")
def begin_interest(interest_id: UUID) -> Response:
    """The form about interest below the statutory one."""
    return _about_interest(interest_id).begun()


@routes.post("/interest/<uuid:interest_id>")
def decide_interest(interest_id: UUID) -> Response | Redirect:
    """Enter what was decided about it, once."""
    return _entered(_about_interest(interest_id), leading.decide_interest, interest_id)


@routes.get("/accounts/<uuid:account_id>")
def begin_account(account_id: UUID) -> Response:
    """The form about an account that should give back what it has spent."""
    return _about_account(account_id).begun()


@routes.post("/accounts/<uuid:account_id>")
def decide_account(account_id: UUID) -> Response | Redirect:
    """Enter what was decided about it, once."""
    return _entered(_about_account(account_id), leading.decide_account, account_id)


@routes.get("/<uuid:decision_id>/withdrawal")
def begin_withdrawal(decision_id: UUID) -> Response:
    """The form that takes back what was entered by mistake."""
    return _withdrawal(decision_id).begun()


@routes.post("/<uuid:decision_id>/withdrawal")
def withdraw(decision_id: UUID) -> Response | Redirect:
    """Take it back, once."""
    me = gate.me()
    wrong = _withdrawal(decision_id).done(
        lambda part, given: leading.withdraw(part, me, decision_id, given["reason"])
    )
    return wrong or go(LIST, done="taken-back")


def _entered(form: OneForm, decide: Callable[..., object], of: UUID) -> Response | Redirect:
    me = gate.me()

    def write(part: object, given: Given) -> None:
        decide(part, me, of, Decided(*(given[each.name] for each in FIELDS)))

    return form.done(write) or go(LIST, done="new")


def _about_interest(interest_id: UUID) -> OneForm:
    income_pages.check_works(context(), gate.me())
    view = income_pages.read_interest(context(), gate.me(), interest_id).line.view
    return OneForm(
        "登记领导小组的决定",
        [
            (url_for("income.interest"), "结息"),
            (url_for("income.one_interest", interest_id=interest_id), view.deposit_number),
        ],
        FIELDS,
        FOLLOWS,
        about=f"{view.bank_name} {view.deposit_number}，低于法定利息{yuan(view.owed_fen)}",
    )


def _about_account(account_id: UUID) -> OneForm:
    income_pages.check_works(context(), gate.me())
    return OneForm(
        "登记领导小组的决定",
        [(url_for("income.accounts"), "账户")],
        FIELDS,
        FOLLOWS,
        about=what_an_account_owes(context(), gate.me(), account_id),
    )


def _withdrawal(decision_id: UUID) -> OneForm:
    income_pages.check_works(context(), gate.me())
    view = read_decision(context(), gate.me(), decision_id)
    return OneForm(
        "撤销登记",
        [(url_for(LIST), "领导小组决定")],
        (WHY,),
        "这项登记不再算数，留在列表里；可以重新登记。",
        about=f"{view.about}，{view.body}",
    )
