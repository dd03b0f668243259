"""海报: estates, what was printed for them, what leads nowhere any more and must be printed anew,
and orders with their progress, whose ZIP is fetched here."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

from flask import Blueprint, Response, request, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, filters, gate, lists, shown
from backend.desk.exports import export as export_of
from backend.desk.forms import Field, Given, Known
from backend.desk.pages import go, page
from backend.desk.values import YES, Kind
from backend.domain.errors import Refusal
from backend.domain.posters import FileFormat, NoticePaper
from backend.http.parts import context, parts
from backend.http.present import named
from backend.services.base.context import Context
from backend.services.printing import print_orders
from backend.services.printing.poster_lists import (
    EstatePosters,
    page_of_posters,
    read_posters,
)
from backend.services.printing.print_orders import KIND_NAMES, ZIP, PrintRequest
from backend.store.queries.poster_list import DeadPoster

routes = Blueprint("posters", __name__, url_prefix=f"{gate.PREFIX}/posters")
REPRINT_HEADINGS = ("海报", "楼栋", "单元", "电梯", "公示", "印制时间", "二维码失效时间")
FORMATS = {"pdf": "PDF（打印店、打印机）", "png": "PNG 图片"}
PAPERS = {"A4": "A4", "A3": "A3（字大一倍）"}
ORDER = (
    Field(
        "kinds",
        "印什么",
        Kind.SEVERAL,
        "轿厢卡为 A5，保险说明为 A4。",
        choices=tuple((str(kind), name) for kind, name in KIND_NAMES.items()),
    ),
    Field("building_id", "哪一栋", Kind.ID, "不选就是整个小区。", True),
    Field(
        "paper",
        "大堂公示的纸张",
        Kind.CHOICE,
        "A4 排不下的会自动用 A3，压缩包里写明是哪几张。",
        choices=tuple((paper, PAPERS[paper]) for paper in get_args(NoticePaper)),
    ),
    Field(
        "format",
        "文件格式",
        Kind.CHOICE,
        choices=tuple((each, FORMATS[each]) for each in sorted(get_args(FileFormat))),
    ),
    Field("bleed", "四边各加3毫米出血（送打印店裁切的才要）", Kind.YES),
)
BEGUN = {f"kinds.{kind}": YES for kind in KIND_NAMES} | {"paper": "A4", "format": "pdf"}


@routes.get("")
def posters() -> Response:
    """Estates by name, fifty a page."""
    words = lists.words()
    return page(
        "posters.html",
        found=page_of_posters(context(), gate.me(), words, lists.page_number()),
        words=words,
        export=url_for("posters.export", words=words or None),
        **filters.shown_at("posters"),
    )


@routes.get("/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    return export_of("posters")


@routes.get("/<uuid:estate_id>")
def estate(estate_id: UUID) -> Response:
    """What was printed for one estate, and the form of an order."""
    view = read_posters(context(), gate.me(), estate_id)
    return _page(view, shown.begun(ORDER, _known(view)), 200)


@routes.get("/<uuid:estate_id>/workbook")
def reprint(estate_id: UUID) -> Response:
    """What must be printed anew there, as a workbook."""
    view = read_posters(context(), gate.me(), estate_id)
    rows = [_reprint_cells(row) for row in view.dead]
    return lists.workbook("需重贴", REPRINT_HEADINGS, rows, [view.estate.name])


@routes.post("/<uuid:estate_id>")
def order(estate_id: UUID) -> Response | Redirect:
    """Order them, once; they are made in the background."""
    me = gate.me()
    view = read_posters(context(), me, estate_id)
    found: list[UUID] = []

    def write(part: Context, given: Given) -> None:
        wanted = PrintRequest(estate_id=estate_id, **given)
        found.append(print_orders.order_posters(part, me, wanted).id)

    def again(typed: Mapping[str, str], refusals: Sequence[Refusal], status: int) -> Response:
        return _page(view, shown.Form(ORDER, _known(view), typed, refusals), status)

    wrong = asking.done(ORDER, write, again)
    if wrong:
        return wrong
    parts().wake_printing(found)
    return go("posters.estate", estate_id=estate_id, done="ordered", _anchor="orders")


@routes.get("/orders/<uuid:order_id>/file")
def zip_file(order_id: UUID) -> Response:
    """The ZIP of a finished order."""
    sha256, where = print_orders.read_zip(context(), gate.me(), order_id)
    name = named(ZIP, sha256)
    response = send_file(where, ZIP, as_attachment=True, download_name=name, etag=sha256)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _known(view: EstatePosters) -> Known:
    buildings = [(str(building), name) for building, name in view.buildings]
    return Known(values=BEGUN, choices={"building_id": buildings})


def _page(view: EstatePosters, form: shown.Form, status: int) -> Response:
    return page(
        "estate_posters.html",
        status,
        view=view,
        form=form,
        kinds=KIND_NAMES,
        formats=FORMATS,
        is_printing=any(not each.finished_at for each in view.orders),
        done="已下单，正在印制" if request.args.get("done") else "",
        export=url_for("posters.reprint", estate_id=view.estate.id),
    )


def _reprint_cells(row: DeadPoster) -> Sequence[Any]:
    kinds = {str(kind): name for kind, name in KIND_NAMES.items()}
    return (
        kinds[row.kind],
        row.building,
        row.unit,
        row.lift,
        row.notice,
        row.made_at,
        row.revoked_at,
    )
