"""What the centre's officers do with a case, and the short steps that others take with it."""

from collections.abc import Mapping
from uuid import UUID

from backend.desk.acts.act import (
    PHOTO_OR_PDF,
    REASON,
    Act,
    insurer_choices,
    lift_choices,
    plain,
    with_reason,
)
from backend.desk.forms import Field, Given, Known
from backend.desk.values import Kind
from backend.domain.actions import Action
from backend.domain.money import yuan
from backend.domain.refund import REFUND_NAMES, RefundKind
from backend.services.base.context import Actor, Context
from backend.services.public_notice import notices
from backend.services.purchase import applications, changes, payments, plans, refunds, registrations
from backend.services.reads.banks import banks_to_pay_from
from backend.services.reads.cases import CaseView


def _banks(ctx: Context, actor: Actor, view: CaseView) -> Known:
    found = banks_to_pay_from(ctx, actor, view.purchase.id)
    words = [f"{each.name} {each.number}（可用{yuan(each.available_fen)}）" for each in found]
    ids = [str(each.id) for each in found]
    return Known(choices={"bank_id": list(zip(ids, words, strict=True))})


def _refund_kinds(ctx: Context, actor: Actor, view: CaseView) -> Known:
    """Once cover is over there is nothing to cancel; of a special account the rest is paid back."""
    kinds = tuple((str(kind), REFUND_NAMES[kind]) for kind in view.refund_kinds)
    return Known({"kind": kinds[0][0]} if len(kinds) == 1 else {}, {"kind": kinds})


RECEIPT = Field("receipt_sha256", "银行回单", Kind.FILE, PHOTO_OR_PDF)
UNUSABLE = Field(
    "account_unusable", "收款账户不可用", Kind.YES, "勾选后，同一账户不能再付，须先更正合同。"
)

BANK = Field(
    "bank_id",
    "从哪个专户拨付",
    Kind.ID,
    "钱存在几个专户时选择；只有一个的可以不选。",
    optional=True,
)
BEGUN = Field(
    "begun_cover_known",
    "知道保障期已经开始，仍然拨付",
    Kind.YES,
    "只在保障期早于今天开始时勾选，先向保险机构核实这些天是否承担保险责任。",
)


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


def _propose_refund(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    kind, receipt = RefundKind(given["kind"]), given["receipt_sha256"]
    return refunds.propose(ctx, actor, case, kind, given["refund_fen"], receipt, given["reason"])


# What the clerk says of the upkeep, and what it rests on.
UPKEEP = (
    Field(
        "upkeep_statement",
        "物业管理和维保正常的说明",
        hint="看过什么、是哪一天的、由谁提供。",
    ),
    Field(
        "upkeep_record_sha256",
        "维保单位的说明或最近一次维保记录",
        Kind.FILE,
        PHOTO_OR_PDF,
    ),
)


CENTRE: Mapping[str, Act] = {
    Action.RETURN_APPLICATION: with_reason(applications.return_application),
    Action.REJECT: with_reason(applications.reject),
    Action.UNDO_REJECT: with_reason(applications.undo_rejection),
    Action.QUERY_FUNDS: Act(
        UPKEEP,
        _query_funds,
    ),
    Action.MARK_SHORT: with_reason(applications.mark_short),
    Action.FAIL_SURVEY: with_reason(plans.fail_survey),
    Action.RECTIFY: Act(
        (Field("statement", "整改说明", hint="改了什么，哪一天改好的。"),), _rectify
    ),
    Action.DROP_LIFT: Act(
        (Field("lift_id", "移出哪台电梯", Kind.ID), REASON),
        _drop_lift,
        lambda ctx, actor, view: Known(choices={"lift_id": lift_choices(view)}),
    ),
    Action.CHANGE_INSURER: Act(
        (Field("insurer_id", "改由哪家保险机构", Kind.ID), REASON),
        _change_insurer,
        lambda ctx, actor, view: Known(choices={"insurer_id": insurer_choices(ctx)}),
    ),
    Action.REQUEST_PLAN: with_reason(changes.request_plan),
    Action.WITHDRAW: with_reason(applications.withdraw),
    Action.TERMINATE: with_reason(applications.terminate),
    Action.UNDO_DRAFT_NOTICE: with_reason(notices.undo_draft),
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
    Action.UNDO_CLEAR: with_reason(notices.undo_clear),
    Action.REGISTER: plain(registrations.register),
    Action.UNDO_REGISTER: with_reason(registrations.undo_register),
    Action.REQUEST_PAYMENT: plain(payments.request_payment),
    Action.REVIEW_PAYMENT: plain(payments.review_payment),
    Action.RETURN_PAPERS: with_reason(payments.return_papers),
    Action.ORDER_PAYMENT: Act((BANK, BEGUN), _order_payment, _banks),
    Action.CONFIRM_PAYMENT: Act(
        (
            Field("bank_reference", "银行流水号", Kind.LINE, "照回单抄写，空格和大小写不影响。"),
            RECEIPT,
        ),
        _confirm,
    ),
    Action.REJECT_PAYMENT: Act((REASON, UNUSABLE), _reject_payment),
    Action.UNDO_CONFIRM_PAYMENT: with_reason(payments.undo_confirmation),
    Action.RETURN_PAYMENT: Act((RECEIPT, REASON, UNUSABLE), _return_payment),
    Action.PROPOSE_REFUND: Act(
        (
            Field("kind", "退哪一种", Kind.CHOICE, choices=tuple(REFUND_NAMES.items())),
            Field(
                "refund_fen",
                "退回的金额",
                Kind.YUAN,
                "照银行回单填写。银行多付了一笔又退回来的，账上只付过一次，不在这里登记。",
            ),
            RECEIPT,
            REASON,
        ),
        _propose_refund,
        _refund_kinds,
    ),
    Action.WAIVE_REFUND: with_reason(refunds.waive),
}
