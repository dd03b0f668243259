"""一件案件: where it stands, what may be done and why not, and each step on a page of its own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Redirect

from backend.desk import drafts, forms, gate, once
from backend.desk.acts import ACTS, Act
from backend.desk.case_list import beside, kept_list
from backend.desk.pages import go, leads_elsewhere, page
from backend.domain.cover import SURVEY_NAMES
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.papers import PAPER_NAMES
from backend.domain.refund import REFUND_NAMES
from backend.domain.roles import APPLICANT_ROLES, ROLE_NAMES, Role
from backend.domain.routes.catalogue import action_name, limit_title, state_name
from backend.domain.standing_still import THE_NOTICE_ITSELF
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context
from backend.services.base.context import Actor
from backend.services.reads.cases import read_case
from backend.services.reads.offers import OfferView, offer_of, offers_of

routes = Blueprint("case", __name__, url_prefix=f"{gate.PREFIX}/cases/<uuid:purchase_id>")
VERSION = "version"
UNDER_WAY = "under-way"
NO_FORM = "工作台还没有这一步的表单，请在小程序上办理；小程序也没有的，请联系系统管理员。"


@routes.get("")
def case(purchase_id: UUID) -> Response:
    """Everything of one case that this person may see; looking leaves no link in the chain."""
    me = gate.me()
    view = read_case(context(), me, purchase_id, words=False)
    return page(
        "case.html",
        view=view,
        case=view.purchase,
        beside=beside(purchase_id),
        kept_list=kept_list(),
        offers=offers_of(context(), me, purchase_id),
        at_desk=frozenset(ACTS),
        done=_done(),
        state_name=state_name,
        action_name=action_name,
        limit_title=limit_title,
        notice_itself=THE_NOTICE_ITSELF,
        role_name=lambda role: ROLE_NAMES[Role(role)],
        paper_names=PAPER_NAMES,
        survey_names=SURVEY_NAMES,
        no_form=NO_FORM,
        refund_name=REFUND_NAMES[view.refund.kind] if view.refund else "",
        applicant=ROLE_NAMES[APPLICANT_ROLES[view.purchase.applicant]],
    )


@routes.get("/<action>")
def step(purchase_id: UUID, action: str) -> Response:
    """The form of one step, with what will follow from it."""
    return _form(purchase_id, action, drafts.here().words, (), 200)


@routes.post("/<action>")
def take(purchase_id: UUID, action: str) -> Response | Redirect:
    """Take the step, once, however often the form is sent; what is wrong is told beside the form,
    and nothing that was typed is lost."""
    act = _act(action)
    gate.check_form()
    try:
        given = forms.read(act.fields)
        me = _seen()
        once.do_once(
            act.fields,
            lambda part, papers: act.take(part, me, purchase_id, {**given, **papers}),
        )
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        if refused.refusals[0].code == "request_in_progress":
            return go("case.case", purchase_id=purchase_id, done=UNDER_WAY, **kept_list())
        return _form(
            purchase_id,
            action,
            forms.typed(act.fields),
            refused.refusals,
            STATUS_OF_KIND[refused.kind],
        )
    return go("case.case", purchase_id=purchase_id, done=action, **kept_list())


def _act(action: str) -> Act:
    if action not in ACTS:
        raise refuse("not_found", NO_FORM, kind="missing")
    return ACTS[action]


def _seen() -> Actor:
    """The person, with the version of the case that the form was made for."""
    version = request.form.get(VERSION, "")
    if not re.fullmatch("[0-9]{1,9}", version):
        raise refuse("field_missing", "表单不完整，请重新打开这一步。", VERSION)
    return replace(gate.me(), seen_version=int(version))


def _form(
    purchase_id: UUID,
    action: str,
    typed: Mapping[str, str],
    refusals: Sequence[Refusal],
    status: int,
) -> Response:
    act = _act(action)
    me = gate.me()
    view = read_case(context(), me, purchase_id, words=False)
    offer = _offer(me, purchase_id, action, refusals)
    moved_on = any(refusal.code == "version_conflict" for refusal in refusals)
    fields = {each.name for each in act.fields}
    return page(
        "step.html",
        status,
        case=view.purchase,
        kept_list=kept_list(),
        state_name=state_name,
        offer=offer,
        fields=act.fields,
        choices=_choices(me, purchase_id, act),
        typed=typed,
        refused=bool(refusals),
        general=[refusal for refusal in refusals if refusal.field not in fields],
        wrong={refusal.field: refusal for refusal in refusals if refusal.field in fields},
        key=once.key_of(refusals),
        restored=bool(typed) and not refusals,
        seen=request.form.get(VERSION) if refusals and not moved_on else view.purchase.version,
    )


def _offer(
    me: Actor, purchase_id: UUID, action: str, refusals: Sequence[Refusal]
) -> OfferView | None:
    """The step as it is offered; None where it was filled in and is not possible any more, so that
    what was typed can be kept elsewhere."""
    try:
        return offer_of(context(), me, purchase_id, action)
    except Refused as refused:
        if refused.kind != "conflict" or not refusals:
            raise
        return None


def _choices(me: Actor, purchase_id: UUID, act: Act) -> Mapping[str, Sequence[tuple[str, str]]]:
    return {
        each.name: each.choices(context(), me, purchase_id) for each in act.fields if each.choices
    }


def _done() -> str:
    """What was done just now, if the address says so."""
    done = request.args.get("done", "")
    if done == UNDER_WAY:
        return "刚才的表单正在办理，请过几秒刷新本页。"
    return f"已办理：{action_name(done)}" if done in ACTS else ""
