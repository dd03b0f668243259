"""A route that no plan has, as a module of its own would bring it: T6 静候路线.

Lifts are surveyed before anybody applies; a plan then rests for some days before it may be posted,
by a step of the house that only this route knows; no committee is asked and nothing registered. The
city's one account pays. It has states, an action and a condition of its own, beside segments that
it shares with R1.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.parse import parse_city
from backend.domain.city.schema import CityProfile, Route
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.roles import Role
from backend.domain.routes.carrying_out import cover, exits, late_objections
from backend.domain.routes.catalogue import ROUTES
from backend.domain.routes.definition import RouteDefinition
from backend.domain.routes.paying import contract, payment
from backend.domain.routes.posting import public_notice
from backend.domain.rules import opens_on, reads
from backend.domain.states import State
from backend.domain.steps import Activity, Await, Row, Step

CODE = "T6"
RESTING, RESTED = "plan_resting", "plan_rested"
WAKE_PLAN = "wake_plan"
# The plan may be posted so many days before its cover begins, and not earlier.
DAYS_BEFORE_COVER = 21


def rested_on(facts: Facts) -> date | None:
    plan = facts.terms.plan
    return plan.cover_from - timedelta(days=DAYS_BEFORE_COVER) if plan else None


@reads("terms")
@opens_on(rested_on)
def plan_has_rested(facts: Facts) -> list[Refusal]:
    """Everybody had time to read the plan [D]."""
    day = rested_on(facts)
    waits = day is None or facts.today < day
    return [Refusal("plan_still_resting", "方案静候期未满，请稍后再办理。")] if waits else []


def rows(city: CityProfile, route: Route) -> Sequence[Row]:
    way = (
        Step(
            Action.DRAFT,
            (),
            State.GUIDED,
            (Role.APPLICANT,),
            "本平台默认",
            checks=(must.lifts_in_circle, must.insurer_selected),
            limit="planning",
            notify=(Role.INSURER,),
        ),
        Await(State.GUIDED, "保险机构查勘并拟方案", Action.SUBMIT_PLAN),
        Activity(
            Action.SURVEY,
            (State.GUIDED,),
            (Role.INSURER,),
            "本平台默认",
            closed=Refusal("survey_not_open", "案件不在查勘阶段，请刷新后重试。"),
        ),
        Step(
            Action.SUBMIT_PLAN,
            (State.GUIDED,),
            RESTING,
            (Role.INSURER,),
            "本平台默认",
            guards=(must.insurer_selected, must.every_lift_surveyed),
            checks=(must.plan_covers_lifts, must.covers_one_year, must.not_covered_twice),
            meets="planning",
            notify=(Role.APPLICANT,),
        ),
        Await(RESTING, "静候期满后张贴公示", WAKE_PLAN),
        Step(
            WAKE_PLAN,
            (RESTING,),
            RESTED,
            (Role.SYSTEM,),
            "本平台默认",
            guards=(plan_has_rested,),
            limit="posting",
            notify=(Role.APPLICANT, Role.COMMITTEE_MEMBER),
        ),
        *public_notice(route, after=RESTED),
        *contract(after=State.CLEARED),
        *payment(),
        *cover(),
    )
    return (*way, *late_objections(way), *exits(way))


def problems(route: Route) -> Iterator[tuple[str, str]]:
    if route.vote.value:
        yield "vote.value", "这条路线没有业主表决的步骤"


T6 = RouteDefinition(
    CODE,
    "静候路线",
    rows,
    problems,
    states={RESTING: "方案静候中", RESTED: "方案静候期满"},
    actions={WAKE_PLAN: "方案静候期满"},
)

IN_THE_CITY_FILE = """
[routes.T6]
name = "静候路线"
source = "default"
account = { value = "city_pool", source = "default" }
applicants = { value = ["owners", "committee", "property_company"], source = "default" }
gates = { value = ["covers_one_year", "insurer_conditions"], source = "default" }
vote = { value = false, source = "default" }
public_notice = { value = true, source = "default" }
registration = { value = false, source = "default" }
payment_papers = { value = ["contract", "invoice", "public_notice_images"], source = "default" }

"""


def routes_with_it() -> Mapping[str, RouteDefinition]:
    """What the catalogue would hold with one line more."""
    return {**ROUTES, CODE: T6}


def city_with_it(city: CityProfile) -> CityProfile:
    """The city as its file would read with the route in it."""
    before, limits, after = city.text.partition("[limits]\n")
    return parse_city(before + IN_THE_CITY_FILE.lstrip("\n") + limits + after)
