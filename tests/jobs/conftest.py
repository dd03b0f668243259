"""The house's parts on a test's own database, and an emulator that messages go to."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from backend.config import Settings
from backend.programs import deliveries as deliveries_program
from backend.runtime import Runtime
from backend.services.base.context import Context
from backend.wechat.channels.sending import Channels
from backend.wechat.sandbox.app import create_sandbox
from tests.build.clock import ManualClock
from tests.build.databases import Database
from tests.build.followers import Follower, Platform
from tests.build.runtime import runtime_at


@pytest.fixture
def emulator_url(tmp_path: Path) -> Iterator[str]:
    app = create_sandbox(Settings(_env_file=None, data_dir=tmp_path / "emulator"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(database: Database, redis_url: str, emulator_url: str, tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        database_url=database.url,
        redis_url=redis_url,
        wechat_url=emulator_url,
        wechat_timeout_seconds=2,
        data_dir=tmp_path,
    )


@pytest.fixture
def runtime(settings: Settings, engine: Engine, clock: ManualClock) -> Iterator[Runtime]:
    """Everything wired; business time stands still until the test moves `clock`."""
    with runtime_at(settings, engine, clock) as runtime:
        yield runtime


@pytest.fixture
def ctx(runtime: Runtime) -> Context:
    return runtime.ctx


@pytest.fixture
def tx(ctx: Context) -> Iterator[Session]:
    with ctx.sessions() as session:
        yield session


@pytest.fixture
def channel(runtime: Runtime) -> Channels:
    return deliveries_program.channels(runtime)


@pytest.fixture
def platform(settings: Settings) -> Platform:
    """The emulator as a test sees it."""
    return Platform(settings)


@pytest.fixture
def follower(ctx: Context, platform: Platform) -> Callable[..., Follower]:
    """Makes someone who follows the service account, known on both sides."""

    def make(name: str = "甲", **values: Any) -> Follower:
        return platform.follower(ctx, name, **values)

    return make
