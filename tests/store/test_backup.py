"""A town's data survives the loss of its machine, by the very commands that operators are given."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from backend.local.postgres import PROGRAMS
from backend.services.base.context import Context
from backend.store import migrate
from backend.store.database import make_sessions
from backend.store.files import FileStore
from tests.build.clock import ManualClock
from tests.build.context import quiet_context
from tests.build.databases import Database, Databases
from tests.build.small_disk import MAY_MOUNT
from tests.build.town import Town
from tests.build.village import Village
from tests.store.old_database import OLD_HEAD, OLD_SECRET, connect, load

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")
BACKUP, RESTORE = (
    re.search(rf"## {title}\n.*?```sh\n(.*?)```", PAGE, re.DOTALL)
    for title in ("Backup", "Restore")
)


# A backup; one without room for it; one after room was made.
ON_A_SMALL_DISK = """
mkdir small
exec unshare -rm bash -euc '
  mount -t tmpfs -o size=64m tmpfs small
  cd small
  bash -c "$BACKUP"
  ls
  echo --
  dd if=/dev/zero of=filler bs=1k status=none 2> /dev/null || truncate --size=-20K filler
  bash -c "$BACKUP" 2> /dev/null || echo not 0
  ls
  echo --
  rm filler
  sleep 1
  bash -c "$BACKUP"
  ls
'
"""


@pytest.fixture
def ctx(engine: Engine, clock: ManualClock, tmp_path: Path) -> Context:
    files = FileStore(tmp_path / "town" / "files")
    return quiet_context(make_sessions(engine), clock, files)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """The folder beside which an operator types, and that is carried to another machine."""
    folder = tmp_path / "backup"
    folder.mkdir()
    return folder


@pytest.fixture
def elsewhere(
    databases: Databases, tmp_path: Path, backup: Path, valkey_port: int
) -> Iterator[Town]:
    """Where a backup is restored to."""
    urls = databases.url("restored"), databases.owner_url("restored")
    yield Town(*urls, tmp_path / "elsewhere", backup, valkey_port)
    databases.drop("restored")


def test_a_restored_town_has_the_same_ledger_the_same_chain_and_the_same_files(
    village: Village,
    database: Database,
    tmp_path: Path,
    backup: Path,
    elsewhere: Town,
    valkey_port: int,
) -> None:
    purchase = village.insured()
    town = Town(database.url, database.owner_url, tmp_path / "town", backup, valkey_port)
    town.run(_block(BACKUP))
    [made] = backup.iterdir()
    restored = elsewhere.run(f"cd {made}\n{_block(RESTORE)}")
    assert (made / "chain").read_text("utf-8").strip() in restored  # its entries and head
    assert "借贷差额：0元" in restored
    before, after = town.books(), elsewhere.books()
    assert after == before
    assert json.loads(after[1])["named"] >= 8
    assert _tree(elsewhere.folder / "files") == _tree(town.folder / "files")
    assert str(purchase.id) in elsewhere.run('psql -At restored -c "SELECT id FROM purchase"')


def test_a_restored_town_misses_no_file_silently(
    village: Village, database: Database, tmp_path: Path, backup: Path, valkey_port: int
) -> None:
    village.insured()
    town = Town(database.url, database.owner_url, tmp_path / "town", backup, valkey_port)
    first, second, *_ = sorted(path for path in town.folder.rglob("*") if path.is_file())
    first.unlink()
    second.write_bytes(b"something else")
    told = town.run("tibao audit files || test $? = 1")
    assert told.splitlines() == [f"文件缺失：{first.name}", f"文件被改动：{second.name}"]


def test_a_backup_of_an_older_version_is_brought_forward(
    databases: Databases, tmp_path: Path, backup: Path, elsewhere: Town, valkey_port: int
) -> None:
    old = databases.new(template="template1")
    old.create()
    migrate.upgrade(old.owner_url, PROGRAMS, to=OLD_HEAD)
    with connect(old) as connection:
        load(connection)
    (tmp_path / "old" / "files").mkdir(parents=True)
    town = Town(old.url, old.owner_url, tmp_path / "old", backup, valkey_port)
    elsewhere.has_the_key(OLD_SECRET)
    # The chain is verified by the programs of that version.
    town.run(_block(BACKUP).replace("tibao audit verify", "echo"))
    old.drop()
    [made] = backup.iterdir()
    # By hand came the papers of most cases there: their files were never kept.
    commands = _block(RESTORE).replace("audit files", "audit files || test $? = 1")
    restored = elsewhere.run(f"cd {made}\n{commands}")
    assert "审计链完整" in restored
    assert "借贷差额：0元" in restored


@MAY_MOUNT
def test_a_disk_that_fills_during_a_backup_leaves_the_one_before_and_makes_none(
    village: Village, database: Database, tmp_path: Path, backup: Path, valkey_port: int
) -> None:
    village.insured()
    town = Town(database.url, database.owner_url, tmp_path / "town", backup, valkey_port)
    town.knows("BACKUP", _block(BACKUP))
    told = town.run(ON_A_SMALL_DISK)
    first, full, last = (part.split() for part in told.split("--"))
    assert len(first) == 1
    assert full == ["not", "0", *first, "filler", "unfinished"]
    assert len(last) == 2
    assert first[0] in last


def _block(found: re.Match[str] | None) -> str:
    assert found, "the page has its commands"
    return found[1]


def _tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
