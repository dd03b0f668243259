"""导入: a workbook is handed in and checked, shown as it looked with its faults at their cells, and
written by a second word."""

from collections.abc import Sequence
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate, lists, once
from backend.desk.pages import go, leads_elsewhere, page
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.imports import AT_WORK, IMPORT_NAMES, ImportKind, ImportState
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context, parts
from backend.services.base.access import nothing_there
from backend.services.workbooks import imports as service
from backend.services.workbooks.import_work import Compared
from backend.services.workbooks.lists import XLSX

routes = Blueprint("imports", __name__, url_prefix=f"{gate.PREFIX}/imports")
HEADINGS = ("工作表", "行", "列", "栏目", "问题")
# What a file without a name of ours is called when it leaves.
TEMPLATE = "{}模板.xlsx"


@routes.get("")
def imports() -> Response:
    """What was handed in, the latest first, and the form for more."""
    return _list(200, ())


@routes.post("")
def hand_in() -> Response | Redirect:
    """Check a workbook; the same one again leads to the same page."""
    gate.check_form()
    try:
        found = _handed_in()
        _wake(found.id, found.state)
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return _list(STATUS_OF_KIND[refused.kind], refused.refusals)
    return go("imports.read", import_id=found.id)


def _handed_in() -> service.HandedIn:
    kind = request.form.get("kind", "")
    file = request.files.get("file")
    if kind not in list(ImportKind):
        raise refuse("field_missing", "请选择这是哪一种工作簿。", "kind")
    if file is None or not file.filename:
        raise refuse("field_missing", "请选择 .xlsx 文件。", "file")
    paper = request.form.get("mandate_paper", "")
    compared = Compared(request.form.get("filed") == "yes", paper)
    of_kind = ImportKind(kind)
    return service.hand_in(context(), gate.me(), of_kind, file.filename, file.stream, compared)


@routes.get("/<uuid:import_id>")
def read(import_id: UUID) -> Response:
    """One workbook as it looked, with what is wrong at each cell."""
    return _page(import_id, 200, ())


@routes.post("/<uuid:import_id>")
def apply(import_id: UUID) -> Response | Redirect:
    """正式导入, once."""
    gate.check_form()
    preview = request.form.get("preview", "")
    try:
        once.do_once((), lambda part, _: service.apply(part, gate.me(), import_id, preview))
        _wake(import_id, ImportState.ORDERED)
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return _page(import_id, STATUS_OF_KIND[refused.kind], refused.refusals)
    return go("imports.read", import_id=import_id, tried="yes")


def _wake(import_id: UUID, state: ImportState) -> None:
    """A worker does what is too much for a page; there may be nothing for it to do."""
    if state in AT_WORK:
        parts().wake_printing([import_id])


@routes.get("/<uuid:import_id>/problems")
def problems(import_id: UUID) -> Response:
    """Every fault with its place, as a workbook."""
    view = service.read(context(), gate.me(), import_id)
    if view.found is None:
        raise nothing_there("问题清单")
    rows = [
        (each.sheet, each.row, each.column, each.heading, each.message)
        for each in view.found.problems()
    ]
    about = [f"文件：{view.line.record.file_name}"]
    return lists.workbook("导入问题", HEADINGS, rows, about)


@routes.get("/template/<kind>")
def template(kind: str) -> Response:
    """The empty workbook to fill in."""
    if kind not in list(ImportKind):
        raise nothing_there("模板")
    of_kind = ImportKind(kind)
    response = Response(service.blank(context(), gate.me(), of_kind), mimetype=XLSX)
    file = quote(TEMPLATE.format(IMPORT_NAMES[of_kind]))
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{file}"
    return response


def _list(status: int, refusals: Sequence[Refusal]) -> Response:
    found = service.page_of(context(), gate.me(), lists.page_number())
    return page(
        "imports.html",
        status,
        found=found,
        kinds=service.kinds_of(context(), gate.me()),
        names=IMPORT_NAMES,
        applied=ImportState.APPLIED,
        with_a_worker=AT_WORK,
        refusals=refusals,
        chosen=request.form.get("kind", ""),
        mandate_paper=request.form.get("mandate_paper", ""),
    )


def _page(import_id: UUID, status: int, refusals: Sequence[Refusal]) -> Response:
    view = service.read(context(), gate.me(), import_id)
    faults = list(view.found.problems()) if view.found else []
    numbers = {id(each): number for number, each in enumerate(faults, 1)}
    return page(
        "import.html",
        status,
        view=view,
        record=view.line.record,
        names=IMPORT_NAMES,
        is_applied=view.line.record.state is ImportState.APPLIED,
        with_a_worker=view.line.record.state in AT_WORK,
        waits=view.line.record.state is ImportState.WAITS,
        faults=faults,
        number_of=lambda each: numbers[id(each)],
        refusals=refusals,
        tried=request.args.get("tried") == "yes",
        key=once.key_of(refusals),
        export=url_for("imports.problems", import_id=import_id),
    )
