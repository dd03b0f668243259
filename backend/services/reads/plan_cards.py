"""Frozen plans as a committee member reads them, in chat and on the plan's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, and_, func, null, select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.approval import Answer
from backend.domain.cover import CoverTerms
from backend.domain.deadlines import DeadlineState
from backend.domain.money import yuan
from backend.domain.routes.catalogue import closed_states
from backend.domain.source import paid_by
from backend.domain.subject import PURCHASE
from backend.domain.table import Table
from backend.domain.wording import COVER_PERIOD, DEDUCTIBLE, SUM_INSURED, cover_period, deductible
from backend.services.base.context import Context
from backend.services.case.case import table_for
from backend.services.case.committees import recusal
from backend.services.case.profiles import profile_of
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Plan, PlanLift, Purchase
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
from backend.store.signatures import Approval

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
    submitted and the members were invited; `paid_by` is what pays, in words; `changes` are against
    the revision before this one;
    `answered` is what the reader has answered so far, for a plan that waits for them.
    """

    plan_id: UUID
    purchase_id: UUID
    number: str
    revision: int
    estate: str
    insurer: str
    paid_by: str
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
        return card_of(tx, ctx, plan_id)


def card_of(tx: Session, ctx: Context, plan_id: UUID) -> PlanCard | None:
    """The same inside a session."""
    return next(iter(_cards(tx, ctx, _rows(tx, Plan.id == plan_id, None))), None)


def waiting_cards(tx: Session, ctx: Context, viewer: Viewer) -> list[PlanCard]:
    """Plans in approval that this person may answer as a member in office, the oldest first.

    Whether a plan may be answered is asked of the table that its case goes by.
    """
    asked = (
        select(Committee.estate_id)
        .join(CommitteeMember, CommitteeMember.committee_id == Committee.id)
        .where(sits(viewer), ~recusal(viewer.now))
    )
    open_plans = (
        (Purchase.plan_id == Plan.id)
        & Purchase.state.not_in(closed_states())
        & Purchase.estate_id.in_(asked)
    )
    waiting = [
        row
        for row in _rows(tx, open_plans, viewer)
        if table_for(tx, ctx, row.Purchase).allows(Action.ANSWER_PLAN, row.Purchase.state)
    ]
    return _cards(tx, ctx, waiting)


def _cards(tx: Session, ctx: Context, rows: Sequence[Row[Any]]) -> list[PlanCard]:
    cards = _bare_cards(tx, ctx, rows)
    revised = [card for card in cards if card.revision > 1]
    former = and_(
        Plan.purchase_id.in_([card.purchase_id for card in revised]),
        Plan.id.not_in([card.plan_id for card in cards]),
    )
    earlier = sorted(
        _bare_cards(tx, ctx, _rows(tx, former, None)) if revised else (),
        key=lambda card: card.revision,
    )

    def with_changes(card: PlanCard) -> PlanCard:
        of_case = [each for each in earlier if each.purchase_id == card.purchase_id]
        before = [each for each in of_case if each.revision < card.revision]
        return replace(card, changes=changes(before[-1], card)) if before else card

    return [with_changes(card) for card in cards]


def _rows(tx: Session, which: ColumnElement[bool], reader: Viewer | None) -> Sequence[Row[Any]]:
    answered = _answered_by(reader) if reader else null()
    return tx.execute(
        select(
            Plan,
            Purchase,
            Estate.name.label("estate"),
            Insurer.name.label("insurer"),
            answered.label("answered"),
            _ends().label("ends"),
        )
        .join(Purchase, Purchase.id == Plan.purchase_id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .join(Insurer, Insurer.id == Plan.insurer_id)
        .where(which)
        .order_by(Plan.id)
    ).all()


def _bare_cards(tx: Session, ctx: Context, rows: Sequence[Row[Any]]) -> list[PlanCard]:
    if not rows:
        return []
    lifts = _lifts(tx, [row.Plan.id for row in rows])
    areas = areas_of(tx, {row.Purchase.id for row in rows})
    return [
        PlanCard(
            plan_id=row.Plan.id,
            purchase_id=row.Purchase.id,
            number=row.Purchase.number,
            revision=row.Plan.revision,
            estate=row.estate,
            insurer=row.insurer,
            paid_by=_paid_by(tx, ctx, row.Purchase),
            premium_fen=row.Plan.premium_fen,
            terms=row.Plan.terms,
            content_hash=row.Plan.content_hash,
            area=areas.get(row.Purchase.id, ""),
            lifts=lifts[row.Plan.id],
            due=_due(table_for(tx, ctx, row.Purchase), row.ends or {}),
            made_at=row.Plan.made_at,
            answered=row.answered,
        )
        for row in rows
    ]


def _paid_by(tx: Session, ctx: Context, purchase: Purchase) -> str:
    return paid_by(profile_of(tx, ctx, purchase).routes[purchase.route].account.value)


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


def _due(table: Table, ends: Mapping[str, str]) -> datetime | None:
    """When the limit ends within which the plan is to be answered, while it runs."""
    end = ends.get(table.limit_of(Action.ANSWER_PLAN) or "")
    return datetime.fromisoformat(end) if end else None


def _ends() -> ScalarSelect[Any]:
    """When each running limit of the row's case ends, by its kind."""
    return (
        select(func.jsonb_object_agg(DeadlineRecord.kind, DeadlineRecord.ends_before))
        .where(
            DeadlineRecord.subject_kind == PURCHASE,
            DeadlineRecord.subject_id == Purchase.id,
            DeadlineRecord.about_id.is_(None),
            DeadlineRecord.state == DeadlineState.OPEN,
        )
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
