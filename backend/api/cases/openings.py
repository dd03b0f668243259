"""Corrections of opening balances: as officers see them."""

from uuid import UUID

from backend.http.present import Moment, Output


class FigureOut(Output):
    """One account's opening balance before and after, in fen."""

    account_id: UUID
    number: str
    name: str
    former_fen: int
    fen: int


class OpeningCorrectionOut(Output):
    """Other figures of an opening; `decided_at` is null while it waits for another officer than
    `entered_by`, who confirms it or turns it down."""

    id: UUID
    opening_id: UUID
    figures: list[FigureOut]
    file_sha256: str
    reason: str
    entered_by: UUID
    entered_at: Moment
    decided_at: Moment | None
    confirmed: bool | None
    turned_down_because: str | None
