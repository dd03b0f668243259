"""案件: the list, whose address says everything that narrows it; a case keeps it in its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from backend.desk import filters, gate, lists
from backend.desk.exports import export as export_of
from backend.desk.pages import page
from backend.domain.routes.catalogue import state_name
from backend.domain.states import STATE_NAMES
from backend.domain.wording import days_still
from backend.http.parts import context
from backend.services.lists.cases import Asked, applicant_name, asked_of
from backend.services.reads.case_list import PlaceInList, page_of, place_of
from backend.store.queries.case_list import CaseFilter

routes = Blueprint("case_list", __name__, url_prefix=f"{gate.PREFIX}/cases")


def asked() -> Asked:
    """The list that this address asks for."""
    return asked_of(lists.address())


def chosen() -> CaseFilter:
    """The same as a query takes it."""
    return asked().chosen(context().clock())


def kept_list() -> Mapping[str, Any]:
    """What the address of a case repeats of the list that it was opened from, if it was."""
    return asked().address if "sort" in request.args else {}


@dataclass(frozen=True)
class Beside:
    """A case in the list that it was opened from: where, and the addresses around it."""

    place: PlaceInList | None
    whole: str
    before: str | None
    after: str | None


def beside(purchase_id: UUID) -> Beside | None:
    """What stands beside a case in the list that its address names; None where it names none."""
    its_list = kept_list()
    if not its_list:
        return None
    place = place_of(context(), gate.me(), chosen(), asked().sort, purchase_id)

    def address(case: UUID | None) -> str | None:
        return url_for("case.case", purchase_id=case, **its_list) if case else None

    return Beside(
        place,
        url_for("case_list.cases", **its_list),
        address(place.before) if place else None,
        address(place.after) if place else None,
    )


@routes.get("")
def cases() -> Response:
    """Fifty a page, sorted by what is due first."""
    this = asked()
    found = page_of(context(), gate.me(), chosen(), this.sort, lists.page_number())
    return page(
        "cases.html",
        found=found,
        states=STATE_NAMES,
        state_name=state_name,
        applicant_name=applicant_name,
        days_still=days_still,
        asked=this,
        opened=this.address,
        export=url_for("case_list.export", **dict[str, Any](this.address)),
        **filters.shown_at("cases", this.address),
    )


@routes.get("/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    return export_of("cases")
