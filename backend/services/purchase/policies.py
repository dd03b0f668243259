"""The policy (保险单): issued by the insurer, in force from its first day."""

from uuid import UUID

from sqlalchemy import select, update

from backend.domain.actions import Action
from backend.domain.cover import CoverState
from backend.domain.errors import refuse
from backend.domain.steps import EvidenceKind
from backend.services.base.context import Actor, Context
from backend.services.case.case import open_case
from backend.services.case.steps import advance, give_evidence
from backend.store.purchases import CoveragePeriod, Purchase


def issue_policy(
    ctx: Context, actor: Actor, purchase_id: UUID, policy_number: str, file_sha256: str
) -> Purchase:
    """The insurer hands in the policy; cover begins at once if its first day has come.

    Raises Refused: role_required, file_unknown, policy_number_used.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        if tx.scalar(
            select(CoveragePeriod.id)
            .where(
                CoveragePeriod.policy_number == policy_number,
                CoveragePeriod.purchase_id != case.purchase.id,
            )
            .limit(1)
        ):
            raise refuse(
                "policy_number_used", "该保单号已用于其他案件，请核对。", "number", "conflict"
            )
        give_evidence(case, EvidenceKind.POLICY_DOCUMENT, file_sha256)
        # Before the step: cover that begins at once begins under this number.
        tx.execute(
            update(CoveragePeriod)
            .where(
                CoveragePeriod.purchase_id == case.purchase.id,
                CoveragePeriod.state == CoverState.RESERVED,
            )
            .values(policy_number=policy_number)
        )
        advance(case, Action.ISSUE_POLICY, evidence={EvidenceKind.POLICY_DOCUMENT: file_sha256})
        tx.commit()
        return case.purchase
