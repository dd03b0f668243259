"""Throwing a day of rows away: deleted along an index, or dropped as a partition of their table.

    .venv/bin/python -m bench.throwing_away

Two tables like the inbox hold thirty days of callbacks: one whole, one with a partition for each
day. Buffers, WAL and dead rows are counted by PostgreSQL. Beside it stands what partitions cost on
every other day: a row is found by its key (`find`), and the key can be unique only within a day
(`twice`: a key of yesterday's that is taken again today).
"""

import json
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, NullPool, create_engine, text

from backend.config import LOCAL_OWNER
from backend.local.postgres import database_url
from backend.local.throwaway import throwaway_postgres
from bench.plans import vacuum

DAYS = 30
BEGINS = date(2025, 1, 1)
BATCH = 500
ROW = "appid text, dedupe_key text, body bytea, received_at timestamptz NOT NULL"
MADE = f"""
CREATE TABLE whole (id uuid PRIMARY KEY, {ROW}, UNIQUE (appid, dedupe_key));
CREATE INDEX ON whole (received_at);
CREATE TABLE parted (id uuid, {ROW}, PRIMARY KEY (id, received_at),
    UNIQUE (appid, dedupe_key, received_at)) PARTITION BY RANGE (received_at);
CREATE INDEX ON parted (received_at);
"""
PART = """
CREATE TABLE parted_{day} PARTITION OF parted
FOR VALUES FROM ('{first}') TO ('{next}')
"""
FILLED = """
INSERT INTO {table} SELECT uuidv7(), 'wx', 'key-' || n, sha256(int8send(n)) || sha256(int8send(-n)),
    '2025-01-01'::timestamptz + interval '1 day' * ((n - 1)::float8 / :a_day)
FROM generate_series(1, :all_days) AS n
"""
DELETED = """
DELETE FROM whole WHERE id IN (
    SELECT id FROM whole WHERE received_at < '2025-01-02' ORDER BY received_at LIMIT :batch
)
"""
TWICE = """
INSERT INTO {table} VALUES (gen_random_uuid(), 'wx', 'key-' || :last, '', '2025-01-30 23:00')
ON CONFLICT DO NOTHING
"""


def _explained(tx: Connection, words: str, **numbers: Any) -> dict[str, Any]:
    """What a statement touched, once it was done."""
    explain = text(f"EXPLAIN (ANALYZE, BUFFERS, WAL, FORMAT JSON) {words}")
    found = tx.execute(explain, numbers).scalar_one()[0]
    plan = found["Plan"]
    return {
        "buffers": plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
        "buffers_of_planning": found["Planning"].get("Shared Hit Blocks", 0),
        "wal_bytes": plan.get("WAL Bytes", 0),
    }


def _wal(tx: Connection) -> int:
    return int(tx.execute(text("SELECT pg_current_wal_insert_lsn() - '0/0'")).scalar_one())


def _delete_a_day(tx: Connection, a_day: int) -> dict[str, int]:
    rounds = [_explained(tx, DELETED, batch=BATCH) for _ in range(-(-a_day // BATCH))]
    return {
        "rows": a_day,
        "transactions": len(rounds),
        "buffers": sum(each["buffers"] for each in rounds),
        "wal_bytes": sum(each["wal_bytes"] for each in rounds),
        "dead_rows_until_vacuum": a_day,
    }


def _drop_a_day(tx: Connection, a_day: int) -> dict[str, Any]:
    before = _wal(tx)
    tx.execute(text("BEGIN"))
    tx.execute(text("DROP TABLE parted_0"))
    locks = tx.execute(
        text(
            "SELECT relation::regclass::text FROM pg_locks WHERE locktype = 'relation' "
            "AND mode = 'AccessExclusiveLock' AND pid = pg_backend_pid() "
            "AND relation::regclass::text IN ('parted', 'parted_0')"
        )
    ).scalars()
    held = list(locks)
    tx.execute(text("COMMIT"))
    return {"rows": a_day, "wal_bytes": _wal(tx) - before, "nobody_may_read_meanwhile": held}


def compare(a_day: int) -> dict[str, Any]:
    """Both ways, with so many callbacks a day."""
    with (
        tempfile.TemporaryDirectory(prefix="tibao-bench-") as folder,
        throwaway_postgres(Path(folder) / "pg", "full_page_writes=on") as port,
        create_engine(
            database_url(port, role=LOCAL_OWNER), isolation_level="AUTOCOMMIT", poolclass=NullPool
        ).connect() as tx,
    ):
        return _compare(tx, a_day)


def _compare(tx: Connection, a_day: int) -> dict[str, Any]:
    tx.execute(text(MADE))
    for day in range(DAYS):
        first = BEGINS + timedelta(days=day)
        tx.execute(text(PART.format(day=day, first=first, next=first + timedelta(days=1))))
    for table in ("whole", "parted"):
        tx.execute(text(FILLED.format(table=table)), {"a_day": a_day, "all_days": a_day * DAYS})
    vacuum(tx)
    last = a_day * (DAYS - 1)  # of yesterday
    found = {
        table: {
            "find": [
                _explained(tx, f"SELECT FROM {table} WHERE appid = 'wx' AND dedupe_key = 'key-77'")
                for _ in range(2)
            ][1],
            "taken_twice": tx.execute(text(TWICE.format(table=table)), {"last": last}).rowcount,
        }
        for table in ("whole", "parted")
    }
    return {
        "a_day": a_day,
        **found,
        "delete": _delete_a_day(tx, a_day),
        "drop": _drop_a_day(tx, a_day),
    }


@click.command()
@click.option("--a-day", default=20_000, show_default=True, help="callbacks in a day")
def main(a_day: int) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(compare(a_day), indent=2))


if __name__ == "__main__":
    main()
