"""A context on the test's own database."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from backend.services.base.context import Context
from backend.store.database import make_sessions
from backend.store.files import FileStore
from tests.build.clock import ManualClock
from tests.build.context import quiet_context


@pytest.fixture
def ctx(engine: Engine, clock: ManualClock, tmp_path: Path) -> Context:
    return quiet_context(make_sessions(engine), clock, FileStore(tmp_path))
