"""The owners' vote on the current plan of a case: its roll, its ballots, and how it stands."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend.domain.facts import VoteFact
from backend.domain.paper_entries import PaperKind
from backend.domain.voting import Ballot, Property, Result, Roll, VoteOutcome
from backend.services.case.case import Case
from backend.store.proposals import PaperEntry
from backend.store.purchases import Purchase
from backend.store.votes import Ballot as BallotRow
from backend.store.votes import Vote, VoteProperty


def votes_on_plan(purchase: Purchase) -> Select[Vote]:
    """The votes on the current plan, the latest first."""
    return select(Vote).where(Vote.plan_id == purchase.plan_id).order_by(Vote.id.desc())


def live_vote(purchase: Purchase) -> Select[Vote]:
    """The vote on the current plan that is not over."""
    return votes_on_plan(purchase).where(Vote.outcome.is_(None))


def vote_fact(case: Case) -> VoteFact:
    """How the vote stands, if there is one."""
    cast = select(func.count()).where(BallotRow.vote_id == Vote.id).scalar_subquery()
    papers = (
        select(func.count())
        .where(
            PaperEntry.about_id == Vote.id,
            PaperEntry.kind == PaperKind.BALLOTS,
            PaperEntry.decided_at.is_(None),
        )
        .scalar_subquery()
    )
    found = case.tx.execute(live_vote(case.purchase).add_columns(cast, papers)).first()
    if found is None:
        return VoteFact()
    vote, ballots, waiting = found
    return VoteFact(
        vote.closes_at, ballots, waiting, Result.of(vote.result) if vote.result else None
    )


def open_vote(case: Case, closes_at: datetime) -> None:
    """The roll takes nothing more: ballots may be cast until then."""
    vote = case.tx.scalars(live_vote(case.purchase)).one()
    vote.closes_at = closes_at
    case.tx.flush()


def settle_vote(case: Case, outcome: VoteOutcome) -> Vote:
    """The latest vote on the plan ended so."""
    vote = case.tx.scalars(votes_on_plan(case.purchase).limit(1)).one()
    vote.outcome, vote.ended_at = outcome, case.now
    case.tx.flush()
    return vote


def roll_of_vote(tx: Session, vote_id: UUID) -> Roll:
    """The roll as it was frozen."""
    rows = tx.execute(
        select(VoteProperty.household_id, VoteProperty.area_dm2, VoteProperty.head)
        .where(VoteProperty.vote_id == vote_id)
        .order_by(VoteProperty.household_id)
    )
    return Roll(tuple(Property(*row) for row in rows))


def ballots_of(tx: Session, vote_id: UUID) -> Sequence[Ballot]:
    """All that was cast, in its order."""
    rows = tx.execute(
        select(BallotRow.household_id, BallotRow.owner_id, BallotRow.choice)
        .where(BallotRow.vote_id == vote_id)
        .order_by(BallotRow.seq)
    )
    return [Ballot(*row) for row in rows]
