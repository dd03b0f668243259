"""业主表决 is opened: the roll is frozen, and the owners hear of it (Civil Code 278)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert, select

from backend.domain import pages
from backend.domain.actions import Action
from backend.domain.channels import TEMPLATE
from backend.domain.facts import RollFact, StepFacts
from backend.domain.purchase import step_from
from backend.domain.roles import Role
from backend.domain.voting import Flat, roll_of
from backend.domain.wording import last_minute, minute
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, open_case
from backend.services.case.steps import advance
from backend.services.messages import outbox
from backend.services.messages.outbox import Message
from backend.services.votes.people import people_of
from backend.store.purchases import Plan, Purchase
from backend.store.queries import area
from backend.store.registry import Building, Household, Owner, Unit
from backend.store.votes import Vote, VoteProperty


def open_vote(
    ctx: Context, actor: Actor, purchase_id: UUID, unsold_confirmed: bool = False
) -> Purchase:
    """Freeze the roll of the circle and let its owners vote on the plan; each who is known here is
    told. With `unsold_confirmed` flats without an owner on the roster are the developer's.

    Raises Refused: not_found, role_required, step_not_possible, same_officer, officer_is_party,
    roll_empty, flats_without_owner, and what else the step may refuse.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        step_from(case.table, case.state, Action.OPEN_VOTE)
        case.require_role(Action.OPEN_VOTE)
        places, owners = _flats(case)
        roll = roll_of(
            Flat(flat.id, flat.area_dm2, owners.get(flat.id, frozenset())) for flat in places
        )
        plan = tx.get_one(Plan, case.purchase.plan_id)
        vote = Vote(
            purchase_id=purchase_id,
            plan_id=plan.id,
            plan_hash=plan.content_hash,
            roll_digest=roll.digest,
            opened_by=actor.person_id,
            opened_at=case.now,
        )
        tx.add(vote)
        tx.flush()
        rows = [
            {
                "vote_id": vote.id,
                "household_id": each.flat_id,
                "area_dm2": each.area_dm2,
                "head": each.head,
            }
            for each in roll.properties
        ]
        if rows:
            tx.execute(insert(VoteProperty), rows)
        lacking = tuple(place for flat, place in places.items() if flat.id not in owners)
        advance(
            case,
            Action.OPEN_VOTE,
            StepFacts(roll=RollFact(len(rows), lacking, unsold_confirmed)),
            on_record={
                "vote_id": str(vote.id),
                "roll_digest": roll.digest,
                "flats": len(rows),
                "unsold": len(lacking),
            },
        )
        tell_voters(case, vote, News("opened", "业主表决已开始", until_closed(vote)))
        tx.commit()
        return case.purchase


def _flats(case: Case) -> tuple[Mapping[Household, str], Mapping[UUID, frozenset[str]]]:
    """Every flat of the circle with its place, and who owns each that somebody owns."""
    circle = area.circle(case.purchase.id)
    rows = case.tx.execute(
        select(Household, Building.name + Unit.name + Household.room)
        .join(Unit, Unit.id == Household.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(Unit.id.in_(circle))
        .order_by(Building.name, Unit.name, Household.room, Household.id)
    )
    roster = case.tx.scalars(area.roll(circle)).all()
    people = people_of(case.ctx.cipher, roster)
    owners: dict[UUID, frozenset[str]] = {}
    for owner in roster:
        mine = frozenset({people[owner.id]})
        owners[owner.household_id] = owners.get(owner.household_id, frozenset()) | mine
    return dict(rows.all()), owners


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
