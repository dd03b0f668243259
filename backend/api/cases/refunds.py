"""What the centre's officers see of a refund that waits for the second of them."""

from uuid import UUID

from backend.http.present import Moment, Output


class RefundOut(Output):
    """What the cashier entered as paid back and another officer has not confirmed."""

    id: UUID
    kind: str
    amount_fen: int
    receipt_sha256: str
    reason: str
    proposed_at: Moment
