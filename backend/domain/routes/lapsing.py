"""Segment of routes: what nobody sees to any more ends by itself [D].

A city says how long a case may wait where it can be forgotten; where it says nothing of it, also in
the rules of an older case, a case waits there as long as it likes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.schema import CityProfile, LimitKind
from backend.domain.roles import Role
from backend.domain.states import BEGINNING, State
from backend.domain.steps import EVERY_LIMIT, Await, Row, Step

# How long a case may wait in a state, and who is reminded beside whoever it waits for.
STAYS: Mapping[str, tuple[LimitKind, tuple[Role, ...]]] = {
    State.DRAFTED: ("completion", ()),
    State.SHORT_OF_FUNDS: ("income", (Role.APPLICANT,)),
    State.SURVEY_FAILED: ("rectification", (Role.INSURER,)),
    State.SPECIAL_ACCOUNT_OPENED: ("funding", (Role.APPLICANT,)),
    State.REFUSED: ("reconsideration", (Role.APPLICANT,)),
    State.VOTE_FAILED: ("reconsideration", (Role.APPLICANT,)),
    State.SUSPENDED: ("settlement", (Role.APPLICANT, Role.INSURER)),
}


def with_lapses(city: CityProfile, way: Sequence[Row]) -> Sequence[Row]:
    """The same way, with an end to waiting where the city sets one."""
    rows = [_limited(city, row) for row in way]
    waiting = [row.state for row in rows if isinstance(row, Await) and row.stay]
    drafts = tuple(state for state in waiting if state in BEGINNING)
    others = tuple(state for state in waiting if state not in BEGINNING)
    applied = (Role.APPLICANT, Role.CLERK, Role.INSURER, Role.COMMITTEE_MEMBER)
    ends = ((drafts, (Role.APPLICANT,)), (others, applied))
    return (*rows, *(_lapse(states, notify) for states, notify in ends if states))


def _limited(city: CityProfile, row: Row) -> Row:
    if not isinstance(row, Await) or row.state not in STAYS:
        return row
    stay, warns = STAYS[row.state]
    return replace(row, stay=stay, warns=warns) if stay in city.limits else row


def _lapse(states: tuple[str, ...], notify: tuple[Role, ...]) -> Step:
    return Step(
        Action.LAPSE,
        states,
        State.LAPSED,
        (Role.SYSTEM,),
        "本平台默认",
        guards=(must.waited_too_long, must.centre_owes_no_answer),
        effects=(do.release,),
        meets=EVERY_LIMIT,
        notify=notify,
        news="逾期未办，可另行申请",
    )
