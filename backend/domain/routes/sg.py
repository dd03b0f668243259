"""SG 增值收益统筹使用: the way of Shaoguan's plan (SG 四, 五), with side states of our own [D].

Nobody applies: the district screens an estate, and with the centre guides it; the property company
then signs and asks for the payment. What the plan does not say is borrowed from R1.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.schema import CityProfile, Route
from backend.domain.roles import Role
from backend.domain.routes.carrying_out import (
    cover,
    dismissals,
    exits,
    late_objections,
    registration,
)
from backend.domain.routes.changing import AGREEING, Joint, changes
from backend.domain.routes.definition import RouteDefinition
from backend.domain.routes.lapsing import with_lapses
from backend.domain.routes.paying import contract, payment
from backend.domain.routes.posting import public_notice
from backend.domain.routes.preparing import committee, planning
from backend.domain.routes.screening import GUIDES, guiding, screening
from backend.domain.states import State
from backend.domain.steps import Row, Step

# What Shaoguan's plan says of steps that both plans have.
CLAUSES: Mapping[str, str] = {
    Action.SUBMIT_PLAN: "SG五（二）二、五（三）",
    Action.REVISE_PLAN: "SG五（二）二、五（三）",
    Action.DRAFT_NOTICE: "SG四",
    Action.POST_NOTICE: "SG四",
    Action.CLEAR: "SG四“公示无异议”",
    Action.SIGN_CONTRACT: "SG五（二）二、六（三）1",
}

# Whoever screened the estate hears how its case ends or changes, beside those who hear of it in R1.
TOLD = frozenset(
    {
        *(Action.WITHDRAW, Action.TERMINATE, Action.CANCEL, Action.LAPSE),
        *(Action.DROP_LIFT, Action.CHANGE_INSURER, Action.EXPIRE),
    }
)


def rows(city: CityProfile, route: Route) -> Sequence[Row]:
    """The table as the city asks for it: committee and registration only where it wants them."""
    reviewed = bool(set(city.approval.asked_for.value) & set(route.applicants.value))
    agreed = State.APPROVED if reviewed else State.PLANNED
    agreeing = AGREEING if reviewed else (State.PLANNED,)
    ready, paid_by_pool = State.GUIDED, (must.pool_covers_premium,)
    way = (
        *screening(route),
        *guiding(route, agreeing=agreeing),
        *planning(route, reviewed=reviewed, posted_from=agreed, ready=ready, also=paid_by_pool),
        *(committee(city, route, then=agreed, ready=ready) if reviewed else ()),
        *public_notice(route, after=agreed, also=paid_by_pool),
        *(registration(after=State.CLEARED) if route.registration.value else ()),
        *contract(
            after=State.REGISTERED if route.registration.value else State.CLEARED, mandated=False
        ),
        *payment(mandated=False),
        *cover(),
    )
    joint = Joint(ready, GUIDES, "电梯已移出，须重拟方案", "已换保险机构，须重拟方案")
    limited = with_lapses(city, way)
    found = (*limited, *changes(way, joint), *late_objections(way), *dismissals(way), *exits(way))
    return [_cited(row) for row in found]


def _cited(row: Row) -> Row:
    if isinstance(row, Step) and row.action in TOLD:
        row = replace(row, notify=(*row.notify, Role.DISTRICT))
    if isinstance(row, Step) and row.action in CLAUSES:
        return replace(row, clause=CLAUSES[row.action])
    return row


def problems(route: Route) -> Iterator[tuple[str, str]]:
    """What SG is not, by the key: the city's pool pays, by notice and not by vote, and the property
    company of a chosen estate acts (SG 四, 五（三）, 五（四）)."""
    if route.account.value != "city_pool":
        yield "account.value", "这条路线由全市统筹使用的增值收益（city_pool）支付"
    if route.applicants.value != ("property_company",):
        yield "applicants.value", "这条路线不受理申请，由入选小区的物业（property_company）办理"
    if not route.gates.value:
        yield "gates.value", "这条路线按条件筛选小区，至少要有一项条件"
    if route.vote.value:
        yield "vote.value", "这条路线以公示的方式购买，不经业主表决"
    if not route.public_notice.value:
        yield "public_notice.value", "这条路线以公示的方式购买，不能不公示"
    if route.deposit_years or route.invoice_years:
        yield "deposit_years", "这条路线由统筹使用的增值收益支付，不预存保费"


SG = RouteDefinition("SG", "增值收益统筹使用", rows, problems, screened=True)
