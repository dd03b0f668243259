"""For the centre: the steps of clerk, reviewer and cashier."""

from typing import Annotated, Literal
from uuid import UUID

from flask import Response
from pydantic import Field

from backend.api.cases.cases import CaseOut, CasePath, acting, case_fields, present_case
from backend.api.cases.objections import (
    OBJECTION_LIMIT,
    FiledObjectionOut,
    ObjectionPath,
    ObjectionStatusOut,
    present_filed,
)
from backend.http.bodies import NoticeIdPath, ReasonIn, StatementIn
from backend.http.fields import (
    Answer,
    PaperNumber,
    PositiveFen,
    Reason,
    Sha256,
    Statement,
    When,
    Yes,
)
from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, present
from backend.http.routes import Routes
from backend.services.public_notice import moderation, notices, objections
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase import applications, payments, registrations
from backend.services.reads.cases import unmask_objection

routes = Routes("centre", "中心：经办、复核、出纳")


class UpkeepIn(Input):
    """The dated statement that the estate is managed and upkept."""

    upkeep_statement: Statement


class PaperObjectionIn(Input):
    """An objection handed in on paper, with the time it was received."""

    kind: str = Field(max_length=20, description="price、insurer、need、procedure、lift 或 other")
    text: str = Field(max_length=50_000)
    objector: Annotated[str, Field(min_length=1, max_length=50)]
    received_at: When
    owner_id: UUID | None = None


class VerificationIn(Input):
    """The affected owner that the author is, or an answer to somebody who is none."""

    owner_id: UUID | None = None
    answer: Answer | None = None


class ObjectionAnswerIn(Input):
    """The answer, which is published; `inadmissible` closes the objection with it."""

    answer: Answer
    inadmissible: Yes


class PublicationIn(Input):
    """Whether the words are published; a refusal says why."""

    decision: Literal["publish", "refuse"]
    reason: Reason = ""


class PublicationOut(Output):
    """Whether the words of an objection are published, and why not."""

    id: UUID
    number: str
    publication: str
    publication_reason: str | None
    published_text: str | None


class ConfirmationIn(Input):
    """The bank's reference and receipt."""

    bank_reference: PaperNumber
    receipt_sha256: Sha256


class CancellationIn(Input):
    """What the insurer paid back, and why."""

    refund_fen: PositiveFen
    receipt_sha256: Sha256
    reason: Reason


class FundsOut(CaseOut):
    """The case, and what the account can spend on it today."""

    available_fen: int


class RegistrationOut(Output):
    """使用登记备案."""

    number: str
    plan_id: UUID
    registered_at: Moment


class PaymentOut(Output):
    """The order to the bank."""

    number: str
    amount_fen: int
    payee_name: str
    payee_bank: str
    payee_account: str
    state: str
    ordered_at: Moment


class UnmaskedObjectionOut(Output):
    """The words, the name behind them, and the signature's picture; the look is recorded."""

    text: str
    objector: str | None
    signature_sha256: str | None


@routes.post("/purchases/<purchase_id>/rejection", auth="person", answers={200: CaseOut})
def reject(path: CasePath, body: ReasonIn) -> Response:
    """不予受理"""
    return present_case(applications.reject(context(), acting(), path.purchase_id, body.reason))


@routes.post("/purchases/<purchase_id>/funds-query", auth="person", answers={200: FundsOut})
def query_funds(path: CasePath, body: UpkeepIn) -> Response:
    """受理并查询统筹账户可用资金"""
    purchase, available_fen = applications.query_funds(
        context(), acting(), path.purchase_id, body.upkeep_statement
    )
    return present(FundsOut(**case_fields(purchase), available_fen=available_fen))


@routes.post("/purchases/<purchase_id>/shortage", auth="person", answers={200: CaseOut})
def mark_short(path: CasePath, body: ReasonIn) -> Response:
    """资金不足"""
    return present_case(applications.mark_short(context(), acting(), path.purchase_id, body.reason))


@routes.post("/purchases/<purchase_id>/termination", auth="person", answers={200: CaseOut})
def terminate(path: CasePath, body: ReasonIn) -> Response:
    """终止办理"""
    return present_case(applications.terminate(context(), acting(), path.purchase_id, body.reason))


@routes.post("/purchases/<purchase_id>/clearance", auth="person", answers={200: CaseOut})
def clear(path: CasePath, body: StatementIn) -> Response:
    """确认公示无异议"""
    return present_case(notices.clear(context(), acting(), path.purchase_id, body.statement))


@routes.post(
    "/purchases/<purchase_id>/registration",
    auth="person",
    answers={201: RegistrationOut},
    creates=True,
)
def register(path: CasePath) -> Response:
    """使用登记备案"""
    record = registrations.register(context(), acting(), path.purchase_id)
    return present(RegistrationOut.model_validate(record), 201)


@routes.post(
    "/purchases/<purchase_id>/payment-order",
    auth="person",
    answers={201: PaymentOut},
    creates=True,
)
def order_payment(path: CasePath) -> Response:
    """向银行发出拨付指令"""
    payment = payments.order_payment(context(), acting(), path.purchase_id)
    return present(PaymentOut.model_validate(payment), 201)


@routes.post("/purchases/<purchase_id>/payment-confirmation", auth="person", answers={200: CaseOut})
def confirm_payment(path: CasePath, body: ConfirmationIn) -> Response:
    """凭银行回单确认已拨付"""
    return present_case(
        payments.confirm_payment(
            context(), acting(), path.purchase_id, body.bank_reference, body.receipt_sha256
        )
    )


@routes.post("/purchases/<purchase_id>/payment-rejection", auth="person", answers={200: CaseOut})
def reject_payment(path: CasePath, body: ReasonIn) -> Response:
    """银行退回拨付"""
    return present_case(payments.reject_payment(context(), acting(), path.purchase_id, body.reason))


@routes.post("/purchases/<purchase_id>/cancellation", auth="person", answers={200: CaseOut})
def cancel(path: CasePath, body: CancellationIn) -> Response:
    """退保，退款回到原账户"""
    return present_case(
        payments.cancel(
            context(),
            acting(),
            path.purchase_id,
            body.refund_fen,
            body.receipt_sha256,
            body.reason,
        )
    )


@routes.post(
    "/notices/<notice_id>/paper-objections",
    auth="person",
    answers={201: FiledObjectionOut},
    creates=True,
    max_body=OBJECTION_LIMIT,
)
def enter_paper_objection(path: NoticeIdPath, body: PaperObjectionIn) -> Response:
    """录入纸质异议，注明收到时间"""
    paper = PaperObjection(body.kind, body.text, body.objector, body.received_at, body.owner_id)
    filed = objections.enter_paper(context(), actor(), path.notice_id, paper)
    return present_filed(filed)


@routes.post(
    "/objections/<objection_id>/verification", auth="person", answers={200: ObjectionStatusOut}
)
def verify_objection(path: ObjectionPath, body: VerificationIn) -> Response:
    """核实异议人是否相关业主"""
    checked = objections.verify(context(), actor(), path.objection_id, body.owner_id, body.answer)
    return present(ObjectionStatusOut.model_validate(checked))


@routes.post("/objections/<objection_id>/answer", auth="person", answers={200: ObjectionStatusOut})
def answer_objection(path: ObjectionPath, body: ObjectionAnswerIn) -> Response:
    """答复异议；答复会公布"""
    answered = objections.answer(
        context(), actor(), path.objection_id, body.answer, body.inadmissible
    )
    return present(ObjectionStatusOut.model_validate(answered))


@routes.post("/objections/<objection_id>/publication", auth="person", answers={200: PublicationOut})
def decide_publication(path: ObjectionPath, body: PublicationIn) -> Response:
    """决定是否公布异议原文（隐去姓名、房号、电话）；不予公布须说明理由"""
    decided = moderation.decide_publication(
        context(), actor(), path.objection_id, body.decision == "publish", body.reason
    )
    return present(PublicationOut.model_validate(decided))


@routes.post(
    "/objections/<objection_id>/unmask", auth="person", answers={200: UnmaskedObjectionOut}
)
def unmask_objector(path: ObjectionPath, body: ReasonIn) -> Response:
    """说明理由后查看异议人，查看会被记录"""
    shown = unmask_objection(context(), actor(), path.objection_id, body.reason)
    return present(UnmaskedObjectionOut.model_validate(shown))
