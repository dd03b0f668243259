"""The conditions of steps. Each looks at the facts and lists every refusal it has, or none."""

from collections.abc import Iterable
from datetime import date

from backend.domain.approval import Answer
from backend.domain.cover import SurveyResult
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.money import yuan
from backend.domain.objection import OPEN, ObjectionStatus
from backend.domain.rules import opens_on, reads
from backend.domain.wording import plain_day


def _unless(holds: bool, code: str, message: str, field: str | None = None) -> list[Refusal]:
    return [] if holds else [Refusal(code, message, field)]


@reads("applying")
def eligible_applicant(facts: Facts) -> list[Refusal]:
    """JS annex 一.1: three or more affected owners, the committee, or the 物业 it mandates.

    Civil Code 1259: “以上” includes the number itself.
    """
    minimum = facts.city.applicants.minimum_cosigners.value
    if facts.applicant == "owners":
        return _unless(
            facts.applying.cosigners >= minimum,
            "too_few_cosigners",
            f"须有{minimum}名以上相关业主联名，现有{facts.applying.cosigners}名，请继续征集联名。",
            "cosignatures",
        )
    if not facts.applying.committee_in_office:
        return [
            Refusal(
                "committee_not_in_office",
                "业主委员会不在任期内，请先换届或由业主联名申请。",
                "applicant",
            )
        ]
    return mandate_valid(facts)


@reads("applying")
def mandate_valid(facts: Facts) -> list[Refusal]:
    """JS annex 一.1: the 物业 acts by mandate of the committee in office, to the last signature."""
    return _unless(
        facts.applicant != "property_company" or facts.applying.mandate_valid,
        "mandate_expired",
        "没有在有效期内的业主委员会委托，请先取得委托书再办理。",
        "applicant",
    )


@reads("lifts")
def lifts_in_circle(facts: Facts) -> list[Refusal]:
    """JS 四（二）: an account is a building's or a unit's; it pays for the lifts that serve it."""
    return [
        Refusal(
            "lift_outside_circle",
            f"电梯{lift.registration_code}不在该统筹账户对应的楼栋或单元内，请只选本账户的电梯。",
            "lift_ids",
        )
        for lift in facts.lifts
        if not lift.in_circle
    ]


@reads("applying")
def managed_normally(facts: Facts) -> list[Refusal]:
    """JS annex 一.3: managed by a property company (upkeep is stated in the evidence)."""
    return _unless(
        facts.applying.managed,
        "not_managed",
        "该小区没有登记物业服务企业，请先补充登记或咨询中心。",
    )


@reads("money")
def funds_available(facts: Facts) -> list[Refusal]:
    """JS annex 二（一）2: the account has something to spend, less what is held."""
    return _unless(
        facts.money.available_fen > 0,
        "account_empty",
        "统筹账户没有可用资金，请等待增值收益入账或咨询中心。",
    )


@reads("terms")
def insurer_selected(facts: Facts) -> list[Refusal]:
    """JS 五（二）2: only an insurer the city selected may serve."""
    return _unless(
        facts.terms.insurer_selected,
        "insurer_not_selected",
        "该保险机构不在本市遴选名单或已过有效期，请改选名单内的机构。",
        "insurer_id",
    )


@reads("lifts")
def every_lift_surveyed(facts: Facts) -> list[Refusal]:
    """JS annex 一.4 and 二（一）3: each lift was surveyed and meets the insurer's conditions."""
    return [
        Refusal(
            "lift_not_surveyed" if lift.survey is None else "lift_failed_survey",
            f"电梯{lift.registration_code}"
            + (
                "尚未查勘，请先完成查勘。"
                if lift.survey is None
                else "查勘未通过，请整改后重新查勘。"
            ),
            "lift_ids",
        )
        for lift in facts.lifts
        if lift.survey != SurveyResult.PASSED
    ]


@reads("lifts")
def some_lift_failed_survey(facts: Facts) -> list[Refusal]:
    """A case goes aside for rectification only when a survey failed (JS annex 一.4)."""
    return _unless(
        any(lift.survey == SurveyResult.FAILED for lift in facts.lifts),
        "no_failed_survey",
        "没有查勘未通过的电梯，无需整改。",
    )


@reads("terms", "lifts")
def plan_covers_lifts(facts: Facts) -> list[Refusal]:
    """The plan insures just the lifts applied for, each with a premium (JS annex 二（一）3)."""
    assert facts.terms.plan is not None
    return _unless(
        set(facts.terms.plan.lift_premiums) == {lift.lift_id for lift in facts.lifts},
        "plan_lifts_differ",
        "方案中的电梯与申请的电梯不一致，请逐台核对。",
        "lifts",
    )


@reads("terms", "money")
def premium_within_available(facts: Facts) -> list[Refusal]:
    """JS annex 一.2: the account covers one year's premium; holds of other cases count as spent."""
    lacking = facts.terms.premium_fen - facts.money.available_fen
    return _unless(
        lacking <= 0,
        "premium_above_available",
        f"保费{yuan(facts.terms.premium_fen)}超过可用资金{yuan(facts.money.available_fen)}，"
        f"差{yuan(lacking)}。请调整方案、减少电梯或等待收益入账。",
        "premium_fen",
    )


@reads("lifts")
def not_covered_twice(facts: Facts) -> list[Refusal]:
    """Cover periods of one lift never overlap [D]."""
    return [
        Refusal(
            "lift_already_covered",
            f"电梯{lift.registration_code}在{plain_day(lift.taken_until)}前已有保障或正在办理，请调整保障期间。",
            "lifts",
        )
        for lift in facts.lifts
        if lift.taken_until
    ]


@reads("terms")
def cover_ahead(facts: Facts) -> list[Refusal]:
    """What is posted can still be had: the cover of the plan begins today or later [D]."""
    assert facts.terms.plan is not None
    return _unless(
        facts.terms.plan.cover_from >= facts.today,
        "cover_begins_in_past",
        "方案的保障开始日期已过，请由保险机构修改方案后重新审议。",
        "cover_from",
    )


@reads("terms")
def cover_not_over(facts: Facts) -> list[Refusal]:
    """Nothing is signed, paid or given back for cover that has ended [D]."""
    assert facts.terms.plan is not None
    return _unless(
        facts.terms.plan.cover_ends_before > facts.today,
        "cover_ended",
        "方案的保障期间已经结束，不能再签约、付款或退保；尚未付款的请撤回或终止本案，另行申请。",
    )


def _fewer_in_office_on(facts: Facts) -> date | None:
    """What is no majority today may be one of those who are left."""
    return facts.votes.changes_on


@reads("votes")
@opens_on(_fewer_in_office_on)
def majority_approved(facts: Facts) -> list[Refusal]:
    """More than half of those in office approve [D]."""
    return _unless(
        facts.votes.decided == Answer.APPROVE,
        "approval_not_reached",
        "同意的委员尚未过半，请继续等待审议。",
    )


@reads("votes")
@opens_on(_fewer_in_office_on)
def majority_refused(facts: Facts) -> list[Refusal]:
    """More than half of those in office refuse [D]."""
    return _unless(
        facts.votes.decided == Answer.REFUSE,
        "refusal_not_reached",
        "不同意的委员尚未过半，请继续等待审议。",
    )


def approval_not_needed(facts: Facts) -> list[Refusal]:
    """Where the city asks no approval (owners apply) the committee is only informed [D]."""
    return _unless(not facts.approval_asked, "approval_needed", "须先经业主委员会审议。")


def _missing_photos(missing: Iterable[str], code: str) -> list[Refusal]:
    return [Refusal(code, f"缺少公示照片：{what}，请补拍上传。", "photos") for what in missing]


@reads("notice")
def start_photos_complete(facts: Facts) -> list[Refusal]:
    """The notice starts when the last required place has its start photos [D]."""
    if not facts.notice.drafted:
        return [Refusal("notice_not_drafted", "尚未生成公示，请先生成公示并张贴。")]
    return _missing_photos(facts.notice.missing_start, "start_photo_missing")


@reads("notice")
def notice_ended(facts: Facts) -> list[Refusal]:
    """Seven days, to 24:00 of the last (JS annex 二（一）4; Civil Code 200–204)."""
    ends_before = facts.notice.ends_before
    ended = ends_before is not None and ends_before <= facts.now
    return _unless(ended, "notice_still_open", "公示期尚未届满，请在公示结束后办理。")


@reads("notice")
def end_photos_complete(facts: Facts) -> list[Refusal]:
    """公示的影像资料: photos at the end too (JS annex 二（一）7)."""
    return _missing_photos(facts.notice.missing_end, "end_photo_missing")


@reads("objections")
def no_open_objection(facts: Facts) -> list[Refusal]:
    """JS annex 二（一）4: an objection on time holds the case until it is withdrawn or settled.

    Verified or not; also one that was received on paper in time and entered after the clearing [D].
    """
    holding = OPEN if facts.city.objection.unverified_blocks_clearing.value else {"verified"}
    waiting = sum(status in holding for status in facts.objections)
    return _unless(
        waiting == 0, "objection_open", f"还有{waiting}件异议未处理，请先核实、答复或等待撤回。"
    )


@reads("objections")
def verified_objection(facts: Facts) -> list[Refusal]:
    """A written objection by an affected owner suspends (JS annex 二（一）4)."""
    return _unless(
        ObjectionStatus.VERIFIED in facts.objections,
        "no_verified_objection",
        "没有核实有效的异议，不能暂缓。",
    )


@reads("terms", "lifts")
def contract_matches_plan(facts: Facts) -> list[Refusal]:
    """Same lifts, same insurer, premium at most the plan's (JS annex 二（一）4, 6)."""
    contract, plan = facts.terms.contract, facts.terms.plan
    assert contract is not None
    assert plan is not None
    return [
        *_unless(
            contract.premium_fen > 0, "amount_not_positive", "合同保费应大于0。", "premium_fen"
        ),
        *_unless(
            contract.premium_fen <= plan.premium_fen,
            "contract_above_plan",
            "合同保费高于公示方案，请按方案签订或重新公示。",
            "premium_fen",
        ),
        *_unless(
            contract.lift_codes == {lift.registration_code for lift in facts.lifts},
            "contract_lifts_differ",
            "合同载明的电梯与公示方案不一致，请核对注册代码。",
            "lift_codes",
        ),
        *_unless(
            contract.insurer_id == plan.insurer_id,
            "contract_insurer_differs",
            "合同的保险机构与公示方案不一致。",
            "insurer_id",
        ),
    ]


@reads("terms")
def contract_in_hand(facts: Facts) -> list[Refusal]:
    """What was signed for this very plan need not be signed again [D]."""
    return _unless(
        facts.terms.contract is not None, "contract_missing", "缺少保险服务合同，请上传。"
    )


@reads("terms", "notice")
def payment_file_complete(facts: Facts) -> list[Refusal]:
    """Contract, premium invoice, images of the notice: one full list (JS annex 二（一）7)."""
    asked = facts.route.payment_papers.value
    has_contract = facts.terms.contract is not None or "contract" not in asked
    has_invoice = facts.terms.invoice is not None or "invoice" not in asked
    photos = (*facts.notice.missing_start, *facts.notice.missing_end)
    return [
        *_unless(has_contract, "contract_missing", "缺少保险服务合同，请上传。", "contract"),
        *_unless(has_invoice, "invoice_missing", "缺少保费发票，请上传。", "invoice"),
        *_missing_photos(photos if "public_notice_images" in asked else (), "notice_photo_missing"),
    ]


@reads("terms")
def invoice_matches_contract(facts: Facts) -> list[Refusal]:
    """The centre pays what was contracted, to the insurer of the plan (JS annex 二（一）7)."""
    invoice, contract = facts.terms.invoice, facts.terms.contract
    if invoice is None or contract is None:
        return []
    return [
        *_unless(
            invoice.amount_fen == contract.premium_fen,
            "invoice_amount_differs",
            "发票金额与合同保费不一致，请更换发票。",
            "invoice",
        ),
        *_unless(
            invoice.insurer_id == contract.insurer_id,
            "invoice_insurer_differs",
            "发票开具方不是合同的保险机构，请更换发票。",
            "invoice",
        ),
    ]


@reads("terms")
@opens_on(lambda facts: facts.terms.plan.cover_from if facts.terms.plan else None)
def cover_begun(facts: Facts) -> list[Refusal]:
    """The first day of the period has come (JS 四（三）)."""
    return _unless(
        facts.terms.plan is not None and facts.terms.plan.cover_from <= facts.today,
        "cover_not_begun",
        "保障尚未开始。",
    )


@reads("terms")
@opens_on(lambda facts: facts.terms.plan.cover_ends_before if facts.terms.plan else None)
def cover_over(facts: Facts) -> list[Refusal]:
    """The last day of the period has passed (JS 四（三）)."""
    return _unless(
        facts.terms.plan is not None and facts.terms.plan.cover_ends_before <= facts.today,
        "cover_not_over",
        "保障尚未到期。",
    )


@reads("succession")
def has_successor(facts: Facts) -> list[Refusal]:
    """Another purchase covers the same lifts from here on [D]."""
    return _unless(facts.succession, "no_successor", "没有续保。")


@reads("terms")
def refund_within_premium(facts: Facts) -> list[Refusal]:
    """A refund is more than nothing and at most the premium paid [D]."""
    return _unless(
        0 < facts.refund_fen <= facts.terms.due_fen,
        "refund_out_of_range",
        f"退保金额应大于0且不超过已付保费{yuan(facts.terms.due_fen)}。",
        "refund_fen",
    )
