"""No program works on tables of another version."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from backend.config import BadSettings, Settings, environment
from backend.local.stack import TIBAO
from backend.store import migrate, schema
from tests.build.databases import Database
from tests.build.waiting import PATIENCE_SECONDS


def set_version(database: Database, statement: str) -> None:
    with psycopg.connect(database.owner_url.replace("+psycopg", "")) as connection:
        connection.execute(statement)


def test_the_head_is_what_the_migrations_lead_to() -> None:
    assert schema.head() == migrate.head()


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE alembic_version SET version_num = '0001_first'", "run tibao migrate"),
        ("DELETE FROM alembic_version", "run tibao migrate"),
        ("DROP TABLE alembic_version", "run tibao migrate"),
        ("UPDATE alembic_version SET version_num = '9999_later'", "install the newer version"),
    ],
)
def test_other_tables_than_ours_refuse_every_program(
    database: Database, statement: str, says: str
) -> None:
    database.create()
    schema.require(Settings(database_url=database.url))
    set_version(database, statement)
    with pytest.raises(BadSettings, match=says):
        schema.require(Settings(database_url=database.url))


def test_who_starts_while_the_tables_are_migrated_waits_for_them(database: Database) -> None:
    database.create()
    set_version(database, "CREATE TABLE newest AS SELECT version_num FROM alembic_version")
    set_version(database, "UPDATE alembic_version SET version_num = '0001_first'")
    waiting = ThreadPoolExecutor(1).submit(
        schema.require, Settings(database_url=database.url), migrating=True
    )
    with pytest.raises(TimeoutError):
        waiting.result(timeout=0.3)
    set_version(database, "UPDATE alembic_version SET version_num = (SELECT * FROM newest)")
    waiting.result(timeout=PATIENCE_SECONDS)


def test_who_starts_while_newer_tables_are_there_does_not_wait(database: Database) -> None:
    database.create()
    set_version(database, "UPDATE alembic_version SET version_num = '9999_later'")
    with pytest.raises(BadSettings, match="install the newer version"):
        schema.require(Settings(database_url=database.url), migrating=True)


def test_a_worker_says_so_in_one_line(database: Database) -> None:
    database.create()
    set_version(database, "UPDATE alembic_version SET version_num = '0001_first'")
    done = subprocess.run(
        [TIBAO, "worker", "deliveries"],
        env=environment(Settings(database_url=database.url)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "请先运行 tibao migrate" in line


def test_a_database_that_is_away_refuses_nobody() -> None:
    schema.require(Settings(database_url="postgresql+psycopg://x@127.0.0.1:9/x"))
