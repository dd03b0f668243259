"""业主表决 is opened: the roll is frozen, and the owners hear of it (Civil Code 278)."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import insert, select

from backend.domain.actions import Action
from backend.domain.facts import RollFact, StepFacts
from backend.domain.purchase import step_from
from backend.domain.voting import Flat, roll_of
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, open_case
from backend.services.case.steps import advance
from backend.services.case.voters import News, tell_voters, until_closed
from backend.services.votes.people import people_of
from backend.store.purchases import Plan, Purchase
from backend.store.queries import area
from backend.store.registry import Building, Household, Unit
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
                "flats": str(len(rows)),
                "unsold": str(len(lacking)),
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
