"""新的申请: from the estates where somebody may apply to a case; at the counter for owners who
signed on paper."""

from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Redirect

from backend.desk import forms, gate, once, pasting, shown
from backend.desk.acts.act import all_ticked, insurer_choices
from backend.desk.acts.counter import SIGNATURES, signed
from backend.desk.forms import Choices, Field, Given, Known
from backend.desk.pages import go, leads_elsewhere, page
from backend.desk.values import Kind
from backend.domain.errors import Refused
from backend.domain.money import yuan
from backend.domain.roles import APPLICANT_ROLES, ROLE_NAMES, Role
from backend.domain.routes.catalogue import nothing_offered, offered, takes_applications
from backend.domain.source import paid_by
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.purchase import applications
from backend.services.purchase.applications import ApplicationRequest
from backend.services.reads.applying import Place, place_to_apply, places_to_apply
from backend.services.reads.ways import SCREENED_ONLY
from backend.store.purchases import Purchase

routes = Blueprint("applications", __name__, url_prefix=f"{gate.PREFIX}/applications")

ROUTE = Field("route", "办理路线", Kind.CHOICE)
APPLICANT = Field("applicant", "以谁的名义申请", Kind.CHOICE)
WHAT = (
    Field(
        "account_id",
        "付款的统筹账户",
        Kind.ID,
        "由各户分摊、专户付款的路线不选。",
        optional=True,
    ),
    Field("insurer_id", "保险机构", Kind.ID),
    Field("lift_ids", "电梯", Kind.SEVERAL, "不办的去掉勾选。已在别的申请里的，选了也不能提交。"),
)
IN_PERSON = (ROUTE, APPLICANT, *WHAT)
ON_PAPER = (ROUTE, *WHAT, *SIGNATURES)


@routes.get("")
def estates() -> Response:
    """Where this person may begin a case."""
    ctx = context()
    places = places_to_apply(ctx, gate.me())
    screened = "" if any(map(takes_applications, offered(ctx.city))) else SCREENED_ONLY
    closed = nothing_offered(ctx.city)
    return page("applications.html", places=places, closed=closed, screened=screened)


@routes.get("/<uuid:estate_id>")
def new(estate_id: UUID) -> Response:
    """The form for this estate, with all that is known filled in."""
    place = place_to_apply(context(), gate.me(), estate_id)
    fields = _fields(place)
    return _page(place, shown.begun(fields, _known(context(), place)), 200)


@routes.post("/<uuid:estate_id>")
def begin(estate_id: UUID) -> Response | Redirect:
    """Begin the case, once."""
    gate.check_form()
    place = place_to_apply(context(), gate.me(), estate_id)
    fields = _fields(place)
    typed, known = forms.typed(fields), _known(context(), place)
    if pasting.is_pasted(fields, typed) or pasting.FILL in request.form:
        return _page(place, shown.filled(fields, known, typed), 200)
    begun: list[UUID] = []
    try:
        given = forms.read(fields)

        def write(part: Context, papers: Given) -> None:
            drafted = _draft(part, gate.me(), place, {**given, **papers})
            begun.append(drafted.id)

        once.do_once(fields, write)
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        form = shown.Form(fields, known, typed, refused.refusals)
        return _page(place, form, STATUS_OF_KIND[refused.kind])
    if not begun:  # sent twice: it is among the cases
        return go("case_list.cases")
    return go("case.case", purchase_id=begun[0])


def _draft(ctx: Context, me: Actor, place: Place, given: Given) -> Purchase:
    lifts = [UUID(each) for each in given["lift_ids"]]
    on_paper = place.on_paper
    asked = ApplicationRequest(
        given["route"],
        place.id,
        given["account_id"],
        given["insurer_id"],
        "owners" if on_paper else given["applicant"],
        lifts,
    )
    if not on_paper:
        return applications.draft(ctx, me, asked)
    rows = [signed(row) for row in given["signatures"]]
    scan, checked = given["file_sha256"], given["namesakes_checked"]
    return applications.draft_on_paper(ctx, me, asked, rows, scan, checked)


def _fields(place: Place) -> tuple[Field, ...]:
    return ON_PAPER if place.on_paper else IN_PERSON


def _known(ctx: Context, place: Place) -> Known:
    lifts: Choices = [
        (
            str(lift.id),
            f"{lift.building} {lift.unit} {lift.name} {lift.registration_code}"
            + (f"（{lift.open_case} 办理中）" if lift.open_case else ""),
        )
        for lift in place.lifts
    ]
    free = [(str(lift.id), "") for lift in place.lifts if not lift.open_case]
    accounts = [
        (str(each.id), f"{each.name}（可用 {yuan(each.available_fen)}）") for each in place.accounts
    ]
    roads = [
        (route, f"{route} {paid_by(ctx.city.routes[route].account.value)}")
        for route in offered(ctx.city)
        if takes_applications(route) and _begun_at_a_desk(ctx, route)
    ]
    applicants = [(each, ROLE_NAMES[Role(APPLICANT_ROLES[each])]) for each in place.applicants]
    insurers = insurer_choices(ctx)
    choices = {
        "route": roads,
        "applicant": applicants,
        "account_id": accounts,
        "insurer_id": insurers,
        "lift_ids": lifts,
    }
    alone = {
        name: found[0][0]
        for name, found in choices.items()
        if len(found) == 1 and name != "lift_ids"
    }
    return Known({**alone, **all_ticked("lift_ids", free)}, choices)


def _begun_at_a_desk(ctx: Context, route: str) -> bool:
    """Whoever insures alone does so on the phone."""
    return ctx.city.routes[route].applicants.value != ("independent_owner",)


def _page(place: Place, form: shown.Form, status: int) -> Response:
    if not place.applicants and not place.on_paper:
        raise nothing_there("小区")
    return page("application.html", status, place=place, form=form)
