"""The routes that the house can walk. Another one is a module beside `r1` and a line in here."""

from collections.abc import Iterable, Iterator, Mapping

from backend.domain.actions import ACTION_NAMES
from backend.domain.city.schema import PLANNED_ROUTES, CityProfile
from backend.domain.errors import refuse
from backend.domain.limits import LIMIT_TITLES
from backend.domain.routes.definition import RouteDefinition
from backend.domain.routes.gates import GATES
from backend.domain.routes.r1 import R1
from backend.domain.routes.r3 import R3
from backend.domain.routes.r4 import R4
from backend.domain.routes.sg import SG
from backend.domain.states import CLOSED, STATE_NAMES
from backend.domain.table import Table

ROUTES: dict[str, RouteDefinition] = {route.code: route for route in (R1, R3, R4, SG)}


# What the plans pay out of pools: JS annex 二（一）, SG 五（三）.
POOLED = frozenset(("R1", "SG"))
OF_HOUSEHOLDS = (
    "本市的增值收益归各户所有，没有统筹账户，不能用它统一购买电梯保险，请按本市开通的其他路线办理。"
)


_TABLES: dict[tuple[RouteDefinition, str], Table] = {}


def table_of(code: str, city: CityProfile) -> Table:
    """The table of a route for a city that offers it, composed once per version of its profile."""
    definition = ROUTES[code]
    key = (definition, city.version)
    if key not in _TABLES:
        _TABLES[key] = Table(tuple(definition.rows(city, city.routes[code])))
    return _TABLES[key]


def offered(city: CityProfile) -> dict[str, RouteDefinition]:
    """The routes that the city's plan has and the house can walk."""
    return {
        code: ROUTES[code]
        for code, route in city.routes.items()
        if code in ROUTES and ROUTES[code].walks(route)
    }


def check_offered(code: str, city: CityProfile) -> None:
    """The city offers this route. Raises Refused: `income_of_households` (conflict) for one that
    spends income of which no pool of the city has any; `route_not_offered` for any other."""
    if code in offered(city):
        return
    if code in POOLED:
        check_pooled(city)
    raise refuse("route_not_offered", "本市没有开通这条办理路线，请重新选择。", "route")


def takes_applications(code: str) -> bool:
    """Whether somebody applies on this route; on others an estate is screened (SG 四, 五（四）)."""
    return not ROUTES[code].screened


def check_pooled(city: CityProfile) -> None:
    """Raises Refused `income_of_households` (conflict) where the income is the households'."""
    if city.income.mode.value == "household":
        raise refuse("income_of_households", OF_HOUSEHOLDS, "route", kind="conflict")


def nothing_offered(city: CityProfile) -> str:
    """Why nobody can apply in this city at all, in a sentence; empty where somebody can, or where
    that follows from no rule of ours."""
    closed = not offered(city) and city.income.mode.value == "household"
    return OF_HOUSEHOLDS if closed else ""


def unsupported(city: CityProfile) -> Iterator[str]:
    """What a city file asks for and no route of ours is or does, one Chinese line each.

    Of a route that the plans describe and the house cannot walk yet nothing is asked: nobody can
    apply for it (`route_not_offered`).
    """
    for code in city.routes:
        if code not in ROUTES and code not in PLANNED_ROUTES:
            yield f"routes.{code}：没有这条路线"
    for code, definition in offered(city).items():
        route = city.routes[code]
        for key, problem in definition.problems(route):
            yield f"routes.{code}.{key}：{problem}"
        for gate in route.gates.value:
            if gate in city.gates and gate not in GATES and not definition.screened:
                yield f"routes.{code}.gates.value：{gate} 还没有对应的核对规则"


def state_name(state: str) -> str:
    """A state as people read it, whichever route it belongs to."""
    return _name(state, STATE_NAMES, (route.states for route in ROUTES.values()))


def action_name(action: str) -> str:
    """A step or an activity as people read it, whichever route it belongs to."""
    return _name(action, ACTION_NAMES, (route.actions for route in ROUTES.values()))


def limit_title(limit: str) -> str:
    """What is to be done within a time limit, whichever route it belongs to."""
    return _name(limit, LIMIT_TITLES, (route.limits for route in ROUTES.values()))


def known_limits() -> frozenset[str]:
    """The time limits that some procedure of ours starts."""
    return frozenset(LIMIT_TITLES).union(*(route.limits for route in ROUTES.values()))


def _name(word: str, shared: Mapping[str, str], own: Iterable[Mapping[str, str]]) -> str:
    return next((names[word] for names in own if word in names), None) or shared[word]


def is_state(word: str) -> bool:
    """Whether a case of some route can be in a state of this name."""
    return word in STATE_NAMES or any(word in route.states for route in ROUTES.values())


def states_before(action: str, city: CityProfile) -> frozenset[str]:
    """The states from which some route of the city has this step."""
    return frozenset(
        state
        for code in offered(city)
        for step in table_of(code, city).steps
        if step.action == action
        for state in step.sources
    )


def closed_states() -> frozenset[str]:
    """The states in which nothing more is asked of anybody, over all routes."""
    return CLOSED.union(*(route.closed for route in ROUTES.values()))
