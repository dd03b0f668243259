"""Interest and closes as answers give them, to the centre and among the todos of its officers."""

from datetime import date, datetime
from uuid import UUID

from backend.domain.closing import CloseState
from backend.domain.households import IncomeMode
from backend.http.present import Output


class InterestOut(Output):
    """Interest of a deposit, cut: what is the owners' by statute, what is value-added income."""

    id: UUID
    deposit_id: UUID
    deposit_number: str
    bank_name: str
    bank_reference: str
    posted_on: date
    from_on: date
    until_on: date
    actual_fen: int
    statutory_fen: int
    value_added_fen: int
    owed_fen: int
    note: str
    file_sha256: str
    entered_at: datetime
    confirmed: bool | None
    decided_at: datetime | None
    turned_down_because: str | None
    undone_at: datetime | None


class InterestUndoOut(Output):
    """The undoing of interest that was confirmed by mistake, as it was asked for."""

    id: UUID
    interest_id: UUID
    reason: str
    file_sha256: str
    entered_at: datetime
    confirmed: bool | None
    decided_at: datetime | None
    turned_down_because: str | None


class PeriodLockOut(Output):
    """A change of the day up to which the books are locked; None: they are open."""

    id: UUID
    until_on: date | None
    former_until_on: date | None
    close_year: int | None
    reason: str
    entered_at: datetime
    confirmed: bool | None
    decided_at: datetime | None
    turned_down_because: str | None


class TransferOut(Output):
    """Money moved between the fund's own bank accounts, by the bank's receipt."""

    id: UUID
    from_bank: str
    to_bank: str
    amount_fen: int
    moved_on: date
    bank_reference: str
    note: str
    file_sha256: str
    entered_at: datetime
    confirmed: bool | None
    decided_at: datetime | None
    turned_down_because: str | None
    booked_on: date | None


class PastIncomeOut(Output):
    """Income of before these books, by the year whose close shares it, in fen."""

    id: UUID
    year: int
    statutory_fen: int
    value_added_fen: int
    note: str
    file_sha256: str
    undoes_id: UUID | None
    entered_at: datetime
    confirmed: bool | None
    decided_at: datetime | None
    turned_down_because: str | None
    undone: bool


class CloseOut(Output):
    """A yearly close, or its preview."""

    id: UUID
    year: int
    revision: int
    state: CloseState
    mode: IncomeMode
    total_fen: int
    statutory_fen: int
    weight: str
    accounts: int
    households: int
    moved_fen: int
    statutory_moved_fen: int
    receivable_fen: int
    previewed_at: datetime
    posted_at: datetime | None
