"""What was entered from a paper at the counter: as clerks see it."""

from uuid import UUID

from backend.http.present import Moment, Output


class PaperEntryOut(Output):
    """What the paper says, line by line, with names in part; `decided_at` is null while it waits
    for another clerk than `entered_by`, who compares it with the scan or turns it down."""

    id: UUID
    purchase_id: UUID
    number: str
    estate: str
    kind: str
    kind_name: str
    lines: list[str]
    file_sha256: str
    received_at: Moment
    entered_by: UUID
    entered_at: Moment
    decided_at: Moment | None
    confirmed: bool | None
    turned_down_because: str | None
