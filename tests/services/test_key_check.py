"""A program with other keys than the database's does not start, and writes nothing under them."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from backend.config import BadSettings, Secret, Settings
from backend.services.base.context import Context
from backend.services.people.key_check import note_key, retire_others
from backend.store import keys, schema
from backend.store.cipher import Cipher
from backend.store.people import KeyCheck
from tests.build.context import SETTINGS
from tests.build.databases import Database
from tests.build.sealing import owners_sessions
from tests.build.village import Village

FIRST = SETTINGS.secret_key.get_secret_value()
ANOTHER = "another secret for tests only, long enough"
THIRD = "a third secret for tests only, long enough"


@pytest.fixture
def owner(database: Database) -> Iterator[sessionmaker[Session]]:
    with owners_sessions(database) as sessions:
        yield sessions


def noted(owner: sessionmaker[Session]) -> list[bytes]:
    with owner() as tx:
        return list(tx.scalars(select(KeyCheck.fingerprint).order_by(KeyCheck.noted_at)))


def starts(database: Database, secret: str, old_secret: str = "") -> None:
    """A program with these keys begins; raises BadSettings when it must not."""
    schema.require(
        Settings(
            database_url=database.url,
            secret_key=Secret(secret),
            old_secret_key=Secret(old_secret),
        )
    )


def test_the_first_key_is_noted_once_and_goes_on(
    ctx: Context, database: Database, owner: sessionmaker[Session]
) -> None:
    for _ in range(2):
        assert not note_key(owner, ctx.cipher)
    assert noted(owner) == [ctx.cipher.fingerprint]
    starts(database, FIRST)


def test_another_key_is_refused_in_a_sentence_without_it(
    ctx: Context, database: Database, owner: sessionmaker[Session]
) -> None:
    note_key(owner, ctx.cipher)
    with pytest.raises(BadSettings) as noticed:
        note_key(owner, Cipher(ANOTHER))
    assert "换回原来的密钥" in str(noticed.value)
    assert ANOTHER not in str(noticed.value)
    with pytest.raises(BadSettings, match="TIBAO_SECRET_KEY"):
        starts(database, ANOTHER)


def test_a_key_that_opens_nothing_is_not_noted(
    village: Village, owner: sessionmaker[Session]
) -> None:
    """The tables were filled before the key was noted anywhere."""
    with pytest.raises(BadSettings):
        note_key(owner, Cipher(ANOTHER))
    assert noted(owner) == []
    note_key(owner, village.ctx.cipher)


def test_the_programs_cannot_change_what_is_noted(
    ctx: Context, owner: sessionmaker[Session]
) -> None:
    note_key(owner, ctx.cipher)
    for change in (
        delete(KeyCheck),
        update(KeyCheck).values(opens_unbound=True),
        insert(KeyCheck).values(fingerprint=b"ours"),
    ):
        with ctx.sessions() as tx, pytest.raises(ProgrammingError):
            tx.execute(change)


def test_a_second_key_is_noted_beside_the_first_and_both_must_be_there(
    ctx: Context, database: Database, owner: sessionmaker[Session]
) -> None:
    note_key(owner, ctx.cipher)
    with pytest.raises(BadSettings, match="tibao migrate"):
        starts(database, ANOTHER, FIRST)
    assert note_key(owner, Cipher(ANOTHER, FIRST))
    assert not note_key(owner, Cipher(ANOTHER, FIRST))
    assert noted(owner) == [ctx.cipher.fingerprint, Cipher(ANOTHER).fingerprint]
    starts(database, ANOTHER, FIRST)
    for secrets, why in {
        (ANOTHER,): "TIBAO_OLD_SECRET_KEY",
        (ANOTHER, THIRD): "TIBAO_OLD_SECRET_KEY",
        (FIRST,): "旧密钥",
        (FIRST, ANOTHER): "旧密钥",
        (THIRD, ANOTHER): "登记",
        (THIRD,): "换回",
    }.items():
        with pytest.raises(BadSettings, match=why):
            starts(database, *secrets)
    with pytest.raises(BadSettings, match="keys rotate"):
        note_key(owner, Cipher(THIRD, ANOTHER))


def test_a_key_that_was_retired_never_comes_back(
    ctx: Context, database: Database, owner: sessionmaker[Session]
) -> None:
    note_key(owner, ctx.cipher)
    note_key(owner, Cipher(ANOTHER, FIRST))
    with owner() as tx:
        retire_others(tx, Cipher(ANOTHER))
        tx.commit()
    starts(database, ANOTHER)
    starts(database, ANOTHER, FIRST)  # it may be taken away at leisure
    with pytest.raises(BadSettings, match="已经停用"):
        note_key(owner, Cipher(FIRST, ANOTHER))
    assert note_key(owner, Cipher(THIRD, ANOTHER))


def test_an_empty_database_never_takes_the_form_of_before(
    ctx: Context, database: Database, owner: sessionmaker[Session]
) -> None:
    may_be_unbound = keys.MayBeUnbound(database.url)
    note_key(owner, ctx.cipher)
    assert not may_be_unbound()


def test_a_database_that_is_away_opens_nothing_of_before() -> None:
    assert not keys.MayBeUnbound("postgresql+psycopg://nobody@127.0.0.1:1/nothing")()
