"""Fills the disk of a real PostgreSQL during an import: `on_a_small_disk.py FOLDER data|wal`.

Runs in a mount namespace of its own. Says as JSON what the import said while the disk was full and
once there was room, each with the households that are there then.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg

from backend.config import LOCAL_OWNER
from backend.local.postgres import PROGRAMS, database_url, prepare
from backend.local.throwaway import throwaway_postgres
from backend.store import migrate
from tests.build.workbooks import PAPER, registry_file, registry_rows

TIBAO = Path(sys.executable).parent / "tibao"
MEGABYTE = 1024 * 1024
HOUSEHOLDS = 8000


def main(folder: Path, which: str) -> None:
    """Fill the disk on which `which` lies, import, make room, import again."""
    disk, book = folder / "disk", folder / "registry.xlsx"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m,mode=0755", "tmpfs", disk], check=True)
    cluster = disk / "postgres"
    prepare(cluster)
    if which == "data":
        (cluster / "pg_wal").rename(cluster / "wal")
        subprocess.run(["mv", cluster / "wal", folder / "wal"], check=True)
        (cluster / "pg_wal").symlink_to(folder / "wal")
    rows = registry_rows()
    rows["房屋业主"] = [["1栋", "1单元", str(n), 89, None, None] for n in range(HOUSEHOLDS)]
    book.write_bytes(registry_file(rows))
    with throwaway_postgres(cluster) as port:
        migrate.upgrade(database_url(port, role=LOCAL_OWNER), PROGRAMS)
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        (disk / "filler").write_bytes(bytes(free - MEGABYTE))
        full = imported(book, port)
    (disk / "filler").unlink()
    with throwaway_postgres(cluster) as port:
        before = households(port)
        told = {"full": (*full, before), "room": (*imported(book, port), households(port))}
    sys.stdout.write(json.dumps(told, ensure_ascii=False))


def imported(book: Path, port: int) -> tuple[int, str]:
    """The import's exit status and what it said."""
    env = {
        "TIBAO_DATABASE_URL": database_url(port),
        "TIBAO_DATA_DIR": str(book.parent / "data"),
    }
    ended = subprocess.run(
        [TIBAO, "import", "registry", book, "--mandate-paper", PAPER],
        env=os.environ | env,
        check=False,
        capture_output=True,
        text=True,
    )
    return ended.returncode, ended.stdout + ended.stderr


def households(port: int) -> int:
    """How many are there."""
    with psycopg.connect(database_url(port).replace("+psycopg", "")) as connection:
        (found,) = connection.execute("SELECT count(*) FROM household").fetchone() or (0,)
    return int(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
