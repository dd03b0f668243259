"""Which schema these programs are written for, and which one a database has; and whether its words
were sealed with our keys.

Migrations themselves, with the library that runs them, are `migrate`'s; no other program loads it.
"""

import time
from pathlib import Path

import psycopg

from backend.config import BadSettings, Settings
from backend.seldom import logger_of
from backend.store import keys

log = logger_of(__name__)

VERSIONS = Path(__file__).parent / "migrations" / "versions"
PATIENCE_SECONDS = 5
MIGRATION_SECONDS = 45
CURRENT = "SELECT version_num FROM alembic_version"


def head() -> str:
    """The newest revision's name, which is its file's."""
    return max(path.stem for path in VERSIONS.glob("[0-9]*.py"))


def require(settings: Settings, migrating: bool = False) -> None:
    """Refuse to work on tables that are not those of this program, or with other keys than theirs;
    for programs at their start. While somebody is `migrating` them, older ones are waited for.

    Raises BadSettings. A database that is away refuses nobody: it may come, and `/readyz` looks.
    """
    give_up_at = time.monotonic() + (MIGRATION_SECONDS if migrating else 0)
    while True:
        try:
            return _require(settings)
        except OldTables:
            if time.monotonic() > give_up_at:
                raise
        time.sleep(0.1)


class OldTables(BadSettings):
    """The tables are those of an earlier version, or there are none yet."""


def _require(settings: Settings) -> None:
    try:
        with psycopg.connect(
            settings.database_url.replace("+psycopg", "", 1), connect_timeout=PATIENCE_SECONDS
        ) as connection:
            row = connection.execute(CURRENT).fetchone()
            found = str(row[0]) if row else None
            noted = connection.execute(keys.NOTED).fetchall() if found == head() else []
    except psycopg.errors.UndefinedTable:
        found = None
    except psycopg.OperationalError:
        log.warning("the database is away; its schema was not compared")
        return
    if found is None or found < head():
        raise OldTables(
            f"TIBAO_DATABASE_URL: 数据库的表是旧的（{found or '还没有'}，应为 {head()}），请先运行 "
            "tibao migrate / older tables than this program's: run tibao migrate"
        )
    if found != head():
        raise BadSettings(
            f"TIBAO_DATABASE_URL: 数据库的表比程序新（{found}，程序只认识 {head()}），请安装新版"
            "程序 / newer tables than this program's: install the newer version"
        )
    if fault := keys.fault(keys.make_cipher(settings), [bytes(key) for (key,) in noted]):
        raise BadSettings(fault)
