"""The refund of a case that waits for a second officer, and how it ends with what it is about."""

from collections.abc import Sequence

from sqlalchemy import Select, select

from backend.domain.audit_actions import AuditAction
from backend.domain.money import yuan
from backend.domain.refund import REFUND_NAMES, RefundOutcome
from backend.domain.roles import Role
from backend.services.base import audit
from backend.services.case.case import Case
from backend.services.case.notifications import tell_of_refund
from backend.store.proposals import Refund
from backend.store.purchases import Purchase


def waiting(purchase: Purchase) -> Select[Refund]:
    """The refund of this case that nobody has confirmed or refused."""
    return select(Refund).where(Refund.purchase_id == purchase.id, Refund.outcome.is_(None))


def end_waiting(case: Case) -> None:
    """What it was about is over: both officers hear that nothing was booked."""
    refund = case.tx.scalar(waiting(case.purchase))
    if refund is None:
        return
    refund.outcome, refund.settled_at = RefundOutcome.ENDED, case.now
    tell(case, refund, (Role.CASHIER, Role.REVIEWER), "未确认，已失效", "未入账，请核对到账款项")
    write_down(case, refund, AuditAction.PURCHASE_END_REFUND)


def tell(case: Case, refund: Refund, roles: Sequence[Role], state: str, what_next: str) -> None:
    """These officers hear how it stands: 退保2,000元待确认."""
    once = f"refund/{refund.id}/{refund.outcome or 'entered'}"
    words = f"{REFUND_NAMES[refund.kind]}{yuan(refund.amount_fen)}{state}"
    tell_of_refund(case, once, roles, words, what_next)


def write_down(case: Case, refund: Refund, action: AuditAction) -> None:
    """A link in the chain about this refund."""
    facts = {
        "number": case.purchase.number,
        "kind": str(refund.kind),
        "amount_fen": refund.amount_fen,
        "sha256": refund.receipt_sha256,
    }
    audit.append(case.tx, case.now, case.person_id, action, ("purchase", case.purchase.id), facts)
