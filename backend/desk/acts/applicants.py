"""What those who apply do on a PC: the form, the notice, contract, invoice; and the committee."""

from collections.abc import Mapping
from uuid import UUID

from backend.desk.acts.act import (
    PHOTO_OR_PDF,
    REASON,
    Act,
    all_ticked,
    by_code,
    insurer_choices,
    plain,
)
from backend.desk.forms import Field, Given, Known
from backend.desk.values import Kind
from backend.domain.actions import Action
from backend.domain.approval import ANSWER_NAMES
from backend.domain.local_time import local_date
from backend.domain.money import decimal_yuan
from backend.services.base.context import Actor, Context
from backend.services.public_notice import notices
from backend.services.purchase import applications, approvals, payments, registrations
from backend.services.purchase.approvals import MemberAnswer
from backend.services.purchase.payments import InvoicePaper
from backend.services.purchase.registrations import ContractTerms
from backend.services.reads.agreed import read_agreed
from backend.services.reads.cases import CaseView

AT_THE_DESK = "desk"

APPLICATION = (
    Field(
        "form_sha256",
        "申请表",
        Kind.FILE,
        f"签字盖章后的扫描件，{PHOTO_OR_PDF}业主在手机上联名的不用传，申请表由平台生成。",
        optional=True,
    ),
    Field(
        "warranty_and_fee",
        "质保期和物业费已含的电梯费用",
        hint="质保期到哪一天、由谁负责，物业费里已含哪些电梯费用。中心和保险机构都看得到。",
        optional=True,
    ),
)
CONTRACT = (
    Field("number", "合同编号", Kind.LINE, "照合同抄写，空格和大小写不影响。"),
    Field("insurer_id", "保险机构", Kind.ID),
    Field("premium_fen", "合同上的保费", Kind.YUAN, "不得高于方案。"),
    Field("signed_on", "签订日期", Kind.DAY),
    Field("lift_codes", "合同上的电梯", Kind.SEVERAL, "与合同不一致的，去掉勾选。"),
    Field("file_sha256", "合同", Kind.FILE, PHOTO_OR_PDF),
)
INVOICE = (
    Field("number", "发票号码", Kind.LINE, "照发票抄写，空格和大小写不影响。"),
    Field("insurer_id", "开票的保险机构", Kind.ID),
    Field("amount_fen", "发票金额", Kind.YUAN),
    Field("issued_on", "开票日期", Kind.DAY),
    Field("buyer", "购买方（抬头）", Kind.CHOICE, "和发票不一样的，请让保险机构重新开具。"),
    Field("file_sha256", "发票", Kind.FILE, PHOTO_OR_PDF),
)
ANSWER = (
    Field("plan_id", "方案", Kind.HIDDEN),
    Field("answer", "您的意见", Kind.CHOICE, choices=tuple(ANSWER_NAMES.items())),
    Field("reason", "理由", hint="不同意的须写理由，保险机构据此修改方案。", optional=True),
)


def _apply(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    form, covered = given["form_sha256"], given["warranty_and_fee"]
    return applications.apply(ctx, actor, case, form, covered)


def _contract(given: Given) -> ContractTerms:
    return ContractTerms(
        number=given["number"],
        insurer_id=given["insurer_id"],
        premium_fen=given["premium_fen"],
        signed_on=given["signed_on"],
        lift_codes=given["lift_codes"],
        file_sha256=given["file_sha256"],
    )


def _sign(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return registrations.sign_contract(ctx, actor, case, _contract(given))


def _amend(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return registrations.amend_contract(ctx, actor, case, _contract(given), given["reason"])


def _to_sign(ctx: Context, actor: Actor, view: CaseView) -> Known:
    """The contract as it was handed in last, else as it was planned."""
    choices = {"insurer_id": insurer_choices(ctx), "lift_codes": by_code(view)}
    contract = read_agreed(ctx, actor, view.purchase.id).contract
    if contract:
        values = {
            "number": contract.number,
            "insurer_id": str(contract.insurer_id),
            "premium_fen": str(decimal_yuan(contract.premium_fen)),
            "signed_on": contract.signed_on.isoformat(),
            **{f"lift_codes.{code}": "yes" for code in contract.lift_codes},
        }
        return Known(values, choices)
    values = {
        **all_ticked("lift_codes", choices["lift_codes"]),
        "insurer_id": str(view.purchase.insurer_id),
        "signed_on": local_date(ctx.clock()).isoformat(),
    }
    if view.plan:
        values["premium_fen"] = str(decimal_yuan(view.plan.plan.premium_fen))
    return Known(values, choices)


def _invoice(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    paper = InvoicePaper(
        number=given["number"],
        insurer_id=given["insurer_id"],
        amount_fen=given["amount_fen"],
        issued_on=given["issued_on"],
        file_sha256=given["file_sha256"],
        buyer=given["buyer"],
    )
    return payments.add_invoice(ctx, actor, case, paper)


def _contracted(ctx: Context, actor: Actor, view: CaseView) -> Known:
    agreed = read_agreed(ctx, actor, view.purchase.id)
    values = {
        "insurer_id": str(view.purchase.insurer_id),
        "issued_on": local_date(ctx.clock()).isoformat(),
    }
    if agreed.contract:
        values["amount_fen"] = str(decimal_yuan(agreed.contract.premium_fen))
    buyers = [(buyer, buyer) for buyer in agreed.buyers]
    return Known(values, {"insurer_id": insurer_choices(ctx), "buyer": buyers})


def _answer(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    own = MemberAnswer(given["answer"], given["reason"], AT_THE_DESK)
    return approvals.answer(ctx, actor.person_id, given["plan_id"], own)


def plan_at_hand(ctx: Context, actor: Actor, view: CaseView) -> Known:
    """The plan that is answered is the one that stood on the page."""
    return Known({"plan_id": str(view.purchase.plan_id or "")})


APPLICANTS: Mapping[str, Act] = {
    Action.APPLY: Act(APPLICATION, _apply),
    Action.ANSWER_PLAN: Act(ANSWER, _answer, plan_at_hand),
    Action.DRAFT_NOTICE: plain(notices.draft_notice),
    Action.SIGN_CONTRACT: Act(CONTRACT, _sign, _to_sign),
    Action.AMEND_CONTRACT: Act((*CONTRACT, REASON), _amend, _to_sign),
    Action.ADD_INVOICE: Act(INVOICE, _invoice, _contracted),
}
