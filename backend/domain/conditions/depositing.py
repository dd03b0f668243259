"""Conditions of an owner who insures alone and pays years in beforehand (JS annex 二（三）)."""

from backend.domain.conditions.common import unless
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.money import yuan
from backend.domain.rules import reads


@reads("deposit")
def owned_alone(facts: Facts) -> list[Refusal]:
    """JS annex 二（三）: an independent owner is one beside whom nobody has a flat that the lifts
    serve; what belongs to several goes by the roads on which they are asked [D]."""
    return unless(
        facts.deposit.owned_alone,
        "not_owned_alone",
        "这些电梯服务的房屋不全是申请人一个产权人的，不能按独立产权人办理，请改选其他办理路线；"
        "名册有误的，请中心先更正。",
        "lift_ids",
    )


@reads("deposit", "terms", "money")
def deposit_in_one(facts: Facts) -> list[Refusal]:
    """JS annex 二（三）3: 一次性缴存三年保费. One sum; with what the account has it is at least the
    years' premium, and less than another year's more, which nothing would explain [D]."""
    assert facts.paid_in is not None
    asked_fen, what = to_deposit(facts), _what_it_is(facts)
    given = facts.paid_in.amount_fen
    return [
        *unless(
            given >= max(asked_fen, 1),
            "deposit_too_small",
            f"须一次性缴存{yuan(asked_fen)}（{what}），这一笔只有{yuan(given)}。分几笔缴的不能"
            "相加，请把款项原路退回，由缴款人一次缴足。",
            "amount_fen",
        ),
        *unless(
            given < asked_fen + _year_fen(facts),
            "deposit_too_large",
            f"须缴存{yuan(asked_fen)}（{what}），这一笔多出{yuan(given - asked_fen)}，"
            "不少于一年的保费。请核对回单；确实多缴的，请原路退回，由缴款人按数重缴。",
            "amount_fen",
        ),
    ]


@reads("deposit", "terms", "money")
def deposit_reaches(facts: Facts) -> list[Refusal]:
    """What was paid in before still covers what this case needs: the later years are bought from
    one deposit (JS annex 二（三）3)."""
    lacking = to_deposit(facts)
    return unless(
        lacking == 0,
        "deposit_short",
        f"专户余款还差{yuan(lacking)}，请缴款人缴存后由出纳登记。",
    )


@reads("deposit")
def deposit_booked(facts: Facts) -> list[Refusal]:
    """Only what was entered for this case can be undone [D]."""
    return unless(
        facts.deposit.booked_fen > 0,
        "deposit_not_booked",
        "本案用的是专户以前的余款，没有登记过缴存，不用撤销。",
    )


@reads("deposit")
def account_unused(facts: Facts) -> list[Refusal]:
    """What other cases are paid from stays: nothing is held and nothing insures by it any more
    [D]."""
    return unless(
        not facts.deposit.account_in_use,
        "special_account_needed",
        "这个专户还有别的案件在办理或在保障期内，余款留给以后的保费，现在不能退还。",
    )


@reads("money")
def whole_rest(facts: Facts) -> list[Refusal]:
    """What is left of a deposit is the payer's, to the fen (JS annex 二（三）3) [D]."""
    rest = facts.money.available_fen
    return unless(
        facts.refund_fen == rest and rest > 0,
        "rest_differs",
        f"专户余款是{yuan(rest)}，须一次全部退还，请核对回单。"
        if rest > 0
        else "专户里没有余款，不用退还。",
        "refund_fen",
    )


def to_deposit(facts: Facts) -> int:
    """What the owner is to pay in as one sum (fen), with what the account has."""
    return max(_years(facts) * _year_fen(facts) - facts.money.available_fen, 0)


def _what_it_is(facts: Facts) -> str:
    """What the sum is for, in words."""
    rest = facts.money.available_fen
    return f"{_years(facts)}年保费{f'减去专户余款{yuan(rest)}' if rest else ''}"


def _years(facts: Facts) -> int:
    """How many years the account must hold before the contract: all that one deposit buys, and one
    while an earlier deposit is being used up (JS annex 二（三）3)."""
    asked = facts.route.deposit_years
    whole = asked.value if asked else 1
    return 1 if facts.deposit.years_paid % whole else whole


def _year_fen(facts: Facts) -> int:
    plan = facts.terms.plan
    assert plan is not None
    return plan.year_premium_fen
