"""Conditions of a premium that the flats of the circle pay by their shares (JS 四（四）)."""

from backend.domain.conditions.common import unless
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.money import yuan
from backend.domain.rules import reads

MOST_NAMED = 5


@reads("shares")
def every_share_borne(facts: Facts) -> list[Refusal]:
    """JS 四（四）: 引导相关业主缴纳. A flat whose owner nobody knows has nobody to pay its share
    [D]."""
    shares = facts.shares
    if not shares.flats:
        message = "这些电梯服务的单元还没有登记房屋，保费没有可以分摊的户，请中心先登记。"
        return [Refusal("share_without_bearer", message, "lifts")]
    named = "、".join(shares.unowned[:MOST_NAMED])
    more = f"等{len(shares.unowned)}户" if len(shares.unowned) > MOST_NAMED else ""
    return unless(
        not shares.unowned,
        "share_without_bearer",
        f"{named}{more}在名册上没有业主，分摊的保费没有人付，请中心先登记业主（未售出的登记开发企业）。",
        "lifts",
    )


@reads("shares", "terms")
def all_shares_in(facts: Facts) -> list[Refusal]:
    """JS 四（四）: the premium is there once every flat has paid its share of it."""
    shares = facts.shares
    lacking = facts.terms.premium_fen - shares.collected_fen
    return unless(
        lacking == 0 and shares.outstanding == 0,
        "shares_outstanding",
        f"还有{shares.outstanding}户没有缴，差{yuan(max(lacking, 0))}。",
    )


@reads("shares")
def nothing_collected(facts: Facts) -> list[Refusal]:
    """What flats were asked for stands once the first of them has paid [D]."""
    return unless(
        facts.shares.collected_fen == 0,
        "shares_collected",
        "已有业主按现行方案缴了保费，不能再改方案。确需修改的，请撤回或终止本案、退还各户后重新申请。",
    )
