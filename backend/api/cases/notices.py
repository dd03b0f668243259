"""For those who post the notice: the applicant, the property manager, or the clerk."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.cases import (
    CaseOut,
    CasePath,
    CaseReasonOut,
    acting,
    case_fields,
    present_case,
)
from backend.http.bodies import NoticeIdPath, ReasonIn
from backend.http.fields import Sha256, When
from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, present
from backend.http.routes import STEP, WRITTEN, Routes
from backend.services.public_notice import notices
from backend.services.public_notice.notices import PlacePosted, PostingGuide, SubmittedPhoto

routes = Routes("notices", "张贴公示与影像资料")


class PhotoIn(Input):
    """A photo of the posted notice: where, when, wide or close."""

    unit_id: UUID
    moment: Literal["start", "end"]
    framing: Literal["wide", "close"]
    file_sha256: Sha256
    captured_at: When | None = Field(default=None, description="照片里有拍摄时间的，以照片为准")
    poster_sha256: Sha256 | None = Field(default=None, description="照片上那份海报的 SHA-256")


class PhotoWarningOut(Output):
    """What might be better about a photo that was taken in all the same."""

    code: str
    message: str


class HandedInOut(CaseOut):
    """The case after the photo."""

    warnings: list[PhotoWarningOut]


class PostedNoticeOut(Output):
    """The notice, and how long it hangs once it began, in words."""

    id: UUID
    number: str
    purchase_id: UUID
    state: str
    starts_on: date | None
    ends_on: date | None
    ends_before: Moment | None
    how_long: str


class PosterMadeOut(Output):
    """A poster that was made of this notice."""

    sha256: str
    kind: str
    paper: str
    made_at: Moment
    unit_id: UUID


class PhotoGivenOut(Output):
    """A photo that counts."""

    sha256: str
    captured_at: Moment


class PhotosGivenOut(BaseModel):
    """The photos of a place at one moment."""

    wide: PhotoGivenOut | None
    close: PhotoGivenOut | None


class PlacePostedOut(BaseModel):
    """A place of the notice with its photos."""

    unit_id: UUID
    name: str
    start: PhotosGivenOut
    end: PhotosGivenOut


class PostingGuideOut(BaseModel):
    """How far the posting is: each place needs these `framings`, at the start and at the end;
    `hint` says how to take the photos."""

    notice: PostedNoticeOut
    posters: list[PosterMadeOut]
    places: list[PlacePostedOut]
    framings: list[str]
    hint: str


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
    refuses=(
        STEP,
        "balance_insufficient cover_begins_in_past insurer_not_selected lift_already_covered "
        "lift_not_running lift_outside_circle notice_already_drafted premium_above_available",
    ),
)
def draft_notice(path: CasePath) -> Response:
    """生成公示文本，供张贴"""
    notice = notices.draft_notice(context(), acting(), path.purchase_id)
    return present(DraftedNoticeOut.model_validate(notice), 201)


@routes.post(
    "/purchases/<purchase_id>/notice-reversal",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "notice_not_drafted objection_open"),
)
def undo_draft_notice(path: CasePath, body: ReasonIn) -> Response:
    """撤回待张贴的公示

    由申请人或经办办理，张贴完毕、公示开始之前。须写理由。
    预留的保费和电梯放回，已印的公示作废；要继续办的，重新生成公示再张贴。
    """
    return present_case(notices.undo_draft(context(), acting(), path.purchase_id, body.reason))


@routes.post(
    "/notices/<notice_id>/photos",
    auth="person",
    answers={201: HandedInOut},
    creates=True,
    refuses=(
        STEP,
        "balance_insufficient case_closed cover_begins_in_past file_unknown",
        "insurer_not_selected lift_already_covered lift_not_running",
        "lift_outside_circle notice_not_drafted",
        "photo_is_a_double photo_not_a_picture photo_not_possible photo_time_invalid",
        "photo_shows_nothing photo_too_early photo_too_small place_not_in_notice",
        "poster_of_other_place poster_unknown",
        "premium_above_available start_photo_missing",
    ),
)
def add_photo(path: NoticeIdPath, body: PhotoIn) -> Response:
    """上传公示照片；最后一张开始照片到齐时公示开始

    每个单元在公示开始和结束时各要远景、近景一张。文件先用 POST /uploads 上传，须是没有用过的照片。
    可以拍得更好的地方写在 warnings 里，照片仍然有效。
    """
    photo = SubmittedPhoto(**body.model_dump())
    handed = notices.add_photo(context(), acting(), path.notice_id, photo)
    warnings = [PhotoWarningOut.model_validate(hint) for hint in handed.warnings]
    return present(HandedInOut(**case_fields(handed.purchase), warnings=warnings), 201)


@routes.get(
    "/notices/<notice_id>/posting",
    auth="person",
    answers={200: PostingGuideOut, 304: None},
    refuses=("not_found role_required",),
)
def posting(path: NoticeIdPath) -> Response:
    """张贴公示的进度：海报、地点和已收到的照片"""
    guide = notices.read_posting(context(), actor(), path.notice_id)
    return present(
        PostingGuideOut(
            notice=_posted(guide),
            posters=[PosterMadeOut.model_validate(poster) for poster in guide.posters],
            places=[_place(place) for place in guide.places],
            framings=list(guide.framings),
            hint=guide.hint,
        )
    )


def _posted(guide: PostingGuide) -> PostedNoticeOut:
    notice = guide.notice
    return PostedNoticeOut(
        id=notice.id,
        number=notice.number,
        purchase_id=notice.purchase_id,
        state=notice.state,
        starts_on=notice.starts_on,
        ends_on=notice.ends_on,
        ends_before=notice.ends_before,
        how_long=guide.how_long,
    )


def _place(place: PlacePosted) -> PlacePostedOut:
    given = {
        key: PhotoGivenOut(sha256=photo.file_sha256, captured_at=photo.captured_at)
        for key, photo in place.photos.items()
    }
    start, end = (
        PhotosGivenOut(wide=given.get((moment, "wide")), close=given.get((moment, "close")))
        for moment in ("start", "end")
    )
    return PlacePostedOut(unit_id=place.unit_id, name=place.name, start=start, end=end)
