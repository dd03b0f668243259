"""The states a purchase can be in on the house's own routes; a route may bring more."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a purchase stands."""

    SCREENED = "screened"
    GUIDED = "guided"
    DRAFTED = "drafted"
    APPLIED = "applied"
    REJECTED = "rejected"
    FUNDS_QUERIED = "funds_queried"
    SHORT_OF_FUNDS = "short_of_funds"
    SURVEYING = "surveying"
    SURVEY_FAILED = "survey_failed"
    PLANNED = "planned"
    APPROVED = "approved"
    REFUSED = "refused"
    VOTING = "voting"
    COUNTING = "counting"
    VOTED = "voted"
    VOTE_FAILED = "vote_failed"
    PLAN_READY = "plan_ready"
    SPECIAL_ACCOUNT_OPENED = "special_account_opened"
    FUNDED = "funded"
    COLLECTING = "collecting"
    COLLECTED = "collected"
    POSTED = "posted"
    SUSPENDED = "suspended"
    CLEARED = "cleared"
    REGISTERED = "registered"
    CONTRACTED = "contracted"
    PAYMENT_REQUESTED = "payment_requested"
    PAYMENT_REVIEWED = "payment_reviewed"
    PAYING = "paying"
    PAID = "paid"
    POLICY_ISSUED = "policy_issued"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    RENEWED = "renewed"
    TERMINATED = "terminated"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


STATE_NAMES: Mapping[str, str] = {
    State.SCREENED: "摸底入选",
    State.GUIDED: "已指导",
    State.DRAFTED: "申请准备中",
    State.APPLIED: "已申请",
    State.REJECTED: "不予受理",
    State.FUNDS_QUERIED: "资金已查询",
    State.SHORT_OF_FUNDS: "资金不足",
    State.SURVEYING: "查勘和拟定方案",
    State.SURVEY_FAILED: "查勘未通过",
    State.PLANNED: "方案待审议",
    State.APPROVED: "审议通过",
    State.REFUSED: "审议未通过",
    State.VOTING: "业主表决中",
    State.COUNTING: "表决计票中",
    State.VOTED: "表决通过",
    State.VOTE_FAILED: "表决未通过",
    State.PLAN_READY: "方案已拟定",
    State.SPECIAL_ACCOUNT_OPENED: "专户已开立",
    State.FUNDED: "专户已缴足",
    State.COLLECTING: "收取分摊保费",
    State.COLLECTED: "分摊保费已收齐",
    State.POSTED: "公示中",
    State.SUSPENDED: "暂缓实施",
    State.CLEARED: "公示无异议",
    State.REGISTERED: "已登记备案",
    State.CONTRACTED: "已签合同",
    State.PAYMENT_REQUESTED: "待拨付",
    State.PAYMENT_REVIEWED: "拨付已复核",
    State.PAYING: "拨付中",
    State.PAID: "已拨付",
    State.POLICY_ISSUED: "保单已出具",
    State.IN_FORCE: "保障中",
    State.EXPIRED: "保障到期",
    State.RENEWED: "已续保",
    State.TERMINATED: "已终止",
    State.WITHDRAWN: "已撤回",
    State.LAPSED: "逾期终止",
    State.CANCELLED: "已退保",
}

# Nobody has applied yet, nor was guided to; whoever left such a case stands in nobody's way.
BEGINNING: frozenset[str] = frozenset({State.SCREENED, State.DRAFTED})

# The owners have decided on the plan.
AFTER_A_VOTE: tuple[str, ...] = (State.VOTED, State.VOTE_FAILED)

# The account could not pay, and waits for income.
SHORT: frozenset[str] = frozenset({State.SHORT_OF_FUNDS})

# Nothing more is asked of anybody: the case ended, or cover runs by the clock.
CLOSED: frozenset[str] = frozenset(
    {
        State.REJECTED,
        State.IN_FORCE,
        State.EXPIRED,
        State.RENEWED,
        State.TERMINATED,
        State.WITHDRAWN,
        State.LAPSED,
        State.CANCELLED,
    }
)
