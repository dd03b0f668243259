"""A session on the test's own database."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from backend.store.database import make_engine, make_sessions


@pytest.fixture
def tx(database_url: str) -> Iterator[Session]:
    engine = make_engine(database_url)
    with make_sessions(engine)() as session:
        yield session
    engine.dispose()
