"""R4 老旧小区加装电梯: JS 四（四）, with side states of our own [D].

The owners of a house with an added lift apply, the house gets an account of its own, and its flats
pay the premium by area. What the plan does not say is R1's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from backend.domain.actions import Action
from backend.domain.city.schema import CityProfile, Route
from backend.domain.routes.carrying_out import cover, exits
from backend.domain.routes.changing import Joint, changes
from backend.domain.routes.collecting import LIMIT, collecting, house_account, shared
from backend.domain.routes.definition import RouteDefinition
from backend.domain.routes.depositing import with_rests
from backend.domain.routes.lapsing import with_lapses
from backend.domain.routes.paying import contract, payment
from backend.domain.routes.preparing import applying, committee, planning, surveying
from backend.domain.states import State
from backend.domain.steps import Await, Row, Step


def rows(city: CityProfile, route: Route) -> Sequence[Row]:
    """The table as the city asks for it: a committee only where it wants one."""
    reviewed = bool(set(city.approval.asked_for.value) & set(route.applicants.value))
    ready, paying = State.SURVEYING, State.COLLECTING
    planned = planning(route, reviewed=reviewed, posted_from=paying, ready=ready)
    agreed = committee(city, route, then=paying, ready=ready) if reviewed else ()
    agreeing = [shared(row) if isinstance(row, Step) else row for row in (*planned, *agreed)]
    if not reviewed:
        agreeing = [_collected_at_once(row) for row in agreeing]
    way = (
        *_applied(route),
        *house_account(upkept="managed_and_upkept" in route.gates.value),
        *surveying(ready=ready),
        *agreeing,
        *collecting(then=State.COLLECTED),
        *contract(after=State.COLLECTED, posted=False),
        *payment(posted=False),
        *cover(),
    )
    before = (State.PLANNED, State.REFUSED)
    joint = Joint(ready, left="电梯已移出，须重拟方案", agreeing=before)
    return with_rests((*with_lapses(city, way), *changes(way, joint), *exits(way)))


def _collected_at_once(row: Row) -> Row:
    """Where nobody is asked, what was planned is collected."""
    assert isinstance(row, Step)
    sources = [State.COLLECTING if state == State.PLANNED else state for state in row.sources]
    return replace(row, sources=tuple(dict.fromkeys(sources)), target=State.COLLECTING)


def _applied(route: Route) -> Sequence[Row]:
    """R1's application, without what follows from a query of funds."""
    awaited = (row for row in applying(route) if not _awaits_funds(row))
    return [_of_applied(row) for row in awaited]


def _awaits_funds(row: Row) -> bool:
    return isinstance(row, Await) and row.state == State.APPLIED


def _of_applied(row: Row) -> Row:
    if isinstance(row, Step) and row.action == Action.REJECT:
        return replace(row, sources=(State.APPLIED,))
    return row


def walks(route: Route) -> bool:
    """Whether the house can go this road: not yet where the owners vote on the plan."""
    return not route.vote.value


def problems(route: Route) -> Iterator[tuple[str, str]]:
    """What R4 is not, by the key: the house's own account pays, out of shares of its flats
    (JS 四（四）); no notice hangs and nothing is registered as a use of the fund."""
    if route.account.value != "special_account":
        yield "account.value", "这条路线由房屋的电梯保险专户（special_account）支付"
    if "independent_owner" in route.applicants.value:
        yield "applicants.value", "独立产权人另有路线，由本人的专户支付"
    if "covers_one_year" in route.gates.value:
        yield "gates.value", "这条路线由各户分摊，不看统筹账户够不够"
    if route.public_notice.value:
        yield "public_notice.value", "这条路线由各户自己出资，没有公示的步骤"
    if route.registration.value:
        yield "registration.value", "这条路线不使用维修资金，没有使用登记备案"
    if route.deposit_years or route.invoice_years:
        yield "deposit_years", "这条路线每年分摊一次，不预存保费"


LIMITS = {LIMIT: "收齐各户分摊的保费"}

R4 = RouteDefinition(
    "R4", "老旧小区加装电梯", rows, problems, limits=LIMITS, shared=True, walks=walks
)
