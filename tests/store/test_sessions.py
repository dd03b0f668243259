"""How a session ends: what was only read stays prepared, what was not committed is undone."""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError, NotSupportedError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from backend.store.database import at_one_moment, make_engine, make_sessions
from backend.store.registry import Maintainer
from tests.build.databases import Database

PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%maintainer%'")
OFTEN = 8  # more than after how many psycopg prepares a statement


@pytest.fixture
def one_connection(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url, pool_size=1)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(one_connection: Engine) -> sessionmaker[Session]:
    return make_sessions(one_connection)


def names(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as tx:
        return list(tx.scalars(select(Maintainer.name)))


def prepared(engine: Engine) -> int:
    with engine.connect() as connection:
        found: int = connection.execute(PREPARED).scalar_one()
        connection.commit()
    return found


@pytest.mark.parametrize("first", [lambda tx: None, at_one_moment])
def test_what_was_read_often_stays_prepared(
    one_connection: Engine, sessions: sessionmaker[Session], first: Callable[[Session], None]
) -> None:
    for _ in range(OFTEN):
        with sessions() as tx:
            first(tx)
            tx.scalars(select(Maintainer.name)).all()
    assert prepared(one_connection) == 1


def added(tx: Session, one: UUID) -> None:
    tx.add(Maintainer(id=one, name=str(one)))


def flushed(tx: Session, one: UUID) -> None:
    added(tx, one)
    tx.flush()


def inserted(tx: Session, one: UUID) -> None:
    tx.execute(insert(Maintainer).values(id=one, name=str(one)))


def written_as_text(tx: Session, one: UUID) -> None:
    tx.execute(
        text("INSERT INTO maintainer (id, name) VALUES (:id, :name)"), {"id": one, "name": str(one)}
    )


def written_beside_the_session(tx: Session, one: UUID) -> None:
    tx.connection().execute(insert(Maintainer).values(id=one, name=str(one)))


WAYS = [added, flushed, inserted, written_as_text, written_beside_the_session]


@pytest.mark.parametrize("write", WAYS)
def test_what_was_written_and_not_committed_is_undone(
    sessions: sessionmaker[Session], write: Callable[[Session, UUID], None]
) -> None:
    with sessions() as tx:
        tx.scalars(select(Maintainer.name)).all()
        write(tx, uuid4())
        tx.scalars(select(Maintainer.name)).all()
    assert names(sessions) == []


@pytest.mark.parametrize("write", WAYS)
def test_what_was_written_after_a_commit_is_undone_too(
    sessions: sessionmaker[Session], write: Callable[[Session, UUID], None]
) -> None:
    with sessions() as tx:
        inserted(tx, first := uuid4())
        tx.commit()
        write(tx, uuid4())
    assert names(sessions) == [str(first)]


def test_what_is_read_after_a_commit_stays_prepared_too(
    one_connection: Engine, sessions: sessionmaker[Session]
) -> None:
    for nth in range(OFTEN):
        with sessions() as tx:
            tx.execute(insert(Maintainer).values(id=uuid4(), name=f"示例维保{nth}"))
            tx.commit()
            tx.scalars(select(Maintainer.name)).all()
    assert prepared(one_connection) == 2


def test_a_read_that_failed_ends_too(sessions: sessionmaker[Session]) -> None:
    with sessions() as tx, pytest.raises(DBAPIError):
        tx.scalars(text("SELECT 1 / 0")).all()
    assert names(sessions) == []


@pytest.mark.parametrize("noticed_inside", [True, False])
def test_of_a_lost_connection_a_read_says_what_happened_and_the_next_has_another(
    one_connection: Engine, sessions: sessionmaker[Session], noticed_inside: bool
) -> None:
    def read() -> None:
        with sessions() as tx:
            mine = tx.scalar(select(func.pg_backend_pid()))
            with one_connection.connect() as other:
                other.execute(select(func.pg_terminate_backend(mine)))
            if noticed_inside:
                tx.scalars(select(Maintainer.name)).all()

    if noticed_inside:
        with pytest.raises(OperationalError):  # 503, not a fault of ours
            read()
    else:
        read()
    assert names(sessions) == []


def test_a_prepared_read_that_fits_its_table_no_more_fails_once(database: Database) -> None:
    owner = make_engine(database.owner_url)
    database.create()
    engine = make_engine(database.url, pool_size=1)
    sessions = make_sessions(engine)
    for _ in range(OFTEN):
        names(sessions)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE maintainer ALTER name TYPE varchar(99)"))
    owner.dispose()
    with pytest.raises(NotSupportedError):
        names(sessions)
    assert names(sessions) == []
    engine.dispose()
