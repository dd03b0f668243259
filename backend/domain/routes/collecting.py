"""Segments of routes: the house has an account of its own, into which its flats pay their shares
(JS 四（四）)."""

from collections.abc import Sequence
from dataclasses import replace

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.errors import Refusal
from backend.domain.roles import Role
from backend.domain.routes.preparing import UPKEEP
from backend.domain.states import State
from backend.domain.steps import Activity, Await, Row, Step

CLAUSE = "JS四（四）"
LIMIT = "collecting"


def house_account(*, upkept: bool) -> Sequence[Row]:
    """The centre takes the application up and opens the account of the house."""
    return (
        Await(State.APPLIED, "中心受理并开立专户", Action.OPEN_HOUSE_ACCOUNT),
        Step(
            Action.OPEN_HOUSE_ACCOUNT,
            (State.APPLIED,),
            State.SURVEYING,
            (Role.CLERK,),
            CLAUSE,
            evidence=UPKEEP if upkept else (),
            guards=(must.inspected,) if upkept else (),
            limit="planning",
            meets="acceptance",
            notify=(Role.INSURER, Role.APPLICANT),
        ),
        Await(State.SURVEYING, "保险机构查勘并拟方案", Action.SUBMIT_PLAN),
    )


def shared(step: Step) -> Step:
    """A step of planning or agreeing where the flats pay what was agreed on: every share has
    somebody to bear it, and none was paid before the plan changes."""
    limit = LIMIT if step.limit == "posting" else step.limit
    if step.action not in (Action.SUBMIT_PLAN, Action.REVISE_PLAN):
        return replace(step, limit=limit)
    sources = tuple(each for each in step.sources if each not in (State.POSTED, State.SUSPENDED))
    changed = (must.nothing_collected,) if step.action == Action.REVISE_PLAN else ()
    return replace(
        step,
        sources=sources,
        limit=limit,
        guards=(*step.guards, must.every_share_borne, *changed),
    )


def collecting(*, then: str) -> Sequence[Row]:
    """The cashier books each flat's share by the bank; with the last one the premium is held."""
    closed = Refusal("collecting_not_open", "案件不在收款阶段，请刷新后查看。")
    return (
        Await(State.COLLECTING, "收齐各户分摊的保费", Action.COLLECT_SHARE),
        Activity(
            Action.COLLECT_SHARE,
            (State.COLLECTING,),
            (Role.CASHIER,),
            CLAUSE,
            closed=closed,
            meets=LIMIT,
            warns=(Role.APPLICANT,),
        ),
        Activity(
            Action.UNDO_SHARE, (State.COLLECTING,), (Role.REVIEWER,), "本平台默认", closed=closed
        ),
        Step(
            Action.CLOSE_COLLECTION,
            (State.COLLECTING,),
            then,
            (Role.SYSTEM,),
            CLAUSE,
            guards=(must.all_shares_in, must.not_covered_twice),
            effects=(do.hold_premium, do.reserve_cover),
            limit="contract",
            meets=LIMIT,
            notify=(Role.APPLICANT, Role.INSURER, Role.CLERK),
        ),
    )
