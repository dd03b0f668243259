"""What a time limit, a hold, a message or a record is of: any kind of thing, and which one."""

from dataclasses import dataclass
from uuid import UUID

PURCHASE = "purchase"


@dataclass(frozen=True)
class Subject:
    """A kind, such as `purchase`, and the id of its row; the audit chain names things alike."""

    kind: str
    id: UUID
