"""For those who print: single posters, and orders for a whole estate."""

from typing import Annotated
from uuid import UUID

from flask import Response, after_this_request, send_file
from pydantic import BaseModel, Field

from backend.domain.posters import FileFormat, NoticePaper, PosterKind
from backend.http.parts import actor, context, parts
from backend.http.present import Input, Moment, Output, named, present, present_file
from backend.http.routes import PREFIX, Routes
from backend.services.printing import posters, print_orders
from backend.services.printing.print_orders import PrintProgress, PrintRequest
from backend.services.printing.requests import PosterRequest
from backend.store.posters import PrintOrderState

routes = Routes("posters", "印制二维码卡和公示海报")

BINARY = {"schema": {"type": "string", "format": "binary"}}
POSTER_FILE = {
    "description": "海报文件",
    "content": {"image/png": BINARY, "application/pdf": BINARY},
}
ZIP_FILE = {"description": "全部海报的压缩包", "content": {print_orders.ZIP: BINARY}}


class PosterIn(Input):
    """A poster: a lift's cab card or about sheet, or a notice for one of its units."""

    kind: PosterKind
    lift_id: UUID | None = None
    notice_id: UUID | None = None
    unit_id: UUID | None = None
    paper: NoticePaper = Field("A4", description="大堂公示的纸张；轿厢卡为 A5，保险说明为 A4")
    format: FileFormat = "png"
    bleed: bool = Field(False, description="四边各加 3 毫米出血")


class PosterOut(Output):
    """A kept poster. `missing` are letters that no font has: it shows 〓 for them."""

    sha256: str
    media_type: str
    missing: str
    url: str


class PosterPath(BaseModel):
    """A poster is named by its content."""

    sha256: str = Field(description="海报文件的 SHA-256，64 位小写十六进制")


class PrintOrderIn(Input):
    """Which posters of an estate to make."""

    estate_id: UUID
    kinds: Annotated[list[PosterKind], Field(min_length=1, max_length=3)]
    paper: NoticePaper = "A4"
    format: FileFormat = "pdf"
    bleed: bool = False


class PrintOrderPath(BaseModel):
    """An order by its id."""

    order_id: UUID


class PrintFailureOut(Output):
    """A poster that could not be made, and why."""

    name: str
    place: str
    reason: str


class PrintOrderOut(Output):
    """How far an order is: `done` of `total` posters are settled; `url` leads to the ZIP."""

    id: UUID
    estate_id: UUID
    state: PrintOrderState
    done: int
    total: int
    ordered_at: Moment
    finished_at: Moment | None
    failures: list[PrintFailureOut]
    url: str | None


@routes.post(
    "/posters",
    auth="person",
    answers={201: PosterOut},
    creates=True,
    refuses=(
        "lift_code_missing not_found place_not_in_notice poster_code_unreadable",
        "poster_incomplete poster_not_possible poster_too_long role_required",
    ),
)
def make_poster(body: PosterIn) -> Response:
    """制作一张海报：轿厢卡、大堂公示或保险说明

    由物业经理或经办办理。轿厢卡和保险说明填 lift_id，大堂公示填 notice_id 和 unit_id。
    答复里的 url 可以下载文件。
    """
    wanted = PosterRequest(**body.model_dump())
    made = posters.make_poster(context(), actor(), wanted, parts().public_url)
    url = f"{PREFIX}/posters/{made.sha256}"
    answer = PosterOut(
        sha256=made.sha256, media_type=made.media_type, missing=made.missing, url=url
    )
    return present(answer, 201)


@routes.get(
    "/posters/<sha256>",
    auth="person",
    answers={200: POSTER_FILE, 304: None},
    refuses=("not_found role_required",),
)
def read_poster(path: PosterPath) -> Response:
    """下载海报文件"""
    content, media_type = posters.read_poster(context(), actor(), path.sha256)
    return present_file(content, media_type, path.sha256)


@routes.post(
    "/print-orders",
    auth="person",
    answers={201: PrintOrderOut},
    creates=True,
    refuses=("kinds_missing not_found nothing_to_print order_open role_required",),
)
def order_posters(body: PrintOrderIn) -> Response:
    """为一个小区印制全部海报，在后台逐张制作

    由物业经理或经办办理。一个人同时只有一个任务在做；做完后下载压缩包。
    """
    progress = print_orders.order_posters(context(), actor(), PrintRequest(**body.model_dump()))

    @after_this_request
    def wake(answer: Response) -> Response:
        parts().wake_printing([progress.id])
        return answer

    return present(_shown(progress), 201)


@routes.get(
    "/print-orders/<order_id>",
    auth="person",
    answers={200: PrintOrderOut, 304: None},
    refuses=("not_found role_required",),
)
def read_print_order(path: PrintOrderPath) -> Response:
    """印制进度"""
    return present(_shown(print_orders.read_order(context(), actor(), path.order_id)))


@routes.get(
    "/print-orders/<order_id>/file",
    auth="person",
    answers={200: ZIP_FILE, 304: None},
    refuses=("not_found order_not_done role_required",),
)
def read_print_file(path: PrintOrderPath) -> Response:
    """下载印制好的压缩包"""
    sha256, where = print_orders.read_zip(context(), actor(), path.order_id)
    name = named(print_orders.ZIP, sha256)
    response = send_file(
        where, print_orders.ZIP, as_attachment=True, download_name=name, etag=sha256
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _shown(progress: PrintProgress) -> PrintOrderOut:
    url = f"{PREFIX}/print-orders/{progress.id}/file" if progress.file_sha256 else None
    values = {name: getattr(progress, name) for name in PrintOrderOut.model_fields if name != "url"}
    return PrintOrderOut.model_validate({**values, "url": url}, from_attributes=True)
