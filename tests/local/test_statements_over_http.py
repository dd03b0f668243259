"""How often a request asks the database, signing in and its key included: counts, never seconds."""

from bench.queries import measure

MOST_PER_STEP = 25
MORE = {
    # The first payment of a city opens three accounts of the house.
    "POST /purchases/<purchase_id>/payment-request": MOST_PER_STEP + 3,
    # On record first, then the platform's word on it, in a transaction of its own; between them the
    # house's own step suspends the notice.
    "POST /notices/<notice_id>/objections": 34,
}


def test_no_step_over_http_asks_more_than_twenty_five_times() -> None:
    asked = measure()["statements_per_request"]
    asked["GET /public/lifts/<token>"] = asked["GET /public/lifts/<token>"]["first"]
    too_often = {name: count for name, count in asked.items() if count > MOST_PER_STEP}
    assert too_often == MORE
