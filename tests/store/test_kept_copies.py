"""A copy that tests share one after the other is as it was made, or not used again."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Engine, func, insert, select, text, update

from backend.store.registry import Estate
from tests.build.databases import Database, Databases, SharedEngine

STOOD = [("E1", "一号小区"), ("E2", "二号小区")]


@pytest.fixture
def template(databases: Databases) -> Iterator[str]:
    """A database with two estates, of which a copy is kept from now on."""
    first = databases.new()
    with first.engine() as engine, engine.begin() as tx:
        for code, name in STOOD:
            tx.execute(insert(Estate).values(_estate(code, name)))
    databases.new(template=first.name).create()
    yield first.name
    first.drop()


def _estate(code: str, name: str) -> dict[str, object]:
    return {"id": func.gen_random_uuid(), "code": code, "name": name, "address": "", "district": ""}


@contextmanager
def had(databases: Databases, shared: SharedEngine, template: str) -> Iterator[Engine]:
    """The database of one test."""
    database = databases.new(template=template)
    with shared.on(database) as engine:
        yield engine
    database.drop()


def stands(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as tx:
        found = tx.execute(select(Estate.code, Estate.name).order_by(Estate.code))
        return [(code, name) for code, name in found]


def session_of(engine: Engine) -> int:
    with engine.connect() as tx:
        return int(tx.scalar(text("SELECT pg_backend_pid()")) or 0)


def test_rows_come_back_and_the_connection_stays(databases: Databases, template: str) -> None:
    shared = SharedEngine(databases)
    database = databases.new(template=template)
    with shared.on(database) as engine:
        session = session_of(engine)
        with engine.begin() as tx:
            tx.execute(insert(Estate).values(_estate("E3", "三号小区")))
            tx.execute(update(Estate).where(Estate.code == "E1").values(name="改名小区"))
            tx.execute(text("SET statement_timeout = '1 h'"))
            tx.execute(text("SELECT pg_advisory_lock(7)"))
        with psycopg.connect(database.owner_url.replace("+psycopg", "")) as owner:
            owner.execute("DELETE FROM estate WHERE code = 'E2'")
    database.drop()
    with had(databases, shared, template) as engine:
        assert stands(engine) == STOOD
        assert session_of(engine) == session
        with engine.connect() as tx:
            assert tx.scalar(text("SHOW statement_timeout")) == "30s"
            assert tx.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")) == 0


def test_what_is_more_than_rows_is_never_found_by_the_next(
    databases: Databases, template: str
) -> None:
    shared, database = SharedEngine(databases), databases.new(template=template)
    with shared.on(database) as engine:
        session = session_of(engine)
        with psycopg.connect(database.owner_url.replace("+psycopg", "")) as owner:
            owner.execute("ALTER TABLE estate DISABLE TRIGGER USER")
    database.drop()
    with had(databases, shared, template) as engine:
        assert session_of(engine) != session
        assert stands(engine) == STOOD


def test_nobody_else_is_connected_to_what_the_next_gets(
    databases: Databases, template: str
) -> None:
    shared, database = SharedEngine(databases), databases.new(template=template)
    with shared.on(database) as engine:
        session = session_of(engine)
        forgotten = psycopg.connect(database.url.replace("+psycopg", ""))
    database.drop()
    with had(databases, shared, template) as engine:
        assert session_of(engine) != session
    forgotten.close()


def test_who_was_told_an_address_before_gets_a_copy_there(
    databases: Databases, template: str
) -> None:
    database: Database = databases.new(template=template)
    address = database.url
    database.create()
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM estate").fetchone() == (2,)
    database.drop()
