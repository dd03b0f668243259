"""The policy (保险单): handed in by the insurer, put right where it was entered wrongly. Its days
are the days of cover."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from backend.domain.actions import Action
from backend.domain.errors import refuse
from backend.domain.papers import check_policy_paper
from backend.domain.steps import EvidenceKind
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, open_case
from backend.services.case.steps import advance, give_evidence
from backend.store.purchases import Policy, Purchase


@dataclass(frozen=True)
class PolicyPaper:
    """The policy as its paper says it: cover from a day until before another, premium in fen, lifts
    by registration code. `answers_for_days_before`: the insurer covers days before the issue too.
    """

    number: str
    cover_from: date
    cover_ends_before: date
    issued_on: date
    premium_fen: int
    lift_codes: Sequence[str]
    file_sha256: str
    answers_for_days_before: bool = False


def issue_policy(ctx: Context, actor: Actor, purchase_id: UUID, paper: PolicyPaper) -> Purchase:
    """The insurer hands in the policy; cover begins at once if its first day has come.

    Raises Refused: role_required, file_unknown, policy_number_used, policy_date_invalid,
    period_invalid, policy_lifts_differ, policy_period_differs, policy_begins_before_issue,
    policy_premium_differs, lift_already_covered.
    """
    return _hand_in(ctx, actor, purchase_id, Action.ISSUE_POLICY, paper)


def set_policy(
    ctx: Context, actor: Actor, purchase_id: UUID, paper: PolicyPaper, reason: str
) -> Purchase:
    """更正保险单: handed in once more as its paper says; the days of cover follow it.

    Raises Refused like `issue_policy`.
    """
    return _hand_in(ctx, actor, purchase_id, Action.SET_POLICY, paper, reason)


def _hand_in(
    ctx: Context,
    actor: Actor,
    purchase_id: UUID,
    action: Action,
    paper: PolicyPaper,
    reason: str | None = None,
) -> Purchase:
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_role(action)
        give_evidence(case, EvidenceKind.POLICY_DOCUMENT, paper.file_sha256)
        check_policy_paper(paper.issued_on, paper.cover_from, paper.cover_ends_before, case.today)
        if paper.premium_fen <= 0:
            raise refuse("amount_not_positive", "保险单保费应大于0。", "premium_fen")
        # Before the step: cover that begins at once begins by this policy.
        case.purchase.policy_id = _record(case, paper).id
        evidence: dict[str, str | None] = {EvidenceKind.POLICY_DOCUMENT: paper.file_sha256}
        advance(case, action, reason=reason, evidence=evidence)
        tx.commit()
        return case.purchase


def _record(case: Case, paper: PolicyPaper) -> Policy:
    """Raises Refused `policy_number_used` (conflict)."""
    tx, purchase = case.tx, case.purchase
    of_others = Policy.insurer_id == purchase.insurer_id, Policy.purchase_id != purchase.id
    if tx.scalar(select(Policy.id).where(*of_others, Policy.number == paper.number).limit(1)):
        message = "该保单号已用于其他案件，请核对。"
        raise refuse("policy_number_used", message, "number", "conflict")
    assert case.person_id is not None
    policy = Policy(
        purchase_id=purchase.id,
        insurer_id=purchase.insurer_id,
        number=paper.number,
        cover_from=paper.cover_from,
        cover_ends_before=paper.cover_ends_before,
        issued_on=paper.issued_on,
        premium_fen=paper.premium_fen,
        lift_codes=list(paper.lift_codes),
        file_sha256=paper.file_sha256,
        answers_for_days_before=paper.answers_for_days_before,
        handed_in_by=case.person_id,
        handed_in_at=case.now,
    )
    tx.add(policy)
    tx.flush()
    return policy
