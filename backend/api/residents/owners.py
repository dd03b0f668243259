"""For owners: objections, and saying who one is on the roster."""

from dataclasses import asdict
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.objections import (
    OBJECTION_LIMIT,
    FiledObjectionOut,
    ObjectionPath,
    ObjectionStatusOut,
    present_filed,
    receipt_url,
)
from backend.http.bodies import NoticeIdPath
from backend.http.fields import Place, Sha256, Yes
from backend.http.idempotent import as_one, in_parts
from backend.http.parts import actor, context
from backend.http.present import PDF_FILE, Input, Moment, Output, nothing, present, present_pdf
from backend.http.routes import WRITTEN, Routes
from backend.services.people import roster
from backend.services.public_notice import moderation, objections, receipts
from backend.services.public_notice.own_objections import my_objections
from backend.services.public_notice.photos import Attached

routes = Routes("owners", "业主：提出异议、身份核验")


class ObjectionIn(Input):
    """What the owner objects to."""

    kind: str = Field(max_length=20, description="price、insurer、need、procedure、lift 或 other")
    text: str = Field(max_length=50_000)
    photos: list[Sha256] = Field(default=[], max_length=20, description="先上传得到，至多 6 张")
    signature: Sha256 | None = Field(default=None, description="手写签名图片")
    publish_text: Yes = Field(default=False, description="同意公布隐去姓名、房号、电话后的原文")


class OwnerVerificationIn(Input):
    """The flat, as on the roster, and one's own name."""

    estate_code: Place
    building: Place
    unit: Place
    room: Place
    name: Place


class MemberVerificationIn(Input):
    """The estate, and one's own name."""

    estate_code: Place
    name: Place


class OwnObjectionOut(Output):
    """An objection as its author reads it; `answer_before` is null when no answer is owed."""

    id: UUID
    number: str
    notice_id: UUID
    notice_number: str
    kind: str
    kind_name: str
    status: str
    status_name: str
    next: str
    answer_before: Moment | None
    answer: str | None
    answered_at: Moment | None
    text: str
    publication: str
    publication_name: str
    publication_reason: str | None
    published_text: str | None
    photos: list[str]
    received_at: Moment
    can_withdraw: bool
    receipt_url: str


class OwnObjectionsOut(BaseModel):
    """The latest first."""

    items: list[OwnObjectionOut]


class OwnerVerificationOut(BaseModel):
    """The verification; it waits for the centre, right or wrong."""

    id: UUID


@routes.post(
    "/notices/<notice_id>/objections",
    auth="person",
    answers={201: FiledObjectionOut},
    creates=True,
    max_body=OBJECTION_LIMIT,
    refuses=(
        WRITTEN,
        "file_unknown not_an_affected_owner not_found notice_not_running",
        "objection_already_filed objection_kind_unknown photo_not_a_picture photo_repeated",
        "photo_too_small photos_too_many signature_too_small version_conflict",
        "objection_channel_closed",
    ),
)
@in_parts
def file_objection(path: NoticeIdPath, body: ObjectionIn) -> Response:
    """对公示提出书面异议

    公示期内可提，须写理由；照片和签名先用 POST /uploads 上传。还没有核验的人也可以提，
    中心核实身份后生效。有效的异议使投保立即暂缓。一位业主对一份公示只提一次。
    """
    attached = Attached(body.photos, body.signature)
    words = body.kind, body.text
    filed, _ = as_one(
        lambda: objections.file_objection(
            context(), actor(), path.notice_id, *words, attached, body.publish_text
        ),
        present_filed,
    )
    verdict = moderation.ask_platform(context(), actor(), body.text)
    _, answer = as_one(lambda: moderation.take_verdict(context(), filed.id, verdict), present_filed)
    return answer


@routes.get(
    "/objections/<objection_id>/receipt",
    auth="person",
    answers={200: PDF_FILE},
    refuses=("not_found",),
)
def objection_receipt(path: ObjectionPath) -> Response:
    """本人异议的回执（PDF）"""
    return present_pdf(*receipts.receipt_of(context(), actor(), path.objection_id))


@routes.get("/objections/mine", auth="person", answers={200: OwnObjectionsOut, 304: None})
def own_objections() -> Response:
    """本人提出的异议和答复"""
    items = [
        OwnObjectionOut(**asdict(row), receipt_url=receipt_url(row.id))
        for row in my_objections(context(), actor())
    ]
    return present(OwnObjectionsOut(items=items))


@routes.post(
    "/objections/<objection_id>/withdrawal",
    auth="person",
    answers={200: ObjectionStatusOut},
    refuses=(
        WRITTEN,
        "not_found objection_closed officer_is_party role_required",
        "same_officer version_conflict withdrawal_paper_missing withdrawals_used_up",
    ),
)
def withdraw_objection(path: ObjectionPath) -> Response:
    """撤回异议

    由异议人自己办理；书面撤回由经办录入。
    """
    withdrawn = objections.withdraw(context(), actor(), path.objection_id)
    return present(ObjectionStatusOut.model_validate(withdrawn))


@routes.delete(
    "/objections/<objection_id>/publication",
    auth="person",
    answers={204: None},
    refuses=("not_found",),
)
def take_back_publication(path: ObjectionPath) -> Response:
    """本人不再同意公布原文；异议本身不受影响"""
    moderation.take_back(context(), actor(), path.objection_id)
    return nothing()


@routes.post(
    "/owner-verifications/owner",
    auth="person",
    answers={201: OwnerVerificationOut},
    creates=True,
    refuses=("already_verified name_differs name_invalid place_unknown too_many_verifications",),
)
def open_owner_verification(body: OwnerVerificationIn) -> Response:
    """申请核验业主身份

    小区、楼栋、单元、房号与名册一致才找得到房屋；姓名由中心核验后生效。
    """
    verification_id = roster.open_owner_verification(
        context(), actor(), body.estate_code, body.building, body.unit, body.room, body.name
    )
    return present(OwnerVerificationOut(id=verification_id), 201)


@routes.post(
    "/owner-verifications/committee-member",
    auth="person",
    answers={201: OwnerVerificationOut},
    creates=True,
    refuses=("already_verified name_differs name_invalid place_unknown too_many_verifications",),
)
def open_member_verification(body: MemberVerificationIn) -> Response:
    """申请核验业委会委员身份

    姓名与名册一致的，由中心核验后生效；同一人等待核验的申请有数量上限。
    """
    verification_id = roster.open_member_verification(
        context(), actor(), body.estate_code, body.name
    )
    return present(OwnerVerificationOut(id=verification_id), 201)
