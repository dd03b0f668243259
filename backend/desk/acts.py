"""What can be done at the desk: for each action of a route its form and the service that does it.

The one module of the desk that names actions. Whether a step may be taken, what is in the way and
what follows is asked of the table (`services/reads/offers.py`); an action without an entry here is
shown with its offer, and taken on the phone or over the API.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.desk.forms import Field, Given, Kind
from backend.domain.actions import Action
from backend.domain.money import yuan
from backend.services.base.context import Actor, Context
from backend.services.public_notice import notices
from backend.services.purchase import applications, changes, payments, plans, registrations
from backend.services.reads.banks import banks_to_pay_from
from backend.services.reads.cases import read_case
from backend.services.reads.lookups import list_insurers

Take = Callable[[Context, Actor, UUID, Given], object]


@dataclass(frozen=True)
class Act:
    """A step at the desk: what its form asks for, and the service that takes it."""

    fields: tuple[Field, ...]
    take: Take


def _lifts(ctx: Context, actor: Actor, purchase_id: UUID) -> Sequence[tuple[str, str]]:
    lifts = read_case(ctx, actor, purchase_id, words=False).lifts
    return [(str(lift.id), f"{lift.building} {lift.unit} {lift.name}") for lift in lifts]


def _insurers(ctx: Context, actor: Actor, purchase_id: UUID) -> Sequence[tuple[str, str]]:
    return [(str(each.id), each.name) for each in list_insurers(ctx) if each.selected]


def _banks(ctx: Context, actor: Actor, purchase_id: UUID) -> Sequence[tuple[str, str]]:
    return [
        (str(each.id), f"{each.name} {each.number}（可用{yuan(each.available_fen)}）")
        for each in banks_to_pay_from(ctx, actor, purchase_id)
    ]


REASON = Field(
    "reason", "理由", hint="写清楚为什么、要对方做什么。理由留在案卷里，有关的人会看到。"
)
RECEIPT = Field("receipt_sha256", "银行回单", Kind.FILE, "照片或 PDF，不超过 25 MB。")
UNUSABLE = Field(
    "account_unusable", "收款账户不可用", Kind.YES, "勾选后，同一账户不能再付，须先更正合同。"
)

BANK = Field(
    "bank_id",
    "从哪个专户拨付",
    Kind.CHOICE,
    "钱存在几个专户时选择；只有一个的可以不选。",
    optional=True,
    choices=_banks,
)
BEGUN = Field(
    "begun_cover_known",
    "知道保障期已经开始，仍然拨付",
    Kind.YES,
    "只在保障期早于今天开始时勾选，先向保险机构核实这些天是否承担保险责任。",
)


def _plain(take: Callable[[Context, Actor, UUID], object]) -> Act:
    return Act((), lambda ctx, actor, case, given: take(ctx, actor, case))


def _with_reason(take: Callable[[Context, Actor, UUID, str], object]) -> Act:
    return Act((REASON,), lambda ctx, actor, case, given: take(ctx, actor, case, given["reason"]))


def _query_funds(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    statement, record = given["upkeep_statement"], given["upkeep_record_sha256"]
    return applications.query_funds(ctx, actor, case, statement, record)


def _clear(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return notices.clear(ctx, actor, case, given["statement"], given["late_photos_statement"])


def _confirm(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    reference, receipt = given["bank_reference"], given["receipt_sha256"]
    return payments.confirm_payment(ctx, actor, case, reference, receipt)


def _order_payment(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    bank, known = given["bank_id"], given["begun_cover_known"]
    return payments.order_payment(ctx, actor, case, bank_id=bank, begun_cover_known=known)


def _reject_payment(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return payments.reject_payment(ctx, actor, case, given["reason"], given["account_unusable"])


def _return_payment(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    receipt, unusable = given["receipt_sha256"], given["account_unusable"]
    return payments.return_payment(ctx, actor, case, receipt, given["reason"], unusable)


def _rectify(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return applications.rectify(ctx, actor, case, given["statement"])


def _drop_lift(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return changes.drop_lift(ctx, actor, case, given["lift_id"], given["reason"])


def _change_insurer(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return changes.change_insurer(ctx, actor, case, given["insurer_id"], given["reason"])


ACTS: Mapping[str, Act] = {
    Action.RETURN_APPLICATION: _with_reason(applications.return_application),
    Action.REJECT: _with_reason(applications.reject),
    Action.UNDO_REJECT: _with_reason(applications.undo_rejection),
    Action.QUERY_FUNDS: Act(
        (
            Field(
                "upkeep_statement",
                "物业管理和维保正常的说明",
                hint="看过什么、是哪一天的、由谁提供。",
            ),
            Field(
                "upkeep_record_sha256",
                "维保单位的说明或最近一次维保记录",
                Kind.FILE,
                "照片或 PDF，不超过 25 MB。",
            ),
        ),
        _query_funds,
    ),
    Action.MARK_SHORT: _with_reason(applications.mark_short),
    Action.FAIL_SURVEY: _with_reason(plans.fail_survey),
    Action.RECTIFY: Act(
        (Field("statement", "整改说明", hint="改了什么，哪一天改好的。"),), _rectify
    ),
    Action.DROP_LIFT: Act(
        (Field("lift_id", "移出哪台电梯", Kind.CHOICE, choices=_lifts), REASON), _drop_lift
    ),
    Action.CHANGE_INSURER: Act(
        (Field("insurer_id", "改由哪家保险机构", Kind.CHOICE, choices=_insurers), REASON),
        _change_insurer,
    ),
    Action.REQUEST_PLAN: _with_reason(changes.request_plan),
    Action.WITHDRAW: _with_reason(applications.withdraw),
    Action.TERMINATE: _with_reason(applications.terminate),
    Action.UNDO_DRAFT_NOTICE: _with_reason(notices.undo_draft),
    Action.CLEAR: Act(
        (
            Field("statement", "未收到纸质异议的确认", hint="收件处查到哪一天、由谁查的。"),
            Field(
                "late_photos_statement",
                "结束照片拍晚了的说明",
                hint="只在结束照片拍晚了时填写：怎样查明公示一直张贴到最后一日。",
                optional=True,
            ),
        ),
        _clear,
    ),
    Action.UNDO_CLEAR: _with_reason(notices.undo_clear),
    Action.REGISTER: _plain(registrations.register),
    Action.UNDO_REGISTER: _with_reason(registrations.undo_register),
    Action.REQUEST_PAYMENT: _plain(payments.request_payment),
    Action.REVIEW_PAYMENT: _plain(payments.review_payment),
    Action.RETURN_PAPERS: _with_reason(payments.return_papers),
    Action.ORDER_PAYMENT: Act((BANK, BEGUN), _order_payment),
    Action.CONFIRM_PAYMENT: Act(
        (
            Field("bank_reference", "银行流水号", Kind.LINE, "照回单抄写，空格和大小写不影响。"),
            RECEIPT,
        ),
        _confirm,
    ),
    Action.REJECT_PAYMENT: Act((REASON, UNUSABLE), _reject_payment),
    Action.RETURN_PAYMENT: Act((RECEIPT, REASON, UNUSABLE), _return_payment),
}
