"""A session on the test's own database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.store.database import make_sessions


@pytest.fixture
def tx(engine: Engine) -> Iterator[Session]:
    with make_sessions(engine)() as session:
        yield session
