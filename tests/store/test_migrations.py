"""The migrations build what the records say, in order, and as often as one likes."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from backend.local.postgres import PROGRAMS
from backend.store import migrate, migrations
from backend.store.tables import Base
from tests.build.databases import Databases
from tests.build.waiting import PATIENCE_SECONDS

VERSIONS = sorted(Path(migrations.__path__[0], "versions").glob("*.py"))

# Everything of a table but its triggers, which only the migrations know.
DEFINITIONS = """
SELECT table_name, column_name AS name,
       format('%s %s %s', udt_name, is_nullable, column_default) AS definition
FROM information_schema.columns WHERE table_schema = :schema AND table_name <> 'alembic_version'
UNION ALL
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = CAST(:schema AS regnamespace) AND contype <> 't'
UNION ALL
SELECT tablename, indexname, replace(indexdef, :schema || '.', '') FROM pg_indexes
WHERE schemaname = :schema
"""


def definitions(connection: Connection, schema: str) -> set[tuple[str, str, str]]:
    connection.execute(text(f"SET LOCAL search_path TO {schema}, public"))
    rows = connection.execute(text(DEFINITIONS), {"schema": schema})
    return {(row[0], row[1], row[2]) for row in rows if "alembic_version" not in row[0]}


@pytest.fixture
def empty_url(databases: Databases) -> Iterator[str]:
    database = databases.new(template="template1")
    database.create()
    yield database.owner_url
    database.drop()


def test_migrations_are_one_numbered_line() -> None:
    previous = "None"
    for number, path in enumerate(VERSIONS, start=1):
        assert path.stem.startswith(f"{number:04d}_")
        source = path.read_text()
        assert f'revision = "{path.stem}"' in source
        found = re.search(r'^down_revision = "?(\w+)"?$', source, re.MULTILINE)
        assert found
        assert found[1] == previous
        previous = path.stem
    assert migrate.head() == VERSIONS[-1].stem


def test_alembic_finds_nothing_left_to_migrate(tx: Session) -> None:
    context = MigrationContext.configure(tx.connection())
    assert compare_metadata(context, Base.metadata) == []


def test_migrated_tables_are_those_of_the_records(tx: Session) -> None:
    connection = tx.connection()
    connection.execute(text("CREATE SCHEMA records"))
    translated = connection.execution_options(schema_translate_map={None: "records"})
    Base.metadata.create_all(translated)
    expected = definitions(connection, "records")
    assert len(expected) > 500
    assert definitions(connection, "public") == expected


def test_the_page_on_the_data_model_names_every_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "data-model.md").read_text()
    named = set(re.findall(r"\w+", page))
    assert Base.metadata.tables.keys() - named == set()


def test_every_rule_that_the_page_names_exists(tx: Session) -> None:
    page = (Path(__file__).parents[2] / "docs" / "data-model.md").read_text()
    rows = re.findall(r"^\|.*\|(.*)\|$", page, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    known = tx.scalars(
        text(
            "SELECT tgname FROM pg_trigger UNION SELECT conname FROM pg_constraint UNION "
            "SELECT indexname FROM pg_indexes"
        )
    )
    assert len(named) > 20
    assert named - set(known) == set()


def test_two_processes_may_migrate_at_once(empty_url: str) -> None:
    words = [
        sys.executable,
        "-c",
        "import sys; from backend.store.migrate import upgrade; upgrade(*sys.argv[1:])",
        empty_url,
        PROGRAMS,
    ]
    both = [subprocess.Popen(words, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        _, complaint = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, complaint.decode()
    with psycopg.connect(empty_url.replace("+psycopg", "")) as connection:
        version = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    assert version == [(migrate.head(),)]
