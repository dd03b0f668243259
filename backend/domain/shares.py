"""分摊: what each flat pays of a premium that no account pays for all of them (JS 四（四）)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.domain.money import split


@dataclass(frozen=True)
class Flat:
    """A flat of the circle: its place in words, its area in 0.01 m², and whether the roster names
    an owner of it."""

    household_id: UUID
    place: str
    area_dm2: int
    owned: bool


def shares_of(premium_fen: int, flats: Sequence[Flat]) -> dict[UUID, int]:
    """The premium (fen) split over the flats by area, to the fen: spare fen go to the largest
    remainders, ties by the flat's key. A share of nothing is none, and so where there is no flat.
    """
    if not flats:
        return {}
    keys = {str(flat.household_id): flat.household_id for flat in flats}
    parts = split(premium_fen, [(str(flat.household_id), flat.area_dm2) for flat in flats])
    return {keys[part.name]: part.fen for part in parts if part.fen}
