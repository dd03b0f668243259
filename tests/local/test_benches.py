"""A bench goes the way of the house: who changes the way sees that it still arrives."""

import pytest

from bench.deliveries import measure

pytestmark = pytest.mark.deep


def test_the_bench_of_deliveries_delivers_every_message() -> None:
    figures = measure(rounds=1, messages=64)
    assert len(figures.ours) == len(figures.bare) == 1
    assert figures.statements <= 1, "messages are taken by the batch"
