"""A WeChat emulator of one's own for each test, over HTTP on a free port."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from backend.config import Secret, Settings
from backend.programs import callbacks as callbacks_program
from backend.programs import deliveries as deliveries_program
from backend.services.base.context import Context
from backend.store.purchases import Purchase
from backend.wechat.bot import ChatBot
from backend.wechat.routes import MINI_PATH, SERVICE_PATH, callbacks
from backend.wechat.sandbox.app import create_sandbox
from tests.build.clock import ManualClock
from tests.build.databases import NO_DATABASE
from tests.build.emulator import Receiver, Sandbox, mini_credentials, serve, service_credentials
from tests.build.runtime import runtime_at
from tests.build.talk import Talk
from tests.build.village import Village


@pytest.fixture
def serve_app() -> Iterator[Callable[[Flask], str]]:
    """Serves apps until the test ends; returns their address."""
    servers = []

    def start(app: Flask) -> str:
        server, url = serve(app)
        servers.append(server)
        return url

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def start_sandbox(tmp_path: Path, serve_app: Callable[[Flask], str]) -> Callable[[str], Sandbox]:
    """Starts emulators on the same data directory and clock."""

    def start(public_url: str) -> Sandbox:
        settings = Settings(
            data_dir=tmp_path,
            clock_file=tmp_path / "clock",
            public_url=public_url,
            service_secret=Secret("secret-of-the-service-account"),
            mini_secret=Secret("secret-of-the-mini-program"),
            wechat_timeout_seconds=1,
        )
        url = serve_app(create_sandbox(settings))
        return Sandbox(replace(settings, wechat_url=url))

    return start


@pytest.fixture
def sandbox(
    receiver: Receiver,
    serve_app: Callable[[Flask], str],
    start_sandbox: Callable[[str], Sandbox],
) -> Sandbox:
    """An emulator whose callbacks reach `receiver`."""
    return start_sandbox(serve_app(receiver.app))


@pytest.fixture
def talk(
    engine: Engine,
    redis_url: str,
    start_sandbox: Callable[[str], Sandbox],
    clock: ManualClock,
) -> Iterator[Talk]:
    app = Flask("ours")
    server, url = serve(app)
    sandbox = start_sandbox(url)
    sandbox.control("PUT", "/clock", {"now": clock().isoformat()})
    settings = replace(sandbox.settings, database_url=NO_DATABASE, redis_url=redis_url)
    with runtime_at(settings, engine, clock) as runtime:
        bot = ChatBot(lambda plan_id: f"{url}/p/{plan_id}", runtime.ctx.city)
        handle = callbacks_program.handle_callbacks(runtime, bot)
        talk = Talk(runtime.ctx, sandbox, handle, deliveries_program.channels(runtime))
        for path, credentials in (
            (SERVICE_PATH, service_credentials(settings)),
            (MINI_PATH, mini_credentials(settings)),
        ):
            app.register_blueprint(callbacks(runtime.ctx, path, credentials, talk.woken.extend))
        yield talk
        talk.silence()
        server.shutdown()
        server.server_close()


@pytest.fixture
def ctx(talk: Talk) -> Context:
    return talk.ctx


@pytest.fixture
def village(village: Village, talk: Talk) -> Village:
    """The village, where those whom the bot speaks with follow the account."""
    talk.everybody_follows(village, "member0", "member1", "member2", "manager", "clerk", "owner0")
    return village


@pytest.fixture
def purchase(village: Village, talk: Talk) -> Purchase:
    """A case with a plan before the committee."""
    purchase = village.planned()
    talk.pump()
    return purchase
