"""For applicants: owners together, the committee, or the property company it mandates."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.cases import CaseOut, CasePath, acting, present_case
from backend.domain.city.schema import ApplicantKind
from backend.http.bodies import ReasonIn, StatementIn
from backend.http.fields import (
    MOST_ITEMS,
    Day,
    PaperNumber,
    PositiveFen,
    Reason,
    RegistrationCode,
    Sha256,
    Statement,
)
from backend.http.parts import context
from backend.http.present import Input, Output, present
from backend.http.routes import STEP, WRITTEN, Routes
from backend.services.purchase import applications, changes, cosignatures, payments, registrations
from backend.services.purchase.applications import ApplicationRequest
from backend.services.purchase.payments import InvoicePaper
from backend.services.purchase.registrations import ContractTerms

routes = Routes("applicants", "申请人：业主联名、业委会、受委托的物业")


class ApplicationIn(Input):
    """Which lifts, out of which account, with which insurer: both only where the route asks."""

    route: str = Field(max_length=8, description="办理路线，例如 R1")
    estate_id: UUID
    account_id: UUID | None = None
    insurer_id: UUID | None = None
    applicant: ApplicantKind
    lift_ids: list[UUID] = Field(min_length=1, max_length=MOST_ITEMS)


class FormIn(Input):
    """The signed application form; nothing where owners signed in the mini-program. And what the
    lifts' warranty and the property fee cover already."""

    form_sha256: Sha256 | None = Field(
        default=None, description="业主联名的可以不传：签名已在平台上，申请表由平台生成"
    )
    warranty_and_fee: Statement | None = None


class ContractIn(Input):
    """The signed contract as its paper says it."""

    number: PaperNumber
    insurer_id: UUID
    premium_fen: PositiveFen
    signed_on: Day
    lift_codes: list[RegistrationCode] = Field(min_length=1, max_length=MOST_ITEMS)
    file_sha256: Sha256


class AmendmentIn(ContractIn):
    """The contract once more, and why."""

    reason: Reason


class LeavingLiftIn(Input):
    """The lift that leaves the case, and why."""

    lift_id: UUID
    reason: Reason


class InsurerChangeIn(Input):
    """The insurer that takes over, and why."""

    insurer_id: UUID
    reason: Reason


class InvoiceIn(Input):
    """The premium invoice as its paper says it."""

    number: PaperNumber
    insurer_id: UUID
    amount_fen: PositiveFen
    issued_on: Day
    file_sha256: Sha256
    buyer: str = Field(min_length=1, max_length=100)


class CosignersOut(BaseModel):
    """How many owners have signed so far."""

    cosigners: int


class InvoiceOut(Output):
    """The invoice that counts."""

    id: UUID
    number: str
    insurer_id: UUID
    amount_fen: int


@routes.post(
    "/purchases",
    auth="person",
    answers={201: CaseOut},
    creates=True,
    refuses=(
        "account_closed account_not_of_estate account_required applicant_not_allowed",
        "evidence_missing income_of_households insurer_not_selected insurer_unknown",
        "lift_not_running not_owned_alone",
        "lift_outside_circle lift_unknown lifts_missing",
        "lift_in_open_case lifts_repeated not_an_affected_owner not_found not_the_applicant",
        "officer_is_party recused role_required route_not_offered same_officer step_not_possible",
        "route_takes_no_applications",
    ),
)
def draft_purchase(body: ApplicationIn) -> Response:
    """起草申请：选择账户、电梯和保险机构

    物业经理按业委会委托、业委会委员、相关业主或独立产权人都可以起草。route 决定由哪种账户付款、
    能不能先不填账户和保险机构。
    """
    request = ApplicationRequest(
        body.route, body.estate_id, body.account_id, body.insurer_id, body.applicant, body.lift_ids
    )
    return present_case(applications.draft(context(), acting(), request), 201)


@routes.post(
    "/purchases/<purchase_id>/cosignatures",
    auth="person",
    answers={200: CosignersOut},
    refuses=(
        "case_closed flat_already_signed namesake_signed not_an_affected_owner not_found",
        "not_open_for_cosigning step_not_possible version_conflict",
    ),
)
def cosign(path: CasePath) -> Response:
    """业主联名

    一个人、一套房屋都只计一名，在手机上和在纸质申请表上签的一起计算。
    """
    signed = cosignatures.cosign(context(), acting(), path.purchase_id)
    return present(CosignersOut(cosigners=signed))


@routes.post(
    "/purchases/<purchase_id>/cosignature-withdrawal",
    auth="person",
    answers={200: CosignersOut},
    refuses=(
        "case_closed cosignature_counted cosignature_unknown not_found step_not_possible",
        "version_conflict",
    ),
)
def withdraw_own_cosignature(path: CasePath) -> Response:
    """业主撤回自己的联名

    申请提交之前（中心退回补正以后也可以）。别人冒名在纸上签的，也这样撤回；撤回后可以重新联名。
    """
    left = cosignatures.withdraw_own(context(), acting(), path.purchase_id)
    return present(CosignersOut(cosigners=left))


@routes.post(
    "/purchases/<purchase_id>/application",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        "own_entry",
        STEP,
        WRITTEN,
        "committee_not_in_office file_unknown form_reused lift_in_open_case mandate_expired",
        "inspection_overdue not_managed too_few_cosigners",
    ),
)
def apply(path: CasePath, body: FormIn) -> Response:
    """提交申请表

    由申请人办理，案件须在起草阶段。业委会和物业的申请表签字盖章后先用 POST /uploads 上传；
    业主联名的签名已在平台上，不传文件，申请表由平台生成。质保期和物业费里已含的电梯费用一并写明，
    随申请保存，中心和保险机构看得到。
    """
    handed_in = applications.apply(
        context(), acting(), path.purchase_id, body.form_sha256, body.warranty_and_fee
    )
    return present_case(handed_in)


@routes.post(
    "/purchases/<purchase_id>/rectification",
    auth="person",
    answers={200: CaseOut},
    refuses=("applicants_word_missing", STEP, WRITTEN, "file_unknown"),
)
def rectify(path: CasePath, body: StatementIn) -> Response:
    """查勘未通过后提交整改说明

    由申请人办理，查勘未通过之后；写明整改了什么，再次查勘。
    """
    return present_case(applications.rectify(context(), acting(), path.purchase_id, body.statement))


@routes.post(
    "/purchases/<purchase_id>/withdrawal",
    auth="person",
    answers={200: CaseOut},
    refuses=("applicants_word_missing", STEP, WRITTEN, "file_unknown"),
)
def withdraw_purchase(path: CasePath, body: ReasonIn) -> Response:
    """拨付前撤回申请

    由申请人办理，拨付之前。须写理由；预留的保费回到账户。
    """
    return present_case(applications.withdraw(context(), acting(), path.purchase_id, body.reason))


@routes.post(
    "/purchases/<purchase_id>/lift-removal",
    auth="person",
    answers={200: CaseOut},
    refuses=("applicants_word_missing", STEP, WRITTEN, "last_lift lift_not_in_purchase"),
)
def drop_lift(path: CasePath, body: LeavingLiftIn) -> Response:
    """移出一台电梯，其余电梯继续办理

    由申请人办理，公示之前（中心正在受理的，先请中心退回补正）；至少留下一台。须写理由。
    已有方案的，方案作废，由保险机构重新拟定；移出的电梯可以另行申请，查勘记录保留。
    """
    return present_case(
        changes.drop_lift(context(), acting(), path.purchase_id, body.lift_id, body.reason)
    )


@routes.post(
    "/purchases/<purchase_id>/plan-request",
    auth="person",
    answers={200: CaseOut},
    refuses=("applicants_word_missing", STEP, WRITTEN),
)
def request_plan(path: CasePath, body: ReasonIn) -> Response:
    """审议未通过后，请保险机构另拟方案

    由申请人办理，须写理由（例如委员们不同意什么）。保险机构另行提交方案后，由业委会重新审议。
    """
    return present_case(changes.request_plan(context(), acting(), path.purchase_id, body.reason))


@routes.post(
    "/purchases/<purchase_id>/insurer-change",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        "applicants_word_missing",
        STEP,
        WRITTEN,
        "insurer_not_selected insurer_still_selected insurer_unchanged insurer_unknown",
    ),
)
def change_insurer(path: CasePath, body: InsurerChangeIn) -> Response:
    """更换保险机构，重新查勘、拟定方案

    由申请人办理，须写理由。公示之前都可以更换；公示之后到签订合同之前，只有原保险机构不再属于
    本市遴选名单时才能更换，原公示作废，预留的保费退回账户。申请表和联名仍然有效。
    """
    return present_case(
        changes.change_insurer(context(), acting(), path.purchase_id, body.insurer_id, body.reason)
    )


@routes.post(
    "/purchases/<purchase_id>/contract",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        STEP,
        "amount_not_positive contract_above_plan contract_date_invalid contract_insurer_differs",
        "contract_lifts_differ contract_number_used cover_ended file_unknown",
        "insurer_not_selected mandate_expired objection_open",
    ),
)
def sign_contract(path: CasePath, body: ContractIn) -> Response:
    """提交已签订的保险服务合同

    由申请人办理。合同的保险机构、电梯须与方案一致，保费不得高于方案。
    """
    return present_case(
        registrations.sign_contract(context(), acting(), path.purchase_id, terms_of(body))
    )


@routes.post(
    "/purchases/<purchase_id>/contract-amendment",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        STEP,
        WRITTEN,
        "amount_not_positive contract_above_plan contract_date_invalid contract_insurer_differs",
        "contract_lifts_differ contract_number_used cover_ended file_unknown",
        "mandate_expired objection_open",
    ),
)
def amend_contract(path: CasePath, body: AmendmentIn) -> Response:
    """更正保险服务合同

    由申请人办理，签订合同之后、申请拨付之前。须写理由；以最后一次提交的合同为准，编号可以不变。
    """
    return present_case(
        registrations.amend_contract(
            context(), acting(), path.purchase_id, terms_of(body), body.reason
        )
    )


def terms_of(body: ContractIn) -> ContractTerms:
    """The contract as the caller says that its paper says it."""
    return ContractTerms(
        body.number,
        body.insurer_id,
        body.premium_fen,
        body.signed_on,
        body.lift_codes,
        body.file_sha256,
    )


@routes.post(
    "/purchases/<purchase_id>/invoices",
    auth="person",
    answers={201: InvoiceOut},
    creates=True,
    refuses=(
        "amount_not_positive file_unknown insurer_unknown invoice_date_invalid invoice_reused",
        "invoice_buyer_differs",
        "not_found not_the_applicant role_required step_not_possible version_conflict",
        "invoice_not_possible case_closed",
    ),
)
def add_invoice(path: CasePath, body: InvoiceIn) -> Response:
    """提交保费发票

    由申请人办理，签订合同后、申请拨付前。购买方（抬头）应是申请的物业公司、业主委员会、全体业主或中心，
    不能是个人；开票的保险机构和金额在申请拨付时核对。
    """
    paper = InvoicePaper(
        body.number,
        body.insurer_id,
        body.amount_fen,
        body.issued_on,
        body.file_sha256,
        body.buyer,
    )
    invoice = payments.add_invoice(context(), acting(), path.purchase_id, paper)
    return present(InvoiceOut.model_validate(invoice), 201)


@routes.post(
    "/purchases/<purchase_id>/payment-request",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        "applicants_word_missing",
        STEP,
        "contract_missing cover_ended file_unknown invoice_amount_differs",
        "invoice_insurer_differs invoice_missing lift_outside_circle lift_retired mandate_expired",
        "notice_photo_missing objection_open",
    ),
)
def request_payment(path: CasePath) -> Response:
    """申请拨付；资料不齐时一次列出全部缺项

    由申请人办理。合同、发票、公示照片不齐或对不上时，一次列出全部原因，案件不变。
    """
    return present_case(payments.request_payment(context(), acting(), path.purchase_id))
