"""Whoever waits too long for the database is told so and has lost nothing."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from backend.http.parts import NAME, ApiParts
from backend.local.processes import LOOPBACK
from backend.services.base.context import Context
from backend.store.database import Patience, make_engine, make_sessions
from backend.store.people import RectificationRequest
from tests.build.calling import refused
from tests.build.databases import Database
from tests.build.players import Players
from tests.build.waiting import PATIENCE_SECONDS, eventually

CHAIN_LOCK = 7105002
WRITERS = 8
WRONG = {"what": "房屋", "text": "应为 102"}


@pytest.fixture
def hasty(players: Players, database: Database, app: Flask, parts: ApiParts) -> Iterator[Engine]:
    """The API on an engine that soon has enough of waiting."""
    database.create()
    engine = make_engine(database.url, 2, Patience(connection=500, lock=100, statement=500))
    quick = replace(parts.ctx, sessions=make_sessions(engine))
    app.extensions[NAME] = replace(parts, ctx=quick)
    yield engine
    engine.dispose()


def requests_of(ctx: Context) -> int:
    with ctx.sessions() as tx:
        return tx.scalar(select(func.count()).select_from(RectificationRequest)) or 0


def test_writers_behind_a_stuck_one_are_told_to_come_again_and_nothing_is_half_written(
    players: Players, ctx: Context, app: Flask, hasty: Engine
) -> None:
    def write(number: int) -> int:
        sent = app.test_client().post(
            "/api/v1/me/rectification-requests", json=WRONG, headers=players.headers("owner1")
        )
        if sent.status_code == 503:
            assert refused(sent, 503) == ["busy"]
            assert sent.headers["Retry-After"] == "2"
        return sent.status_code

    with ctx.sessions() as stuck:
        stuck.execute(select(func.pg_advisory_xact_lock(CHAIN_LOCK)))
        with ThreadPoolExecutor(WRITERS) as pool:
            assert set(pool.map(write, range(WRITERS))) == {503}
    assert requests_of(ctx) == 0
    assert write(0) == 201
    assert requests_of(ctx) == 1


def test_a_process_whose_connections_are_all_taken_says_that_it_cannot_serve(
    app: Flask, hasty: Engine
) -> None:
    taken = [hasty.connect() for _ in range(7)]  # two, and the five more that the pool gives
    assert app.test_client().get("/readyz").status_code == 503
    assert app.test_client().get("/healthz").status_code == 200
    for connection in taken:
        connection.close()
    assert app.test_client().get("/readyz").status_code == 200


def test_a_statement_that_does_not_end_is_ended(hasty: Engine) -> None:
    with hasty.connect() as connection, pytest.raises(OperationalError, match="statement timeout"):
        connection.execute(text("SELECT pg_sleep(60)"))


def test_a_writer_that_sleeps_in_its_transaction_is_ended_and_lets_go(
    ctx: Context, database: Database
) -> None:
    database.create()
    engine = make_engine(database.url, 1, Patience(idle=100))
    with engine.connect() as sleeper:
        sleeper.execute(select(func.pg_advisory_xact_lock(CHAIN_LOCK)))
        with ctx.sessions() as tx:
            tx.execute(select(func.pg_advisory_xact_lock(CHAIN_LOCK)))
        with pytest.raises(DBAPIError, match="idle-in-transaction timeout"):
            sleeper.execute(text("SELECT 1"))
    engine.dispose()


def test_whoever_slept_in_a_transaction_is_told_to_come_again(
    players: Players, ctx: Context, app: Flask, parts: ApiParts, database: Database
) -> None:
    """A machine that stood still for a minute is nobody's mistake."""
    database.create()
    engine = make_engine(database.url, 1, Patience(idle=100))
    sleeping = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state = 'idle in transaction'"
    )

    def nobody_sleeps() -> bool:
        with ctx.sessions() as tx:
            return not tx.scalar(sleeping)

    def slow_clock() -> datetime:
        eventually(nobody_sleeps)
        return ctx.clock()

    sleepy = replace(parts.ctx, sessions=make_sessions(engine), clock=slow_clock)
    app.extensions[NAME] = replace(parts, ctx=sleepy)
    sent = app.test_client().post(
        "/api/v1/me/rectification-requests", json=WRONG, headers=players.headers("owner1")
    )
    assert refused(sent, 503) == ["busy"]
    assert requests_of(ctx) == 0
    engine.dispose()


def test_a_database_that_takes_a_connection_and_says_nothing_is_given_up() -> None:
    """PostgreSQL stopped, not gone: its machine still answers for it."""
    given_up = Event()

    def say_nothing(server: socket.socket) -> None:
        taken, _ = server.accept()
        given_up.wait(PATIENCE_SECONDS / 2)
        taken.close()

    with socket.create_server((LOOPBACK, 0)) as silent, ThreadPoolExecutor(1) as thread:
        url = f"postgresql+psycopg://tibao@{LOOPBACK}:{silent.getsockname()[1]}/tibao"
        thread.submit(say_nothing, silent)
        with pytest.raises(OperationalError, match="timeout expired"):
            make_engine(url, 1, Patience(connection=100)).connect()
        given_up.set()
