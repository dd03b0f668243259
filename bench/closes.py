"""A year's close over so many flats, beside the same arithmetic as bare `INSERT … SELECT`.

    .venv/bin/python -m bench.closes 10000 100000 1000000

The city is made by SQL: fifty flats to a unit, twenty units to a building, a pool for each unit.
Control accounts are opened beside the count, as an import of openings opens them.
The bare side writes as many shares and movements into tables of the same columns and keys, without
guards. Seconds are of this machine; `times_bare` and `per_flat_us` are what is worth comparing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from time import monotonic

import click
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from backend import wiring
from backend.config import LOCAL_OWNER
from backend.domain.closing import CloseState
from backend.local.postgres import database_url
from backend.runtime import Runtime
from backend.services.books import households
from backend.services.income import sharing
from backend.services.income.interest import unallocated
from backend.store.income import YearClose
from backend.store.queries.households import buildings_sharing
from bench.scene import throwaway_settings

YEAR = 2024
NOW = datetime(2025, 3, 3, 1, tzinfo=UTC)
# Guards of accounts rest: the balances are those of entries that are not told.
CITY = """
ALTER TABLE account DISABLE TRIGGER USER;
CREATE TEMP TABLE made AS SELECT n, gen_random_uuid() AS id, 1000000 + mod(n, 997) * 1000 AS fen,
    md5('b' || n / 1000)::uuid AS building, md5('u' || n / 50)::uuid AS unit
FROM generate_series(0, :flats - 1) n;
INSERT INTO estate (id, code, name, address, district) VALUES (md5('e')::uuid, 'E', 'E', '', '');
INSERT INTO building (id, estate_id, name)
SELECT DISTINCT building, md5('e')::uuid, building::text FROM made;
INSERT INTO unit (id, building_id, name) SELECT DISTINCT unit, building, unit::text FROM made;
INSERT INTO household (id, unit_id, room, area_dm2) SELECT id, unit, n::text, 9000 FROM made;
INSERT INTO household_balance (id, household_id, as_of, principal_fen)
SELECT gen_random_uuid(), id, '2023-12-31', fen FROM made;
INSERT INTO account (id, number, kind, normal, name, unit_id, building_id, balance_fen, held_fen)
SELECT DISTINCT unit, 'P' || unit, 'pooled_income', 'credit', 'P', unit, building, 0, 0 FROM made;
INSERT INTO account (id, number, kind, normal, name, balance_fen, held_fen)
SELECT gen_random_uuid(), number, kind, normal, number, fen, 0 FROM (VALUES
    ('OWNERS-PRINCIPAL', 'owners_principal', 'credit', (SELECT sum(fen)::bigint FROM made)),
    ('STATUTORY-INTEREST', 'statutory_interest_payable', 'credit', 2635802000),
    ('UNALLOCATED-INCOME-2024', 'unallocated_income', 'credit', 790740000)
) one (number, kind, normal, fen);
INSERT INTO person (id, created_at) VALUES (md5('p')::uuid, now()), (md5('q')::uuid, now());
INSERT INTO file (sha256, media_type, size_bytes, stored_at) VALUES ('f', 'image/png', 1, now());
INSERT INTO account (id, number, kind, normal, name, balance_fen, held_fen)
VALUES (md5('k')::uuid, 'BANK', 'bank', 'debit', 'BANK', 0, 0);
INSERT INTO deposit (id, bank_id, number, principal_fen, rate, months, value_on, matures_on,
    benchmark_rate, benchmark_source, file_sha256, entered_by, entered_at)
VALUES (md5('d')::uuid, md5('k')::uuid, 'D', 1, 0.0195, 12, '2024-01-01', '2025-01-01', 0.015,
    'S', 'f', md5('p')::uuid, now());
INSERT INTO deposit_interest (id, deposit_id, bank_id, bank_reference, posted_on, from_on,
    until_on, actual_fen, statutory_fen, file_sha256, reason, entered_by, entered_at, decided_by,
    decided_at, confirmed)
VALUES (md5('i')::uuid, md5('d')::uuid, md5('k')::uuid, 'I', '2025-01-01', '2024-01-01',
    '2025-01-01', 3426542000, 2635802000, 'f', '', md5('p')::uuid,
    now(), md5('q')::uuid, now(), true);
INSERT INTO interest_year (interest_id, year, value_added_fen, owners_fen)
VALUES (md5('i')::uuid, 2024, 790740000, 2635802000);
ALTER TABLE account ENABLE TRIGGER USER;
ANALYZE;
"""
BARE = """
CREATE TABLE bare_share (LIKE household_share INCLUDING INDEXES INCLUDING CONSTRAINTS);
CREATE TABLE bare_movement (LIKE household_movement INCLUDING INDEXES INCLUDING CONSTRAINTS);
INSERT INTO bare_share
SELECT md5('c')::uuid, household_id, weight,
    (place <= 2635802000 - sum(part) OVER ())::int,
    (part + (place <= 2635802000 - sum(part) OVER ())::int)::bigint, 0, 0, 0, 0
FROM (
    SELECT household_id, weight, div(2635802000::numeric * weight, whole) AS part,
        row_number() OVER (
            ORDER BY mod(2635802000::numeric * weight, whole) DESC, household_id
        ) AS place
    FROM (
        SELECT household_id, principal_fen::numeric * 366 AS weight,
            sum(principal_fen::numeric * 366) OVER () AS whole FROM household_balance
    ) weights
) floors;
INSERT INTO bare_movement
SELECT household_id, md5('n')::uuid, 'statutory_interest', building_id, '2025-03-03', statutory_fen
FROM bare_share JOIN household ON household.id = household_id JOIN unit ON unit.id = unit_id
"""


@click.command()
@click.argument("sizes", type=int, nargs=-1)
def main(sizes: tuple[int, ...]) -> None:
    """Print what each size costs, as JSON."""
    click.echo(json.dumps([measured(flats) for flats in sizes or (10_000, 1_000_000)], indent=1))


def measured(flats: int) -> dict[str, float]:
    """A city of so many flats, its year closed."""
    with throwaway_settings() as settings:
        port = int(settings.database_url.rsplit(":", 1)[1].split("/")[0])
        owner = create_engine(database_url(port, role=LOCAL_OWNER))
        _say(owner, CITY.replace(":flats", str(flats)))
        took: dict[str, float] = {"flats": flats}
        runtime = wiring.build(settings)
        with runtime.ctx.sessions() as tx:
            _close(tx, runtime, took)
        with _timed(took, "bare"):
            _say(owner, BARE)
        owner.dispose()
        runtime.engine.dispose()
    ours = took["shares"] + took["entry"] + took["commit"]
    took["times_bare"] = round(ours / took["bare"], 2)
    took["per_flat_us"] = round((ours + 2 * took["basis"]) / flats * 1e6, 1)
    return took


def _close(tx: Session, runtime: Runtime, took: dict[str, float]) -> None:
    ctx = runtime.ctx
    with _timed(took, "basis"):
        found = sharing.basis(tx, ctx, YEAR)
    close = YearClose(
        year=YEAR,
        revision=1,
        state=CloseState.PREVIEW,
        mode=found.mode,
        total_fen=found.total_fen,
        moved_fen=found.total_fen,
        receivable_fen=0,
        accounts=found.accounts,
        statutory_fen=found.statutory_fen,
        statutory_moved_fen=found.statutory_fen,
        households=found.flats.flats,
        weight=Decimal(found.flats.weight),
        basis=found.hash,
        previewed_by=tx.execute(text("SELECT entered_by FROM deposit")).scalar_one(),
        previewed_at=NOW,
    )
    tx.add(close)
    tx.flush()
    with _timed(took, "shares"):
        sharing.write(tx, close, found)
    with _timed(took, "controls"):  # once for each building: its import did it
        households.take_over(tx, buildings_sharing(close.id), NOW)
    with _timed(took, "entry"):
        sharing.book(tx, ctx, close, unallocated(tx, YEAR))
    with _timed(took, "commit"):
        tx.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    assert households.drifted(tx) == []
    tx.commit()


@contextmanager
def _timed(took: dict[str, float], name: str) -> Iterator[None]:
    began = monotonic()
    yield
    took[name] = round(monotonic() - began, 2)


def _say(owner: Engine, script: str) -> None:
    with owner.begin() as connection:
        connection.exec_driver_sql(script)


if __name__ == "__main__":
    main()
