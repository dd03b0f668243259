"""Nothing that is sealed in the demo city opens in the place of anything else there."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from backend import wiring
from backend.store.cipher import SealBroken
from backend.store.sealed import SEALED
from tests.e2e.city import City

Place = tuple[Any, UUID, bytes]  # a column, a row, and what is sealed there


@pytest.mark.deep
@pytest.mark.stack
def test_no_two_sealed_values_of_the_city_can_be_swapped(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("backend.store.cipher"), "disabled", True)
    runtime = wiring.build(city.settings)
    cipher, places = runtime.ctx.cipher, list[Place]()
    with runtime.ctx.sessions() as tx:
        for place in SEALED:
            found = select(place.row_id, place.value).where(place.value.is_not(None))
            places += [(place.column, *row) for row in tx.execute(found)]
    runtime.engine.dispose()
    for column, row_id, sealed in places:  # in their own place they do
        cipher.open(column, row_id, sealed)
    assert len(places) > 50
    for (_, _, sealed), (column, row_id, _) in moves(places):
        with pytest.raises(SealBroken):
            cipher.open(column, row_id, sealed)


def moves(places: Sequence[Place]) -> Iterator[tuple[Place, Place]]:
    """Every value with a place in each column that has one, its own column among them, and never
    its own place."""
    by_column: dict[object, list[Place]] = {}
    for place in places:
        by_column.setdefault(place[0], []).append(place)
    for number, value in enumerate(places):
        for column in by_column.values():
            others = (column[(number + nth) % len(column)] for nth in range(2))
            yield from [(value, other) for other in others if other is not value][:1]
