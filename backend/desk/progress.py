"""进度: what stands of the plan's targets, by district; the lifts that count; and the bulletin."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, url_for

from backend.desk import filters, gate, lists
from backend.desk.exports import export as export_of
from backend.desk.pages import page
from backend.domain.local_time import local_date
from backend.domain.targets import STANDING_NAMES
from backend.domain.wording import day_ends, plain_day
from backend.http.parts import context
from backend.services.lists.covered import active_of, asked_of, narrowing_of
from backend.services.reads import bulletins
from backend.services.reads.progress import page_of_covered, read_progress

routes = Blueprint("progress", __name__, url_prefix=f"{gate.PREFIX}/progress")
MARKS = {"reached": "good", "running": "soon", "missed": "late"}


@routes.get("")
def progress() -> Response:
    """Targets, districts and limits as of now."""
    found = read_progress(context(), gate.me())
    return page(
        "progress.html",
        progress=found,
        standings=STANDING_NAMES,
        marks=MARKS,
        plain_day=plain_day,
        most=max((each.row.lifts for each in found.districts), default=0),
    )


@routes.get("/bulletin")
def bulletin() -> Response:
    """The same to be sent round, as a PDF."""
    found = read_progress(context(), gate.me())
    response = Response(bulletins.bulletin_of(context(), found), mimetype="application/pdf")
    name = quote(f"电梯维修保险工作进度通报-{found.today:%Y%m%d}.pdf")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


@routes.get("/workbook")
def workbook() -> Response:
    """The districts as a workbook, as they stand on the page."""
    found = read_progress(context(), gate.me())
    rows = [
        (row.district, row.estates, row.lifts, row.covered, each.at_work, each.overdue)
        for each in (*found.districts, found.sums)
        for row in (each.row,)
    ]
    return lists.workbook("进度", bulletins.DISTRICTS, rows)


@routes.get("/lifts")
def lifts() -> Response:
    """The lifts that are insured today, fifty a page."""
    chosen = asked_of(lists.address(), local_date(context().clock()))
    narrowing = narrowing_of(chosen)
    return page(
        "covered.html",
        found=page_of_covered(context(), gate.me(), chosen, lists.page_number()),
        asked=chosen,
        active=active_of(chosen),
        plain_day=plain_day,
        day_ends=day_ends,
        export=url_for("progress.export", **dict[str, Any](narrowing)),
        **filters.shown_at("covered", narrowing),
    )


@routes.get("/lifts/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    return export_of("covered")
