"""New migrations keep the rules, and those that were released stay as they are."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, event

from backend import wiring
from backend.cli import main
from backend.commands import migrate as command
from backend.config import Settings
from backend.local.postgres import PROGRAMS
from backend.store import migrate, migrations
from backend.store.tables import Base
from tests.build.databases import Databases
from tests.store.migration_rules import GROWING, complaints

VERSIONS = Path(migrations.__path__[0], "versions")

# Released before there were rules.
LAST_WITHOUT_RULES = "0015_public_face"

# What `sha256sum *.py` said of the released migrations.
RELEASED = Path(__file__).with_name("released_migrations.sha256")

DatabaseAt = Callable[[str], str]


@pytest.fixture
def database_at(databases: Databases) -> Iterator[DatabaseAt]:
    """Makes this test's database as a revision left it; its owner's address."""
    database = databases.new(template="template1")

    def make(revision: str) -> str:
        database.create()
        migrate.upgrade(database.owner_url, PROGRAMS, to=revision)
        return database.owner_url

    yield make
    database.drop()


def sent_by(url: str, revision: str) -> list[str]:
    """What the migration `revision` says to the database at `url`, in SQL."""
    sent: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        migrate.upgrade(url, PROGRAMS, to=revision)
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
    return sent


def test_new_migrations_keep_the_rules(database_at: DatabaseAt) -> None:
    url = database_at(LAST_WITHOUT_RULES)
    wrong = {}
    for path in sorted(VERSIONS.glob("[0-9]*.py")):
        if path.stem > LAST_WITHOUT_RULES:
            wrong[path.stem] = complaints(sent_by(url, path.stem), path.read_text("utf-8"))
    assert {name: found for name, found in wrong.items() if found} == {}


def test_released_migrations_are_never_edited() -> None:
    for line in RELEASED.read_text("utf-8").splitlines():
        digest, name = line.split()
        assert hashlib.sha256((VERSIONS / name).read_bytes()).hexdigest() == digest, name


def test_the_growing_tables_are_tables() -> None:
    assert Base.metadata.tables.keys() >= GROWING


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("ALTER TABLE lift ADD COLUMN x text NOT NULL", "fails where the table has rows"),
        ("ALTER TABLE lift ADD y text, ADD x text NOT NULL", "fails where the table has rows"),
        ("DROP TABLE follow", "says no `# drops: …`"),
        ("ALTER TABLE inbox DROP COLUMN openid", "says no `# drops: …`"),
        ("DELETE FROM consent", "says no `# drops: …`"),
        ("ALTER TABLE verification RENAME TO x", "says no `# renames: …`"),
        ("ALTER TABLE verification RENAME COLUMN id TO x", "says no `# renames: …`"),
        ("ALTER TABLE lift ALTER COLUMN floors TYPE text", "says no `# rewrites: …`"),
        ("ALTER TABLE lift ADD x uuid DEFAULT gen_random_uuid()", "says no `# rewrites: …`"),
        ("CREATE INDEX ix ON outbox (state)", "says no `# locks: …`"),
        ("CREATE UNIQUE INDEX ON outbox (state)", "says no `# locks: …`"),
        ("ALTER TABLE outbox ADD CHECK (attempts > 0)", "says no `# locks: …`"),
        ("ALTER TABLE outbox ALTER COLUMN role SET NOT NULL", "says no `# locks: …`"),
        (
            "ALTER TABLE outbox ADD CONSTRAINT fk FOREIGN KEY (x) REFERENCES lift (id)",
            "says no `# locks: …`",
        ),
        ("CREATE INDEX CONCURRENTLY ix ON lift (x)", "leaves the one transaction"),
        ("UPDATE lift SET x = 1; COMMIT", "leaves the one transaction"),
        ("ALTER TABLE plan DISABLE TRIGGER plan_append_only", "not on again"),
    ],
)
def test_what_could_hurt_a_city_is_refused_or_needs_a_reason(sql: str, complaint: str) -> None:
    (found,) = complaints([sql], "")
    assert complaint in found


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE lift ADD COLUMN x text",
        "ALTER TABLE lift ADD COLUMN x text DEFAULT 'new' NOT NULL",
        "CREATE TABLE x (id uuid NOT NULL); CREATE INDEX ix ON x (id); ALTER TABLE x ADD CHECK (y)",
        "CREATE INDEX ix ON city_profile (code)",
        "ALTER TABLE lift ADD CONSTRAINT ck CHECK (floors > 0)",
        "ALTER TABLE outbox ADD CONSTRAINT ck CHECK (attempts > 0) NOT VALID",
        "ALTER TABLE outbox DROP CONSTRAINT ck_outbox_state",
        "ALTER TABLE outbox RENAME CONSTRAINT a TO b",
        "DROP TRIGGER plan_append_only ON plan",
        "ALTER TABLE plan DISABLE TRIGGER a; ALTER TABLE plan ENABLE TRIGGER a",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM x; END$$",
        "UPDATE lift SET floors = 1 -- never DROP TABLE lift; COMMIT",
    ],
)
def test_what_hurts_nobody_is_let_through(sql: str) -> None:
    assert complaints([sql], "") == []


def test_a_reason_counts_when_it_is_given_and_for_its_own_rule_only() -> None:
    sent = ["DROP TABLE follow", "ALTER TABLE verification RENAME TO x"]
    (found,) = complaints(sent, "# drops: nobody reads this any more\n")
    assert "renames" in found
    assert len(complaints(sent, "# drops:\n# renames: x\n")) == 2


def test_a_migration_knows_the_tables_and_not_the_code() -> None:
    for line in ("import backend.clock", "from backend.store import base"):
        assert complaints([], line) == ["imports what will change under it: line 1"]
    assert complaints([], "def downgrade() -> None: ...") == [
        "has a downgrade: there is no way back but a backup"
    ]


def test_every_migration_waits_only_so_long(database_at: DatabaseAt) -> None:
    sent = sent_by(database_at("0014_consents"), "0015_public_face")
    first = next(place for place, sql in enumerate(sent) if sql.startswith("CREATE"))
    assert "SET LOCAL lock_timeout = '5s'" in sent[:first]
    assert "SET LOCAL statement_timeout = '5min'" in sent[:first]


def test_a_migration_that_does_not_get_its_lock_changes_nothing(
    database_at: DatabaseAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database_at("0013_photos")
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "10ms")
    with psycopg.connect(url.replace("+psycopg", "")) as somebody:
        somebody.execute("LOCK TABLE account IN SHARE MODE")
        with pytest.raises(migrate.TablesBusy):
            migrate.upgrade(url, PROGRAMS)
        version = somebody.execute("SELECT version_num FROM alembic_version").fetchall()
    assert version == [("0013_photos",)]
    migrate.upgrade(url, PROGRAMS)


def test_who_migrates_while_the_tables_are_busy_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command, "open_runtime", lambda **_: wiring.build(Settings()))
    monkeypatch.setattr(migrate, "upgrade", Mock(side_effect=migrate.TablesBusy))
    ended = CliRunner().invoke(main, ["migrate"])
    assert (ended.exit_code, ended.output.count("\n")) == (2, 1)
    assert "请停止 API 和后台进程后再运行一次" in ended.output
