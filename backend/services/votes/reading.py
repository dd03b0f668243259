"""How a vote stands: for those who organise it, and for each owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.domain.cover import CoverTerms
from backend.domain.roles import Role
from backend.domain.voting import (
    CHOICE_NAMES,
    VOTE_OUTCOME_NAMES,
    Choice,
    Result,
    VoteOutcome,
    count,
    last_of_each,
)
from backend.domain.wording import until
from backend.services.base.access import require
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, see_case
from backend.services.case.votes import ballots_of, roll_of_vote, vote_fact
from backend.services.votes.ballots import ON_PAPER
from backend.store.purchases import Plan, Purchase
from backend.store.queries.places import places_of
from backend.store.registry import Estate, Insurer, Owner
from backend.store.votes import Ballot, Vote, VoteProperty

SHOWN = 30
COUNTED = (VoteOutcome.PASSED, VoteOutcome.LOST)
DIFFERING = "各套房屋不一样"
COUNTING_IT = "已经截止，正在录入纸质票"
# Who of the centre sees which flats have voted; the others who organise see how many.
SEES_FLATS = frozenset({Role.CLERK, Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR})
MEDIUM_NAMES = {"mini_program": "小程序", "paper": "纸质票"}


@dataclass(frozen=True)
class FlatOnRoll:
    """A flat on the roll, whose (by number) it is, and how it voted came in: never what for."""

    place: str
    area_dm2: int
    head: int
    voted_by: str


@dataclass(frozen=True)
class VoteView:
    """A vote as those see it who organise it. Areas in 0.01 m². `flats` is empty for whoever is not
    of the centre; what it came to is there once it was counted."""

    id: UUID
    purchase_id: UUID
    opened_at: datetime
    closes_at: datetime
    all_area_dm2: int
    all_heads: int
    voted_area_dm2: int
    voted_heads: int
    needed_area_dm2: int
    needed_heads: int
    papers_waiting: int
    outcome: str | None
    words: str
    sentences: Sequence[str]
    flats: Sequence[FlatOnRoll]


@dataclass(frozen=True)
class MyVote:
    """A vote as one of its owners sees it: what is voted on, for which flats, the own word, for
    which of them it was not said (`silent`), and the result once there is one. Money in fen."""

    id: UUID
    number: str
    estate: str
    premium_fen: int
    insurer: str
    terms: CoverTerms
    closes_at: datetime
    words: str
    is_open: bool
    flats: Sequence[str]
    silent: Sequence[str]
    choice: str | None
    choice_name: str | None
    on_paper: bool
    outcome: str | None
    sentences: Sequence[str]


def vote_of_case(ctx: Context, actor: Actor, purchase_id: UUID) -> VoteView | None:
    """The latest vote on the current plan, for those who organise it or watch over it; None where
    there is none. Raises Refused: not_found, role_required."""
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, purchase_id)
        rules = case.profile.voting
        found = select(Vote).where(Vote.plan_id == case.purchase.plan_id).order_by(Vote.id.desc())
        vote = tx.scalar(found.limit(1)) if rules else None
        if vote is None or rules is None:
            return None
        openers = [Role(role) for role in rules.openers.value]
        require(case.held, [*openers, *sorted(SEES_FLATS)])
        return _view(case, vote)


def _view(case: Case, vote: Vote) -> VoteView:
    rules = case.profile.voting
    assert rules is not None
    assert vote.closes_at is not None
    roll = roll_of_vote(case.tx, vote.id)
    result = Result.of(vote.result) if vote.result else None
    now = result or count(roll, last_of_each(ballots_of(case.tx, vote.id)), rules)
    area, heads = now.enough_took_part
    return VoteView(
        id=vote.id,
        purchase_id=vote.purchase_id,
        opened_at=vote.opened_at,
        closes_at=vote.closes_at,
        all_area_dm2=now.all.area_dm2,
        all_heads=now.all.heads,
        voted_area_dm2=now.took_part.area_dm2,
        voted_heads=now.took_part.heads,
        needed_area_dm2=area.needed,
        needed_heads=heads.needed,
        papers_waiting=0 if vote.outcome else vote_fact(case).papers_waiting,
        outcome=vote.outcome,
        words=words_of(vote, case.now),
        sentences=result.sentences if result else (),
        flats=_flats(case, vote) if case.held & SEES_FLATS else (),
    )


def words_of(vote: Vote, now: datetime) -> str:
    """How the vote stands, in words."""
    assert vote.closes_at is not None
    if vote.outcome is not None:
        return VOTE_OUTCOME_NAMES[VoteOutcome(vote.outcome)]
    return f"{until(vote.closes_at)}截止" if now < vote.closes_at else COUNTING_IT


def _flats(case: Case, vote: Vote) -> Sequence[FlatOnRoll]:
    cast = case.tx.execute(
        select(Ballot.household_id, Ballot.medium)
        .where(Ballot.vote_id == vote.id, Ballot.choice.is_not(None))
        .order_by(Ballot.seq)
    )
    media = dict(cast.all())
    rows = case.tx.scalars(select(VoteProperty).where(VoteProperty.vote_id == vote.id)).all()
    places = places_of(case.tx, [row.household_id for row in rows])
    flats = [
        FlatOnRoll(
            places[row.household_id].removeprefix(case.estate.name),
            row.area_dm2,
            row.head,
            MEDIUM_NAMES[media[row.household_id]] if row.household_id in media else "",
        )
        for row in rows
    ]
    return sorted(flats, key=lambda flat: flat.place)


def my_votes(ctx: Context, actor: Actor) -> Sequence[MyVote]:
    """The votes in which this person owns a flat on the roll, the latest first; those that were
    withdrawn or voided are no votes."""
    here = VoteProperty.household_id == Owner.household_id
    owns = (Owner.person_id == actor.person_id, Owner.ended_at.is_(None))
    mine = select(VoteProperty.vote_id).join(Owner, here).where(*owns)
    with ctx.sessions() as tx:
        rows = tx.execute(
            select(Vote, Plan, Purchase.number, Estate.name, Insurer.name)
            .join(Plan, Plan.id == Vote.plan_id)
            .join(Insurer, Insurer.id == Plan.insurer_id)
            .join(Purchase, Purchase.id == Vote.purchase_id)
            .join(Estate, Estate.id == Purchase.estate_id)
            .where(
                Vote.id.in_(mine),
                or_(Vote.outcome.in_(COUNTED), Vote.outcome.is_(None)),
            )
            .order_by(Vote.id.desc())
            .limit(SHOWN)
        ).all()
        puts = [(vote, Put(plan, *names)) for vote, plan, *names in rows]
        flats = tx.execute(
            select(VoteProperty.vote_id, VoteProperty.household_id)
            .join(Owner, here)
            .where(VoteProperty.vote_id.in_([vote.id for vote, *_ in rows]), *owns)
        ).all()
        places = places_of(tx, [flat for _, flat in flats])
        cast = _last_cast(tx, actor, [vote.id for vote, *_ in rows])
        own: dict[UUID, list[UUID]] = {}
        for vote_id, flat in sorted(flats, key=lambda row: places[row[1]]):
            own.setdefault(vote_id, []).append(flat)
        return [
            _mine(vote, ctx.clock(), put, Own(own[vote.id], cast.get(vote.id, {}), places))
            for vote, put in puts
        ]


def _last_cast(
    tx: Session, actor: Actor, votes: Sequence[UUID]
) -> Mapping[UUID, Mapping[UUID, Ballot]]:
    """What this person said last in each of these votes for each flat, here or on paper."""
    rows = tx.scalars(
        select(Ballot)
        .join(Owner, Owner.id == Ballot.owner_id)
        .where(
            Ballot.vote_id.in_(votes),
            Owner.person_id == actor.person_id,
            Ballot.choice.is_not(None),
        )
        .order_by(Ballot.seq)
    )
    cast: dict[UUID, dict[UUID, Ballot]] = {}
    for ballot in rows:
        cast.setdefault(ballot.vote_id, {})[ballot.household_id] = ballot
    return cast


@dataclass(frozen=True)
class Put:
    """What is put to the vote: a plan of a case, and whose that is."""

    plan: Plan
    number: str
    estate: str
    insurer: str


@dataclass(frozen=True)
class Own:
    """The flats of an owner on the roll, and what they said last for each."""

    flats: Sequence[UUID]
    cast: Mapping[UUID, Ballot]
    places: Mapping[UUID, str]

    @property
    def choice(self) -> Choice | None:
        """What they say for all flats for which they said anything; None if they said nothing, or
        different things on papers."""
        words = {ballot.choice for ballot in self.cast.values()}
        return words.pop() if len(words) == 1 else None


def _mine(vote: Vote, now: datetime, put: Put, own: Own) -> MyVote:
    choice = own.choice
    differing = DIFFERING if own.cast else None
    assert vote.closes_at is not None
    return MyVote(
        id=vote.id,
        number=put.number,
        estate=put.estate,
        premium_fen=put.plan.premium_fen,
        insurer=put.insurer,
        terms=put.plan.terms,
        closes_at=vote.closes_at,
        words=words_of(vote, now),
        is_open=vote.outcome is None and now < vote.closes_at,
        flats=[own.places[flat] for flat in own.flats],
        silent=[own.places[flat] for flat in own.flats if flat not in own.cast],
        choice=choice,
        choice_name=CHOICE_NAMES[choice] if choice else differing,
        on_paper=any(ballot.medium == ON_PAPER for ballot in own.cast.values()),
        outcome=vote.outcome,
        sentences=Result.of(vote.result).sentences if vote.outcome and vote.result else (),
    )
