"""一件案件: where it stands, what may be done and why not, and each step on a page of its own."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID, uuid4

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Redirect

from backend.desk import forms, gate
from backend.desk.acts import ACTS, Act
from backend.desk.pages import go, page
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.papers import PAPER_NAMES
from backend.domain.roles import APPLICANT_ROLES, ROLE_NAMES, Role
from backend.domain.routes.catalogue import action_name, limit_title, state_name
from backend.http.envelope import STATUS_OF_KIND
from backend.http.idempotent import PATTERN
from backend.http.parts import context
from backend.http.present import present_file
from backend.services.base.context import Actor, Context
from backend.services.files import uploads
from backend.services.people import idempotency
from backend.services.people.idempotency import Answer, Work
from backend.services.reads.cases import read_case
from backend.services.reads.offers import OfferView, offer_of, offers_of

routes = Blueprint("case", __name__, url_prefix=f"{gate.PREFIX}/cases/<uuid:purchase_id>")
KEY, VERSION = "key", "version"
DONE = 200


@routes.get("")
def case(purchase_id: UUID) -> Response:
    """Everything of one case that this person may see; looking leaves no link in the chain."""
    me = gate.me()
    view = read_case(context(), me, purchase_id, words=False)
    return page(
        "case.html",
        view=view,
        case=view.purchase,
        offers=offers_of(context(), me, purchase_id),
        at_desk=frozenset(ACTS),
        done=_done(),
        state_name=state_name,
        action_name=action_name,
        limit_title=limit_title,
        role_name=lambda role: ROLE_NAMES[Role(role)],
        paper_names=PAPER_NAMES,
        applicant=ROLE_NAMES[APPLICANT_ROLES[view.purchase.applicant]],
    )


@routes.get("/<action>")
def step(purchase_id: UUID, action: str) -> Response:
    """The form of one step, with what will follow from it."""
    return _form(purchase_id, action, {}, (), 200)


@routes.post("/<action>")
def take(purchase_id: UUID, action: str) -> Response | Redirect:
    """Take the step, once, however often the form is sent; what is wrong is told beside the form,
    and nothing that was typed is lost."""
    act = _act(action)
    gate.check_form()
    try:
        given = forms.read(act.fields)
        _once(purchase_id, act, given)
    except Refused as refused:
        if refused.kind in ("unauthenticated", "missing"):
            raise
        return _form(
            purchase_id,
            action,
            forms.typed(act.fields),
            refused.refusals,
            STATUS_OF_KIND[refused.kind],
        )
    return go("case.case", purchase_id=purchase_id, done=action)


@routes.get("/files/<sha256>")
def file(purchase_id: UUID, sha256: str) -> Response:
    """A paper, to be saved and not shown."""
    content, media_type = uploads.read_file(context(), gate.me(), sha256)
    response = present_file(content, media_type, sha256)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _act(action: str) -> Act:
    if action not in ACTS:
        message = "这一步不在工作台办理，请在手机小程序上办理。"
        raise refuse("not_found", message, kind="missing")
    return ACTS[action]


def _once(purchase_id: UUID, act: Act, given: forms.Given) -> None:
    """One effect for one form: its key is kept with the answer."""
    ctx, me = context(), _seen()
    key = request.form.get(KEY, "")

    if not re.fullmatch(PATTERN, key):
        raise refuse("field_missing", "表单不完整，请重新打开这一步。", KEY)

    def work(keep: Callable[[Work], Answer]) -> Answer:
        files = forms.read_files(ctx, me, act.fields)
        return keep(partial(_written, me, purchase_id, act, given, files))

    idempotency.answer_in_parts(ctx, me, key, forms.digest(act.fields), work)


def _written(
    me: Actor,
    purchase_id: UUID,
    act: Act,
    given: forms.Given,
    files: Mapping[str, uploads.Read],
    part: Context,
) -> Answer:
    papers = {name: uploads.keep_upload(part, me, read).sha256 for name, read in files.items()}
    none = {each.name: None for each in act.fields if each.kind is forms.Kind.FILE}
    act.take(part, me, purchase_id, {**none, **given, **papers})
    return Answer(DONE, "")


def _seen() -> Actor:
    """The person, with the version of the case that the form was made for."""
    version = request.form.get(VERSION, "")
    if not version.isdecimal():
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
        state_name=state_name,
        offer=offer,
        fields=act.fields,
        choices=_choices(me, purchase_id, act),
        typed=typed,
        general=[refusal for refusal in refusals if refusal.field not in fields],
        wrong={refusal.field: refusal for refusal in refusals if refusal.field in fields},
        key=_key(refusals),
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


def _key(refusals: Sequence[Refusal]) -> str:
    """A form that was refused was not done: it may be sent again with the same key."""
    return request.form.get(KEY, "") if refusals else uuid4().hex


def _choices(me: Actor, purchase_id: UUID, act: Act) -> Mapping[str, Sequence[tuple[str, str]]]:
    return {
        each.name: each.choices(context(), me, purchase_id) for each in act.fields if each.choices
    }


def _done() -> str:
    """What was done just now, if the address says so."""
    done = request.args.get("done", "")
    return action_name(done) if done in ACTS else ""
