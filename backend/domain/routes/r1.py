"""R1 增值收益统筹账户: JS annex 二（一）, steps 1–7, with the side states of the house [D]."""

from collections.abc import Iterator, Sequence

from backend.domain.city.schema import CityProfile, LimitKind, Route
from backend.domain.routes.carrying_out import (
    cover,
    dismissals,
    exits,
    late_objections,
    registration,
)
from backend.domain.routes.changing import changes
from backend.domain.routes.definition import RouteDefinition
from backend.domain.routes.lapsing import with_lapses
from backend.domain.routes.paying import contract, payment
from backend.domain.routes.posting import public_notice
from backend.domain.routes.preparing import applying, committee, funds, planning, surveying
from backend.domain.routes.voting import voting, with_its_case
from backend.domain.states import State
from backend.domain.steps import Row


def rows(city: CityProfile, route: Route) -> Sequence[Row]:
    """The table as the city asks for it: committee, vote and registration only where it wants
    them."""
    reviewed = bool(set(city.approval.asked_for.value) & set(route.applicants.value))
    agreed = State.APPROVED if reviewed else State.PLANNED
    voted = route.vote.value and city.voting is not None
    next_limit: LimitKind = "vote_opening" if voted else "posting"
    way = (
        *applying(route),
        *funds(route),
        *surveying(),
        *planning(route, reviewed=reviewed, posted_from=agreed, voted=voted),
        *(committee(city, route, then=agreed, limit=next_limit) if reviewed else ()),
        *(voting(city, route, after=agreed) if voted else ()),
        *public_notice(route, after=State.VOTED if voted else agreed),
        *(registration(after=State.CLEARED) if route.registration.value else ()),
        *contract(after=State.REGISTERED if route.registration.value else State.CLEARED),
        *payment(),
        *cover(),
    )
    limited = with_lapses(city, way)
    ends = with_its_case(exits(way))
    return (*limited, *changes(way), *late_objections(way), *dismissals(way), *ends)


def problems(route: Route) -> Iterator[tuple[str, str]]:
    """What R1 is not, by the key: the pool pays, never without a notice, whether or not a city lets
    the owners vote before (JS 五（三）, annex 二（一）); independent owners pay in beforehand, on a
    road of their own (annex 二（三）)."""
    if route.account.value != "pooled_income":
        yield "account.value", "这条路线由增值收益统筹账户（pooled_income）支付"
    if "independent_owner" in route.applicants.value:
        yield "applicants.value", "独立产权人另有路线，由专户支付"
    if not route.public_notice.value:
        yield "public_notice.value", "这条路线以公示的方式购买，不能不公示"
    if route.deposit_years or route.invoice_years:
        yield "deposit_years", "这条路线由统筹账户支付，不预存保费"


R1 = RouteDefinition("R1", "增值收益统筹账户", rows, problems)
