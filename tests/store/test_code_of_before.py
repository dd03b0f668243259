"""The programs of the version before run on today's tables, as they do during an upgrade."""

import gzip
import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import psycopg
import pytest

from backend.store import migrations
from backend.store.tables import Base
from tests.build.databases import Database
from tests.store.record_statements import RECORD, Said

HEAD, *LINES = map(json.loads, gzip.decompress(RECORD.read_bytes()).decode().splitlines())
SCENES = {
    name: [transaction for _, transaction in lines]
    for name, lines in groupby(LINES, key=lambda line: line[0])
}
VERSIONS = Path(migrations.__path__[0], "versions")
CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"
RELEASED = Path(__file__).with_name("released_migrations.sha256")

# The record began here, long after the last release.
FIRST_RECORD = "0022_namesakes"
STOPS = re.compile(r"^ *# stops: \S+ \S+ \S+", re.MULTILINE)

# What no program writes, but the command that migrates.
OF_THE_COMMAND = {"key_check", "name_form"}


def connect(database: Database) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection as the programs have it."""
    database.create()
    return psycopg.connect(database.url.replace("+psycopg", ""))


def said_again(database: Database, scene: str) -> None:
    """Say it all; raises at the first statement that fails or touches other rows than it did."""
    with connect(database) as connection:
        for transaction in SCENES[scene]:
            for sql, rows in transaction:
                cursor = connection.execute(sql)
                assert rows in (None, cursor.rowcount), sql
            connection.commit()


def statements() -> Iterator[Said]:
    for transactions in SCENES.values():
        for transaction in transactions:
            yield from transaction


@pytest.mark.parametrize("scene", SCENES)
def test_the_code_of_before_does_its_work_on_todays_tables(database: Database, scene: str) -> None:
    said_again(database, scene)


def test_it_writes_every_table_that_it_knew() -> None:
    writing = re.compile(r"\b(?:INSERT INTO|UPDATE) (\w+)")
    written = {name for sql, _ in statements() for name in writing.findall(sql)}
    asked = " ".join({sql for sql, _ in statements()})
    named = set(re.findall(r"\b(?:FROM|INTO|UPDATE|JOIN) (\w+)", asked))
    newer = Base.metadata.tables.keys() - named
    assert Base.metadata.tables.keys() - written <= newer | OF_THE_COMMAND
    assert len(written) > 60


@pytest.mark.parametrize(
    "change",
    [
        # As migration 0013 once did: no objection could be filed while old programs still ran.
        "ALTER TABLE objection ADD COLUMN weight text NOT NULL",
        "ALTER TABLE objection RENAME COLUMN status TO standing",
        "ALTER TABLE objection ADD CHECK (kind <> 'price')",
        "CREATE RULE nothing AS ON INSERT TO objection DO INSTEAD NOTHING",
        "DROP TABLE objection_photo",
    ],
)
def test_tables_on_which_it_can_no_longer_file_an_objection_are_noticed(
    database: Database, change: str
) -> None:
    database.create()
    with psycopg.connect(database.owner_url.replace("+psycopg", "")) as owner:
        owner.execute(change)
    with pytest.raises((psycopg.Error, AssertionError)) as noticed:
        said_again(database, "test_an_objection_goes_from_the_phone_to_the_receipt")
    assert "objection" in str(noticed.value)


def test_the_record_is_of_a_release_or_of_what_programs_must_stop_for() -> None:
    revision = HEAD["revision"]
    released = RELEASED.read_text("utf-8").split()[-1].removesuffix(".py")
    source = (VERSIONS / f"{revision}.py").read_text("utf-8")
    assert revision in {released, FIRST_RECORD} or STOPS.search(source), revision


def test_operators_are_told_to_stop_the_programs_where_they_must() -> None:
    """Of a migration that is not released yet, and that says so or came before the first record."""
    released = RELEASED.read_text("utf-8").split()[-1].removesuffix(".py")
    fresh = [path for path in VERSIONS.glob("[0-9]*.py") if path.stem > released]
    stopping = [
        path.stem
        for path in fresh
        if path.stem <= FIRST_RECORD or STOPS.search(path.read_text("utf-8"))
    ]
    newest = CHANGELOG.read_text("utf-8").split("\n## ")[1]
    assert not stopping or "stop the programs" in newest, stopping
