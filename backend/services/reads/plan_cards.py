"""Frozen plans as a committee member reads them, in chat and on the plan's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, null, select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.approval import Answer
from backend.domain.city.schema import CityProfile
from backend.domain.cover import CoverTerms
from backend.domain.deadlines import DeadlineState
from backend.domain.money import yuan
from backend.domain.routes.catalogue import states_while
from backend.domain.subject import PURCHASE
from backend.domain.wording import COVER_PERIOD, DEDUCTIBLE, SUM_INSURED, cover_period, deductible
from backend.services.base.context import Context
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Approval, Plan, PlanLift, Purchase
from backend.store.queries.cases import Viewer, sits
from backend.store.queries.places import areas_of, units_served
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Insurer,
    Lift,
    Unit,
)

NOTHING = "无"


@dataclass(frozen=True)
class LiftInPlan:
    """A lift that the plan covers, and what that costs in fen."""

    registration_code: str
    name: str
    place: str
    premium_fen: int

    @property
    def called(self) -> str:
        """As people call it: 6栋1单元1号梯."""
        return f"{self.place}{self.name}"


@dataclass(frozen=True)
class Change:
    """One term that differs from the former revision, in words; `field` names it for programs."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class PlanCard:
    """Everything one needs to decide on a plan. Money in fen.

    `area` says which buildings (6栋 · 4台). `due` ends the approval. `made_at` is when the plan was
    submitted and the members were invited; `changes` are against the revision before this one;
    `answered` is what the reader has answered so far, for a plan that waits for them.
    """

    plan_id: UUID
    purchase_id: UUID
    number: str
    revision: int
    estate: str
    insurer: str
    premium_fen: int
    terms: CoverTerms
    content_hash: str
    area: str
    lifts: Sequence[LiftInPlan]
    due: datetime | None
    made_at: datetime
    changes: Sequence[Change] = ()
    answered: Answer | None = None


def plan_card(ctx: Context, plan_id: UUID) -> PlanCard | None:
    """The card of a plan, or None when there is no such plan."""
    with ctx.sessions() as tx:
        return card_of(tx, plan_id)


def card_of(tx: Session, plan_id: UUID) -> PlanCard | None:
    """The same inside a session."""
    return next(iter(_cards(tx, Plan.id == plan_id, None)), None)


def waiting_cards(tx: Session, city: CityProfile, viewer: Viewer) -> list[PlanCard]:
    """Plans in approval that this person may answer as a member in office, the oldest first."""
    asked = (
        select(Committee.estate_id)
        .join(CommitteeMember, CommitteeMember.committee_id == Committee.id)
        .where(sits(viewer), CommitteeMember.recused.is_(False))
    )
    waits = (
        (Purchase.plan_id == Plan.id)
        & Purchase.state.in_(states_while(Action.ANSWER_PLAN, city))
        & Purchase.estate_id.in_(asked)
    )
    return _cards(tx, waits, viewer)


def _cards(tx: Session, which: ColumnElement[bool], reader: Viewer | None) -> list[PlanCard]:
    cards = _bare_cards(tx, which, reader)
    former = and_(
        Plan.purchase_id.in_([card.purchase_id for card in cards if card.revision > 1]),
        Plan.id.not_in([card.plan_id for card in cards]),
    )
    earlier = sorted(
        _bare_cards(tx, former, None) if any(card.revision > 1 for card in cards) else (),
        key=lambda card: card.revision,
    )

    def with_changes(card: PlanCard) -> PlanCard:
        of_case = [each for each in earlier if each.purchase_id == card.purchase_id]
        before = [each for each in of_case if each.revision < card.revision]
        return replace(card, changes=changes(before[-1], card)) if before else card

    return [with_changes(card) for card in cards]


def _bare_cards(tx: Session, which: ColumnElement[bool], reader: Viewer | None) -> list[PlanCard]:
    answered = _answered_by(reader) if reader else null()
    rows = tx.execute(
        select(Plan, Purchase, Estate.name, Insurer.name, _due(), answered)
        .join(Purchase, Purchase.id == Plan.purchase_id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .join(Insurer, Insurer.id == Plan.insurer_id)
        .where(which)
        .order_by(Plan.id)
    ).all()
    lifts = _lifts(tx, [plan.id for plan, *_ in rows]) if rows else {}
    areas = areas_of(tx, {purchase.id for _, purchase, *_ in rows}) if rows else {}
    return [
        PlanCard(
            plan_id=plan.id,
            purchase_id=purchase.id,
            number=purchase.number,
            revision=plan.revision,
            estate=estate,
            insurer=insurer,
            premium_fen=plan.premium_fen,
            terms=plan.terms,
            content_hash=plan.content_hash,
            area=areas.get(purchase.id, ""),
            lifts=lifts[plan.id],
            due=due,
            made_at=plan.made_at,
            answered=said,
        )
        for plan, purchase, estate, insurer, due, said in rows
    ]


def changes(before: PlanCard, after: PlanCard) -> list[Change]:
    """What a revision says otherwise than the one before it."""
    was, becomes = _terms(before), _terms(after)
    found = [
        Change(field, label, was[field, label], becomes[field, label])
        for field, label in becomes
        if was[field, label] != becomes[field, label]
    ]
    one, other = _priced(before), _priced(after)
    if lifts := [code for code in one | other if one.get(code) != other.get(code)]:
        words = (
            "、".join(priced[code] for code in lifts if code in priced) or NOTHING
            for priced in (one, other)
        )
        found.insert(1, Change("lifts", "电梯及保费", *words))
    return found


def _priced(card: PlanCard) -> dict[str, str]:
    return {
        lift.registration_code: f"{lift.called}（{yuan(lift.premium_fen)}）" for lift in card.lifts
    }


def _terms(card: PlanCard) -> dict[tuple[str, str], str]:
    """Each term of a plan in words, by its field and its label."""
    terms = card.terms
    return {
        ("premium_fen", "保费合计"): yuan(card.premium_fen),
        ("insurer", "保险机构"): card.insurer,
        ("sum_insured_fen", SUM_INSURED): yuan(terms.sum_insured_fen),
        ("deductible_fen", DEDUCTIBLE): deductible(terms.deductible_fen),
        ("cover", COVER_PERIOD): cover_period(terms.cover_from, terms.cover_last_day),
        ("scope_of_cover", "保障范围"): terms.scope_of_cover,
        ("exclusions", "除外责任"): terms.exclusions or NOTHING,
        ("service_commitments", "服务承诺"): terms.service_commitments or NOTHING,
    }


def _due() -> ScalarSelect[datetime]:
    """When the approval of the row's case ends, while its limit runs."""
    return (
        select(DeadlineRecord.ends_before)
        .where(
            DeadlineRecord.subject_kind == PURCHASE,
            DeadlineRecord.subject_id == Purchase.id,
            DeadlineRecord.kind == "approval",
            DeadlineRecord.state == DeadlineState.OPEN,
        )
        .limit(1)
        .scalar_subquery()
    )


def _answered_by(reader: Viewer) -> ScalarSelect[Any]:
    """What the reader answered last to the row's plan."""
    return (
        select(Approval.answer)
        .join(CommitteeMember, CommitteeMember.id == Approval.member_id)
        .where(Approval.plan_id == Plan.id, CommitteeMember.person_id == reader.person_id)
        .order_by(Approval.seq.desc())
        .limit(1)
        .scalar_subquery()
    )


def _lifts(tx: Session, plans: Sequence[UUID]) -> Mapping[UUID, Sequence[LiftInPlan]]:
    """The lifts of each plan."""
    found: dict[UUID, list[LiftInPlan]] = {plan_id: [] for plan_id in plans}
    rows = tx.execute(
        select(
            PlanLift.plan_id,
            Lift.registration_code,
            Lift.name,
            Building.name,
            units_served(),
            PlanLift.premium_fen,
        )
        .join(Lift, Lift.id == PlanLift.lift_id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(PlanLift.plan_id.in_(plans))
        .order_by(Lift.registration_code)
    )
    for plan_id, code, name, building, unit, premium_fen in rows:
        found[plan_id].append(LiftInPlan(code, name, f"{building}{unit}", premium_fen))
    return found
