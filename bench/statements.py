"""The statement of an account with so many movements in a year: how many statements a page takes,
how many rows it sorts, and its time beside fifty rows by a bare index.

    .venv/bin/python -m bench.statements 10000 100000

The movements are made by SQL. `of_movements` counts the statements that read any, `most_sorted` is
the longest sort among their plans, in rows: a day's, never the account's. `page_ms` is of the first
and of the last page that is shown, `bare_ms` of the same rows of the table by themselves.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from hashlib import md5
from time import monotonic
from typing import Any
from uuid import UUID

import click
from sqlalchemy import Engine, create_engine, event, text

from backend import wiring
from backend.config import LOCAL_OWNER
from backend.local.postgres import database_url
from backend.services.base.context import Actor
from backend.services.base.paging import MOST_PAGES, ROWS
from backend.services.reads.account_statements import page_of
from bench.scene import throwaway_settings

YEAR = date(2024, 1, 1), date(2024, 12, 31)
# Guards rest: the balances are those of entries that are not told.
BOOKS = """
ALTER TABLE account DISABLE TRIGGER USER;
ALTER TABLE entry DISABLE TRIGGER USER;
ALTER TABLE posting DISABLE TRIGGER USER;
ALTER TABLE account_year DISABLE TRIGGER USER;
INSERT INTO person (id, created_at) VALUES (md5('p')::uuid, now());
INSERT INTO access_grant (id, person_id, role, scope_kind, granted_at)
VALUES (gen_random_uuid(), md5('p')::uuid, 'auditor', 'city', '2020-01-01');
INSERT INTO account (id, number, kind, normal, name, balance_fen, held_fen)
SELECT md5(k)::uuid, k, 'bank', 'debit', k, 0, 0 FROM (VALUES ('long'), ('other')) one (k);
INSERT INTO entry (id, natural_key, kind, booked_on, memo, lines, created_at)
SELECT md5('e' || n)::uuid, 'e' || n, 'interest', date '2024-01-01' + mod(n, 366), '', 2, now()
FROM generate_series(1, :movements) n;
INSERT INTO posting (id, entry_id, account_id, amount_fen, booked_on)
SELECT gen_random_uuid(), md5('e' || n)::uuid, md5(account)::uuid, sign * (mod(n, 997) + 1),
    date '2024-01-01' + mod(n, 366)
FROM generate_series(1, :movements) n, (VALUES ('long', 1), ('other', -1)) side (account, sign);
INSERT INTO account_year (account_id, year, moved_fen)
SELECT account_id, 2024, sum(amount_fen) FROM posting GROUP BY 1;
ALTER TABLE account ENABLE TRIGGER USER;
ALTER TABLE entry ENABLE TRIGGER USER;
ALTER TABLE posting ENABLE TRIGGER USER;
ALTER TABLE account_year ENABLE TRIGGER USER;
"""
BARE = """
SELECT booked_on, amount_fen FROM posting WHERE account_id = md5('long')::uuid
ORDER BY booked_on OFFSET :skipped LIMIT :rows
"""


@click.command()
@click.argument("sizes", type=int, nargs=-1)
def main(sizes: tuple[int, ...]) -> None:
    """Print what a page costs at each size, as JSON."""
    click.echo(json.dumps([measured(each) for each in sizes or (10_000, 100_000)], indent=1))


def measured(movements: int) -> dict[str, Any]:
    """An account with so many movements in a year, its statement read page by page."""
    with throwaway_settings() as settings:
        port = int(settings.database_url.rsplit(":", 1)[1].split("/")[0])
        owner = create_engine(database_url(port, role=LOCAL_OWNER), isolation_level="AUTOCOMMIT")
        with owner.connect() as connection:
            for each in (
                BOOKS.replace(":movements", str(movements)).strip().removesuffix(";").split(";\n")
            ):
                connection.exec_driver_sql(each)
            connection.exec_driver_sql("VACUUM ANALYZE")
        runtime = wiring.build(settings)
        of_one = Actor(_id("p")), _id("long"), YEAR
        first, last = (partial(page_of, runtime.ctx, *of_one, page) for page in (1, MOST_PAGES))
        found = first().lines
        assert found.total == movements
        with _sent(runtime.engine) as sent:
            last()
        reading = [each for each in sent if "posting" in each[0]]
        bare = [partial(_bare, owner, (page - 1) * ROWS) for page in (1, MOST_PAGES)]
        took = {
            "movements": movements,
            "statements": len(sent),
            "of_movements": len(reading),
            "most_sorted": max(_sorted(runtime.engine, *each) for each in reading),
            "page_ms": [_ms(first), _ms(last)],
            "bare_ms": [_ms(each) for each in bare],
        }
        owner.dispose()
        runtime.engine.dispose()
    return took


def _id(word: str) -> UUID:
    """What PostgreSQL makes of md5(word)::uuid."""
    return UUID(md5(word.encode(), usedforsecurity=False).hexdigest())


@contextmanager
def _sent(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    sent: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, values: Any, *___: object) -> None:
        sent.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def _sorted(engine: Engine, statement: str, values: Mapping[str, Any]) -> int:
    """Rows of the longest sort in its plan; of an incremental one, of one group."""
    with engine.connect() as connection:
        words = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
        ((plan,),) = connection.exec_driver_sql(words, values)
    return max(_rows(plan[0]["Plan"]), default=0)


def _rows(plan: Mapping[str, Any]) -> Iterator[int]:
    if plan["Node Type"] == "Sort":
        yield round(plan["Plans"][0]["Actual Rows"])
    elif plan["Node Type"] == "Incremental Sort":
        groups = plan["Full-sort Groups"]["Group Count"]
        groups += plan.get("Pre-sorted Groups", {}).get("Group Count", 0)
        yield round(plan["Plans"][0]["Actual Rows"] / groups)
    for part in plan.get("Plans", ()):
        yield from _rows(part)


def _bare(owner: Engine, skipped: int) -> None:
    with owner.connect() as connection:
        connection.execute(text(BARE), {"skipped": skipped, "rows": ROWS}).all()


def _ms(work: Callable[[], object], times: int = 20) -> float:
    work()
    began = monotonic()
    for _ in range(times):
        work()
    return round((monotonic() - began) / times * 1000, 2)


if __name__ == "__main__":
    main()
