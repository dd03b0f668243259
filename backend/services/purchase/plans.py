"""Survey (查勘) and plan (保险方案): what the insurer does (JS annex 二（一）3)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Text, cast, func, insert, select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.cover import check_period
from backend.domain.errors import refuse
from backend.domain.public_notice import content_hash
from backend.domain.routes.catalogue import ROUTES
from backend.domain.shares import shares_of
from backend.services.base import audit
from backend.services.base.access import array_of
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, open_case
from backend.services.case.steps import advance, take_step
from backend.store.purchases import Plan, PlanLift, Purchase, PurchaseLift, Survey
from backend.store.queries.shares import flats_of
from backend.store.special_accounts import PlanShare


@dataclass(frozen=True)
class PlanTerms:
    """What a plan promises. Premiums in fen per lift; cover from a day until before another."""

    lift_premiums: Mapping[UUID, int]
    sum_insured_fen: int
    deductible_fen: int
    cover_from: date
    cover_ends_before: date
    scope_of_cover: str
    exclusions: str
    service_commitments: str


def check_lift_of(case: Case, lift_id: UUID) -> None:
    """Raises Refused `lift_not_in_purchase`."""
    if case.tx.get(PurchaseLift, (case.purchase.id, lift_id)) is None:
        raise refuse("lift_not_in_purchase", "这台电梯不在本次申请内，请核对。", "lift_id")


def record_survey(
    ctx: Context, actor: Actor, purchase_id: UUID, lift_id: UUID, result: str, findings: str
) -> Survey:
    """The insurer's look at one lift; a later survey of the same lift replaces it.

    Raises Refused: not_found, role_required, lift_not_in_purchase, survey_not_open.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require(Action.SURVEY)
        purchase = case.purchase
        check_lift_of(case, lift_id)
        survey = Survey(
            purchase_id=purchase.id,
            lift_id=lift_id,
            insurer_id=purchase.insurer_id,
            result=result,
            findings=findings,
            surveyed_at=case.now,
            surveyed_by=actor.person_id,
        )
        tx.add(survey)
        tx.flush()
        audit.append(
            tx,
            case.now,
            actor.person_id,
            AuditAction.SURVEY_RECORD,
            ("purchase", purchase.id),
            {"lift_id": str(lift_id), "result": result},
        )
        tx.commit()
        return survey


def fail_survey(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """Put the case aside until the failed lifts are mended."""
    return take_step(ctx, actor, purchase_id, Action.FAIL_SURVEY, reason=reason)


def submit_plan(ctx: Context, actor: Actor, purchase_id: UUID, terms: PlanTerms) -> Purchase:
    """The insurer's plan; the committee is invited to answer, or only informed.

    Raises Refused with every guard's word: insurer_not_selected, plan_lifts_differ,
    lift_not_surveyed, premium_above_available, lift_already_covered, …
    """
    return _put_plan(ctx, actor, purchase_id, Action.SUBMIT_PLAN, terms, None)


def revise_plan(
    ctx: Context, actor: Actor, purchase_id: UUID, terms: PlanTerms, reason: str
) -> Purchase:
    """A changed plan voids earlier answers and the notice, and starts over with approval.

    Objections to that notice are still answered. Raises Refused as `submit_plan`, and
    plan_unchanged: the same plan again would only make an objection go away.
    """
    return _put_plan(ctx, actor, purchase_id, Action.REVISE_PLAN, terms, reason)


def _put_plan(
    ctx: Context, actor: Actor, purchase_id: UUID, action: str, terms: PlanTerms, reason: str | None
) -> Purchase:
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        purchase = case.purchase
        case.require_role(action)
        _check_terms(terms, case.today)
        before = _before(tx, purchase)
        if before.terms == terms:
            message = "修改后的方案与现行方案相同，请修改后再提交。"
            raise refuse("plan_unchanged", message, "lifts", "conflict")
        purchase.plan_id = _freeze(case, actor, terms, before).id
        # What was signed was for the plan before.
        purchase.contract_id = purchase.invoice_id = purchase.policy_id = None
        advance(case, action, reason=reason)
        tx.commit()
        return purchase


def _check_terms(terms: PlanTerms, today: date) -> None:
    if not terms.lift_premiums or any(fen <= 0 for fen in terms.lift_premiums.values()):
        raise refuse("amount_not_positive", "每台电梯的保费都应大于0。", "lifts")
    check_period(terms.cover_from, terms.cover_ends_before, today)


@dataclass(frozen=True)
class _Before:
    """The lifts of a case, how often it was planned, and the terms of its current plan, if any."""

    lifts: Sequence[UUID]
    plans: int
    terms: PlanTerms | None


def _before(tx: Session, purchase: Purchase) -> _Before:
    last = select(func.max(Plan.revision)).where(Plan.purchase_id == purchase.id)
    lifts = select(PurchaseLift.lift_id).where(PurchaseLift.purchase_id == purchase.id)
    premiums = select(func.jsonb_object_agg(cast(PlanLift.lift_id, Text), PlanLift.premium_fen))
    own, plans, per_lift, plan = tx.execute(
        select(
            array_of(lifts),
            last.scalar_subquery(),
            premiums.where(PlanLift.plan_id == Purchase.plan_id).scalar_subquery(),
            Plan,
        )
        .select_from(Purchase)
        .outerjoin(Plan, Plan.id == Purchase.plan_id)
        .where(Purchase.id == purchase.id)
    ).one()
    premiums_fen = {UUID(lift_id): fen for lift_id, fen in (per_lift or {}).items()}
    return _Before(own, plans or 0, _terms_of(plan, premiums_fen) if plan else None)


def _terms_of(plan: Plan, premiums: Mapping[UUID, int]) -> PlanTerms:
    return PlanTerms(
        lift_premiums=premiums,
        sum_insured_fen=plan.sum_insured_fen,
        deductible_fen=plan.deductible_fen,
        cover_from=plan.cover_from,
        cover_ends_before=plan.cover_ends_before,
        scope_of_cover=plan.scope_of_cover,
        exclusions=plan.exclusions,
        service_commitments=plan.service_commitments,
    )


def _freeze(case: Case, actor: Actor, terms: PlanTerms, before: _Before) -> Plan:
    tx, purchase = case.tx, case.purchase
    revision = before.plans + 1
    # Foreign lifts are refused here, so that no row can ever point at them.
    if not terms.lift_premiums.keys() <= set(before.lifts):
        raise refuse("plan_lifts_differ", "方案中的电梯与申请的电梯不一致，请逐台核对。", "lifts")
    premium_fen = sum(terms.lift_premiums.values())
    shares = shares_of(premium_fen, flats_of(tx, purchase)) if _is_shared(case) else {}
    frozen = {
        **asdict(terms),
        "lift_premiums": {str(lift): fen for lift, fen in terms.lift_premiums.items()},
        "cover_from": terms.cover_from.isoformat(),
        "cover_ends_before": terms.cover_ends_before.isoformat(),
        "purchase": purchase.number,
        "revision": revision,
        "insurer_id": str(purchase.insurer_id),
    }
    if shares:  # what each flat pays is a part of what is agreed on
        frozen["shares"] = {str(flat): fen for flat, fen in shares.items()}
    plan = Plan(
        purchase_id=purchase.id,
        revision=revision,
        insurer_id=purchase.insurer_id,
        premium_fen=premium_fen,
        sum_insured_fen=terms.sum_insured_fen,
        deductible_fen=terms.deductible_fen,
        cover_from=terms.cover_from,
        cover_ends_before=terms.cover_ends_before,
        scope_of_cover=terms.scope_of_cover,
        exclusions=terms.exclusions,
        service_commitments=terms.service_commitments,
        content_hash=content_hash(frozen),
        made_by=actor.person_id,
        made_at=case.now,
    )
    tx.add(plan)
    tx.flush()
    tx.add_all(
        PlanLift(plan_id=plan.id, lift_id=lift_id, premium_fen=fen)
        for lift_id, fen in terms.lift_premiums.items()
    )
    tx.flush()
    if shares:
        rows = [
            {"plan_id": plan.id, "household_id": flat, "fen": fen} for flat, fen in shares.items()
        ]
        tx.execute(insert(PlanShare).values(rows))
    return plan


def _is_shared(case: Case) -> bool:
    return ROUTES[case.purchase.route].shared
