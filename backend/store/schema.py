"""Which schema these programs are written for, and which one a database has; and whether its words
were sealed with our keys.

Migrations themselves, with the library that runs them, are `migrate`'s; no other program loads it.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from backend.config import BadSettings, Settings
from backend.seldom import logger_of
from backend.store import keys

log = logger_of(__name__)

VERSIONS = Path(__file__).parent / "migrations" / "versions"
PATIENCE_SECONDS = 5
MIGRATION_SECONDS = 120  # as long as the stack waits for who migrates
CURRENT = "SELECT version_num FROM alembic_version"


def head() -> str:
    """The newest revision's name, which is its file's."""
    return max(path.stem for path in VERSIONS.glob("[0-9]*.py"))


def require(settings: Settings, migrating: bool = False) -> None:
    """Refuse to work on tables that are not those of this program, or with other keys than theirs;
    for programs at their start. While somebody is `migrating` them, what `tibao migrate` has yet to
    do is waited for.

    Raises BadSettings. A database that is away refuses nobody: it may come, and `/readyz` looks.
    """
    give_up_at = time.monotonic() + (MIGRATION_SECONDS if migrating else 0)
    while True:
        try:
            return _require(settings, migrating)
        except Unmigrated:
            if time.monotonic() > give_up_at:
                raise
        time.sleep(0.1)


class Unmigrated(BadSettings):
    """`tibao migrate` was not run to its end: the tables are those of an earlier version, or none,
    or the key that seals from now on is not noted."""


def _require(settings: Settings, migrating: bool) -> None:
    try:
        with psycopg.connect(
            settings.database_url.replace("+psycopg", "", 1), connect_timeout=PATIENCE_SECONDS
        ) as connection:
            row = connection.execute(CURRENT).fetchone()
            found = str(row[0]) if row else None
            noted = connection.execute(keys.NOTED).fetchall() if found == head() else []
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        found = None  # nor has the programs' role any right before it is migrated
    except psycopg.OperationalError:
        log.warning("the database is away; its schema was not compared")
        return
    if found is None or found < head():
        raise Unmigrated(
            f"TIBAO_DATABASE_URL: 数据库的表是旧的（{found or '还没有'}，应为 {head()}），请先运行 "
            "tibao migrate / older tables than this program's: run tibao migrate"
        )
    if found != head():
        raise BadSettings(
            f"TIBAO_DATABASE_URL: 数据库的表比程序新（{found}，程序只认识 {head()}），请安装新版"
            "程序 / newer tables than this program's: install the newer version"
        )
    _check_keys(settings, [bytes(key) for (key,) in noted], migrating)


def _check_keys(settings: Settings, noted: Sequence[bytes], migrating: bool) -> None:
    """Whoever is `migrating` notes the key last: until then any other could seal beside it."""
    fault = keys.fault(keys.make_cipher(settings), noted)
    if fault == keys.NOT_NOTED or (migrating and not noted):
        raise Unmigrated(keys.NOT_NOTED)
    if fault:
        raise BadSettings(fault)
