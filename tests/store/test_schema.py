"""No program works on tables of another version."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest

from backend.config import BadSettings, Secret, Settings, environment
from backend.local import processes
from backend.local.stack import TIBAO
from backend.services.people.key_check import note_key
from backend.store import migrate, schema
from backend.store.cipher import Cipher
from tests.build.databases import Database
from tests.build.sealing import owners_sessions
from tests.build.waiting import PATIENCE_SECONDS

KEY = "a secret for tests only, long enough"
NEW = "another secret for tests only, long enough"


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
        ("REVOKE ALL ON alembic_version FROM tibao", "run tibao migrate"),
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


def note(database: Database, *secrets: str) -> None:
    with owners_sessions(database) as sessions:
        note_key(sessions, Cipher(*secrets))


@contextmanager
def waiting(settings: Settings) -> Iterator[None]:
    """A program that starts meanwhile, and goes on after what the block does."""
    begun = ThreadPoolExecutor(1).submit(schema.require, settings, migrating=True)
    with pytest.raises(TimeoutError):
        begun.result(timeout=0.3)
    yield
    begun.result(timeout=PATIENCE_SECONDS)


@pytest.mark.parametrize(
    ("before", "migrates"),
    [
        (
            "UPDATE alembic_version SET version_num = '0001_first'",
            "UPDATE alembic_version SET version_num = (SELECT * FROM newest)",
        ),
        # Clusters from before the tables had an owner: what the programs may do is given last.
        (
            "REVOKE ALL ON alembic_version FROM tibao",
            "GRANT SELECT ON alembic_version TO tibao",
        ),
    ],
)
def test_who_starts_while_the_tables_are_migrated_waits_for_them(
    database: Database, before: str, migrates: str
) -> None:
    database.create()
    note(database, KEY)
    set_version(database, "CREATE TABLE newest AS SELECT version_num FROM alembic_version")
    set_version(database, before)
    with waiting(Settings(database_url=database.url, secret_key=Secret(KEY))):
        set_version(database, migrates)


def test_who_starts_while_the_tables_are_migrated_waits_for_its_key_to_be_noted(
    database: Database,
) -> None:
    database.create()
    with waiting(Settings(database_url=database.url, secret_key=Secret(KEY))):
        note(database, KEY)
    new = Settings(database_url=database.url, secret_key=Secret(NEW), old_secret_key=Secret(KEY))
    with waiting(new):
        note(database, NEW, KEY)


def test_who_starts_with_another_key_while_the_tables_are_migrated_does_not_wait(
    database: Database,
) -> None:
    database.create()
    note(database, KEY)
    with pytest.raises(BadSettings, match="use the one it had"):
        schema.require(Settings(database_url=database.url, secret_key=Secret(NEW)), migrating=True)


def test_nobody_gives_up_before_who_migrates() -> None:
    assert schema.MIGRATION_SECONDS >= processes.PATIENCE_SECONDS


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
