"""A file of the fund's books with so many flats, brought in beside a bare COPY of the same lines.

    .venv/bin/python -m bench.fund_books 10000 1000000

The city is made by SQL: fifty flats to a unit, twenty units to a building, ten buildings to an
estate. First the file of balances comes, which opens all flats; then one of movements, of every
flat one. The bare side reads the same file with `csv` and copies its cells into a table of texts
with their line as key. Seconds are of this machine; `times_bare`, the lines per second of both and
`grown_mib`, by how much this process grew at most while the file came in, are worth comparing.
"""

import csv
import json
import resource
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from time import monotonic

import click
import psycopg
from sqlalchemy import create_engine

from backend import wiring
from backend.config import LOCAL_OWNER
from backend.domain import fund_books as rules
from backend.domain.ledger import AccountKind
from backend.local.postgres import database_url
from backend.services.base.context import Context
from backend.services.books import ledger
from backend.services.fund_books.bringing import bring
from bench.scene import throwaway_settings

CITY = """
CREATE TEMP TABLE made AS SELECT n, md5('b' || n / 1000)::uuid AS building,
    md5('u' || n / 50)::uuid AS unit, n / 10000 AS estate FROM generate_series(0, :flats - 1) n;
INSERT INTO estate (id, code, name, address, district)
SELECT DISTINCT md5('e' || estate)::uuid, 'E' || estate, 'E' || estate, '', '' FROM made;
INSERT INTO building (id, estate_id, name)
SELECT DISTINCT building, md5('e' || estate)::uuid, n / 1000 || '栋' FROM made;
INSERT INTO unit (id, building_id, name) SELECT DISTINCT unit, building, n / 50 || '单元' FROM made;
INSERT INTO household (id, unit_id, room, area_dm2)
SELECT gen_random_uuid(), unit, n::text, 9000 FROM made;
ANALYZE
"""
BARE = "CREATE TABLE bare (line bigint PRIMARY KEY, cells text[])"


@click.command()
@click.argument("sizes", type=int, nargs=-1)
def main(sizes: tuple[int, ...]) -> None:
    """Print what each size costs, as JSON."""
    click.echo(json.dumps([measured(flats) for flats in sizes or (10_000, 1_000_000)], indent=1))


def measured(flats: int) -> dict[str, object]:
    """A city of so many flats, a file of each kind."""
    with throwaway_settings() as settings:
        port = int(settings.database_url.rsplit(":", 1)[1].split("/")[0])
        owner = create_engine(database_url(port, role=LOCAL_OWNER))
        with owner.begin() as connection:
            connection.exec_driver_sql(CITY.replace(":flats", str(flats)))
        owner.dispose()
        runtime = wiring.build(settings)
        with runtime.ctx.sessions() as tx:
            ledger.open_account(tx, AccountKind.BANK, "BANK", "BANK")
            tx.commit()
        found: dict[str, object] = {"flats": flats}
        for kind in rules.BatchKind:
            file = settings.data_dir / f"{kind}.csv"
            _write(file, kind, flats)
            found[str(kind)] = _compared(runtime.ctx, port, file, flats)
        runtime.engine.dispose()
    return found


def _write(file: Path, kind: rules.BatchKind, flats: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as into:
        table = csv.writer(into)
        table.writerow(rules.HEAD)
        total = f"{flats}.00"
        name = rules.BATCH_NAMES[kind]
        table.writerow([name, kind.value, "BANK", "2025-03-01", flats, total, "0.00"])
        table.writerow(rules.COLUMNS[kind])
        for n in range(flats):
            place = [f"E{n // 10_000}", f"{n // 1000}栋", f"{n // 50}单元", n]
            if kind is rules.BatchKind.BALANCES:
                table.writerow([*place, "1.00"])
            else:
                table.writerow([f"R{n}", *place, "2025-03-01", "交存", "1.00"])


def _compared(ctx: Context, port: int, file: Path, flats: int) -> dict[str, float]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def ours() -> None:
        with file.open("rb") as content:
            assert bring(ctx, content, file.name).faults == ()

    took = _seconds(ours)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    bare = _seconds(lambda: _bare(port, file))
    return {
        "seconds": round(took, 2),
        "bare_seconds": round(bare, 2),
        "lines_per_second": round(flats / took),
        "bare_lines_per_second": round(flats / bare),
        "times_bare": round(took / bare, 2),
        "grown_mib": round(grown / 1024, 1),
    }


def _bare(port: int, file: Path) -> None:
    address = database_url(port, role=LOCAL_OWNER).replace("+psycopg", "")
    with psycopg.connect(address) as connection, file.open(encoding="utf-8", newline="") as text:
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute(BARE)
        rows = islice(enumerate(csv.reader(text), 1), 3, None)
        with connection.cursor().copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _seconds(act: Callable[[], None]) -> float:
    began = monotonic()
    act()
    return monotonic() - began


if __name__ == "__main__":
    main()
