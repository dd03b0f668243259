"""The policy (保险单): issued by the insurer, in force from its first day."""

from uuid import UUID

from sqlalchemy import select, update

from backend.domain.cover import CoverState
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.roles import Role
from backend.domain.steps import EvidenceKind
from backend.services.base.context import Actor, Context
from backend.services.case.steps import advance, give_evidence, lock_visible
from backend.store.purchases import CoveragePeriod, Plan, Purchase


def issue_policy(
    ctx: Context, actor: Actor, purchase_id: UUID, policy_number: str, file_sha256: str
) -> Purchase:
    """The insurer hands in the policy; cover begins at once if its first day has come.

    Raises Refused: role_required, file_unknown, policy_number_used.
    """
    with ctx.sessions() as tx:
        purchase, held = lock_visible(tx, ctx, actor, purchase_id)
        if tx.scalar(
            select(CoveragePeriod.id)
            .where(
                CoveragePeriod.policy_number == policy_number,
                CoveragePeriod.purchase_id != purchase.id,
            )
            .limit(1)
        ):
            raise refuse(
                "policy_number_used", "该保单号已用于其他案件，请核对。", "number", "conflict"
            )
        give_evidence(tx, ctx, actor, purchase, EvidenceKind.POLICY_DOCUMENT, file_sha256)
        plan = tx.get_one(Plan, purchase.plan_id) if purchase.plan_id else None
        begun = plan is not None and plan.cover_from <= local_date(ctx.clock())
        advance(
            tx,
            ctx,
            purchase,
            "issue_policy",
            actor.person_id,
            held,
            evidence={EvidenceKind.POLICY_DOCUMENT: file_sha256},
            notify=not begun,
        )
        tx.execute(
            update(CoveragePeriod)
            .where(
                CoveragePeriod.purchase_id == purchase.id,
                CoveragePeriod.state == CoverState.RESERVED,
            )
            .values(policy_number=policy_number)
        )
        if begun:
            advance(tx, ctx, purchase, "begin_cover", None, {Role.SYSTEM})
        tx.commit()
        return purchase
