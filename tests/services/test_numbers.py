"""Numbers without gaps."""

from collections.abc import Iterator
from datetime import date
from itertools import chain

import pytest
from sqlalchemy.orm import Session, sessionmaker

from backend.services.base.numbers import next_number
from backend.store.database import make_engine, make_sessions
from tests.build.waiting import at_once

ON = date(2025, 12, 31)


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    engine = make_engine(database_url)
    yield make_sessions(engine)
    engine.dispose()


def test_numbers_count_by_kind_and_year(sessions: sessionmaker[Session]) -> None:
    with sessions() as tx:
        assert next_number(tx, "purchase", ON) == "SQ-2025-000001"
        assert next_number(tx, "purchase", ON) == "SQ-2025-000002"
        assert next_number(tx, "notice", ON) == "GS-2025-000001"
        assert next_number(tx, "purchase", date(2026, 1, 1)) == "SQ-2026-000001"


def test_a_rollback_gives_its_number_back(sessions: sessionmaker[Session]) -> None:
    with sessions() as tx:
        next_number(tx, "payment", ON)
        tx.commit()
        assert next_number(tx, "payment", ON) == "BF-2025-000002"
        tx.rollback()
        assert next_number(tx, "payment", ON) == "BF-2025-000002"


def test_people_at_the_same_time_get_different_numbers(sessions: sessionmaker[Session]) -> None:
    def take() -> list[str]:
        taken = []
        for _ in range(10):
            with sessions() as tx:
                taken.append(next_number(tx, "registration", ON))
                tx.commit()
        return taken

    given = at_once([take] * 4)
    assert sorted(chain(*given)) == [f"BA-2025-{number:06d}" for number in range(1, 41)]
