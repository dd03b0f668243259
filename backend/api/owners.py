"""For owners: objections, and saying who one is on the roster."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.fields import Sha256, Yes
from backend.api.notices import NoticeIdPath
from backend.api.parts import actor, context
from backend.api.present import Input, Moment, Output, nothing, present
from backend.api.routes import PREFIX, Routes
from backend.domain.objection import STANDING_NAMES
from backend.services import moderation, objections, receipts, roster
from backend.services.own_objections import my_objections
from backend.store.notices import Objection

routes = Routes("owners", "业主：提出异议、身份核验")

# Room for a text that is too long to be told so.
OBJECTION_LIMIT = 256 * 1024
RECEIVED = {
    "verified": "已收到书面异议，中心将在期限内答复；案件仍在公示环节的，暂缓实施。",
    "received": "已收到书面异议，中心将核实并答复；经核实且案件仍在公示环节的，暂缓实施。",
    "late": "已收到意见。公示期已满，不影响办理进程，中心仍会答复。",
}

RECEIPT = {
    "description": "PDF 文件",
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
}

Place = Annotated[str, Field(min_length=1, max_length=50)]


class ObjectionPath(BaseModel):
    """An objection by its id."""

    objection_id: UUID


class ObjectionIn(Input):
    """What the owner objects to."""

    kind: str = Field(max_length=20, description="price、insurer、need、procedure、lift 或 other")
    text: str = Field(max_length=50_000)
    photos: list[Sha256] = Field(default=[], max_length=20, description="先上传得到，至多 6 张")
    signature: Sha256 | None = Field(default=None, description="手写签名图片")
    publish_text: Yes = Field(default=False, description="同意公布隐去姓名、房号、电话后的原文")


class ObjectionWithdrawalIn(Input):
    """Nothing from the author; the signed paper when the clerk withdraws for them."""

    file_sha256: Sha256 | None = None


class OwnerClaimIn(Input):
    """The flat, as on the roster, and one's own name."""

    estate_code: Place
    building: Place
    unit: Place
    room: Place
    name: Place


class MemberClaimIn(Input):
    """The estate, and one's own name."""

    estate_code: Place
    name: Place


class FiledObjectionOut(BaseModel):
    """The objection's number, how it stands, and what that means; whether its words are published.

    `receipt_url` is null for one that came on paper: its author has the receipt.
    """

    id: UUID
    number: str
    standing: str
    message: str
    publication: str
    publication_reason: str | None
    receipt_url: str | None


class OwnObjectionOut(Output):
    """An objection as its author reads it."""

    id: UUID
    number: str
    notice_id: UUID
    notice_number: str
    kind: str
    kind_name: str
    standing: str
    standing_name: str
    answer: str | None
    answered_at: Moment | None
    text: str
    publication: str
    publication_reason: str | None
    published_text: str | None
    photos: list[str]
    received_at: Moment
    can_withdraw: bool
    receipt_url: str


class OwnObjectionsOut(BaseModel):
    """The latest first."""

    items: list[OwnObjectionOut]


class ObjectionStandingOut(Output):
    """How the objection now stands."""

    id: UUID
    number: str
    kind: str
    standing: str
    answer: str | None


class ClaimOut(BaseModel):
    """The claim; it waits for the centre, right or wrong."""

    id: UUID


@routes.post(
    "/notices/<notice_id>/objections",
    auth="person",
    answers={201: FiledObjectionOut},
    creates=True,
    max_body=OBJECTION_LIMIT,
)
def file_objection(path: NoticeIdPath, body: ObjectionIn) -> Response:
    """对公示提出书面异议"""
    filed = objections.file_objection(context(), actor(), path.notice_id, **body.model_dump())
    return present_filed(filed)


def present_filed(filed: Objection) -> Response:
    """The answer to an objection that was just received, whichever way it came."""
    # It may have been settled while the platform was asked about its words.
    message = RECEIVED.get(filed.standing, STANDING_NAMES[filed.standing])
    told = FiledObjectionOut(
        id=filed.id,
        number=filed.number,
        standing=filed.standing,
        message=message,
        publication=filed.publication,
        publication_reason=filed.publication_reason,
        receipt_url=receipt_url(filed.id) if filed.source == "mini_program" else None,
    )
    return present(told, 201)


def receipt_url(objection_id: UUID) -> str:
    """The address of an objection's receipt, below our own."""
    return f"{PREFIX}/objections/{objection_id}/receipt"


@routes.get("/objections/<objection_id>/receipt", auth="person", answers={200: RECEIPT})
def objection_receipt(path: ObjectionPath) -> Response:
    """本人异议的回执（PDF）"""
    number, content = receipts.receipt_of(context(), actor(), path.objection_id)
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{number}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@routes.get("/objections/mine", auth="person", answers={200: OwnObjectionsOut, 304: None})
def own_objections() -> Response:
    """本人提出的异议和答复"""
    items = [
        OwnObjectionOut(**asdict(row), receipt_url=receipt_url(row.id))
        for row in my_objections(context(), actor())
    ]
    return present(OwnObjectionsOut(items=items))


@routes.post(
    "/objections/<objection_id>/withdrawal", auth="person", answers={200: ObjectionStandingOut}
)
def withdraw_objection(path: ObjectionPath, body: ObjectionWithdrawalIn) -> Response:
    """撤回异议；经办凭书面材料代为撤回"""
    withdrawn = objections.withdraw(context(), actor(), path.objection_id, body.file_sha256)
    return present(ObjectionStandingOut.model_validate(withdrawn))


@routes.delete("/objections/<objection_id>/publication", auth="person", answers={204: None})
def take_back_publication(path: ObjectionPath) -> Response:
    """本人不再同意公布原文；异议本身不受影响"""
    moderation.take_back(context(), actor(), path.objection_id)
    return nothing()


@routes.post("/claims/owner", auth="person", answers={201: ClaimOut}, creates=True, refuses=(404,))
def claim_owner(body: OwnerClaimIn) -> Response:
    """申请核验业主身份"""
    claim_id = roster.claim_owner(
        context(), actor(), body.estate_code, body.building, body.unit, body.room, body.name
    )
    return present(ClaimOut(id=claim_id), 201)


@routes.post(
    "/claims/committee-member",
    auth="person",
    answers={201: ClaimOut},
    creates=True,
    refuses=(404,),
)
def claim_membership(body: MemberClaimIn) -> Response:
    """申请核验业委会委员身份"""
    claim_id = roster.claim_membership(context(), actor(), body.estate_code, body.name)
    return present(ClaimOut(id=claim_id), 201)
