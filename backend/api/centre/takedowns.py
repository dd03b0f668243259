"""For the centre: what was published and must not be read any more."""

from uuid import UUID

from flask import Response

from backend.api.cases.objections import ObjectionPath
from backend.http.bodies import NoticeIdPath, ReasonIn
from backend.http.fields import Sha256
from backend.http.parts import actor, context
from backend.http.present import Moment, Output, present
from backend.http.routes import WRITTEN, Routes
from backend.services.public_notice import takedowns

routes = Routes("takedowns", "中心：撤下已公布的内容")
TAKEN = "already_taken_down not_found officer_is_party same_officer version_conflict"
RESTORED = "not_found not_taken_down officer_is_party own_takedown same_officer version_conflict"


class PhotoReasonIn(ReasonIn):
    """Which photo, and why."""

    file_sha256: Sha256


class TakedownOut(Output):
    """What was taken down and why, and since when everybody sees it again."""

    id: UUID
    reason: str
    taken_down_at: Moment
    restored_at: Moment | None


@routes.post(
    "/objections/<objection_id>/takedown",
    auth="person",
    answers={201: TakedownOut},
    creates=True,
    refuses=(WRITTEN, TAKEN),
)
def take_down_words(path: ObjectionPath, body: ReasonIn) -> Response:
    """撤下已公布的异议原文、答复和复核理由

    由经办或复核办理。公开页面立即改为“已撤下（原因）”，原因也公开；记录和审计链不变。
    """
    made = takedowns.take_down_words(context(), actor(), path.objection_id, body.reason)
    return present(TakedownOut.model_validate(made), 201)


@routes.post(
    "/objections/<objection_id>/takedown-reversal",
    auth="person",
    answers={200: TakedownOut},
    refuses=(WRITTEN, RESTORED),
)
def restore_words(path: ObjectionPath, body: ReasonIn) -> Response:
    """恢复撤下的异议原文、答复和复核理由

    由另一位经办或复核办理，须写明理由。
    """
    made = takedowns.restore_words(context(), actor(), path.objection_id, body.reason)
    return present(TakedownOut.model_validate(made))


@routes.post(
    "/notices/<notice_id>/photo-takedown",
    auth="person",
    answers={201: TakedownOut},
    creates=True,
    refuses=(WRITTEN, TAKEN),
)
def take_down_photo(path: NoticeIdPath, body: PhotoReasonIn) -> Response:
    """撤下公示照片

    由经办或复核办理，例如拍到了人脸或门牌。照片仍是本案的影像资料，只是不再公开。
    """
    made = takedowns.take_down_photo(
        context(), actor(), path.notice_id, body.file_sha256, body.reason
    )
    return present(TakedownOut.model_validate(made), 201)


@routes.post(
    "/notices/<notice_id>/photo-takedown-reversal",
    auth="person",
    answers={200: TakedownOut},
    refuses=(WRITTEN, RESTORED),
)
def restore_photo(path: NoticeIdPath, body: PhotoReasonIn) -> Response:
    """恢复撤下的公示照片

    由另一位经办或复核办理，须写明理由。
    """
    made = takedowns.restore_photo(
        context(), actor(), path.notice_id, body.file_sha256, body.reason
    )
    return present(TakedownOut.model_validate(made))
