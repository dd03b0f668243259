"""Conditions of an application: who applies, what for, from what money (JS annex 一, 四（二）)."""

from backend.domain.conditions.common import unless
from backend.domain.cover import LiftUse
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.rules import reads
from backend.domain.source import source_words
from backend.domain.wording import written


@reads("applying")
def eligible_applicant(facts: Facts) -> list[Refusal]:
    """JS annex 一.1: three or more affected owners, the committee, or the 物业 it mandates.

    Civil Code 1259: “以上” includes the number itself.
    """
    minimum = facts.city.applicants.minimum_cosigners.value
    if facts.applicant == "owners":
        return unless(
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


def seen_by_another(facts: Facts) -> list[Refusal]:
    """What owners signed on paper is handed in by another clerk than who entered it, who compares
    it with the scan: nobody makes an application of three names alone [D]."""
    return unless(
        not facts.actor.is_own(*facts.entered_by),
        "own_entry",
        "这件纸质申请是您本人、您代办的人或替您代办的人录入的，请由另一位经办对照扫描件核对后提交。",
    )


@reads("applying")
def mandate_valid(facts: Facts) -> list[Refusal]:
    """JS annex 一.1: the 物业 acts by mandate of the committee in office, to the last signature.

    What was paid under a mandate and came back from the bank (退票) is put right without another
    one: the policy may be in force by then, and nobody else could [D].
    """
    applying = facts.applying
    return unless(
        facts.applicant != "property_company" or applying.mandate_valid or applying.paid_before,
        "mandate_expired",
        "没有在有效期内的业主委员会委托，请先取得委托书再办理。",
        "applicant",
    )


@reads("lifts")
def lifts_running(facts: Facts) -> list[Refusal]:
    """JS annex 一.3: what is to be insured runs and is looked after [D]."""
    return [
        Refusal(
            "lift_not_running",
            f"电梯{lift.registration_code}已停用或已拆除，请先移出这台电梯；恢复使用的，请中心先登记恢复。",
            "lift_ids",
        )
        for lift in facts.lifts
        if lift.use != LiftUse.RUNNING
    ]


@reads("lifts")
def no_lift_retired(facts: Facts) -> list[Refusal]:
    """No premium is paid for a lift that was taken out for good [D]."""
    return [
        Refusal(
            "lift_retired",
            f"电梯{lift.registration_code}已拆除，不能再为它付保费，请移出这台电梯后重新出方案。",
            "lift_ids",
        )
        for lift in facts.lifts
        if lift.use == LiftUse.RETIRED
    ]


@reads("applying")
def managed_normally(facts: Facts) -> list[Refusal]:
    """JS annex 一.3, SG 四: managed by a property company, or by one owner alone."""
    gate = facts.city.gates.get("managed_and_upkept")
    return unless(
        facts.applying.managed,
        "not_managed",
        "该小区没有登记物业服务企业，也没有登记由其他产权人单独管理"
        f"（{gate.source if gate else '附件一3'}），请先请中心登记。",
    )


@reads("applying")
def inspected(facts: Facts) -> list[Refusal]:
    """JS annex 一.3, 特种设备安全法 40: what was not inspected in time may not be used, so that its
    upkeep is not normal. The due day itself still counts; a lift without a known day is not held
    up."""
    return [
        Refusal(
            "inspection_overdue",
            f"电梯{code}的定期检验应在{written(due)}前办理，已经过期，不得继续使用"
            "（《特种设备安全法》第四十条）。请先检验，再由中心登记新的下次检验日期。",
            "lift_ids",
        )
        for code, due in facts.applying.inspection_due.items()
    ]


@reads("applying")
def account_open(facts: Facts) -> list[Refusal]:
    """An account that was split or merged pays for no new case (JS 四（二）) [D]."""
    return unless(
        facts.applying.account_open,
        "account_closed",
        "付款的统筹账户已拆分或合并，请撤回草稿，用现在的账户重新申请；已不予受理的，直接重新申请。",
    )


@reads("lifts")
def lifts_in_circle(facts: Facts) -> list[Refusal]:
    """JS 四（二）: an account is a building's or a unit's; it pays for the lifts that serve it. One
    of the whole city pays for those that serve the case's own circle (SG 五（三）)."""
    where = (
        "不在该统筹账户对应的楼栋或单元内，请只选本账户的电梯。"
        if facts.route.account.value == "pooled_income"
        else "服务的单元不在本案的相关范围内，请核对所选的电梯。"
    )
    return [
        Refusal(
            "lift_outside_circle",
            f"电梯{lift.registration_code}{where}",
            "lift_ids",
        )
        for lift in facts.lifts
        if not lift.in_reach
    ]


@reads("money")
def funds_available(facts: Facts) -> list[Refusal]:
    """JS annex 二（一）2, SG 五（三）: the source has something to spend, less what is held."""
    return unless(
        facts.money.available_fen > 0,
        "account_empty",
        f"{source_words(facts.route.account.value)}没有可用资金，请等待增值收益入账或咨询中心。",
    )


@reads("terms")
def insurer_selected(facts: Facts) -> list[Refusal]:
    """JS 五（二）2: only an insurer the city selected may serve."""
    return _only_selected(facts.terms.insurer_selected)


def another_insurer_selected(facts: Facts) -> list[Refusal]:
    """JS 五（二）2: whoever takes over is another one, and one that the city selected."""
    assert facts.insurer is not None
    return [
        *unless(
            facts.insurer.is_another,
            "insurer_unchanged",
            "本案已由这家保险机构办理，请改选另一家。",
            "insurer_id",
        ),
        *_only_selected(facts.insurer.selected),
    ]


@reads("terms")
def insurer_delisted(facts: Facts) -> list[Refusal]:
    """JS 五（二）2: what hangs or hung stands, unless its insurer may not serve any more [D]."""
    return unless(
        not facts.terms.insurer_selected,
        "insurer_still_selected",
        "公示开始后，只有保险机构不再属于本市遴选名单时才能更换；方案要改的，请保险机构修改方案。",
        "insurer_id",
    )


def _only_selected(selected: bool) -> list[Refusal]:
    return unless(
        selected,
        "insurer_not_selected",
        "该保险机构不在本市遴选名单或已过有效期，请改选名单内的机构。",
        "insurer_id",
    )
