"""What committee members read in the mini-program: plans that wait for them, answers they gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from backend.domain.approval import ANSWER_NAMES, Tally
from backend.domain.cover import CoverTerms
from backend.domain.deadlines import DeadlineState
from backend.domain.local_time import local_date
from backend.domain.money import yuan
from backend.domain.routes.catalogue import state_name
from backend.domain.wording import (
    COVER_PERIOD,
    DEDUCTIBLE,
    SUM_INSURED,
    cover_period,
    deductible,
    until,
)
from backend.services.base.context import Actor, Context
from backend.services.case.committees import tally
from backend.services.reads.plan_cards import waiting_cards
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Approval, Plan, PlanLift, Purchase
from backend.store.queries.cases import Viewer
from backend.store.queries.places import units_served
from backend.store.queries.sources import source_of
from backend.store.registry import Building, CommitteeMember, Estate, Insurer, Lift, Unit

SHOWN = 30
MEDIUM_NAMES = {"chat": "微信对话", "mini_program": "小程序"}
NOTHING = "无"


@dataclass(frozen=True)
class LiftInPlan:
    """A lift that the plan covers, and what that costs in fen."""

    registration_code: str
    name: str
    place: str
    premium_fen: int


@dataclass(frozen=True)
class Change:
    """One term that differs from the former revision, in words; `field` names it for programs."""

    field: str
    label: str
    before: str
    after: str


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
        asked = waiting_cards(tx, ctx.city, Viewer.at(actor.person_id, ctx.clock()))[:SHOWN]
        return [_plan_to_answer(tx, ctx, row.plan_id, row.answered) for row in asked]


def _plan_to_answer(tx: Session, ctx: Context, plan_id: UUID, answered: str | None) -> PlanToAnswer:
    plan = tx.get_one(Plan, plan_id)
    purchase = tx.get_one(Purchase, plan.purchase_id)
    source = source_of(tx, purchase.id)
    due = tx.scalar(
        select(DeadlineRecord.ends_before).where(
            DeadlineRecord.subject == purchase.subject,
            DeadlineRecord.kind == "approval",
            DeadlineRecord.state == DeadlineState.OPEN,
        )
    )
    return PlanToAnswer(
        plan_id=plan.id,
        purchase_id=purchase.id,
        number=purchase.number,
        estate=tx.get_one(Estate, purchase.estate_id).name,
        revision=plan.revision,
        lifts=_lifts(tx, plan),
        account=source.name,
        available_fen=source.available_fen,
        premium_fen=plan.premium_fen,
        insurer=tx.get_one(Insurer, plan.insurer_id).name,
        terms=plan.terms,
        due=due,
        due_words=_due_words(due, ctx.clock()),
        my_answer=answered,
        tally=_so_far(tally(tx, purchase, local_date(ctx.clock()))),
        changes=_changes(tx, plan),
        content_hash=plan.content_hash,
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


def _lifts(tx: Session, plan: Plan) -> list[LiftInPlan]:
    rows = tx.execute(
        select(
            Lift.registration_code, Lift.name, Building.name, units_served(), PlanLift.premium_fen
        )
        .join(PlanLift, PlanLift.lift_id == Lift.id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(PlanLift.plan_id == plan.id)
        .order_by(Lift.registration_code)
    )
    return [
        LiftInPlan(code, name, f"{building}{unit}", fen) for code, name, building, unit, fen in rows
    ]


def _changes(tx: Session, plan: Plan) -> list[Change]:
    """What the revision before this one said otherwise; nothing for the first."""
    former = tx.scalar(
        select(Plan)
        .where(Plan.purchase_id == plan.purchase_id, Plan.revision < plan.revision)
        .order_by(Plan.revision.desc())
        .limit(1)
    )
    if former is None:
        return []
    before, after = _terms(tx, former), _terms(tx, plan)
    return [
        Change(field, label, before[field, label], after[field, label])
        for field, label in after
        if before[field, label] != after[field, label]
    ]


def _terms(tx: Session, plan: Plan) -> dict[tuple[str, str], str]:
    """Each term of a plan in words, by its field and its label."""
    lifts = [f"{lift.place}{lift.name}（{yuan(lift.premium_fen)}）" for lift in _lifts(tx, plan)]
    terms = plan.terms
    return {
        ("premium_fen", "保费合计"): yuan(plan.premium_fen),
        ("lifts", "电梯及保费"): "、".join(lifts),
        ("insurer", "保险机构"): tx.get_one(Insurer, plan.insurer_id).name,
        ("sum_insured_fen", SUM_INSURED): yuan(terms.sum_insured_fen),
        ("deductible_fen", DEDUCTIBLE): deductible(terms.deductible_fen),
        ("cover", COVER_PERIOD): cover_period(terms.cover_from, terms.cover_last_day),
        ("scope_of_cover", "保障范围"): terms.scope_of_cover,
        ("exclusions", "除外责任"): terms.exclusions or NOTHING,
        ("service_commitments", "服务承诺"): terms.service_commitments or NOTHING,
    }


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
            counts=purchase.plan_id == plan.id,
        )
        for given, plan, purchase, estate in rows
    ]
