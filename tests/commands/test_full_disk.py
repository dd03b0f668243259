"""A command that finds a disk full says so in one line, and what it was writing is not there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from backend import cli
from backend.commands.broken_off import GONE
from backend.services.workbooks.balances_sheets import BALANCES_SHEETS
from backend.services.workbooks.templates import write_workbook
from backend.store.database import make_engine
from tests.build.databases import Database
from tests.build.small_disk import MAY_MOUNT, no_more_pages
from tests.build.workbooks import PAPER, balances_rows, registry_file, registry_rows

TIBAO = Path(sys.executable).parent / "tibao"
FULL = "数据库所在的磁盘满了，这条命令没有做完。请先腾出空间，再运行一次同一条命令。"
COUNTS = "SELECT (SELECT count(*) FROM household), (SELECT count(*) FROM posting)"


def counted(database: Database) -> list[int]:
    owner = make_engine(database.owner_url)
    with owner.connect() as connection:
        found = list(connection.execute(text(COUNTS)).one())
    owner.dispose()
    return found


@pytest.mark.usefixtures("environment")
def test_an_import_that_meets_a_full_disk_writes_nothing_and_goes_through_once_there_is_room(
    database: Database, tmp_path: Path
) -> None:
    registry, balances = tmp_path / "registry.xlsx", tmp_path / "balances.xlsx"
    registry.write_bytes(registry_file(registry_rows()))
    balances.write_bytes(write_workbook(BALANCES_SHEETS, balances_rows()))
    for kind, path, more in (
        ("registry", registry, ["--mandate-paper", PAPER]),
        ("balances", balances, []),
    ):
        words = ["import", kind, str(path), *more]
        before = counted(database)
        with no_more_pages(database):
            ended = CliRunner().invoke(cli.main, words)
        assert (ended.exit_code, ended.output) == (2, f"{FULL}\n")
        assert counted(database) == before
        ended = CliRunner().invoke(cli.main, words)
        assert ended.exit_code == 0, ended.output
        assert counted(database) != before


@pytest.mark.usefixtures("environment")
def test_an_export_to_a_full_disk_is_told_in_one_line() -> None:
    with open("/dev/full", "w", encoding="utf-8") as no_room:
        ended = subprocess.run(
            [TIBAO, "template", "registry", "--out", "/dev/full"],
            check=False,
            stdout=no_room,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1


@pytest.mark.deep
@MAY_MOUNT
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts for another user's server")
@pytest.mark.parametrize("which", ["data", "wal"])
def test_a_real_disk_that_fills_during_an_import_costs_that_import_alone(
    tmp_path: Path, which: str
) -> None:
    ended = subprocess.run(
        ["unshare", "-m", sys.executable, "-m", "tests.commands.on_a_small_disk", tmp_path, which],
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    status, said, households = told["full"]
    assert (status, households) == (2, 0)
    # Without room for its log, which may be what is short first, PostgreSQL itself stops.
    assert said.splitlines()[-1] in ([FULL] if which == "data" else [FULL, GONE])
    status, _, households = told["room"]
    assert (status, households) == (0, 8000)
