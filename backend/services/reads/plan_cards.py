"""Frozen plans as a committee member reads them, in chat and on the plan's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, null, select
from sqlalchemy.orm import Session

from backend.domain.approval import Answer
from backend.domain.cover import CoverTerms
from backend.domain.deadlines import DeadlineState
from backend.domain.states import State
from backend.domain.subject import PURCHASE
from backend.services.base.context import Context
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Approval, Plan, PlanLift, Purchase
from backend.store.queries.cases import Viewer, sits
from backend.store.registry import Committee, CommitteeMember, Estate, Insurer, Lift


@dataclass(frozen=True)
class PlanCard:
    """Everything one needs to decide on a plan. Money in fen.

    `due` ends the approval. `made_at` is when the plan was submitted and the members were invited;
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
    lifts: Sequence[tuple[str, int]]
    due: datetime | None
    made_at: datetime
    answered: Answer | None = None


def plan_card(ctx: Context, plan_id: UUID) -> PlanCard | None:
    """The card of a plan, or None when there is no such plan."""
    with ctx.sessions() as tx:
        return card_of(tx, plan_id)


def card_of(tx: Session, plan_id: UUID) -> PlanCard | None:
    """The same inside a session."""
    return next(iter(_cards(tx, Plan.id == plan_id, None)), None)


def waiting_cards(tx: Session, viewer: Viewer) -> list[PlanCard]:
    """Plans in approval that this person may answer as a member in office, the oldest first."""
    asked = (
        select(Committee.estate_id)
        .join(CommitteeMember, CommitteeMember.committee_id == Committee.id)
        .where(sits(viewer), CommitteeMember.recused.is_(False))
    )
    waits = (
        (Purchase.plan_id == Plan.id)
        & (Purchase.state == State.PLANNED)
        & Purchase.estate_id.in_(asked)
    )
    return _cards(tx, waits, viewer)


def _cards(tx: Session, which: ColumnElement[bool], reader: Viewer | None) -> list[PlanCard]:
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
            lifts=lifts[plan.id],
            due=due,
            made_at=plan.made_at,
            answered=said,
        )
        for plan, purchase, estate, insurer, due, said in rows
    ]


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


def _lifts(tx: Session, plans: Sequence[UUID]) -> Mapping[UUID, Sequence[tuple[str, int]]]:
    """The registration code and premium of each plan's lifts."""
    found: dict[UUID, list[tuple[str, int]]] = {plan_id: [] for plan_id in plans}
    rows = tx.execute(
        select(PlanLift.plan_id, Lift.registration_code, PlanLift.premium_fen)
        .join(Lift, Lift.id == PlanLift.lift_id)
        .where(PlanLift.plan_id.in_(plans))
        .order_by(Lift.registration_code)
    )
    for plan_id, code, premium_fen in rows:
        found[plan_id].append((code, premium_fen))
    return found
