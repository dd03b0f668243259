"""How long the desk's list of 100,000 cases takes beside the bare query of the same rows.

    .venv/bin/python -m bench.desk_lists

The city is made by SQL (`growth.cities`): its cases are told many times over, each with a state, a
moment of change and, every other one, a running limit of its own. Every figure is the median of
some rounds. Within a round both sides of a ratio follow each other, each first in every other one,
and the ratio is the median of those of the rounds: a load beside it hits both alike. Counted is the
time in which the database was waited for; `whole` is the first page with all that is done around
it, `of the processor` what of it this process worked itself.
`not_met` names what misses its aim: at most twelve statements, twice the bare query, page 20 three
times page 1.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import Any

import click
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session

from backend.domain.roles import Role
from backend.domain.states import State
from backend.runtime import Runtime
from backend.services.base.context import Actor
from backend.services.reads import case_list
from backend.store.queries.case_list import CaseFilter
from bench.growth import LIFTS_OF_THE_DEMO, cities
from bench.reads import holder_of
from bench.scene import house

ESTATES = 1_000
ROUNDS = 15
MOST_STATEMENTS = 12
MOST_OF_THE_BARE = 2.0
MOST_OF_PAGE_ONE = 3.0

MORE_CASES = """
INSERT INTO purchase (id, number, route, state, version, profile_version, estate_id, applicant,
    applied_by, insurer_id, plan_id, started_at, updated_at)
SELECT gen_random_uuid(), 'SQ-20' || lpad((nth % 50)::text, 2, '0') || '-'
    || lpad((row_number() OVER ())::text, 6, '0'), route,
    (CAST(:states AS text[]))[1 + floor(random() * cardinality(CAST(:states AS text[])))],
    version, profile_version, estate_id, applicant, applied_by, insurer_id, plan_id, started_at,
    updated_at + random() * interval '700 days'
FROM purchase, generate_series(1, :times) AS nth
"""
THEIR_LIFTS = """
INSERT INTO purchase_lift SELECT more.id, lift_id FROM purchase AS more
JOIN LATERAL (SELECT id FROM purchase AS one WHERE one.estate_id = more.estate_id
    AND EXISTS (SELECT FROM purchase_lift WHERE purchase_id = one.id) ORDER BY id LIMIT 1) AS one
    ON true
JOIN purchase_lift ON purchase_id = one.id
WHERE NOT EXISTS (SELECT FROM purchase_lift WHERE purchase_id = more.id)
"""
THEIR_LIMITS = """
INSERT INTO deadline (id, subject_kind, subject_id, kind, started_on, days, ends_on, ends_before,
    provisional, explanation, state)
SELECT gen_random_uuid(), 'purchase', id, 'told', updated_at::date, 5, updated_at::date,
    date_trunc('day', updated_at) + random() * interval '60 days', false, '[]', 'open'
FROM purchase WHERE random() < 0.55
"""
# What a page shows and nothing else, in one statement for each order: fifty lines, and how many
# there are up to a thousand.
LINES = """
SELECT page.*, e.name, f.premium_fen,
    (SELECT count(*) FROM purchase_lift WHERE purchase_id = page.id),
    (SELECT min(ends_before) FROM deadline WHERE purchase_id = page.id AND state = 'open'),
    (SELECT min(ends_before) FROM deadline WHERE purchase_id = page.id AND state = 'open'
        AND kind <> 'public_notice_period'),
    (SELECT count(*) FROM (SELECT FROM purchase LIMIT 1001) AS counted)
FROM ({page} LIMIT 50) AS page JOIN estate e ON e.id = page.estate_id
LEFT JOIN plan f ON f.id = page.plan_id
"""
CASE = "SELECT p.id, p.number, p.state, p.applicant, p.updated_at, p.estate_id, p.plan_id"
BARE = {
    "due": f"""{CASE} FROM deadline d JOIN purchase p ON p.id = d.purchase_id
        WHERE d.state = 'open' AND NOT EXISTS (SELECT FROM deadline s
            WHERE s.purchase_id = d.purchase_id AND s.state = 'open'
            AND (s.ends_before, s.id) < (d.ends_before, d.id))
        ORDER BY d.ends_before, d.purchase_id""",
    "number": f"{CASE} FROM purchase p ORDER BY p.number",
    "changed": f"{CASE} FROM purchase p ORDER BY p.updated_at DESC, p.id",
}


def tell_more(tx: Connection, times: int) -> None:
    """Every case so many times more, with lifts and limits."""
    tx.execute(text(MORE_CASES), {"times": times, "states": [str(state) for state in State]})
    tx.execute(text(THEIR_LIFTS))
    tx.execute(text(THEIR_LIMITS))


class Waits:
    """Adds up the time in which the database was waited for, and counts the statements."""

    def __init__(self, engine: Engine) -> None:
        self.milliseconds = 0.0
        self.statements = 0
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", self._end)

    def _begin(self, *_: Any) -> None:
        self._begun = perf_counter()

    def _end(self, *_: Any) -> None:
        self.milliseconds += (perf_counter() - self._begun) * 1000
        self.statements += 1

    def of(self, work: Callable[[], object]) -> tuple[float, int]:
        """What this work waited for."""
        self.milliseconds, self.statements = 0.0, 0
        work()
        return self.milliseconds, self.statements


def measure(runtime: Runtime) -> Mapping[str, Any]:
    """Statements and milliseconds of each order, beside the bare query."""
    waits = Waits(runtime.engine)
    clerk = Actor(holder_of(runtime.ctx, Role.CLERK))
    with runtime.ctx.sessions() as tx:
        found: dict[str, Any] = {"cases": tx.scalar(text("SELECT count(*) FROM purchase"))}
        for sort in case_list.SORTS:
            found[sort] = _of_order(tx, waits, runtime, clerk, sort)
    return found


def _of_order(
    tx: Session, waits: Waits, runtime: Runtime, clerk: Actor, sort: str
) -> Mapping[str, Any]:
    def page(number: int) -> object:
        return case_list.page_of(runtime.ctx, clerk, CaseFilter(), sort, number)

    works: dict[str, Callable[[], object]] = {
        "bare": lambda: tx.execute(text(LINES.format(page=BARE[sort]))).all(),
        "page 1": lambda: page(1),
        "page 20": lambda: page(20),
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    whole: list[float] = []
    worked: list[float] = []
    statements = 0
    for nth in range(ROUNDS):
        for name in sorted(works, reverse=nth % 2 == 0):
            waited, asked = waits.of(works[name])
            times[name].append(waited)
            statements = max(statements, asked)
        begun, own = perf_counter(), process_time()
        page(1)
        whole.append((perf_counter() - begun) * 1000)
        worked.append((process_time() - own) * 1000)
    middle = {name: median(each) for name, each in times.items()}
    return {
        "statements": statements,
        "milliseconds": {name: round(each, 1) for name, each in middle.items()},
        "whole": round(median(whole), 1),
        "of the processor": round(median(worked), 1),
        "of the bare": _ratio(times["page 1"], times["bare"]),
        "page 20 of page 1": _ratio(times["page 20"], times["page 1"]),
    }


def _ratio(these: Sequence[float], those: Sequence[float]) -> float:
    """How these compare with those of the same rounds."""
    return round(median(one / other for one, other in zip(these, those, strict=True)), 2)


def missed(found: Mapping[str, Any]) -> list[str]:
    """What misses its aim."""
    aims = {
        "statements": MOST_STATEMENTS,
        "of the bare": MOST_OF_THE_BARE,
        "page 20 of page 1": MOST_OF_PAGE_ONE,
    }
    return [
        f"{sort}: {name} {found[sort][name]}, aim {aim}"
        for sort in case_list.SORTS
        for name, aim in aims.items()
        if found[sort][name] > aim
    ]


@click.command()
@click.option("--times", default=33, show_default=True, help="how often each case is told more")
def main(times: int) -> None:
    """Print one JSON document."""
    lifts = ESTATES * LIFTS_OF_THE_DEMO
    more = partial(tell_more, times=times)
    with (
        cities(lifts, options=(), more=more) as (settings, _),
        house(settings[0]) as (runtime, _app),
    ):
        found = measure(runtime)
    click.echo(json.dumps({**found, "not_met": missed(found)}, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
