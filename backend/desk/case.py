"""一件案件: where it stands, what may be done and why not, and each step on a page of its own."""

import re
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import forms, gate, once, pasting, shown
from backend.desk.acts.act import Act
from backend.desk.acts.counter import COMPARED
from backend.desk.acts.every import ACTS, COMPARES_PAYEE, PAGES
from backend.desk.case_list import beside, kept_list
from backend.desk.pages import go, leads_elsewhere, page
from backend.desk.payee import shown_payee
from backend.desk.today import near
from backend.domain.cover import SURVEY_NAMES
from backend.domain.errors import Refused, refuse
from backend.domain.papers import PAPER_NAMES
from backend.domain.refund import REFUND_NAMES
from backend.domain.roles import APPLICANT_ROLES, ROLE_NAMES, Role
from backend.domain.routes.catalogue import (
    ROUTES,
    action_name,
    limit_title,
    state_name,
    takes_applications,
)
from backend.domain.voting import square_metres
from backend.domain.wording import plain_day
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context
from backend.services.base.context import Actor
from backend.services.ordered import orders
from backend.services.purchase.case_letters import letters_at_hand
from backend.services.purchase.collecting import Collected, read_shares
from backend.services.reads.cases import CaseView, plan_words, read_case
from backend.services.reads.objections import handled_in, may_enter_paper
from backend.services.reads.offers import OfferView, offer_of, offers_of
from backend.services.reads.screening import findings_of
from backend.services.reads.todos import Todo, my_todos
from backend.services.votes.reading import VoteView, vote_of_case

routes = Blueprint("case", __name__, url_prefix=f"{gate.PREFIX}/cases/<uuid:purchase_id>")
VERSION = "version"
UNDER_WAY = "under-way"
NO_FORM = "工作台还没有这一步的表单，请在小程序上办理；小程序也没有的，请联系系统管理员。"


@routes.get("")
def case(purchase_id: UUID) -> Response:
    """Everything of one case that this person may see; looking leaves no link in the chain."""
    view = _view(purchase_id)
    offers = offers_of(context(), gate.me(), purchase_id)
    screened = not takes_applications(view.purchase.route)
    return page(
        "case.html",
        view=view,
        case=view.purchase,
        beside=beside(purchase_id),
        kept_list=kept_list(),
        offers=offers,
        letters=letters_at_hand(context(), gate.me(), purchase_id),
        plain_day=plain_day,
        at_desk=_addresses(purchase_id),
        done=_done(),
        next_todo=_next_todo(purchase_id),
        state_name=state_name,
        action_name=action_name,
        soon=near(context().clock()),
        limit_title=limit_title,
        role_name=_role_name,
        paper_names=PAPER_NAMES,
        survey_names=SURVEY_NAMES,
        no_form=NO_FORM,
        handled={each.number: each for each in handled_in(context(), gate.me(), purchase_id)},
        may_enter=may_enter_paper(context(), gate.me(), purchase_id) is not None,
        bound=orders.of_case(context(), gate.me(), purchase_id),
        order_key=once.key_of(),
        plan_words=plan_words(view.plan.plan) if view.plan else (),
        payee=shown_payee(purchase_id),
        vote=_vote(purchase_id),
        square_metres=square_metres,
        left_fen=_left_after_premium(view) if offers else None,
        refund_name=REFUND_NAMES[view.refund.kind] if view.refund else "",
        applicant=ROLE_NAMES[APPLICANT_ROLES[view.purchase.applicant]],
        acts_as="办理单位" if screened else "申请人",
        shares=_shares(view),
        found=findings_of(context(), gate.me(), purchase_id) if screened else (),
    )


def _vote(purchase_id: UUID) -> VoteView | None:
    """The vote of the owners, for whoever organises it or watches over it."""
    try:
        return vote_of_case(context(), gate.me(), purchase_id)
    except Refused as refused:
        if refused.kind != "forbidden":
            raise
        return None


@routes.get("/<action>")
def step(purchase_id: UUID, action: str) -> Response:
    """The form of one step, with what will follow from it."""
    view = _view(purchase_id)
    return _form(
        view,
        action,
        shown.begun(_act(action).fields, _known(view, action)),
        200,
    )


@routes.post("/<action>")
def take(purchase_id: UUID, action: str) -> Response | Redirect:
    """Take the step, once, however often the form is sent; what is wrong is told beside the form,
    and nothing that was typed is lost."""
    act = _act(action)
    gate.check_form()
    typed = forms.typed(act.fields)
    if pasting.is_pasted(act.fields, typed) or pasting.FILL in request.form:
        view = _view(purchase_id)
        return _form(view, action, shown.filled(act.fields, _known(view, action), typed), 200)
    try:
        given = forms.read(act.fields)
        me = seen()
        once.do_once(
            act.fields,
            lambda part, papers: act.take(part, me, purchase_id, {**given, **papers}),
        )
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        if refused.refusals[0].code == "request_in_progress":
            return go("case.case", purchase_id=purchase_id, done=UNDER_WAY, **kept_list())
        view = _view(purchase_id)
        form = shown.Form(act.fields, _known(view, action), typed, refused.refusals)
        return _form(view, action, form, STATUS_OF_KIND[refused.kind])
    return go("case.case", purchase_id=purchase_id, done=action, **kept_list())


def _view(purchase_id: UUID) -> CaseView:
    return read_case(context(), gate.me(), purchase_id, words=False)


def _left_after_premium(view: CaseView) -> int | None:
    """What the accounts can spend beside this case; None without a plan, once it is paid, and
    before a special account was paid into."""
    route = context().city.routes.get(view.purchase.route)
    filling = route and route.account.value == "special_account" and view.source.hold is None
    if view.plan is None or filling:
        return None
    return view.source.left_after(view.plan.plan.premium_fen)


def _shares(view: CaseView) -> Collected | None:
    """What each flat pays, where the flats pay and there is a plan."""
    if view.plan is None or not ROUTES[view.purchase.route].shared:
        return None
    if not view.full:
        return None
    return read_shares(context(), gate.me(), view.purchase.id)


def _role_name(role: str) -> str:
    return ROLE_NAMES[Role(role)]


def _known(view: CaseView, action: str) -> forms.Known:
    return _act(action).knows(context(), gate.me(), view)


def _addresses(purchase_id: UUID) -> Mapping[str, str]:
    """Where each step of this case is taken, of those that have a form."""
    here = {"purchase_id": purchase_id, **kept_list()}
    own = {each: url_for(at, **here) for each, at in PAGES.items()}
    steps = {each: _step(purchase_id, each) for each in ACTS}
    return {**steps, **own}


def _step(purchase_id: UUID, action: str) -> str:
    return url_for("case.step", purchase_id=purchase_id, action=action, **kept_list())


def _act(action: str) -> Act:
    if action not in ACTS:
        raise refuse("not_found", NO_FORM, kind="missing")
    return ACTS[action]


def seen() -> Actor:
    """The person, with the version of the case that the form was made for."""
    version = _version()
    if version is None:
        raise refuse("field_missing", "表单不完整，请重新打开这一步。", VERSION)
    return replace(gate.me(), seen_version=version)


def _version() -> int | None:
    """The version of the case that the form of this request was made for, if it says one."""
    given = request.form.get(VERSION, "")
    return int(given) if re.fullmatch("[0-9]{1,9}", given) else None


def _form(view: CaseView, action: str, form: shown.Form, status: int) -> Response:
    moved_on = any(refusal.code == "version_conflict" for refusal in form.refusals)
    again = (form.refusals and not moved_on) or form.news
    version = view.purchase.version
    since, offer = _version(), _offer(view.purchase.id, action)
    gone = offer is None and not form.refusals  # such as by the way back from what was done
    return page(
        "step.html",
        STATUS_OF_KIND["conflict"] if gone else status,
        case=view.purchase,
        kept_list=kept_list(),
        place=view.place,
        state_name=state_name,
        action_name=action_name,
        role_name=_role_name,
        meanwhile=[row for row in view.transitions if since is not None and row.seq > since],
        offer=offer,
        form=form,
        payee=shown_payee(view.purchase.id) if action in COMPARES_PAYEE else None,
        seen=request.form.get(VERSION) if again else version,
    )


def _offer(purchase_id: UUID, action: str) -> OfferView | None:
    """The step as it is offered; None where it is not possible any more, so that what was typed can
    be kept elsewhere."""
    try:
        return offer_of(context(), gate.me(), purchase_id, action)
    except Refused as refused:
        if refused.kind != "conflict":
            raise
        return None


def _done() -> str:
    """What was done just now, if the address says so."""
    done = request.args.get("done", "")
    if done == UNDER_WAY:
        return "刚才的表单正在办理，请过几秒刷新本页。"
    if done in COMPARED:
        return f"已{action_name(done)}，另一位经办在今日待办里对照扫描件核对以后计入。"
    return f"已办理：{action_name(done)}" if done in ACTS else ""


def _next_todo(purchase_id: UUID) -> Todo | None:
    """After a step, the most urgent of what else waits for this person; a case that was opened from
    a list has its own next one."""
    if not _done() or kept_list():
        return None
    others = (
        todo
        for todo in my_todos(context(), gate.me()).items
        if todo.mine and todo.purchase_id != purchase_id
    )
    return next(others, None)
