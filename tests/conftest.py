"""What tests share: real servers, an empty database for each test, a clock that stands still.

Each pytest process (xdist runs several) starts its own servers when a test first asks for them.
"""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
import redis
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine

from backend.config import LOCAL_OWNER
from backend.local import postgres, valkey
from backend.local.throwaway import throwaway_postgres, throwaway_valkey
from backend.services.base.context import Context
from backend.services.purchase import applications
from backend.store import migrate
from tests.build.chromium import chromium
from tests.build.clock import MORNING, ManualClock
from tests.build.databases import Database, Databases, SharedEngine
from tests.build.snapshots import Snapshots
from tests.build.village import Village
from tests.build.waiting import PATIENCE_SECONDS
from tests.turns import Turns, longest_first

# A busy machine must not fail a property; how many examples are tried is hypothesis' own measure.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

WEB = Path(__file__).parents[1] / "miniprogram_web"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What was changed in a copy that is kept is put back past its guards; see `build.kept_copies`.
TO_PUT_BACK = f"GRANT SET ON PARAMETER session_replication_role TO {LOCAL_OWNER}\n"
GARBAGE = 5_000  # so many new things are looked through at a time
MEMORY = Path("/dev/shm")  # noqa: S108 - only a folder of our own in it


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Turns:
    return Turns(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest_first(items)


def pytest_collection_finish() -> None:
    """What is loaded stays to the end: looking through it for garbage, and as often as Python does
    by itself, costs a tenth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


@pytest.fixture(scope="session")
def server_dir() -> Iterator[Path]:
    """Where this process's servers keep their data; gone at the end.

    In memory where there is room: copying a database takes 20 ms there, and 300 on some disks.
    """
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2**31
    with tempfile.TemporaryDirectory(prefix="tibao-test-", dir=MEMORY if roomy else None) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL may run as another user
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres_port(server_dir: Path) -> Iterator[int]:
    postgres.prepare(server_dir / "postgres")
    postgres.say(server_dir / "postgres", "postgres", TO_PUT_BACK)
    with throwaway_postgres(server_dir / "postgres") as port:
        yield port


@pytest.fixture(scope="session")
def valkey_port(server_dir: Path) -> Iterator[int]:
    with throwaway_valkey(server_dir / "valkey") as port:
        yield port


@pytest.fixture(scope="session")
def databases(postgres_port: int) -> Iterator[Databases]:
    """Makes databases, each a copy of another: at first of the migrated one."""
    owner = postgres.database_url(postgres_port, "tibao", LOCAL_OWNER)
    migrate.upgrade(owner, postgres.PROGRAMS)
    with psycopg.connect(
        host="127.0.0.1", port=postgres_port, user=LOCAL_OWNER, dbname="postgres", autocommit=True
    ) as connection:
        databases = Databases(connection, postgres_port)
        yield databases
        databases.close()


@pytest.fixture(scope="session")
def shared_engine(databases: Databases) -> SharedEngine:
    return SharedEngine(databases)


@pytest.fixture(scope="session")
def snapshots(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    """The stages that villages of this process were walked to."""
    return Snapshots(databases, tmp_path_factory.mktemp("papers"))


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    """A migrated database that only this test sees, from its first connection on."""
    database = databases.new()
    yield database
    database.drop()


@pytest.fixture
def database_url(database: Database) -> str:
    """SQLAlchemy's address of this test's database, for whoever connects by themselves."""
    database.create()
    return database.url


@pytest.fixture
def engine(shared_engine: SharedEngine, database: Database) -> Iterator[Engine]:
    """Connects to this test's database."""
    with shared_engine.on(database) as engine:
        yield engine


@pytest.fixture
def village(snapshots: Snapshots, ctx: Context, clock: ManualClock, database: Database) -> Village:
    """An estate with everybody a case needs; `ctx` is each room's own."""
    return snapshots.village(ctx, clock, database)


@pytest.fixture
def cases_from_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cases for one lift, as databases have them from before that was refused."""
    monkeypatch.setattr(applications, "check_lifts_free", lambda *_, **__: None)


@pytest.fixture
def redis_url(valkey_port: int) -> str:
    """The address of an empty Redis that only this test sees."""
    with redis.Redis(host="127.0.0.1", port=valkey_port) as client:
        client.flushall()
    return valkey.redis_url(valkey_port)


@pytest.fixture
def clock() -> ManualClock:
    """Stands still on a working day's morning, 2025-03-03 09:00 in Shanghai, until moved."""
    return ManualClock(MORNING)


@pytest.fixture(scope="session")
def node() -> str:
    """The Node that `make web` uses; without one the test is skipped, but never in CI."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which("node", path=path)
    if not found or not (WEB / "node_modules").is_dir():
        missing("what the mini-program is built with is not installed: `make web`")
    return found


@pytest.fixture(scope="session")
def browser_path(request: pytest.FixtureRequest) -> str:
    """A Chromium: the machine's, else the one that `make test` brings; skipped like `node`."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    words = [request.getfixturevalue("node"), "browser.mjs"]
    done = subprocess.run(words, check=False, cwd=WEB, capture_output=True, text=True)
    if done.returncode:
        missing("no Chromium on this machine: `make test` brings one")
    return done.stdout.strip()


@pytest.fixture(scope="session")
def browser(browser_path: str) -> Iterator[Browser]:
    """One for all tests of this process."""
    with chromium(browser_path) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page; at the end no script on it may have failed."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


def missing(what: str) -> NoReturn:
    """Skip the test, unless this is CI, where nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(autouse=True)
def every_warning_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test hears what another one heard a moment ago."""
    monkeypatch.setattr("backend.seldom.SILENT_SECONDS", 0.0)
