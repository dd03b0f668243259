"""The audit chain: links that hold, and tampering that shows."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from backend.domain import audit_chain
from backend.domain.audit_actions import StepTaken
from backend.domain.audit_chain import GENESIS, link_hash
from backend.services.base import audit
from backend.services.base.numbers import next_number
from backend.store.audit import AuditEntry
from backend.store.database import make_engine, make_sessions
from tests.build.databases import Database
from tests.build.waiting import PATIENCE_SECONDS, at_once

AT = datetime(2025, 3, 3, 1, tzinfo=UTC)
ACTOR = UUID(int=7)


@pytest.fixture
def engine(database_url: str, database: Database) -> Iterator[Engine]:
    """As the owner of the tables, who alone can switch the guards off."""
    engine = make_engine(database.owner_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return make_sessions(engine)


def append(tx: Session, number: int) -> None:
    facts = {"number": number, "金额": "1,300元"}
    audit.append(tx, AT, ACTOR, StepTaken("test.step"), ("purchase", UUID(int=number)), facts)


@pytest.fixture
def chain(sessions: sessionmaker[Session]) -> str:
    """Five links; the head of the chain, in hex."""
    with sessions() as tx:
        for number in range(1, 6):
            append(tx, number)
        tx.commit()
        return audit.verify(tx).head


def tamper(sessions: sessionmaker[Session], statement: str, **values: object) -> None:
    """What someone who owns the database could do: switch the guards off, change, switch on."""
    with sessions() as tx:
        tx.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        tx.execute(text(statement), values)
        tx.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER USER"))
        tx.commit()


def test_an_empty_chain_is_whole(sessions: sessionmaker[Session]) -> None:
    with sessions() as tx:
        found = audit.verify(tx)
    assert (found.ok, found.entries, found.head) == (True, 0, GENESIS.hex())


def test_links_are_numbered_and_hashed_as_documented(
    sessions: sessionmaker[Session], chain: str
) -> None:
    with sessions() as tx:
        links = list(tx.scalars(select(AuditEntry).order_by(AuditEntry.seq)))
        found = audit.verify(tx)
    previous = GENESIS
    for seq, link in enumerate(links, start=1):
        assert (link.seq, link.previous_hash) == (seq, previous)
        previous = link_hash(1, seq, previous, link.body)
        assert link.hash == previous
    assert (found.ok, found.entries, found.head) == (True, 5, previous.hex())
    assert links[0].body.decode() == (
        '{"action":"test.step","actor":"00000000-0000-0000-0000-000000000007",'
        '"at":"2025-03-03T01:00:00.000000+00:00","facts":{"number":1,"金额":"1,300元"},'
        '"subject":["purchase","00000000-0000-0000-0000-000000000001"]}'
    )


@pytest.mark.parametrize("forged", [{"seq": 99}, {"previous_hash": b""}, {"hash": b""}])
def test_nobody_but_the_database_makes_links(
    sessions: sessionmaker[Session], chain: str, forged: dict[str, object]
) -> None:
    entry = AuditEntry(
        version=1, at=AT, action="x", subject_kind="x", subject_id="x", body=b"{}", **forged
    )
    with sessions() as tx:
        tx.add(entry)
        with pytest.raises(IntegrityError, match="insert of audit_entry is refused"):
            tx.flush()


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE audit_entry SET body = '{}' WHERE seq = 3", 3),
        ("UPDATE audit_entry SET body = body || ' ' WHERE seq = 3", 3),
        ("UPDATE audit_entry SET action = 'other' WHERE seq = 2", 2),
        ("UPDATE audit_entry SET actor_id = NULL WHERE seq = 2", 2),
        ("UPDATE audit_entry SET at = at + interval '1 second' WHERE seq = 4", 4),
        ("UPDATE audit_entry SET version = 2 WHERE seq = 4", 4),
        ("UPDATE audit_entry SET hash = sha256('x') WHERE seq = 5", 5),
        ("UPDATE audit_entry SET previous_hash = sha256('x') WHERE seq = 1", 1),
        ("UPDATE audit_entry SET seq = 6 WHERE seq = 5", 5),
        ("UPDATE audit_entry SET seq = NULL WHERE seq = 2", 2),
        ("UPDATE audit_entry SET hash = NULL WHERE seq = 2", 2),
        ("DELETE FROM audit_entry WHERE seq = 1", 1),
        ("DELETE FROM audit_entry WHERE seq = 3", 3),
    ],
)
def test_tampering_shows_at_the_first_bad_link(
    sessions: sessionmaker[Session], chain: str, statement: str, first_bad: int
) -> None:
    tamper(sessions, statement)
    with sessions() as tx:
        found = audit.verify(tx)
    assert not found.ok
    assert (found.first_bad_seq, found.entries) == (first_bad, first_bad - 1)


def test_a_link_rewritten_with_its_own_hash_breaks_the_next_one(
    sessions: sessionmaker[Session], chain: str
) -> None:
    with sessions() as tx:
        link = tx.scalars(select(AuditEntry).where(AuditEntry.seq == 2)).one()
    body = audit_chain.canonical(AT, ACTOR, "test.step", ("purchase", str(UUID(int=2))), {})
    tamper(
        sessions,
        "UPDATE audit_entry SET body = :body, hash = :hash WHERE seq = 2",
        body=body,
        hash=link_hash(1, 2, link.previous_hash or b"", body),
    )
    with sessions() as tx:
        assert audit.verify(tx).first_bad_seq == 3


def test_links_cut_off_at_the_end_show_in_the_head(
    sessions: sessionmaker[Session], chain: str
) -> None:
    tamper(sessions, "DELETE FROM audit_entry WHERE seq = 5")
    with sessions() as tx:
        found = audit.verify(tx)
    assert found.ok
    assert (found.entries, found.head == chain) == (4, False)


def test_what_is_rolled_back_leaves_no_gap(sessions: sessionmaker[Session], chain: str) -> None:
    with sessions() as tx:
        append(tx, 6)
        tx.rollback()
        append(tx, 7)
        tx.commit()
        assert audit.verify(tx).entries == 6


def test_many_writers_make_one_chain(sessions: sessionmaker[Session]) -> None:
    def write(writer: int) -> None:
        for number in range(10):
            with sessions() as tx:
                append(tx, writer * 100 + number)
                tx.commit()

    at_once([partial(write, writer) for writer in range(4)])
    with sessions() as tx:
        found = audit.verify(tx)
    assert (found.ok, found.entries) == (True, 40)


def test_writers_that_lock_in_different_orders_never_block_each_other(
    sessions: sessionmaker[Session],
) -> None:
    with sessions() as tx:
        next_number(tx, "purchase", AT.date())
        tx.commit()
    both_began = threading.Barrier(2)

    def write_then_lock() -> None:
        with sessions() as tx:
            append(tx, 1)
            both_began.wait(PATIENCE_SECONDS)
            next_number(tx, "purchase", AT.date())
            tx.commit()

    def lock_then_write() -> None:
        with sessions() as tx:
            next_number(tx, "purchase", AT.date())
            both_began.wait(PATIENCE_SECONDS)
            append(tx, 2)
            tx.commit()

    at_once([write_then_lock, lock_then_write])
    with sessions() as tx:
        assert audit.verify(tx).entries == 2
