"""How often a request asks the database, signing in and its key included: counts, never seconds.

The first payment of a city and an objection whose words are to be published are the dearest of
their kind, and are what is measured.
"""

from bench.queries import measure

MOST_PER_STEP = 25


def test_no_step_over_http_asks_more_than_twenty_five_times() -> None:
    asked = measure()["statements_per_request"]
    asked["GET /public/lifts/<token>"] = asked["GET /public/lifts/<token>"]["first"]
    assert {name: count for name, count in asked.items() if count > MOST_PER_STEP} == {}
