"""Segments of routes: what an application is for changes while it is under way.

What was applied for stays applied for, with its form and its co-signatures. A plan that was made
for something else is void, with its notice and its hold, and the insurer makes a new one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.roles import Role
from backend.domain.states import State
from backend.domain.steps import EVERY_LIMIT, Row, Step

AGREEING = (State.PLANNED, State.APPROVED, State.REFUSED)
POSTED = (State.POSTED, State.SUSPENDED, State.CLEARED, State.REGISTERED)


def changes(way: Iterable[Row]) -> Sequence[Row]:
    """A lift leaves, or another insurer takes over [D]."""
    reached = {row.target for row in way if isinstance(row, Step)}
    agreeing = tuple(state for state in AGREEING if state in reached)
    posted = tuple(state for state in POSTED if state in reached)
    return (*_a_lift_leaves(agreeing), *_another_insurer(agreeing, posted))


def _a_lift_leaves(agreeing: tuple[str, ...]) -> Sequence[Row]:
    """A lift that will not pass its survey, or stands still, leaves; the others go on.

    Not out of a form that the centre is looking at: that one is returned first.
    """
    step = Step(
        Action.DROP_LIFT,
        (State.DRAFTED,),
        State.DRAFTED,
        (Role.APPLICANT,),
        "本平台默认",
        guards=(must.another_lift_stays,),
        effects=(do.drop_lift,),
        needs_reason=True,
    )
    surveyed = replace(
        step,
        target=State.FUNDS_QUERIED,
        notify=(Role.INSURER, Role.CLERK, Role.APPLICANT),
        news="电梯已移出，等待查勘和方案",
    )
    return (
        step,
        replace(
            step,
            sources=(State.SHORT_OF_FUNDS,),
            target=State.SHORT_OF_FUNDS,
            notify=(Role.CLERK, Role.APPLICANT),
            news="电梯已移出，请重新查询资金",
        ),
        replace(surveyed, sources=(State.FUNDS_QUERIED,)),
        replace(surveyed, sources=(State.SURVEY_FAILED,), limit="planning"),
        replace(
            surveyed,
            sources=agreeing,
            effects=(do.release, do.void_plan, do.drop_lift),
            limit="planning",
            meets=EVERY_LIMIT,
            notify=(*surveyed.notify, Role.COMMITTEE_MEMBER),
            news="电梯已移出，须重拟方案",
        ),
    )


def _another_insurer(agreeing: tuple[str, ...], posted: tuple[str, ...]) -> Sequence[Row]:
    """Another insurer takes over, looks at the lifts itself and makes a plan of its own; once the
    notice hangs only where the city's selection of the first one has ended (JS 五（二）2)."""
    step = Step(
        Action.CHANGE_INSURER,
        (State.DRAFTED,),
        State.DRAFTED,
        (Role.APPLICANT,),
        "本平台默认",
        checks=(must.another_insurer_selected,),
        effects=(do.set_insurer,),
        needs_reason=True,
    )
    taken_over = replace(
        step,
        target=State.FUNDS_QUERIED,
        limit="planning",
        notify=(Role.INSURER, Role.CLERK, Role.APPLICANT),
        news="已换保险机构，须重新查勘",
    )
    replanned = replace(
        taken_over,
        sources=agreeing,
        effects=(do.release, do.void_plan, do.set_insurer),
        meets=EVERY_LIMIT,
        notify=(*taken_over.notify, Role.COMMITTEE_MEMBER),
    )
    return (
        step,
        *(
            replace(step, sources=(state,), target=state, notify=(Role.CLERK, Role.APPLICANT))
            for state in (State.APPLIED, State.SHORT_OF_FUNDS)
        ),
        replace(taken_over, sources=(State.FUNDS_QUERIED,), meets=EVERY_LIMIT),
        replace(taken_over, sources=(State.SURVEY_FAILED,)),
        replanned,
        replace(
            replanned,
            sources=posted,
            guards=(must.insurer_delisted,),
            notify=(*replanned.notify, Role.REVIEWER),
        ),
    )
