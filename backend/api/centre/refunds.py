"""For the centre's cashier and reviewer: what an insurer pays back, entered by one and confirmed by
the other."""

from typing import Literal
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.api.cases.cases import CaseOut, CasePath, acting, present_case
from backend.api.cases.refunds import RefundOut
from backend.domain.refund import RefundKind
from backend.http.bodies import ReasonIn
from backend.http.fields import PositiveFen, Reason, Sha256
from backend.http.parts import context
from backend.http.present import Input, present
from backend.http.routes import STEP, WRITTEN, Routes
from backend.services.purchase import refunds

routes = Routes("refunds", "中心出纳、复核：退费与退保")


class RefundPath(BaseModel):
    """One refund that was entered."""

    refund_id: UUID


class RefundIn(Input):
    """What the insurer paid back, and why."""

    kind: Literal["give_back", "cancel", "close_account"]
    refund_fen: PositiveFen
    receipt_sha256: Sha256
    reason: Reason


@routes.post(
    "/purchases/<purchase_id>/refunds",
    auth="person",
    answers={201: RefundOut},
    creates=True,
    refuses=(
        STEP,
        WRITTEN,
        "case_closed cover_ended file_unknown refund_not_possible refund_out_of_range",
        "special_account_needed refund_waiting rest_differs",
    ),
)
def propose_refund(path: CasePath, body: RefundIn) -> Response:
    """登记退费或退保，等待复核确认

    由出纳办理，保费付清之后；须交银行回单、写理由。
    退费（give_back）：保险单照旧，只退差额；保障结束或退保之后才到账的也按退费登记，不超过保险机构还没有
    退回的保费，案件仍是结束的。退保（cancel）：退款不超过已付的保费，保障终止；保障已经结束的不再退保。
    退还专户余款（close_account）：案件结束、没有别的案件要用这个专户，余款须一次全部退还，确认后销户。
    复核确认之前不入账，保障不变；一案同时只能有一笔等待确认。银行重复付款又退回的，账上只付过一次，不在
    这里登记。
    """
    refund = refunds.propose(
        context(),
        acting(),
        path.purchase_id,
        RefundKind(body.kind),
        body.refund_fen,
        body.receipt_sha256,
        body.reason,
    )
    return present(RefundOut.model_validate(refund), 201)


@routes.post(
    "/refunds/<refund_id>/confirmation",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        STEP,
        "special_account_needed cover_ended own_refund refund_out_of_range refund_settled",
        "rest_differs",
    ),
)
def confirm_refund(path: RefundPath) -> Response:
    """确认退费或退保，退款回到原账户

    由复核办理，须是登记人以外的另一人。确认后入账；退保的，保障同时终止，保障已经结束的只入账。
    """
    return present_case(refunds.confirm(context(), acting(), path.refund_id))


@routes.post(
    "/refunds/<refund_id>/refusal",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "case_closed refund_not_possible refund_settled"),
)
def refuse_refund(path: RefundPath, body: ReasonIn) -> Response:
    """不予确认退费或退保

    由复核退回，或由出纳撤回自己的登记；须写理由，什么也不入账。
    """
    return present_case(refunds.refuse_refund(context(), acting(), path.refund_id, body.reason))


@routes.post(
    "/purchases/<purchase_id>/refund-waiver",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "case_closed nothing_to_return refund_not_possible"),
)
def waive_refund(path: CasePath, body: ReasonIn) -> Response:
    """登记拆除电梯无需退费

    由出纳办理：承保的电梯拆除后，保险机构说明不退的，写明理由，待办随即了结；复核、申请人和保险机构
    收到消息。以后收到退款的，仍可登记。
    """
    return present_case(refunds.waive(context(), acting(), path.purchase_id, body.reason))
