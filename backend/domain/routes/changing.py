"""Segments of routes: what an application is for changes while it is under way.

What was applied for stays applied for, with its form and its co-signatures. A plan that was made
for something else is void, with its notice and its hold, and the insurer makes a new one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.roles import Role
from backend.domain.states import AFTER_A_VOTE, State
from backend.domain.steps import EVERY_LIMIT, Row, Step

AGREEING = (State.PLANNED, State.APPROVED, State.REFUSED)
POSTED = (State.POSTED, State.SUSPENDED, State.CLEARED, State.REGISTERED)


@dataclass(frozen=True)
class Joint:
    """Where the changed application is planned anew, from which states in which a plan stands and
    no notice hangs, who chooses another insurer, and what people hear of it: that a lift left, that
    another insurer came."""

    ready: str = State.FUNDS_QUERIED
    choose: tuple[Role, ...] = (Role.APPLICANT,)
    left: str = "电梯已移出，等待查勘和方案"
    came: str = "已换保险机构，须重新查勘"
    agreeing: tuple[str, ...] = AGREEING


def changes(way: Iterable[Row], joint: Joint = Joint()) -> Sequence[Row]:
    """A lift leaves, or another insurer takes over [D]; from where the way comes by."""
    reached = {row.target for row in way if isinstance(row, Step)}
    agreeing = tuple(state for state in (*joint.agreeing, *AFTER_A_VOTE) if state in reached)
    posted = tuple(state for state in POSTED if state in reached)
    rows = (*_a_lift_leaves(agreeing, joint), *_another_insurer(agreeing, posted, joint))
    return [row for row in rows if row.sources and reached.issuperset(row.sources)]


def _a_lift_leaves(agreeing: tuple[str, ...], joint: Joint) -> Sequence[Step]:
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
        target=joint.ready,
        notify=(Role.INSURER, Role.CLERK, Role.APPLICANT),
        news=joint.left,
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
        replace(surveyed, sources=(joint.ready,)),
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


def _another_insurer(
    agreeing: tuple[str, ...], posted: tuple[str, ...], joint: Joint
) -> Sequence[Step]:
    """Another insurer takes over, looks at the lifts itself and makes a plan of its own; once the
    notice hangs only where the city's selection of the first one has ended (JS 五（二）2)."""
    step = Step(
        Action.CHANGE_INSURER,
        (State.DRAFTED,),
        State.DRAFTED,
        joint.choose,
        "本平台默认",
        checks=(must.another_insurer_selected,),
        effects=(do.set_insurer,),
        needs_reason=True,
    )
    taken_over = replace(
        step,
        target=joint.ready,
        limit="planning",
        notify=(Role.INSURER, Role.CLERK, Role.APPLICANT),
        news=joint.came,
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
        replace(taken_over, sources=(joint.ready,), meets=EVERY_LIMIT),
        replace(taken_over, sources=(State.SURVEY_FAILED,)),
        replanned,
        replace(
            replanned,
            sources=posted,
            guards=(must.insurer_delisted,),
            notify=(*replanned.notify, Role.REVIEWER),
        ),
    )
