"""Loads the facts of a case that the domain judges. One loader, a fixed number of queries."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.dialects.postgresql import Range, distinct_on
from sqlalchemy.orm import Session

from backend.domain.approval import Tally, count
from backend.domain.cover import CoverState
from backend.domain.facts import ContractFact, Facts, InvoiceFact, LiftFact, NoticeFact, PlanFact
from backend.domain.ledger import HoldState
from backend.domain.local_time import local_date
from backend.domain.objection import ObjectionStatus
from backend.domain.public_notice import LIVE, missing_photos, photo_counts
from backend.domain.roles import Role
from backend.services.base.context import Context
from backend.services.case.conflicts_of_interest import (
    count_cosigners,
    is_applicant,
    is_party,
    officers_so_far,
)
from backend.services.case.profiles import profile_of
from backend.store.ledger import Hold
from backend.store.notices import Objection, PublicNotice, PublicNoticePhoto
from backend.store.purchases import (
    Approval,
    Contract,
    CoveragePeriod,
    Invoice,
    Plan,
    PlanLift,
    Purchase,
    PurchaseLift,
    Survey,
)
from backend.store.queries import area
from backend.store.queries.sources import source_of
from backend.store.registry import Committee, CommitteeMember, Estate, Insurer, Lift, Mandate


def load_facts(
    tx: Session,
    ctx: Context,
    purchase: Purchase,
    actor_id: UUID | None,
    held: Iterable[Role],
    **extra: Any,
) -> Facts:
    """The case as it stands in this transaction; `extra` overrides single facts of the step.

    `held` are the actor's roles in the case.
    """
    now = ctx.clock()
    today = local_date(now)
    profile = profile_of(tx, ctx, purchase)
    plan = plan_fact(tx, purchase)
    notice = live_notice(tx, purchase)
    hold, hold_fen = money_held(tx, purchase)
    insurer_id = plan.insurer_id if plan else purchase.insurer_id
    values: dict[str, Any] = {
        "applicant": purchase.applicant,
        "actor_is_applicant": is_applicant(tx, ctx, purchase, actor_id, held),
        "actor_is_party": is_party(tx, purchase, actor_id, held),
        "minimum_cosigners": profile.applicants.minimum_cosigners.value,
        "approval_asked": purchase.applicant in profile.approval.asked_for.value,
        "lifts": lift_facts(tx, purchase, plan),
        "available_fen": source_of(tx, purchase.id).available_fen,
        "hold": hold,
        "hold_fen": hold_fen,
        "insurer_id": insurer_id,
        "insurer_selected": insurer_is_selected(tx, insurer_id, today),
        "plan": plan,
        "tally": tally(tx, purchase, today) if plan else None,
        "notice": notice_fact(tx, notice) if notice else None,
        "objection_statuses": objection_statuses(tx, notice) if notice else (),
        "contract": contract_fact(tx, purchase),
        "invoice": invoice_fact(tx, purchase),
        "officers": officers_so_far(tx, purchase),
        **applicant_facts(tx, purchase, today),
        **extra,
    }
    return Facts(now=now, today=today, actor_id=actor_id, **values)


def money_held(tx: Session, purchase: Purchase) -> tuple[HoldState | None, int]:
    """The state of the case's latest holds (pending, posted; None: none), and their sum in fen."""
    holds = tx.execute(
        select(Hold.state, Hold.placed_at, Hold.amount_fen)
        .where(Hold.subject == purchase.subject, Hold.state != HoldState.VOIDED)
        .order_by(Hold.id.desc())
    ).all()
    if not holds:
        return None, 0
    state, placed_at, _ = holds[0]
    return state, sum(fen for *batch, fen in holds if batch == [state, placed_at])


def applicant_facts(tx: Session, purchase: Purchase, today: date) -> dict[str, Any]:
    """Who stands behind the application: people who signed, a committee, a valid mandate."""
    committee = _in_office(purchase.estate_id, today).scalar_subquery()
    mandated = exists().where(
        Mandate.committee_id == committee,
        Mandate.property_company_id == Estate.property_company_id,
        Mandate.valid(today),
    )
    found = tx.execute(
        select(
            count_cosigners(purchase).scalar_subquery().label("cosigners"),
            committee.is_not(None).label("committee_in_office"),
            mandated.label("mandate_valid"),
            Estate.property_company_id.is_not(None).label("managed"),
        ).where(Estate.id == purchase.estate_id)
    )
    return dict(found.mappings().one())


def _in_office(estate_id: UUID, today: date) -> Select[UUID]:
    """The id of the committee whose term contains the day; of two the one elected last."""
    return (
        select(Committee.id)
        .where(
            Committee.estate_id == estate_id,
            Committee.in_office(today),
        )
        .order_by(Committee.term_from.desc())
        .limit(1)
    )


def members_in_office(tx: Session, estate_id: UUID, today: date) -> Sequence[CommitteeMember]:
    """The members of the committee in office who have not left."""
    return tx.scalars(
        select(CommitteeMember)
        .where(
            CommitteeMember.committee_id == _in_office(estate_id, today).scalar_subquery(),
            CommitteeMember.sits(today),
        )
        .order_by(CommitteeMember.id)
    ).all()


def mandate_until(tx: Session, estate_id: UUID, today: date) -> date | None:
    """The last day on which the estate's property company may apply for the committee in office."""
    return tx.scalar(
        select(func.max(Mandate.valid_until))
        .join(Estate, Estate.property_company_id == Mandate.property_company_id)
        .where(
            Estate.id == estate_id,
            Mandate.committee_id == _in_office(estate_id, today).scalar_subquery(),
            Mandate.valid(today),
        )
    )


def plan_fact(tx: Session, purchase: Purchase) -> PlanFact | None:
    """The current plan, or None."""
    if purchase.plan_id is None:
        return None
    plan = tx.get_one(Plan, purchase.plan_id)
    premiums = tx.execute(
        select(PlanLift.lift_id, PlanLift.premium_fen).where(PlanLift.plan_id == plan.id)
    )
    return PlanFact(
        plan.id,
        plan.insurer_id,
        plan.premium_fen,
        dict(premiums.all()),
        plan.cover_from,
        plan.cover_ends_before,
    )


def lift_facts(tx: Session, purchase: Purchase, plan: PlanFact | None) -> tuple[LiftFact, ...]:
    """The lifts applied for: place, latest survey, and cover that stands in the plan's way."""
    rows = tx.execute(
        select(
            Lift.id,
            Lift.registration_code,
            Lift.id.in_(area.lifts_serving(area.circle(purchase.id))),
        )
        .join(PurchaseLift, PurchaseLift.lift_id == Lift.id)
        .where(PurchaseLift.purchase_id == purchase.id)
        .order_by(Lift.registration_code)
    ).all()
    surveys = dict(
        tx.execute(
            select(Survey.lift_id, Survey.result)
            .ext(distinct_on(Survey.lift_id))
            .where(Survey.purchase_id == purchase.id)
            .order_by(Survey.lift_id, Survey.id.desc())
        ).all()
    )
    taken = _taken_until(tx, purchase, plan)
    return tuple(
        LiftFact(
            lift_id,
            code,
            in_circle,
            surveys.get(lift_id),
            taken.get(lift_id),
        )
        for lift_id, code, in_circle in rows
    )


def _taken_until(tx: Session, purchase: Purchase, plan: PlanFact | None) -> dict[UUID, date]:
    if plan is None:
        return {}
    period = Range(plan.cover_from, plan.cover_ends_before)
    rows = tx.execute(
        select(CoveragePeriod.lift_id, func.max(func.upper(CoveragePeriod.period)))
        .where(
            CoveragePeriod.lift_id.in_(plan.lift_premiums),
            CoveragePeriod.purchase_id != purchase.id,
            CoveragePeriod.state != CoverState.RELEASED,
            CoveragePeriod.period.overlaps(period),
        )
        .group_by(CoveragePeriod.lift_id)
    )
    return dict(rows.all())


def insurer_is_selected(tx: Session, insurer_id: UUID | None, today: date) -> bool:
    """Whether the city's selection of this insurer covers the day."""
    insurer = tx.get(Insurer, insurer_id) if insurer_id else None
    return insurer is not None and insurer.selected(today)


def tally(tx: Session, purchase: Purchase, today: date) -> Tally:
    """The latest answers to the current plan, counted among the members in office.

    Those who stand aside count as in office, but their answers do not count.
    """
    members = members_in_office(tx, purchase.estate_id, today)
    voting = {member.id for member in members if not member.recused}
    latest = tx.execute(
        select(Approval.member_id, Approval.answer)
        .ext(distinct_on(Approval.member_id))
        .where(Approval.plan_id == purchase.plan_id)
        .order_by(Approval.member_id, Approval.seq.desc())
    )
    return count([answer for member_id, answer in latest if member_id in voting], len(members))


def live_notice(tx: Session, purchase: Purchase) -> PublicNotice | None:
    """The notice of the current plan that is being posted, runs, is suspended or was cleared."""
    return tx.scalar(
        select(PublicNotice)
        .where(PublicNotice.purchase_id == purchase.id, PublicNotice.state.in_(LIVE))
        .order_by(PublicNotice.id.desc())
        .limit(1)
    )


def required_places(notice: PublicNotice) -> list[tuple[UUID, str]]:
    """Where this notice must hang, id and name, frozen when it was drafted."""
    return [(UUID(place["unit_id"]), place["name"]) for place in notice.places]


def notice_fact(tx: Session, notice: PublicNotice) -> NoticeFact:
    """The notice and the photos it still lacks."""
    photos = tx.scalars(select(PublicNoticePhoto).where(PublicNoticePhoto.notice_id == notice.id))
    given = {
        (photo.unit_id, photo.moment, photo.framing)
        for photo in photos
        if photo_counts(photo.moment, photo.captured_at, notice.ends_on)
    }
    places = required_places(notice)
    return NoticeFact(
        notice.ends_before,
        missing_photos(places, given, "start"),
        missing_photos(places, given, "end"),
    )


def objection_statuses(tx: Session, notice: PublicNotice) -> tuple[ObjectionStatus, ...]:
    """How each objection to the notice stands."""
    return tuple(tx.scalars(select(Objection.status).where(Objection.notice_id == notice.id)))


def contract_fact(tx: Session, purchase: Purchase) -> ContractFact | None:
    """The contract handed in, or None."""
    contract = tx.scalar(select(Contract).where(Contract.purchase_id == purchase.id))
    if contract is None:
        return None
    codes = frozenset(contract.lift_codes)
    return ContractFact(contract.insurer_id, contract.premium_fen, codes)


def invoice_fact(tx: Session, purchase: Purchase) -> InvoiceFact | None:
    """The invoice handed in last, or None."""
    invoice = tx.get(Invoice, purchase.invoice_id) if purchase.invoice_id else None
    return InvoiceFact(invoice.insurer_id, invoice.amount_fen) if invoice else None
