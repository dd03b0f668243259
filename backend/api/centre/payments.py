"""For the centre's reviewer and cashier: paying the insurer, and what the bank sends back."""

from collections.abc import Sequence
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.api.cases.cases import CaseOut, CasePath, acting, present_case
from backend.http.bodies import ReasonIn
from backend.http.fields import PaperNumber, Reason, Sha256, Yes
from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, present
from backend.http.routes import PROVED, STEP, WRITTEN, Routes
from backend.services.purchase import payments
from backend.services.reads import banks, payees
from backend.store.queries.banks import Bank

routes = Routes("payments", "中心复核、出纳：拨付")


class PaymentOrderIn(Input):
    """The bank account that pays, needed only where the money lies at several; whether the payer
    knows that the cover has begun, needed only where it has."""

    bank_id: UUID | None = None
    begun_cover_known: Yes = False


class ConfirmationIn(Input):
    """The bank's reference and receipt."""

    bank_reference: PaperNumber
    receipt_sha256: Sha256


class PaymentRejectionIn(Input):
    """Why the bank refused, and whether the account is at fault."""

    reason: Reason
    account_unusable: Yes = False


class PaymentReturnIn(Input):
    """The bank's receipt for the money that came back, why it did, and whether the account is at
    fault."""

    receipt_sha256: Sha256
    reason: Reason
    account_unusable: Yes = False


class BankOut(Output):
    """A bank account of the fund by the books (fen): what lies there, what of it the bank was told
    to pay and has not paid yet, and what may still be ordered."""

    id: UUID
    number: str
    name: str
    balance_fen: int
    ordered_fen: int
    available_fen: int


class BanksOut(BaseModel):
    """Bank accounts of the fund."""

    items: list[BankOut]


class PayeeOriginOut(Output):
    """Which two officers gave the insurer this account, by masked names, and when."""

    entered_by: str
    entered_at: Moment
    confirmed_by: str
    confirmed_at: Moment


class PayeeOut(Output):
    """The insurer's account: as the contract has it (`signed`), before there is one as the register
    has it. `origin` is null for the account that came with the insurer, `paid_elsewhere_before`
    where no premium ever reached the insurer; `left`: the register has another one by now."""

    name: str
    bank: str
    account: str
    signed: bool
    origin: PayeeOriginOut | None
    paid_elsewhere_before: bool | None
    left: bool


class PaymentBanksOut(BaseModel):
    """To whom the premium of a case goes, null before an insurer is chosen, and where its money
    lies."""

    payee: PayeeOut | None
    items: list[BankOut]


class PaymentOut(Output):
    """The order to the bank."""

    number: str
    amount_fen: int
    payee_name: str
    payee_bank: str
    payee_account: str
    bank_id: UUID
    state: str
    ordered_at: Moment


@routes.post(
    "/purchases/<purchase_id>/payment-review",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, "cover_ended objection_open"),
)
def review_payment(path: CasePath) -> Response:
    """复核拨付资料

    由复核办理：核对合同（连同收款账户）、发票（购买方、金额）和公示照片后交出纳拨付。
    复核与出纳不能是同一人，两人合用一个拨付期限。
    """
    return present_case(payments.review_payment(context(), acting(), path.purchase_id))


@routes.post(
    "/purchases/<purchase_id>/payment-papers-return",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN),
)
def return_papers(path: CasePath, body: ReasonIn) -> Response:
    """退回补齐拨付资料

    由复核或出纳办理，发出拨付指令之前。须写明缺什么；拨付期限停止计算，保费仍为本案保留，
    申请人补齐后再次申请拨付。
    """
    return present_case(payments.return_papers(context(), acting(), path.purchase_id, body.reason))


@routes.get(
    "/ledger/banks",
    auth="person",
    answers={200: BanksOut, 304: None},
    refuses=("not_found role_required",),
)
def list_banks() -> Response:
    """维修资金的全部专户

    中心经办、复核、出纳和监督、审计可以看：每个专户的账面余额、已通知银行尚未付出的、还能拨付的。
    """
    return present(BanksOut(items=_banks(banks.list_banks(context(), actor()))))


@routes.get(
    "/purchases/<purchase_id>/payment-banks",
    auth="person",
    answers={200: PaymentBanksOut, 304: None},
    refuses=("not_found role_required",),
)
def payment_banks(path: CasePath) -> Response:
    """本案付到哪个账户、钱存在哪些专户

    复核拨付资料时，把收款账户与合同盖章页上写的逐字核对，留意是不是上次付过的账户；拨付时从专户中选择，只有一个的不用选。
    """
    found = _banks(banks.banks_to_pay_from(context(), actor(), path.purchase_id))
    payee = payees.payee_of(context(), actor(), path.purchase_id)
    paid = PayeeOut.model_validate(payee) if payee else None
    return present(PaymentBanksOut(payee=paid, items=found))


def _banks(found: Sequence[Bank]) -> list[BankOut]:
    return [BankOut.model_validate(each) for each in found]


@routes.post(
    "/purchases/<purchase_id>/payment-order",
    auth="person",
    answers={201: PaymentOut},
    creates=True,
    refuses=(
        STEP,
        "bank_account_missing bank_money_insufficient bank_not_of_source bank_required",
        "cover_begun_before_payment cover_ended objection_open payee_account_changed",
        PROVED,
        "payee_account_unusable payment_in_progress",
    ),
)
def order_payment(path: CasePath, body: PaymentOrderIn) -> Response:
    """向银行发出拨付指令

    由出纳办理，复核之后。钱存在几个专户的，要写明从哪个专户付（bank_id）；该专户的钱不够的不发指令。
    保障期在付款之前就已开始的，要确认知道这一点（begun_cover_known），记入办理记录；没有确认的不发指令。
    """
    payment = payments.order_payment(
        context(),
        acting(),
        path.purchase_id,
        bank_id=body.bank_id,
        begun_cover_known=body.begun_cover_known,
    )
    return present(PaymentOut.model_validate(payment), 201)


@routes.post(
    "/purchases/<purchase_id>/payment-confirmation",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, "bank_reference_used batch_not_submitted file_unknown"),
)
def confirm_payment(path: CasePath, body: ConfirmationIn) -> Response:
    """凭银行回单确认已拨付

    由出纳办理。银行流水号只能用一次；确认后保费记为已付。
    """
    return present_case(
        payments.confirm_payment(
            context(), acting(), path.purchase_id, body.bank_reference, body.receipt_sha256
        )
    )


@routes.post(
    "/purchases/<purchase_id>/payment-rejection",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "batch_not_submitted"),
)
def reject_payment(path: CasePath, body: PaymentRejectionIn) -> Response:
    """银行退回拨付

    由出纳办理。须写理由；案件回到拨付已复核，可以再次发出指令。
    收款账户不可用的（account_unusable），同一账户不能再付，须核实账户、更正合同。
    """
    return present_case(
        payments.reject_payment(
            context(), acting(), path.purchase_id, body.reason, body.account_unusable
        )
    )


@routes.post(
    "/purchases/<purchase_id>/payment-confirmation-reversal",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "premium_part_returned"),
)
def undo_payment_confirmation(path: CasePath, body: ReasonIn) -> Response:
    """撤销确认已拨付

    误办时由复核办理，例如凭的是别件的回单。须写理由；案件回到拨付中，拨付期限接着原来的算，
    那个银行流水号可以用于它真正的那一笔。银行确实付过又退回来的，由出纳登记银行退票。
    """
    undone = payments.undo_confirmation(context(), acting(), path.purchase_id, body.reason)
    return present_case(undone)


@routes.post(
    "/purchases/<purchase_id>/payment-return",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "file_unknown premium_part_returned"),
)
def return_payment(path: CasePath, body: PaymentReturnIn) -> Response:
    """登记银行退票

    由出纳办理，确认已拨付之后、保障结束之前。须交银行回单、写理由；保费重新待付，可以再次发出指令。
    已出具的保险单留在案卷里，再次付清后照旧生效；其间公开页面写明保费正在重新拨付。
    """
    return present_case(
        payments.return_payment(
            context(),
            acting(),
            path.purchase_id,
            body.receipt_sha256,
            body.reason,
            body.account_unusable,
        )
    )
