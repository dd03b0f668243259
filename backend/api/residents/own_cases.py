"""For whoever applies, on a phone: ways to begin, the invitation to sign, the case at work."""

from datetime import date
from typing import Literal
from uuid import UUID

from flask import Response

from backend.api.cases.cases import CaseLiftOut, CasePath
from backend.api.cases.estates import AccountOut, EstatePath
from backend.api.residents.todos import CabPath, PlaceOut, SignaturesOut, TodoOut
from backend.http.parts import actor, context
from backend.http.present import PDF_FILE, Moment, Output, present, present_pdf
from backend.http.routes import Routes
from backend.services.purchase.application_form import form_of
from backend.services.reads.joint import invitation
from backend.services.reads.own_case import own_case
from backend.services.reads.ways import ways_for_lift, ways_in_estate

routes = Routes("own_cases", "申请人在手机上：怎样申请、邀请联名、办理中的案件")


class WayOut(Output):
    """One way to apply that is open to this person, and the accounts that they may name; where none
    is named, the lifts that they may insure so."""

    route: str
    applicant: str
    name: str
    words: str
    accounts: list[AccountOut]
    lift_ids: list[UUID]


class WaysOut(Output):
    """The ways open to this person; `hint` says who may apply when there is none.

    `lift_id` and `place` are those of the code that was scanned.
    """

    estate_id: UUID
    estate: str
    lift_id: UUID | None
    place: PlaceOut | None
    ways: list[WayOut]
    hint: str


class InvitationOut(Output):
    """An application by owners, for whoever has its link. `eligibility`: signed, may_sign, waiting,
    elsewhere, unknown or over; `words` say what that means, `afterwards` what comes next. The
    `initiator` is masked."""

    purchase_id: UUID
    number: str
    estate: str
    state_name: str
    initiator: str
    insurer: str | None
    account: str
    lifts: list[CaseLiftOut]
    signed: SignaturesOut
    eligibility: Literal["signed", "may_sign", "waiting", "elsewhere", "unknown", "over"]
    words: str
    places: list[PlaceOut]
    afterwards: str


class DoingOut(Output):
    """What this person may do from here; `obstacles` say what is in the way as the case stands."""

    action: str
    name: str
    needs_reason: bool
    obstacles: list[str]


class ContractOnRecordOut(Output):
    """The contract that counts."""

    number: str
    premium_fen: int
    signed_on: date


class InvoiceOnRecordOut(Output):
    """The invoice that counts."""

    number: str
    amount_fen: int
    issued_on: date


class HappenedOut(Output):
    """A step that was taken."""

    at: Moment
    name: str
    state_name: str
    reason: str | None


class NextStartOut(Output):
    """Until when the next application begins so that cover goes on, and how that was counted."""

    on: date
    words: str
    late: bool
    explanation: list[str]


class OwnCaseOut(Output):
    """A case for the applying side: what it is about, what it waits for, by whom and until when
    (`todos`), and what this person can do about it (`doings`). `is_mine`: they act for those who
    applied. `form_made_here`: the signed form is made of the signatures in the product."""

    purchase_id: UUID
    number: str
    estate_id: UUID
    estate: str
    state_name: str
    is_closed: bool
    version: int
    applicant: str
    applicant_name: str
    is_mine: bool
    form_made_here: bool
    warranty_and_fee: str | None
    account: str
    account_number: str
    available_fen: int
    held_fen: int
    insurer_id: UUID | None
    insurer: str | None
    lifts: list[CaseLiftOut]
    premium_fen: int | None
    deposit_fen: int | None
    signed: SignaturesOut | None
    todos: list[TodoOut]
    doings: list[DoingOut]
    contract: ContractOnRecordOut | None
    invoice: InvoiceOnRecordOut | None
    invoice_buyers: list[str]
    next_start: NextStartOut | None
    happened: list[HappenedOut]


@routes.get(
    "/lifts/<token>/ways",
    auth="person",
    answers={200: WaysOut, 304: None},
    refuses=("not_found",),
)
def lift_ways(path: CabPath) -> Response:
    """扫码的人可以怎样为这台电梯申请；还没有核验的，先在哪里核验"""
    return present(WaysOut.model_validate(ways_for_lift(context(), actor(), path.token)))


@routes.get(
    "/estates/<estate_id>/ways",
    auth="person",
    answers={200: WaysOut, 304: None},
    refuses=("not_found",),
)
def estate_ways(path: EstatePath) -> Response:
    """本人可以怎样在这个小区申请：以什么身份、走哪条路线、用哪个账户"""
    return present(WaysOut.model_validate(ways_in_estate(context(), actor(), path.estate_id)))


@routes.get(
    "/purchases/<purchase_id>/invitation",
    auth="person",
    answers={200: InvitationOut, 304: None},
    refuses=("not_found",),
)
def joint_invitation(path: CasePath) -> Response:
    """业主联名的邀请：给谁投保、谁发起、谁承保、哪个账户付

    有链接的人都能看；签名用 POST /purchases/{id}/cosignatures，须是范围内经核验的业主。
    """
    found = invitation(context(), actor(), path.purchase_id)
    return present(InvitationOut.model_validate(found))


@routes.get(
    "/purchases/<purchase_id>/my-part",
    auth="person",
    answers={200: OwnCaseOut, 304: None},
    refuses=("not_found",),
)
def my_part(path: CasePath) -> Response:
    """申请人一方看自己的案件：在等谁、到什么时候，自己能办什么"""
    return present(OwnCaseOut.model_validate(own_case(context(), actor(), path.purchase_id)))


@routes.get(
    "/purchases/<purchase_id>/application-form",
    auth="person",
    answers={200: PDF_FILE},
    refuses=("not_found",),
)
def application_form(path: CasePath) -> Response:
    """申请表（PDF）：按案件内容填好，留有签字盖章处；业主联名的列出签名"""
    return present_pdf(*form_of(context(), actor(), path.purchase_id))
