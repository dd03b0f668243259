"""What committee members read in the mini-program: plans that wait for them, answers they gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from backend.domain.approval import ANSWER_NAMES, Tally
from backend.domain.cover import CoverTerms
from backend.domain.local_time import local_date
from backend.domain.routes.catalogue import state_name
from backend.domain.wording import until
from backend.services.base.context import Actor, Context
from backend.services.case.committees import tally
from backend.services.reads.plan_cards import Change, LiftInPlan, PlanCard, waiting_cards
from backend.store.purchases import Plan, Purchase
from backend.store.queries.cases import Viewer
from backend.store.queries.sources import source_of
from backend.store.registry import CommitteeMember, Estate
from backend.store.signatures import Approval

SHOWN = 30
MEDIUM_NAMES = {
    "chat": "微信对话",
    "mini_program": "小程序",
    "desk": "工作台",
    "minutes": "会议纪要",
}


@dataclass(frozen=True)
class TallySoFar:
    """How the answers stand; `needed` answers of one kind decide."""

    approve: int
    refuse: int
    members: int
    needed: int


@dataclass(frozen=True)
class PlanToAnswer:
    """A frozen plan as a member decides on it. Money in fen; `due` is the first moment too late.

    `available_fen` is what the source account can spend on it.
    """

    plan_id: UUID
    purchase_id: UUID
    number: str
    estate: str
    revision: int
    lifts: Sequence[LiftInPlan]
    account: str
    available_fen: int
    premium_fen: int
    insurer: str
    terms: CoverTerms
    due: datetime | None
    due_words: str
    my_answer: str | None
    tally: TallySoFar
    changes: Sequence[Change]
    content_hash: str


@dataclass(frozen=True)
class GivenAnswer:
    """An answer that this person gave to a plan; `counts` until a newer revision replaces it."""

    plan_id: UUID
    number: str
    estate: str
    revision: int
    answer: str
    answer_name: str
    reason: str | None
    answered_at: datetime
    medium: str
    state_name: str
    counts: bool


def plans_to_answer(ctx: Context, actor: Actor) -> Sequence[PlanToAnswer]:
    """The plans that wait for this member, oldest first, each with what changed and how it stands.

    Empty for whoever sits on no committee, and for members who stand aside.
    """
    with ctx.sessions() as tx:
        asked = waiting_cards(tx, ctx, Viewer.at(actor.person_id, ctx.clock()))[:SHOWN]
        return [_plan_to_answer(tx, ctx, card) for card in asked]


def _plan_to_answer(tx: Session, ctx: Context, card: PlanCard) -> PlanToAnswer:
    source = source_of(tx, card.purchase_id)
    purchase = tx.get_one(Purchase, card.purchase_id)
    return PlanToAnswer(
        plan_id=card.plan_id,
        purchase_id=card.purchase_id,
        number=card.number,
        estate=card.estate,
        revision=card.revision,
        lifts=card.lifts,
        account=source.name,
        available_fen=source.available_fen,
        premium_fen=card.premium_fen,
        insurer=card.insurer,
        terms=card.terms,
        due=card.due,
        due_words=_due_words(card.due, ctx.clock()),
        my_answer=card.answered,
        tally=_so_far(tally(tx, purchase, ctx.clock())),
        changes=card.changes,
        content_hash=card.content_hash,
    )


def _due_words(due: datetime | None, now: datetime) -> str:
    if due is None:
        return "本次审议没有截止时间，请尽早答复。"
    if due <= now:
        return f"答复期限已于{until(due)}届满，仍可答复，请尽快办理。"
    return f"请在{until(due)}前答复。"


def _so_far(counted: Tally) -> TallySoFar:
    needed = counted.in_office // 2 + 1
    return TallySoFar(counted.approvals, counted.refusals, counted.in_office, needed)


def _counts(given: Approval, today: date) -> bool:
    return given.counts_from is None or given.counts_from <= today


def answers_given(ctx: Context, actor: Actor) -> Sequence[GivenAnswer]:
    """What this person last answered to each plan, the latest first."""
    later = aliased(Approval)
    with ctx.sessions() as tx:
        rows = tx.execute(
            select(Approval, Plan, Purchase, Estate.name)
            .join(CommitteeMember, CommitteeMember.id == Approval.member_id)
            .join(Plan, Plan.id == Approval.plan_id)
            .join(Purchase, Purchase.id == Plan.purchase_id)
            .join(Estate, Estate.id == Purchase.estate_id)
            .where(
                CommitteeMember.person_id == actor.person_id,
                ~exists().where(
                    later.plan_id == Approval.plan_id,
                    later.member_id == Approval.member_id,
                    later.seq > Approval.seq,
                ),
            )
            .order_by(Approval.answered_at.desc(), Approval.id.desc())
            .limit(SHOWN)
        ).all()
    return [
        GivenAnswer(
            plan_id=plan.id,
            number=purchase.number,
            estate=estate,
            revision=plan.revision,
            answer=given.answer,
            answer_name=ANSWER_NAMES[given.answer],
            reason=given.reason,
            answered_at=given.answered_at,
            medium=MEDIUM_NAMES.get(given.medium, given.medium),
            state_name=state_name(purchase.state),
            counts=purchase.plan_id == plan.id and _counts(given, local_date(ctx.clock())),
        )
        for given, plan, purchase, estate in rows
    ]
