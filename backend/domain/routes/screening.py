"""Segment of routes: an estate is screened and guided, and nobody applies (SG 四, 五（四）)."""

from collections.abc import Sequence
from dataclasses import replace

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.schema import Route
from backend.domain.roles import Role
from backend.domain.routes.gates import asked
from backend.domain.states import State
from backend.domain.steps import EVERY_LIMIT, Await, EvidenceKind, Row, Step

GUIDES = (Role.DISTRICT, Role.CLERK)


def screening(route: Route) -> Sequence[Row]:
    """The district finds that an estate meets every criterion; a mistake is undone until there is a
    plan [D]. Of what stands on the sheet the register knows that a committee is in office."""
    works = (must.committee_in_office,) if "committee_works" in route.gates.value else ()
    return (
        Step(
            Action.SCREEN,
            (),
            State.SCREENED,
            (Role.DISTRICT,),
            "SG四、五（四）",
            evidence=(EvidenceKind.SCREENING_SHEET,),
            guards=(*works, *asked(route, must.managed_normally)),
            checks=(must.screening_passed,),
            limit="acceptance",
            notify=(Role.APPLICANT, Role.COMMITTEE_MEMBER, Role.CLERK),
        ),
        Await(State.SCREENED, "确定投保电梯和保险机构", Action.GUIDE),
        Step(
            Action.UNDO_SCREEN,
            (State.SCREENED, State.GUIDED),
            State.TERMINATED,
            (Role.DISTRICT,),
            "本平台默认",
            meets=EVERY_LIMIT,
            notify=(Role.APPLICANT, Role.COMMITTEE_MEMBER, Role.CLERK, Role.INSURER),
            needs_reason=True,
            news="入选已撤销，可重新筛选",
        ),
    )


def guiding(route: Route, *, agreeing: tuple[str, ...]) -> Sequence[Row]:
    """District or centre guide the estate: which lifts, which insurer, which years' income pays
    (SG 五（三）, 五（四）, 六（三）1). It is undone until the notice hangs, also in the states of
    `agreeing`, where a plan is agreed on: others may have spent what was to pay [D]."""
    undo = Step(
        Action.UNDO_GUIDE,
        (State.GUIDED,),
        State.SCREENED,
        GUIDES,
        "本平台默认",
        meets=EVERY_LIMIT,
        takes_up="acceptance",
        notify=(Role.INSURER, Role.APPLICANT, Role.DISTRICT),
        needs_reason=True,
        news="须重新确定电梯",
    )
    return (
        Step(
            Action.GUIDE,
            (State.SCREENED,),
            State.GUIDED,
            GUIDES,
            "SG五（四）、六（三）1",
            checks=asked(
                route,
                must.lifts_running,
                must.lift_data_complete,
                must.inspected,
                must.insurer_selected,
                must.funds_available,
            ),
            limit="planning",
            meets="acceptance",
            notify=(Role.INSURER, Role.APPLICANT, Role.CLERK),
        ),
        Await(State.GUIDED, "保险机构拟定保险方案", Action.SUBMIT_PLAN),
        undo,
        replace(
            undo,
            sources=agreeing,
            effects=(do.release, do.void_plan),
            notify=(*undo.notify, Role.COMMITTEE_MEMBER),
        ),
    )
