"""Conditions of cover: when it begins, ends, and goes on (JS 四（三）)."""

from backend.domain.conditions.common import unless
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.rules import opens_on, reads
from backend.domain.wording import plain_day


@reads("terms")
def cover_not_over(facts: Facts) -> list[Refusal]:
    """Nothing is signed, paid or given back for cover that has ended [D]."""
    assert facts.terms.cover is not None
    return unless(
        facts.terms.cover.cover_ends_before > facts.today,
        "cover_ended",
        "保障期间已经结束，不能再签约、付款或退保；尚未付款的请撤回或终止本案，另行申请。",
    )


@reads("terms")
def begun_cover_known(facts: Facts) -> list[Refusal]:
    """Days of cover that are over before the premium is paid may have insured nobody: whoever pays
    says that they know it, and the transition keeps it [D]."""
    cover, policy = facts.terms.cover, facts.terms.policy
    assert cover is not None
    over = (facts.today - cover.cover_from).days
    asked = over > 0 and facts.today < cover.cover_ends_before  # else: cover_not_over
    ask = (
        "请先向保险机构核实这些天是否承担保险责任。"
        if policy
        else "请先与保险机构核实：保险单出具之前的天数是否承担保险责任，或改为出具之后开始。"
    )
    return unless(
        facts.begun_cover_known or not asked,
        "cover_begun_before_payment",
        f"保障期从{plain_day(cover.cover_from)}开始，已过{over}天，保费还没有付。"
        f"{ask}仍要拨付的，请确认知道这一点。",
        "begun_cover_known",
    )


@reads("terms")
@opens_on(lambda facts: facts.terms.cover.cover_from if facts.terms.cover else None)
def cover_begun(facts: Facts) -> list[Refusal]:
    """The first day of the period has come (JS 四（三）)."""
    return unless(
        facts.terms.cover is not None and facts.terms.cover.cover_from <= facts.today,
        "cover_not_begun",
        "保障尚未开始。",
    )


@reads("terms")
@opens_on(lambda facts: facts.terms.cover.cover_ends_before if facts.terms.cover else None)
def cover_over(facts: Facts) -> list[Refusal]:
    """The last day of the period has passed (JS 四（三）)."""
    return unless(
        facts.terms.cover is not None and facts.terms.cover.cover_ends_before <= facts.today,
        "cover_not_over",
        "保障尚未到期。",
    )


@reads("succession")
def has_successor(facts: Facts) -> list[Refusal]:
    """Another purchase covers the same lifts from here on [D]."""
    return unless(facts.succession, "no_successor", "没有续保。")
