"""A property company took over another one: as officers see it."""

from uuid import UUID

from backend.http.present import Moment, Output


class SuccessionOut(Output):
    """Which company is to take over which; `decided_at` is null while it waits for another officer
    than `entered_by`, who confirms it or turns it down."""

    id: UUID
    estate_id: UUID
    estate: str
    former: str
    company: str
    file_sha256: str
    reason: str
    entered_by: UUID
    entered_at: Moment
    decided_at: Moment | None
    confirmed: bool | None
    turned_down_because: str | None
