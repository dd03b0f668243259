"""What versions before sealed: words bound to no place, under a key that they do not name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, sessionmaker

from backend.store.cipher import NONCE_BYTES, UNBOUND, Cipher
from backend.store.database import make_engine, make_sessions
from tests.build.databases import Database


def of_before(cipher: Cipher, text: str) -> bytes:
    """These words as the version before sealed them, with the key that this cipher seals with."""
    nonce = os.urandom(NONCE_BYTES)
    return UNBOUND + nonce + cipher._key.aead.encrypt(nonce, text.encode(), UNBOUND)


@contextmanager
def owners_sessions(database: Database) -> Iterator[sessionmaker[Session]]:
    """Sessions of the tables' owner, as `tibao migrate` and `tibao keys rotate` have them."""
    database.create()
    engine = make_engine(database.owner_url)
    try:
        yield make_sessions(engine)
    finally:
        engine.dispose()
