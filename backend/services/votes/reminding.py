"""Owners who have not voted are reminded, by those who organise the vote, once a day at most."""

from uuid import UUID

from sqlalchemy import exists, select

from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.services.base import audit
from backend.services.base.context import Actor, Context
from backend.services.case.voters import News, tell_voters, until_closed
from backend.services.votes.ballots import at_hand, check_open
from backend.store.registry import Owner
from backend.store.votes import Ballot, VoteProperty


def remind(ctx: Context, actor: Actor, vote_id: UUID) -> int:
    """Remind the owners who are known here and of whose flats on the roll some have no ballot;
    whoever was reminded today already hears nothing more. Returns how many owners that are.

    Raises Refused: not_found, role_required, vote_closed, case_closed.
    """
    with ctx.sessions() as tx:
        vote, case = at_hand(tx, ctx, actor, vote_id)
        case.require_role(Action.OPEN_VOTE)
        check_open(case, vote, Action.CAST_BALLOT)
        if vote.closes_at is None or case.now >= vote.closes_at:
            raise refuse("vote_closed", "表决已经截止，不用再提醒。", kind="conflict")
        spoken = exists().where(
            Ballot.vote_id == vote.id,
            Ballot.household_id == VoteProperty.household_id,
            Ballot.choice.is_not(None),
        )
        silent = tx.scalars(
            select(Owner.person_id)
            .join(VoteProperty, VoteProperty.household_id == Owner.household_id)
            .where(
                VoteProperty.vote_id == vote.id,
                Owner.ended_at.is_(None),
                Owner.person_id.is_not(None),
                ~spoken,
            )
            .distinct()
        )
        people = sorted({person for person in silent if person})
        news = News(case.today.isoformat(), "您还没有参加表决", until_closed(vote))
        reminded = tell_voters(case, vote, news, people)
        facts = {"vote_id": str(vote.id), "people": reminded}
        action = AuditAction.PURCHASE_REMIND_VOTERS
        audit.append(tx, case.now, actor.person_id, action, ("purchase", case.purchase.id), facts)
        tx.commit()
        return reminded
