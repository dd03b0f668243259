"""A program with another key than the database's does not start, and writes nothing under it."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from backend.config import BadSettings, Secret, Settings
from backend.services.base.context import Context
from backend.services.people.key_check import note_key
from backend.store import schema
from backend.store.cipher import Cipher
from backend.store.people import KeyCheck
from tests.build.databases import Database
from tests.build.village import Village

ANOTHER = "another secret for tests only, long enough"


def with_another_key(ctx: Context) -> Context:
    return replace(ctx, cipher=Cipher(ANOTHER))


def test_the_first_key_is_noted_once_and_goes_on(ctx: Context, database: Database) -> None:
    for _ in range(2):
        note_key(ctx)
    with ctx.sessions() as tx:
        assert tx.scalars(select(KeyCheck.fingerprint)).all() == [ctx.cipher.fingerprint]
    schema.require(Settings(database_url=database.url))


def test_another_key_is_refused_in_a_sentence_without_it(ctx: Context, database: Database) -> None:
    note_key(ctx)
    with pytest.raises(BadSettings) as noticed:
        note_key(with_another_key(ctx))
    assert "换回原来的密钥" in str(noticed.value)
    assert ANOTHER not in str(noticed.value)
    settings = Settings(database_url=database.url, secret_key=Secret(ANOTHER))
    with pytest.raises(BadSettings, match="TIBAO_SECRET_KEY"):
        schema.require(settings)


def test_a_key_that_opens_nothing_is_not_noted(village: Village) -> None:
    """The tables were filled before the key was noted anywhere."""
    with pytest.raises(BadSettings):
        note_key(with_another_key(village.ctx))
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(KeyCheck)).all() == []
    note_key(village.ctx)


def test_the_note_cannot_be_changed(ctx: Context) -> None:
    note_key(ctx)
    with ctx.sessions() as tx, pytest.raises(ProgrammingError):
        tx.query(KeyCheck).delete()
