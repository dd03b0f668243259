"""Conditions of the plan: lifts, money, cover to be had, who agreed (JS annex 一, 二（一）3)."""

from datetime import date

from backend.domain.approval import Answer
from backend.domain.conditions.common import unless
from backend.domain.cover import SurveyResult
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.money import yuan
from backend.domain.rules import opens_on, reads
from backend.domain.wording import plain_day


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
    return unless(
        any(lift.survey == SurveyResult.FAILED for lift in facts.lifts),
        "no_failed_survey",
        "没有查勘未通过的电梯，无需整改。",
    )


@reads("lifts")
def another_lift_stays(facts: Facts) -> list[Refusal]:
    """A case is about at least one lift; whoever wants none withdraws [D]."""
    return unless(
        len(facts.lifts) > 1,
        "last_lift",
        "本案只剩这一台电梯，不能移出；不再投保的，请撤回申请。",
        "lift_id",
    )


@reads("terms", "lifts")
def plan_covers_lifts(facts: Facts) -> list[Refusal]:
    """The plan insures just the lifts applied for, each with a premium (JS annex 二（一）3)."""
    assert facts.terms.plan is not None
    return unless(
        set(facts.terms.plan.lift_premiums) == {lift.lift_id for lift in facts.lifts},
        "plan_lifts_differ",
        "方案中的电梯与申请的电梯不一致，请逐台核对。",
        "lifts",
    )


@reads("terms", "money")
def covers_one_year(facts: Facts) -> list[Refusal]:
    """JS annex 一.2: the account covers one year's premium, of a plan for some days too; holds of
    other cases count as spent."""
    plan = facts.terms.plan
    assert plan is not None
    year_fen = plan.year_premium_fen
    what = "保费" if year_fen == plan.premium_fen else "按本方案折算的一年保费"
    lacking = year_fen - facts.money.available_fen
    return unless(
        lacking <= 0,
        "premium_above_available",
        f"{what}{yuan(year_fen)}超过可用资金{yuan(facts.money.available_fen)}，"
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
    return unless(
        facts.terms.plan.cover_from >= facts.today,
        "cover_begins_in_past",
        "方案的保障开始日期已过，请由保险机构修改方案后重新审议。",
        "cover_from",
    )


def _fewer_in_office_on(facts: Facts) -> date | None:
    """What is no majority today may be one of those who are left."""
    return facts.votes.changes_on


@reads("votes")
@opens_on(_fewer_in_office_on)
def majority_approved(facts: Facts) -> list[Refusal]:
    """More than half of those in office approve [D]."""
    return unless(
        facts.votes.decided == Answer.APPROVE,
        "approval_not_reached",
        "同意的委员尚未过半，请继续等待审议。",
    )


@reads("votes")
@opens_on(_fewer_in_office_on)
def majority_refused(facts: Facts) -> list[Refusal]:
    """More than half of those in office refuse [D]."""
    return unless(
        facts.votes.decided == Answer.REFUSE,
        "refusal_not_reached",
        "不同意的委员尚未过半，请继续等待审议。",
    )


def approval_not_needed(facts: Facts) -> list[Refusal]:
    """Where the city asks no approval (owners apply) the committee is only informed [D]."""
    return unless(not facts.approval_asked, "approval_needed", "须先经业主委员会审议。")
