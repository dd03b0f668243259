"""A session on the test's own database, as the owner of its tables.

What the tables refuse, they refuse their owner too; what the programs may do at all is another
matter (`test_least_power`).
"""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from backend.store.database import make_engine, make_sessions
from tests.build.databases import Database


@pytest.fixture
def tx(database: Database) -> Iterator[Session]:
    database.create()
    engine = make_engine(database.owner_url)
    with make_sessions(engine)() as session:
        yield session
    engine.dispose()
