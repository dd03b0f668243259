"""A clerk says that all ballots are in; the house counts, and anybody who audits counts again."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.roles import Role
from backend.domain.steps import EvidenceKind
from backend.domain.voting import Result, count, digest_of, last_of_each
from backend.services.base import audit
from backend.services.base.access import nothing_there, require
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, act_as_officer, open_case, see_case
from backend.services.case.steps import hand_in, settle
from backend.services.case.votes import ballots_of, live_vote, roll_of_vote, vote_fact
from backend.store.purchases import Purchase
from backend.store.votes import Vote

RECOUNTERS = (Role.CLERK, Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)


@dataclass(frozen=True)
class Recount:
    """What was counted, what the ballots come to now, and whether the roll and the ballots are
    those that were counted."""

    counted: Result
    again: Result
    same_roll: bool
    same_ballots: bool

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return self.same_roll and self.same_ballots and self.counted == self.again


def confirm_count(ctx: Context, actor: Actor, purchase_id: UUID, statement: str) -> Purchase:
    """Say in writing that every ballot that came in time is entered; the house counts and decides.

    Raises Refused: not_found, role_required, count_not_open, case_closed, step_not_possible,
    same_officer, officer_is_party, papers_not_compared, text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require(Action.CONFIRM_COUNT)
        act_as_officer(case, Role.CLERK)
        fact = vote_fact(case)
        if fact.papers_waiting:
            message = "还有纸质表决票等待第二人核对，请先核对或退回，再确认计票。"
            raise refuse("papers_not_compared", message, kind="conflict")
        hand_in(case, {EvidenceKind.ALL_BALLOTS_IN: statement})
        vote = tx.scalars(live_vote(case.purchase)).one()
        result, ballots_digest = _counted(case, vote)
        vote.counted_by, vote.counted_at = actor.person_id, case.now
        vote.result = {**result.record, "ballots_digest": ballots_digest}
        tx.flush()
        audit.append(
            tx,
            case.now,
            actor.person_id,
            AuditAction.PURCHASE_CONFIRM_COUNT,
            ("purchase", purchase_id),
            {"vote_id": str(vote.id), "roll_digest": vote.roll_digest, **vote.result},
        )
        settle(case, case.facts.having(vote=replace(fact, result=result)))
        tx.commit()
        return case.purchase


def _counted(case: Case, vote: Vote) -> tuple[Result, str]:
    rules = case.profile.voting
    assert rules is not None
    ballots = ballots_of(case.tx, vote.id)
    roll = roll_of_vote(case.tx, vote.id)
    return count(roll, last_of_each(ballots), rules), digest_of(ballots)


def recount(ctx: Context, actor: Actor, vote_id: UUID) -> Recount:
    """Count a vote again from what is on record. Raises Refused: not_found, role_required,
    vote_not_counted."""
    with ctx.sessions() as tx:
        vote = _of(tx, vote_id)
        case = see_case(tx, ctx, actor, vote.purchase_id, "表决")
        require(case.held, RECOUNTERS)
        if vote.result is None:
            raise refuse(
                "vote_not_counted", "这次表决还没有计票，请计票后再核对。", kind="conflict"
            )
        again, ballots_digest = _counted(case, vote)
        return Recount(
            counted=Result.of(vote.result),
            again=again,
            same_roll=roll_of_vote(tx, vote.id).digest == vote.roll_digest,
            same_ballots=vote.result["ballots_digest"] == ballots_digest,
        )


def _of(tx: Session, vote_id: UUID) -> Vote:
    vote = tx.get(Vote, vote_id)
    if vote is None:
        raise nothing_there("表决")
    return vote
