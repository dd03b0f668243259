"""Conditions of the policy (保险单): cover is what it says, not what the plan hoped."""

from datetime import timedelta

from backend.domain.conditions.common import unless
from backend.domain.cover import ends_as_agreed
from backend.domain.errors import Refusal
from backend.domain.facts import Facts, PolicyFact, Terms
from backend.domain.money import yuan
from backend.domain.rules import reads
from backend.domain.wording import day_ends, plain_day

A_DAY = timedelta(days=1)


@reads("terms", "lifts")
def policy_as_agreed(facts: Facts) -> list[Refusal]:
    """The lifts of the contract, and a period as long as agreed that begins on the agreed day;
    where the policy is issued later, at the latest on the day after its issue (JS 四（三）)."""
    policy, terms = _policy(facts), facts.terms
    assert terms.plan is not None
    agreed = terms.plan.cover_from
    latest = max(agreed, policy.issued_on + A_DAY)
    ends_before = ends_as_agreed(policy.cover_from, agreed, terms.plan.cover_ends_before)
    return [
        *unless(
            policy.lift_codes == {lift.registration_code for lift in facts.lifts},
            "policy_lifts_differ",
            "保险单承保的电梯与合同不一致，请核对注册代码。",
            "lift_codes",
        ),
        *unless(
            agreed <= policy.cover_from <= latest,
            "policy_period_differs",
            f"保障应从{_from(terms, policy)}开始，请按约定重新出具保险单。",
            "cover_from",
        ),
        *unless(
            policy.cover_ends_before == ends_before,
            "policy_period_differs",
            f"保险期间应与约定的一样长，至{day_ends(ends_before - A_DAY)}，请核对。",
            "cover_last_day",
        ),
    ]


def _from(terms: Terms, policy: PolicyFact) -> str:
    assert terms.plan is not None
    agreed, next_day = plain_day(terms.plan.cover_from), policy.issued_on + A_DAY
    if next_day <= terms.plan.cover_from:
        return agreed
    return f"{agreed}至{plain_day(next_day)}之间的一天"


@reads("terms")
def begins_when_issued(facts: Facts) -> list[Refusal]:
    """No cover begins before its policy is issued, unless the insurer says that it answers for the
    days before: by law it does from the agreed day on (Insurance Law 14) [D]."""
    policy = _policy(facts)
    return unless(
        policy.issued_on <= policy.cover_from or policy.answers_for_days_before,
        "policy_begins_before_issue",
        "保障开始日早于保险单出具日，请保险机构确认对这些天同样承担保险责任，或改为出具之后开始。",
        "answers_for_days_before",
    )


@reads("terms")
def corrects_the_same_policy(facts: Facts) -> list[Refusal]:
    """What is put right is what was entered: the paper was there when it was handed in first. One
    that was issued later is another policy, and would take away days that were insured [D]."""
    since = facts.terms.policy_since
    return unless(
        since is None or _policy(facts).issued_on <= since,
        "policy_issued_later",
        f"更正的是{plain_day(since)}提交的保险单，出具日不能更晚；另行出具的保险单，请先退保再重新申请。"
        if since
        else "",
        "issued_on",
    )


@reads("terms")
def policy_premium_is_what_was_paid(facts: Facts) -> list[Refusal]:
    """What the policy costs is what was paid for it. Was more paid, the difference goes back first
    (退费), and so no fen of the owners' money stays with the insurer for nothing [D]."""
    premium, paid = _policy(facts).premium_fen, facts.terms.paid_fen
    over = f"保险单保费{yuan(premium)}高于已付保费{yuan(paid)}，请按合同重新出具。"
    under = (
        f"保险单保费{yuan(premium)}低于已付保费{yuan(paid)}，请先把差额{yuan(paid - premium)}退到"
        "付款账户，由中心出纳凭银行回单登记退费，再提交保险单。"
    )
    message = over if premium > paid else under
    return unless(premium == paid, "policy_premium_differs", message, "premium_fen")


@reads("terms")
def policy_in_hand(facts: Facts) -> list[Refusal]:
    """The policy was issued before the bank sent the premium back (退票); it need not be issued
    again [D]."""
    return unless(facts.terms.policy is not None, "policy_missing", "缺少保险单，请提交。")


def _policy(facts: Facts) -> PolicyFact:
    assert facts.terms.policy is not None
    return facts.terms.policy
