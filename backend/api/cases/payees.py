"""Another account of an insurer: as officers see it."""

from uuid import UUID

from backend.http.present import Moment, Output


class PayeeChangeOut(Output):
    """From which account to which; `decided_at` is null while it waits for another officer than
    `entered_by`, who confirms it or turns it down."""

    id: UUID
    insurer_id: UUID
    insurer: str
    former_bank: str
    former_account: str
    bank_name: str
    bank_account: str
    file_sha256: str
    reason: str
    entered_by: UUID
    entered_at: Moment
    decided_at: Moment | None
    confirmed: bool | None
    turned_down_because: str | None
