"""A context on the test's own database, and a village to walk cases through."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.services.base.context import Context
from backend.store.cipher import Cipher
from backend.store.city_files import load_city
from backend.store.database import make_engine, make_sessions
from backend.store.files import FileStore
from backend.wiring import KINDS
from tests.connections import in_use
from tests.manual_clock import ManualClock
from tests.no_platform import NoPlatform
from tests.village import Village, settle_village


@pytest.fixture
def ctx(database_url: str, clock: ManualClock, tmp_path: Path) -> Iterator[Context]:
    engine = make_engine(database_url)
    yield Context(
        sessions=make_sessions(engine),
        clock=clock,
        city=load_city("jishou"),
        cipher=Cipher("a secret for tests only, long enough"),
        files=FileStore(tmp_path),
        platform=NoPlatform(),
        kinds=KINDS,
    )
    assert in_use(engine) == 0, "a service kept a connection"
    engine.dispose()


@pytest.fixture
def village(ctx: Context, clock: ManualClock) -> Village:
    return settle_village(ctx, clock)
