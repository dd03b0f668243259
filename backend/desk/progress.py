"""进度: what stands of the plan's targets, by district; the bulletin; the lifts; and 监管, for who
watches maintainers and insurers."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, url_for

from backend.desk import filters, gate, lists
from backend.desk.exports import export as export_of
from backend.desk.pages import page
from backend.domain.local_time import local_date
from backend.domain.targets import TARGET_STATUS_NAMES
from backend.domain.wording import day_ends, plain_day
from backend.http.parts import context
from backend.services.lists.lifts import (
    NO_MAINTAINER,
    WHICH_NAMES,
    active_of,
    asked_of,
    narrowing_of,
)
from backend.services.reads import bulletins
from backend.services.reads.insurer_pages import READERS as INSURER_READERS
from backend.services.reads.progress import page_of_lifts, read_oversight, read_progress
from backend.store.queries.lift_list import NOBODY

routes = Blueprint("progress", __name__, url_prefix=f"{gate.PREFIX}/progress")
MARKS = {"reached": "good", "running": "soon", "missed": "late"}


@routes.get("")
def progress() -> Response:
    """Targets, districts and limits as of now."""
    found = read_progress(context(), gate.me())
    return page(
        "progress.html",
        progress=found,
        statuses=TARGET_STATUS_NAMES,
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


@routes.get("/oversight")
def oversight() -> Response:
    """What market supervision and the insurance regulator watch: who looks after lifts, who insures
    them, as of today."""
    return page(
        "oversight.html",
        found=read_oversight(context(), gate.me()),
        no_maintainer=NO_MAINTAINER,
        nobody=NOBODY,
        plain_day=plain_day,
        reads_insurers=gate.holds(*INSURER_READERS),
    )


@routes.get("/lifts")
def lifts() -> Response:
    """The lifts in use and their cover of today, fifty a page."""
    chosen = asked_of(lists.address(), local_date(context().clock()))
    narrowing = narrowing_of(chosen)
    return page(
        "lifts.html",
        found=page_of_lifts(context(), gate.me(), chosen, lists.page_number()),
        asked=chosen,
        active=active_of(chosen),
        which_names=WHICH_NAMES,
        no_maintainer=NO_MAINTAINER,
        today=chosen.on,
        plain_day=plain_day,
        day_ends=day_ends,
        export=url_for("progress.export", **dict[str, Any](narrowing)),
        **filters.shown_at("lifts", narrowing),
    )


@routes.get("/lifts/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    return export_of("lifts")
