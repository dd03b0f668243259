"""For the centre: another account of an insurer, entered by one officer, confirmed by another."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.payees import PayeeChangeOut
from backend.domain.texts import PLACE_LIMIT
from backend.http.bodies import ReasonIn
from backend.http.fields import PaperNumber, Reason, Sha256
from backend.http.parts import actor, context
from backend.http.present import Input, present
from backend.http.routes import PROVED, WRITTEN, Routes
from backend.services.purchase import payees

routes = Routes("payees", "保险机构更换收款账户")
DECIDED = "not_found officer_is_party role_required payee_change_decided"


class InsurerPath(BaseModel):
    """An insurer by its id."""

    insurer_id: UUID


class PayeeChangePath(BaseModel):
    """Another account that was entered."""

    payee_change_id: UUID


class PayeeChangeIn(Input):
    """The account that is to be paid, and the insurer's letter."""

    bank_name: str = Field(max_length=PLACE_LIMIT)
    bank_account: PaperNumber
    file_sha256: Sha256
    reason: Reason


@routes.post(
    "/insurers/<insurer_id>/payee-changes",
    auth="person",
    answers={201: PayeeChangeOut},
    creates=True,
    refuses=(
        WRITTEN,
        PROVED,
        "file_unknown not_found officer_is_party payee_change_waiting",
        "payee_unchanged role_required",
    ),
)
def enter_payee_change(path: InsurerPath, body: PayeeChangeIn) -> Response:
    """登记保险机构更换收款账户

    由经办、复核或出纳办理，须上传保险机构盖章的函件。其他工作人员和该机构的人员随即收到消息；
    另一位工作人员确认之前，仍付原账户。
    """
    made = payees.enter(
        context(),
        actor(),
        path.insurer_id,
        body.bank_name,
        body.bank_account,
        body.file_sha256,
        body.reason,
    )
    return present(PayeeChangeOut.model_validate(made), 201)


@routes.post(
    "/payee-changes/<payee_change_id>/confirmation",
    auth="person",
    answers={200: PayeeChangeOut},
    refuses=(PROVED, DECIDED, "own_payee_change"),
)
def confirm_payee_change(path: PayeeChangePath) -> Response:
    """确认保险机构更换收款账户

    由登记人以外的经办、复核或出纳办理，先用原先留的电话向保险机构核实。此后签订、更正的合同付新账户；
    按原账户签的合同不再拨付，须退回资料、更正合同。
    """
    made = payees.confirm(context(), actor(), path.payee_change_id)
    return present(PayeeChangeOut.model_validate(made))


@routes.post(
    "/payee-changes/<payee_change_id>/refusal",
    auth="person",
    answers={200: PayeeChangeOut},
    refuses=(WRITTEN, DECIDED),
)
def turn_down_payee_change(path: PayeeChangePath, body: ReasonIn) -> Response:
    """退回更换收款账户的登记

    由经办、复核或出纳办理，写明原因；登记人也可以自己撤回。收款账户照旧。
    """
    made = payees.turn_down(context(), actor(), path.payee_change_id, body.reason)
    return present(PayeeChangeOut.model_validate(made))
