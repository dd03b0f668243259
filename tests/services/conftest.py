"""A context on the test's own database."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from backend.clock import system_clock
from backend.services.base import proof
from backend.services.base.context import Context
from backend.services.people import desk_accounts, desk_sessions, invitations, second_factors
from backend.store.database import make_sessions
from backend.store.files import FileStore
from tests.build.clock import ManualClock
from tests.build.context import quiet_context


@pytest.fixture
def ctx(engine: Engine, clock: ManualClock, tmp_path: Path) -> Context:
    return quiet_context(make_sessions(engine), clock, FileStore(tmp_path))


@pytest.fixture
def real_time(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    """The time that sessions, codes and authenticators live in stands still, until it is moved."""
    now = ManualClock(system_clock())
    for module in (desk_accounts, desk_sessions, invitations, proof, second_factors):
        monkeypatch.setattr(module, "system_clock", now)
    return now
