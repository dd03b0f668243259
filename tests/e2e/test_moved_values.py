"""Nothing that is sealed in the demo city opens in the place of anything else there."""

import logging
from itertools import permutations

import pytest
from sqlalchemy import select

from backend import wiring
from backend.store.cipher import SealBroken
from backend.store.sealed import SEALED
from tests.e2e.city import City


@pytest.mark.deep
@pytest.mark.stack
def test_no_two_sealed_values_of_the_city_can_be_swapped(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("backend.store.cipher"), "disabled", True)
    runtime = wiring.build(city.settings)
    cipher, values = runtime.ctx.cipher, []
    with runtime.ctx.sessions() as tx:
        for place in SEALED:
            found = select(place.row_id, place.value).where(place.value.is_not(None))
            values += [(place.column, *row) for row in tx.execute(found)]
    runtime.engine.dispose()
    for column, row_id, sealed in values:  # in their own place they do
        cipher.open(column, row_id, sealed)
    assert len(values) > 50
    for (column, row_id, _), (_, _, moved) in permutations(values, 2):
        with pytest.raises(SealBroken):
            cipher.open(column, row_id, moved)
