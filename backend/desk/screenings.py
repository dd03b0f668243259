"""摸底筛选: the district finds that an estate meets the plan's criteria, which begins a case."""

from uuid import UUID

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.acts.act import PHOTO_OR_PDF
from backend.desk.forms import Field, Given
from backend.desk.one_form import OneForm
from backend.desk.pages import go
from backend.desk.values import Kind
from backend.domain.facts import Finding
from backend.http.parts import context
from backend.services.base.context import Context
from backend.services.purchase import screening
from backend.services.reads.applying import Screened, place_to_screen

routes = Blueprint("screenings", __name__, url_prefix=f"{gate.PREFIX}/screenings")

MET = "符合"
SHEET = Field("sheet_sha256", "盖章的摸底筛选表", Kind.FILE, PHOTO_OR_PDF)


@routes.get("/<uuid:estate_id>")
def new(estate_id: UUID) -> Response:
    """The sheet of this estate."""
    return _form(place_to_screen(context(), gate.me(), estate_id)).begun()


@routes.post("/<uuid:estate_id>")
def screen(estate_id: UUID) -> Response | Redirect:
    """Begin the case, once."""
    place = place_to_screen(context(), gate.me(), estate_id)
    begun: list[UUID] = []

    def write(part: Context, given: Given) -> None:
        findings = {
            criterion.code: Finding(given[f"{criterion.code}_met"], given[criterion.code])
            for criterion in place.criteria
        }
        sheet = given[SHEET.name]
        begun.append(screening.screen(part, gate.me(), estate_id, findings, sheet).id)

    refused = _form(place).done(write)
    if refused is not None:
        return refused
    if not begun:  # sent twice: it is among the cases
        return go("case_list.cases")
    return go("case.case", purchase_id=begun[0])


def _form(place: Screened) -> OneForm:
    fields: list[Field] = []
    for each in place.criteria:
        fields.append(Field(f"{each.code}_met", f"{MET}：{each.text}", Kind.YES))
        fields.append(Field(each.code, "查明的情况", hint=f"方案{each.source}。"))
    return OneForm(
        title="摸底筛选",
        path=[(url_for("applications.estates"), "新的申请")],
        fields=(*fields, SHEET),
        follows="各项条件都符合的，小区入选，通知物业、业委会和中心；随后确定投保的电梯。",
        about=place.name,
        verb="入选",
    )
