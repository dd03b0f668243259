"""The owners on the roll of a vote hear of it: that it began, and what it came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from backend.domain import pages
from backend.domain.channels import TEMPLATE
from backend.domain.roles import Role
from backend.domain.voting import VOTE_OUTCOME_NAMES, VoteOutcome
from backend.domain.wording import last_minute, minute
from backend.services.case.case import Case
from backend.services.messages import outbox
from backend.services.messages.outbox import Message
from backend.store.registry import Owner
from backend.store.votes import Vote, VoteProperty

# What is there to do once a vote has ended.
THEN: Mapping[VoteOutcome, str] = {
    VoteOutcome.PASSED: "可查看计票结果",
    VoteOutcome.LOST: "可查看计票结果",
    VoteOutcome.WITHDRAWN: "这次不再投票，再次发起时另行告知",
    VoteOutcome.VOID: "投的票不计，再次发起时另行告知",
}


@dataclass(frozen=True)
class News:
    """What owners hear of a vote, and what they may do; `once` makes it one message to each."""

    once: str
    state: str
    then: str


def until_closed(vote: Vote) -> str:
    """What whoever has not voted may do."""
    assert vote.closes_at is not None
    return f"请在{last_minute(vote.closes_at)}前投票"


def tell_end(case: Case, vote: Vote, outcome: VoteOutcome) -> None:
    """The vote is over. Does not commit."""
    tell_voters(case, vote, News(outcome, VOTE_OUTCOME_NAMES[outcome], THEN[outcome]))


def tell_voters(case: Case, vote: Vote, news: News, people: Sequence[UUID] | None = None) -> int:
    """Owners of flats on the roll who are known here (or of them `people`) hear it. Returns how
    many. Does not commit."""
    if people is None:
        mine = select(Owner.person_id).join(
            VoteProperty, VoteProperty.household_id == Owner.household_id
        )
        known = mine.where(
            VoteProperty.vote_id == vote.id, Owner.ended_at.is_(None), Owner.person_id.is_not(None)
        )
        people = sorted({person for person in case.tx.scalars(known) if person})
    data = {
        "estate": case.place,
        "number": case.purchase.number,
        "state": news.state,
        "at": minute(case.now),
        "next": news.then,
        "page": pages.VOTE,
    }
    messages = [
        Message(
            natural_key=f"vote/{vote.id}/{news.once}/{person_id}",
            person_id=person_id,
            role=str(Role.OWNER),
            channel=TEMPLATE,
            template="purchase_progress",
            data=data,
            subject=case.subject,
        )
        for person_id in people
    ]
    outbox.write_each(case.tx, case.now, messages)
    return len(messages)
