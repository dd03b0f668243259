"""A flat's account in the fund as answers give it, to its owner and to the centre."""

from datetime import date
from uuid import UUID

from pydantic import Field

from backend.http.present import Asked, Output
from backend.services.reads.flat_accounts import FlatAccount


class FlatYearQuery(Asked):
    """Of which year; without one the latest with bookings."""

    year: int | None = Field(default=None, ge=1998, le=2200)


class FlatLineOut(Output):
    """One booking of a flat, and the balance after it."""

    booked_on: date
    kind: str
    kind_name: str
    amount_fen: int
    balance_fen: int


class FlatAccountOut(Output):
    """What a flat has in the fund, and one year of it."""

    household_id: UUID
    place: str
    balance_fen: int
    years: list[int]
    year: int
    began_fen: int
    lines: list[FlatLineOut]
    ended_fen: int


def flat_account_out(found: FlatAccount) -> FlatAccountOut:
    """The answer."""
    of_year = found.of_year
    return FlatAccountOut(
        household_id=found.household_id,
        place=found.place,
        balance_fen=found.balance_fen,
        years=list(found.years),
        year=of_year.year,
        began_fen=of_year.began_fen,
        lines=[FlatLineOut.model_validate(line) for line in of_year.lines],
        ended_fen=of_year.ended_fen,
    )
