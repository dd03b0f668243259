"""分摊: what each flat pays of a premium, and what of it came in (JS 四（四）)."""

from datetime import date
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.api.cases.cases import CaseOut, CasePath, acting, present_case
from backend.http.bodies import ReasonIn
from backend.http.fields import Day, PaperNumber, PositiveFen, Sha256, Statement
from backend.http.parts import context
from backend.http.present import Input, Output, present
from backend.http.routes import STEP, WRITTEN, Routes
from backend.services.purchase import collecting
from backend.services.purchase.special_accounts import Receipt

routes = Routes("shares", "各户分摊：开立专户、收款")


class SharePath(BaseModel):
    """A flat's share in a case."""

    purchase_id: UUID
    household_id: UUID


class HouseAccountIn(Input):
    """What the clerk says of the upkeep, and what it rests on."""

    upkeep_statement: Statement
    upkeep_record_sha256: Sha256


class SharePaidIn(Input):
    """What the bank's receipt says of a flat's payment."""

    amount_fen: PositiveFen
    bank_id: UUID
    received_on: Day
    bank_reference: PaperNumber
    receipt_sha256: Sha256


class FlatShareOut(Output):
    """What a flat pays (fen), and when and by which reference it came in."""

    household_id: UUID
    place: str
    area_dm2: int
    fen: int
    received_on: date | None
    bank_reference: str | None


class FlatSharesOut(Output):
    """The shares that this person may see; both sums (fen) are of all of them."""

    rows: list[FlatShareOut]
    total_fen: int
    collected_fen: int


@routes.post(
    "/purchases/<purchase_id>/house-account",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "file_unknown inspection_overdue"),
)
def open_house_account(path: CasePath, body: HouseAccountIn) -> Response:
    """受理申请，为楼栋或单元开立专户

    由中心经办办理，申请提交之后。以前年度已为这些电梯开过专户的，沿用那个专户。
    """
    opened = collecting.open_house_account(
        context(), acting(), path.purchase_id, body.upkeep_statement, body.upkeep_record_sha256
    )
    return present_case(opened)


@routes.get(
    "/purchases/<purchase_id>/shares",
    auth="person",
    answers={200: FlatSharesOut, 304: None},
    refuses=("not_found",),
)
def read_shares(path: CasePath) -> Response:
    """各户分摊多少、缴了没有

    中心和申请人看全部（业主联名的，看全部的是发起人），业主只看自己的房屋。分摊按建筑面积算到分，随方案冻结。
    """
    found = collecting.read_shares(context(), acting(), path.purchase_id)
    return present(FlatSharesOut.model_validate(found))


@routes.post(
    "/purchases/<purchase_id>/shares/<household_id>/payment",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        "not_found role_required step_not_possible version_conflict case_closed",
        "collecting_not_open same_officer officer_is_party share_paid share_amount_differs",
        "reference_known bank_unknown day_in_future file_unknown lift_already_covered",
        "period_locked",
        WRITTEN,
    ),
)
def collect_share(path: SharePath, body: SharePaidIn) -> Response:
    """登记一户的缴款

    由中心出纳凭银行回单办理，收款期间。金额须与分摊一致；多缴、少缴、重缴的不予登记，款项原路退回。
    各户缴齐后保费随即预留，案件转为待签合同。
    """
    receipt = Receipt(
        body.amount_fen,
        body.bank_id,
        body.received_on,
        body.bank_reference,
        body.receipt_sha256,
    )
    return present_case(
        collecting.collect(context(), acting(), path.purchase_id, path.household_id, receipt)
    )


@routes.post(
    "/purchases/<purchase_id>/shares/<household_id>/payment-reversal",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        "not_found role_required step_not_possible version_conflict case_closed",
        "collecting_not_open same_officer officer_is_party share_unpaid",
        WRITTEN,
    ),
)
def undo_share(path: SharePath, body: ReasonIn) -> Response:
    """撤销一户缴款的登记

    登记错了时由中心复核办理，缴齐之前，须写理由。分录红字冲销，流水号可以再用。
    """
    undone = collecting.undo_share(
        context(), acting(), path.purchase_id, path.household_id, body.reason
    )
    return present_case(undone)
