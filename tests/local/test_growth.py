"""What is asked of the database does not grow with the city: counts of statements, pages and
tables, from PostgreSQL's own plans, in small. `python -m bench.growth` asks 300,000 lifts the same,
`python -m bench.years` a city with ten years behind it what is asked on any day.

The server does without reading a table from end to end wherever it can, as it does in a large city:
where it still does, an index is missing.
"""

from sqlalchemy import Connection

from bench import years
from bench.growth import (
    BATCH,
    FEW_BUFFERS,
    LIFTS_OF_THE_DEMO,
    MOST_BUFFERS_OF_AN_IDLE_SWEEP,
    MOST_GROWTH,
    MOST_STATEMENTS_OF_A_STEP,
    MOST_STATEMENTS_OF_TODOS,
    NOT_YET,
    ask,
    cities,
)
from bench.plans import TOLD
from bench.ten_years import tell_years

ESTATES = (1, 10, 40)
AGED = 2  # estates of the city with a past
BACKLOG = 500  # of one estate, behind which another's message waits for one batch
TODOS = {"read todos of a clerk", "read todos of a manager", "read todos of an owner"}
# Few rows, however large the city: a version each, a year each, an insurer each, a mistake each, a
# term of a deposit each.
STAY_SMALL = {"city_profile", "holiday_year", "insurer", "lockout", "opening_correction"}
STAY_SMALL |= {"deposit_interest", "leading_decision", "past_income", "year_close"}


def test_what_is_asked_of_a_city_does_not_grow_with_it() -> None:
    past = iter((*(0 for _ in ESTATES), 2))

    def aged(tx: Connection) -> None:
        if over := next(past):
            tell_years(tx, over, cases_a_year=20)

    lifts = [estates * LIFTS_OF_THE_DEMO for estates in (*ESTATES, AGED)]
    with cities(*lifts, options=[*TOLD, "enable_seqscan=off"], more=aged) as (settings, people):
        village, town, city = (ask(each, people, BACKLOG) for each in settings[: len(ESTATES)])
        _, an_hour, weights = years.ask(settings[-1])
    assert {name for name, gone in an_hour.items() if not gone["rows"]} == set()
    assert {name for name, weight in weights.items() if not weight["rows"]} == set()
    reads = {name for name in city if name.startswith("read ")} - set(NOT_YET) | TODOS
    sweeps = {name for name in city if name.startswith("sweep ")}
    lists = {name for name in city if name.startswith("list ")}
    assert reads >= TODOS
    assert len(lists) == 3
    assert sweeps
    assert {name for name in TODOS if city[name].statements > MOST_STATEMENTS_OF_TODOS} == set()
    assert {
        name: cost.statements
        for name, cost in city.items()
        if name.startswith("step ") and cost.statements > MOST_STATEMENTS_OF_A_STEP
    } == {}
    assert {
        name: city[name].buffers
        for name in sweeps
        if city[name].buffers > MOST_BUFFERS_OF_AN_IDLE_SWEEP
    } == {}, "a sweep with nothing to do looks at something"
    assert {
        name: (village[name].rows, city[name].rows)
        for name in sweeps
        if city[name].rows > village[name].rows
    } == {}, "a sweep with nothing to do looks at more in a city"
    assert {
        name
        for name, cost in city.items()
        if cost.statements > max(village[name].statements, town[name].statements)
    } == set(), "statements for each estate"
    assert {
        name: cost.scanned - STAY_SMALL
        for name, cost in city.items()
        if name in reads | lists and cost.scanned - STAY_SMALL
    } == {}, "tables without an index for what is asked"
    claim = f"claim of {BATCH} messages"
    assert city[f"{claim} of {BACKLOG}"].buffers <= MOST_GROWTH * city[claim].buffers
    # The lists of who sees to many estates are as long as the page only in the city.
    assert {
        name: (town[name].buffers, city[name].buffers)
        for name in reads - TODOS
        if city[name].buffers > max(FEW_BUFFERS, MOST_GROWTH * town[name].buffers)
    } == {}, "pages for each estate"
