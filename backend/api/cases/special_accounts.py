"""独立产权人: the owner asks for the survey, the centre opens the special account and books what is
paid in (JS annex 二（三）)."""

from uuid import UUID

from flask import Response

from backend.api.cases.cases import CaseOut, CasePath, acting, present_case
from backend.http.bodies import ReasonIn
from backend.http.fields import Day, PaperNumber, PositiveFen, Sha256, Statement
from backend.http.parts import context
from backend.http.present import Input
from backend.http.routes import STEP, WRITTEN, Routes
from backend.services.purchase import special_accounts
from backend.services.purchase.special_accounts import Receipt

routes = Routes("special_accounts", "独立产权人：专户")


class OwnApplicationIn(Input):
    """The title, and the maintainer's word or last record."""

    title_sha256: Sha256
    upkeep_record_sha256: Sha256


class AccountOpeningIn(Input):
    """What the clerk found of the title."""

    title_check: Statement


class DepositPaidIn(Input):
    """What the bank's receipt says of the one deposit."""

    amount_fen: PositiveFen
    bank_id: UUID
    received_on: Day
    bank_reference: PaperNumber
    receipt_sha256: Sha256


@routes.post(
    "/purchases/<purchase_id>/own-application",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, "file_unknown inspection_overdue lift_in_open_case not_managed not_owned_alone"),
)
def apply_alone(path: CasePath, body: OwnApplicationIn) -> Response:
    """独立产权人提交产权证明，请保险机构查勘

    由独立产权人办理，起草之后。先用 POST /uploads 上传产权证明、维保单位的说明或最近一次维保记录。
    """
    applied = special_accounts.apply_alone(
        context(), acting(), path.purchase_id, body.title_sha256, body.upkeep_record_sha256
    )
    return present_case(applied)


@routes.post(
    "/purchases/<purchase_id>/special-account",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        STEP,
        WRITTEN,
        "cover_begins_in_past file_unknown insurer_not_selected not_owned_alone",
    ),
)
def open_special_account(path: CasePath, body: AccountOpeningIn) -> Response:
    """核对产权，开立专户

    由中心经办办理，方案拟定之后，写明产权证明的核对情况。以前年度已为这些电梯开过专户的，沿用那个专户；
    余款够本年度保费的，随即预留，不用再缴存。
    """
    opened = special_accounts.open_account(context(), acting(), path.purchase_id, body.title_check)
    return present_case(opened)


@routes.post(
    "/purchases/<purchase_id>/special-deposit",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        STEP,
        WRITTEN,
        "bank_unknown cover_begins_in_past day_in_future reference_known deposit_made",
        "deposit_too_large deposit_too_small file_unknown insurer_not_selected",
        "lift_already_covered lift_not_running lift_outside_circle period_locked",
    ),
)
def fund_special_account(path: CasePath, body: DepositPaidIn) -> Response:
    """登记专户缴存

    由中心出纳凭银行回单办理，专户开立之后。须是一笔、不少于城市规定年数的保费；分几笔缴的、多出一年以上
    保费的不予登记，款项原路退回。登记后预留一年保费，其余留在专户，用于以后年度。
    """
    paid = Receipt(
        body.amount_fen,
        body.bank_id,
        body.received_on,
        body.bank_reference,
        body.receipt_sha256,
    )
    return present_case(special_accounts.fund(context(), acting(), path.purchase_id, paid))


@routes.post(
    "/purchases/<purchase_id>/special-deposit-reversal",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "deposit_not_booked"),
)
def undo_special_deposit(path: CasePath, body: ReasonIn) -> Response:
    """撤销专户缴存的登记

    登记错了时由中心复核办理，签订合同之前，须写理由。分录红字冲销，流水号可以再用，由出纳重新登记。
    """
    undone = special_accounts.undo_fund(context(), acting(), path.purchase_id, body.reason)
    return present_case(undone)
