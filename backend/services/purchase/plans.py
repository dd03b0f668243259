"""Survey (查勘) and plan (保险方案): what the insurer does (JS annex 二（一）3)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.cover import check_period
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.public_notice import content_hash
from backend.domain.roles import Role
from backend.domain.states import State
from backend.services.base import audit
from backend.services.base.access import require
from backend.services.base.context import Actor, Context
from backend.services.case.profiles import profile_of
from backend.services.case.steps import advance, lock_visible, take_step
from backend.store.purchases import Plan, PlanLift, Purchase, PurchaseLift, Survey


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


def record_survey(
    ctx: Context, actor: Actor, purchase_id: UUID, lift_id: UUID, result: str, findings: str
) -> Survey:
    """The insurer's look at one lift; a later survey of the same lift replaces it.

    Raises Refused: not_found, role_required, lift_not_in_purchase, survey_not_open.
    """
    with ctx.sessions() as tx:
        purchase, held = lock_visible(tx, ctx, actor, purchase_id)
        require(held, [Role.INSURER])
        if purchase.state not in (State.FUNDS_QUERIED, State.SURVEY_FAILED):
            raise refuse("survey_not_open", "案件不在查勘阶段，请刷新后重试。", kind="conflict")
        if tx.get(PurchaseLift, (purchase.id, lift_id)) is None:
            raise refuse("lift_not_in_purchase", "这台电梯不在本次申请内，请核对。", "lift_id")
        now = ctx.clock()
        survey = Survey(
            purchase_id=purchase.id,
            lift_id=lift_id,
            result=result,
            findings=findings,
            surveyed_at=now,
            surveyed_by=actor.person_id,
        )
        tx.add(survey)
        tx.flush()
        audit.append(
            tx,
            now,
            actor.person_id,
            AuditAction.SURVEY_RECORD,
            ("purchase", purchase.id),
            {"lift_id": str(lift_id), "result": result},
        )
        tx.commit()
        return survey


def fail_survey(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """Put the case aside until the failed lifts are mended."""
    return take_step(ctx, actor, purchase_id, "fail_survey", reason=reason)


def submit_plan(ctx: Context, actor: Actor, purchase_id: UUID, terms: PlanTerms) -> Purchase:
    """The insurer's plan; the committee is invited to answer, or only informed.

    Raises Refused with every guard's word: insurer_not_selected, plan_lifts_differ,
    lift_not_surveyed, premium_above_available, lift_already_covered, …
    """
    return _put_plan(ctx, actor, purchase_id, "submit_plan", terms, None)


def revise_plan(
    ctx: Context, actor: Actor, purchase_id: UUID, terms: PlanTerms, reason: str
) -> Purchase:
    """A changed plan voids earlier answers and the notice, and starts over with approval.

    Objections to that notice are still answered. Raises Refused as `submit_plan`, and
    plan_unchanged: the same plan again would only make an objection go away.
    """
    return _put_plan(ctx, actor, purchase_id, "revise_plan", terms, reason)


def _put_plan(
    ctx: Context, actor: Actor, purchase_id: UUID, action: str, terms: PlanTerms, reason: str | None
) -> Purchase:
    with ctx.sessions() as tx:
        purchase, held = lock_visible(tx, ctx, actor, purchase_id)
        require(held, [Role.INSURER])
        _check_terms(terms, local_date(ctx.clock()))
        if purchase.plan_id and _terms_of(tx, purchase.plan_id) == terms:
            message = "修改后的方案与现行方案相同，请修改后再提交。"
            raise refuse("plan_unchanged", message, "lifts", "conflict")
        plan = _freeze(tx, ctx, actor, purchase, terms)
        purchase.plan_id = plan.id
        asked_for = profile_of(tx, ctx, purchase).approval.asked_for.value
        waived = purchase.applicant not in asked_for
        advance(tx, ctx, purchase, action, actor.person_id, held, reason, notify=not waived)
        if waived:
            advance(tx, ctx, purchase, "waive_approval", None, {Role.SYSTEM})
        tx.commit()
        return purchase


def _check_terms(terms: PlanTerms, today: date) -> None:
    if not terms.lift_premiums or any(fen <= 0 for fen in terms.lift_premiums.values()):
        raise refuse("amount_not_positive", "每台电梯的保费都应大于0。", "lifts")
    check_period(terms.cover_from, terms.cover_ends_before, today)


def _terms_of(tx: Session, plan_id: UUID) -> PlanTerms:
    plan = tx.get_one(Plan, plan_id)
    premiums = tx.execute(
        select(PlanLift.lift_id, PlanLift.premium_fen).where(PlanLift.plan_id == plan_id)
    )
    return PlanTerms(
        lift_premiums=dict(premiums.all()),
        sum_insured_fen=plan.sum_insured_fen,
        deductible_fen=plan.deductible_fen,
        cover_from=plan.cover_from,
        cover_ends_before=plan.cover_ends_before,
        scope_of_cover=plan.scope_of_cover,
        exclusions=plan.exclusions,
        service_commitments=plan.service_commitments,
    )


def _freeze(tx: Session, ctx: Context, actor: Actor, purchase: Purchase, terms: PlanTerms) -> Plan:
    revision = tx.scalar(
        select(func.coalesce(func.max(Plan.revision), 0) + 1).where(Plan.purchase_id == purchase.id)
    )
    frozen = {
        **asdict(terms),
        "lift_premiums": {str(lift): fen for lift, fen in terms.lift_premiums.items()},
        "cover_from": terms.cover_from.isoformat(),
        "cover_ends_before": terms.cover_ends_before.isoformat(),
        "purchase": purchase.number,
        "revision": revision,
        "insurer_id": str(purchase.insurer_id),
    }
    plan = Plan(
        purchase_id=purchase.id,
        revision=revision,
        insurer_id=purchase.insurer_id,
        premium_fen=sum(terms.lift_premiums.values()),
        sum_insured_fen=terms.sum_insured_fen,
        deductible_fen=terms.deductible_fen,
        cover_from=terms.cover_from,
        cover_ends_before=terms.cover_ends_before,
        scope_of_cover=terms.scope_of_cover,
        exclusions=terms.exclusions,
        service_commitments=terms.service_commitments,
        content_hash=content_hash(frozen),
        made_by=actor.person_id,
        made_at=ctx.clock(),
    )
    tx.add(plan)
    tx.flush()
    _check_lifts(tx, purchase, terms.lift_premiums)
    tx.add_all(
        PlanLift(plan_id=plan.id, lift_id=lift_id, premium_fen=fen)
        for lift_id, fen in terms.lift_premiums.items()
    )
    tx.flush()
    return plan


def _check_lifts(tx: Session, purchase: Purchase, lifts: Mapping[UUID, int]) -> None:
    """Foreign lifts are refused here, so that no row can ever point at them."""
    own: Sequence[UUID] = tx.scalars(
        select(PurchaseLift.lift_id).where(PurchaseLift.purchase_id == purchase.id)
    ).all()
    if not lifts.keys() <= set(own):
        raise refuse("plan_lifts_differ", "方案中的电梯与申请的电梯不一致，请逐台核对。", "lifts")
