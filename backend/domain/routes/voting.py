"""Segment of routes: the owners of the circle vote on the plan (Civil Code 278)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.schema import CityProfile, Route
from backend.domain.errors import Refusal
from backend.domain.roles import Role
from backend.domain.routes.gates import asked
from backend.domain.states import State
from backend.domain.steps import EVERY_LIMIT, Activity, Await, Row, Step

CLAUSE = "《民法典》第二百七十八条"
DEFAULT = "本平台默认"
# A vote comes between the plan that is agreed on and its notice.
RUNS = (State.VOTING, State.COUNTING)
VOTE = (*RUNS, State.VOTED, State.VOTE_FAILED)
HEAR = (Role.APPLICANT, Role.COMMITTEE_MEMBER)
AGAIN = "可由保险机构修改方案，也可就同一方案再次发起表决；不再投保的，由申请人撤回申请。"
OVER = Refusal("vote_closed", "这次表决已经结束，不能再投票。")


def voting(
    city: CityProfile, route: Route, *, after: str, then: str = State.VOTED
) -> Sequence[Row]:
    """The roll is frozen, owners cast ballots until the end, the count decides: by the house, from
    what is on record."""
    assert city.voting is not None  # a city without the rules of a vote is not loaded
    openers = tuple(Role(role) for role in city.voting.openers.value)
    return (
        Await(after, "发起业主表决", Action.OPEN_VOTE),
        Step(
            Action.OPEN_VOTE,
            (after, State.VOTE_FAILED),
            State.VOTING,
            openers,
            CLAUSE,
            guards=asked(
                route,
                must.insurer_selected,
                must.lifts_in_circle,
                must.lifts_running,
                must.cover_ahead,
                must.not_covered_twice,
            ),
            checks=(must.roll_complete,),
            effects=(do.open_vote,),
            limit="vote",
            meets="vote_opening",
            warns=(Role.APPLICANT,),
            notify=(*HEAR, Role.CLERK),
        ),
        *_casting(),
        *_counting(then),
        *_undone(after, openers),
    )


def _casting() -> Sequence[Row]:
    """Owners vote on the phone or on paper, until the last day is over."""
    return (
        Await(State.VOTING, "业主投票，期满后计票", Action.CAST_BALLOT),
        Activity(Action.CAST_BALLOT, (State.VOTING,), (Role.OWNER,), CLAUSE, closed=OVER),
        Activity(
            Action.ENTER_BALLOTS,
            (State.VOTING, State.COUNTING),
            (Role.CLERK,),
            CLAUSE,
            closed=Refusal("vote_closed", "表决已经计票，不能再录入纸质票。"),
            meets="vote_count",
        ),
        Step(
            Action.CLOSE_VOTE,
            (State.VOTING,),
            State.COUNTING,
            (Role.SYSTEM,),
            CLAUSE,
            guards=(must.vote_over,),
            limit="vote_count",
            meets="vote",
            notify=(Role.CLERK, *HEAR),
        ),
    )


def _counting(then: str) -> Sequence[Row]:
    """Paper that came in time is entered; once a clerk says that it all is, the house decides."""
    return (
        Await(State.COUNTING, "录完纸质票并确认计票", Action.CONFIRM_COUNT),
        Activity(
            Action.CONFIRM_COUNT,
            (State.COUNTING,),
            (Role.CLERK,),
            DEFAULT,
            closed=Refusal("count_not_open", "案件不在计票阶段，请刷新后查看。"),
            meets="vote_count",
        ),
        Step(
            Action.PASS_VOTE,
            (State.COUNTING,),
            then,
            (Role.SYSTEM,),
            CLAUSE,
            guards=(must.vote_carried,),
            effects=(do.settle_vote,),
            limit="posting",
            meets="vote_count",
            notify=(*HEAR, Role.INSURER),
        ),
        Step(
            Action.LOSE_VOTE,
            (State.COUNTING,),
            State.VOTE_FAILED,
            (Role.SYSTEM,),
            CLAUSE,
            guards=(must.vote_not_carried,),
            effects=(do.settle_vote,),
            meets="vote_count",
            notify=(*HEAR, Role.INSURER),
        ),
        Await(State.VOTE_FAILED, "修改方案或再次表决", Action.REVISE_PLAN, advice=AGAIN),
    )


def _undone(after: str, openers: tuple[Role, ...]) -> Sequence[Row]:
    """Those who may open a vote take it back before anybody has voted; afterwards the reviewer
    voids it, with a reason, as long as nothing hangs that rests on it [D]."""
    return (
        Step(
            Action.WITHDRAW_VOTE,
            (State.VOTING,),
            after,
            openers,
            DEFAULT,
            guards=(must.no_ballot_cast,),
            effects=(do.withdraw_vote,),
            limit="vote_opening",
            meets="vote",
            notify=(*HEAR, Role.CLERK),
            needs_reason=True,
            news="表决已撤回，可重新发起",
        ),
        Step(
            Action.VOID_VOTE,
            VOTE,
            after,
            (Role.REVIEWER,),
            DEFAULT,
            effects=(do.release, do.void_vote),
            limit="vote_opening",
            meets=EVERY_LIMIT,
            notify=(*HEAR, Role.CLERK, Role.INSURER),
            needs_reason=True,
            news="表决已作废，须重新发起",
        ),
    )


def with_its_case(exits: Iterable[Step]) -> Sequence[Step]:
    """The ways out of a case: a vote that runs ends with it, and its owners hear that."""
    rows: list[Step] = []
    for way in exits:
        runs = tuple(state for state in way.sources if state in RUNS)
        others = tuple(state for state in way.sources if state not in RUNS)
        rows.append(replace(way, sources=others))
        if runs:
            rows.append(replace(way, sources=runs, effects=(*way.effects, do.void_vote)))
    return rows
