"""For those who post the notice: the applicant, the property manager, or the clerk."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.api.cases import CaseOut, CasePath, CaseReasonOut, acting, present_case
from backend.api.fields import Sha256, When
from backend.api.parts import context
from backend.api.present import Input, Moment, Output, present
from backend.api.routes import Routes
from backend.services import notices
from backend.services.notices import Photo

routes = Routes("notices", "张贴公示与影像资料")


class NoticeIdPath(BaseModel):
    """A notice by its id."""

    notice_id: UUID


class PhotoIn(Input):
    """A photo of the posted notice: where, when, wide or close."""

    unit_id: UUID
    moment: Literal["start", "end"]
    framing: Literal["wide", "close"]
    file_sha256: Sha256
    captured_at: When


class DraftedNoticeOut(Output):
    """A notice to be posted, with its frozen text; amounts in fen and in words."""

    id: UUID
    number: str
    purchase_id: UUID
    plan_id: UUID
    state: str
    content: dict[str, Any]
    content_hash: str
    drafted_at: Moment
    starts_on: date | None
    ends_on: date | None
    ends_before: Moment | None
    provisional: bool
    explanation: list[CaseReasonOut]


@routes.post(
    "/purchases/<purchase_id>/notice",
    auth="person",
    answers={201: DraftedNoticeOut},
    creates=True,
)
def draft_notice(path: CasePath) -> Response:
    """生成公示文本，供张贴"""
    notice = notices.draft_notice(context(), acting(), path.purchase_id)
    return present(DraftedNoticeOut.model_validate(notice), 201)


@routes.post("/notices/<notice_id>/photos", auth="person", answers={201: CaseOut}, creates=True)
def add_photo(path: NoticeIdPath, body: PhotoIn) -> Response:
    """上传公示照片；最后一张开始照片到齐时公示开始"""
    photo = Photo(body.unit_id, body.moment, body.framing, body.file_sha256, body.captured_at)
    return present_case(notices.add_photo(context(), acting(), path.notice_id, photo), 201)
