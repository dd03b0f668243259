"""退费 and 退保: the cashier enters what came back, another officer confirms it or says no.

The bank's receipt and the reason come with the entry; nothing is booked and no cover ends before
the second word. One refund of a case waits at a time. Once cover is over there is no 退保 any more:
what comes late is booked as 退费, and so is a 退保 that was entered before and is confirmed after.
"""

from uuid import UUID

from sqlalchemy import select

from backend.domain import texts
from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.facts import StepFacts
from backend.domain.refund import FROM_INSURER, RefundKind, RefundOutcome
from backend.domain.roles import Role
from backend.domain.steps import EvidenceKind
from backend.services.base import audit
from backend.services.base.context import Actor, Context
from backend.services.case import deadlines
from backend.services.case.case import Case, CaseId, act_as_officer, open_case
from backend.services.case.notifications import tell_roles
from backend.services.case.refunds import tell, waiting, write_down
from backend.services.case.retired_lifts import not_returned
from backend.services.case.steps import advance, check_step, give_evidence
from backend.store.proposals import Refund
from backend.store.purchases import Purchase


def propose(
    ctx: Context,
    actor: Actor,
    purchase_id: UUID,
    kind: RefundKind,
    refund_fen: int,
    receipt_sha256: str,
    reason: str,
) -> Refund:
    """The cashier enters what the insurer paid back (fen); the reviewer is told and has a limit.

    Raises Refused: role_required, case_closed, refund_not_possible, same_officer, officer_is_party,
    refund_waiting, refund_out_of_range, cover_ended, file_unknown, text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        role = case.require(Action.PROPOSE_REFUND)
        act_as_officer(case, role)
        if tx.scalar(waiting(case.purchase)):
            message = "本案已有一笔退款等待复核确认，请先确认或退回。"
            raise refuse("refund_waiting", message, kind="conflict")
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "理由")
        if kind is RefundKind.CLOSE_ACCOUNT and not case.table.find(case.state, kind.step):
            message = "本案没有结束的专户，不能登记退还专户余款。"
            raise refuse("refund_not_possible", message, "kind", "conflict")
        if kind in FROM_INSURER and not case.table.find(case.state, Action.GIVE_BACK):
            message = "本案没有付过保费，没有可以退费或退保的；专户里的款项请登记为退还专户余款。"
            raise refuse("refund_not_possible", message, "kind", "conflict")
        if kind.step is not _step(case, kind):
            message = "保障已经结束，不再办理退保；保险机构退来的款项，请登记为退费。"
            raise refuse("cover_ended", message, "kind", "conflict")
        check_step(case, kind.step, StepFacts(refund_fen=refund_fen))
        give_evidence(case, EvidenceKind.BANK_RECEIPT, receipt_sha256)
        refund = Refund(
            purchase_id=case.purchase.id,
            kind=kind,
            amount_fen=refund_fen,
            receipt_sha256=receipt_sha256,
            reason=why,
            proposed_by=actor.person_id,
            in_stead_of=case.involved.fact.stands_in_for.get(role),
            proposed_at=case.now,
        )
        tx.add(refund)
        tx.flush()
        deadlines.meet(case, "lift_return")
        deadlines.start(case, "refund_review")
        tell(case, refund, [Role.REVIEWER], "待确认", "请核对银行回单后确认")
        write_down(case, refund, AuditAction.PURCHASE_PROPOSE_REFUND)
        tx.commit()
        return refund


def confirm(ctx: Context, actor: Actor, refund_id: UUID) -> Purchase:
    """Another officer saw the receipt: the money is booked, and 退保 ends the cover.

    Raises Refused: not_found, refund_settled, own_refund, and what the step may refuse.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, _case_of(refund_id), "退款登记")
        refund = _waiting_one(case, refund_id)
        case.require_role(refund.kind.step)
        if case.involved.fact.is_own(refund.proposed_by, refund.in_stead_of):
            message = "这笔退款是您本人、您代办的人或替您代办的人登记的，请由另一位复核人员确认。"
            raise refuse("own_refund", message, kind="forbidden")
        _settle(case, refund, RefundOutcome.CONFIRMED)
        given = StepFacts(refund_fen=refund.amount_fen)
        evidence: dict[str, str | None] = {EvidenceKind.BANK_RECEIPT: refund.receipt_sha256}
        advance(case, _step(case, refund.kind), given, reason=refund.reason, evidence=evidence)
        tx.commit()
        return case.purchase


def refuse_refund(ctx: Context, actor: Actor, refund_id: UUID, reason: str) -> Purchase:
    """The reviewer does not confirm it, or the cashier takes it back: nothing was booked.

    Raises Refused: not_found, role_required, case_closed, refund_not_possible, same_officer,
    officer_is_party, refund_settled, text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, _case_of(refund_id), "退款登记")
        role = case.require_role(Action.REFUSE_REFUND)
        refund = _waiting_one(case, refund_id)
        act_as_officer(case, role)
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "理由")
        refund.refused_because = why
        _settle(case, refund, RefundOutcome.REFUSED)
        not_returned(case, refund)
        both = (Role.CASHIER, Role.REVIEWER)
        tell(case, refund, both, "未予确认", "未入账，请看退回理由")
        write_down(case, refund, AuditAction.PURCHASE_REFUSE_REFUND)
        tx.commit()
        return case.purchase


def waive(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """Nothing comes back for a lift that was taken out, the cashier says why; reviewer, applicant
    and insurer hear of it. A refund may still be entered afterwards.

    Raises Refused: role_required, case_closed, refund_not_possible, same_officer, officer_is_party,
    nothing_to_return, text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        act_as_officer(case, case.require(Action.WAIVE_REFUND))
        waited_for = deadlines.running(tx, case.subject, "lift_return")
        if waited_for is None:
            message = "本案没有等待商定退费的拆除电梯，无需登记。"
            raise refuse("nothing_to_return", message, kind="conflict")
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "理由")
        deadlines.meet(case, "lift_return")
        facts = {"number": case.purchase.number, "reason": why}
        subject = ("purchase", case.purchase.id)
        audit.append(
            tx, case.now, actor.person_id, AuditAction.PURCHASE_WAIVE_REFUND, subject, facts
        )
        once = f"waived_refund/{waited_for.id}"
        hears = (Role.REVIEWER, Role.APPLICANT, Role.INSURER)
        tell_roles(case, once, hears, "拆除电梯无需退费", "有不同意见请联系中心")
        tx.commit()
        return case.purchase


def _step(case: Case, kind: RefundKind) -> Action:
    """The step by which it is booked: 退保 ends no cover that is over by itself."""
    return kind.step if case.table.find(case.state, kind.step) else Action.GIVE_BACK


def _case_of(refund_id: UUID) -> CaseId:
    return select(Refund.purchase_id).where(Refund.id == refund_id).scalar_subquery()


def _waiting_one(case: Case, refund_id: UUID) -> Refund:
    """Raises Refused `refund_settled` (conflict)."""
    refund = case.tx.get_one(Refund, refund_id, with_for_update=True)
    if refund.outcome is not None:
        message = "这笔退款已经确认、退回或失效，请刷新后查看。"
        raise refuse("refund_settled", message, kind="conflict")
    return refund


def _settle(case: Case, refund: Refund, outcome: RefundOutcome) -> None:
    refund.outcome = outcome
    refund.settled_by, refund.settled_at = case.person_id, case.now
    deadlines.meet(case, "refund_review")
