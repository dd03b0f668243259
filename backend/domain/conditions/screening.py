"""Conditions of an estate that is screened and guided, and of the city's pool (SG 四, 五)."""

from backend.domain.conditions.common import unless
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.money import yuan
from backend.domain.rules import reads


def screening_passed(facts: Facts) -> list[Refusal]:
    """SG 四, 五（四）: an estate is chosen that meets every criterion of the plan; the sheet says
    of each what was found."""
    refusals = []
    for code in facts.route.gates.value:
        gate, finding = facts.city.gates[code], facts.screening.get(code)
        if finding is None:
            message = f"筛选表里没有写“{gate.text}”（{gate.source}），请逐项写明查明的情况。"
            refusals.append(Refusal("criterion_missing", message, code))
        elif not finding.met:
            message = (
                f"不符合“{gate.text}”（{gate.source}）：{finding.words}。"
                "各项条件都符合的小区才能入选，请改善后重新筛选。"
            )
            refusals.append(Refusal("criterion_not_met", message, code))
    return refusals


@reads("applying")
def committee_in_office(facts: Facts) -> list[Refusal]:
    """SG 四: a committee that works well is one that is in office."""
    return unless(
        facts.applying.committee_in_office,
        "committee_not_in_office",
        "业主委员会不在任期内，谈不上发挥较好，请先换届、由中心登记后再筛选。",
    )


@reads("lifts")
def lift_data_complete(facts: Facts) -> list[Refusal]:
    """SG 六（三）1: the insurer is given detailed data of every lift."""
    return [
        Refusal(
            "lift_data_incomplete",
            f"电梯{lift.registration_code}还没有登记{'、'.join(lift.lacks)}，请物业补齐资料，"
            "由中心登记后再办理。",
            "lift_ids",
        )
        for lift in facts.lifts
        if lift.lacks
    ]


@reads("terms", "money")
def pool_covers_premium(facts: Facts) -> list[Refusal]:
    """SG 五（三）: the premium is paid out of what the city's pools of the named years have left;
    holds of other cases count as spent."""
    lacking = facts.terms.premium_fen - facts.money.available_fen
    return unless(
        lacking <= 0,
        "premium_above_available",
        f"保费{yuan(facts.terms.premium_fen)}超过统筹使用的增值收益可用的"
        f"{yuan(facts.money.available_fen)}，差{yuan(lacking)}。请调整方案、减少电梯，或请属地住建部门"
        "、中心撤销指导，换选、加选年度。",
        "premium_fen",
    )
