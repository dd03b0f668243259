"""The house's parts on a test's own database, and an emulator that messages go to."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

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
from tests.build.served import in_thread


@pytest.fixture
def emulator_url(tmp_path: Path) -> Iterator[str]:
    with in_thread(create_sandbox(Settings(data_dir=tmp_path / "emulator"))) as address:
        yield address


@pytest.fixture
def settings(database: Database, redis_url: str, emulator_url: str, tmp_path: Path) -> Settings:
    return Settings(
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
