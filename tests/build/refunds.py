"""What an insurer pays back, entered by the cashier and confirmed by the reviewer."""

from uuid import UUID

from backend.domain.refund import RefundKind
from backend.store.proposals import Refund
from backend.store.purchases import Purchase
from tests.build.village import Village


def entered(village: Village, case_id: UUID, kind: RefundKind, fen: int, why: str) -> Refund:
    """The first word: nothing is booked yet."""
    receipt = village.upload("cashier")
    return village.cashier.proposes_refund(case_id, kind, fen, receipt, why)


def given_back(village: Village, case_id: UUID, fen: int, why: str = "退差额") -> Purchase:
    """退费 by two officers."""
    refund = entered(village, case_id, RefundKind.GIVE_BACK, fen, why)
    return village.reviewer.confirms_refund(refund.id)


def cancelled(village: Village, case_id: UUID, fen: int, why: str = "退保") -> Purchase:
    """退保 by two officers."""
    refund = entered(village, case_id, RefundKind.CANCEL, fen, why)
    return village.reviewer.confirms_refund(refund.id)
