"""Which keys the words of this database are sealed with, so that another one is noticed at once.

Only the owner of the tables writes here: `sessions` are the owner's.
"""

from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from backend.config import BadSettings
from backend.store import keys
from backend.store.cipher import Cipher, Column, SealBroken
from backend.store.people import KeyCheck
from backend.store.sealed import SEALED


def note_key(sessions: sessionmaker[Session], cipher: Cipher) -> bool:
    """Note the key that seals from now on, once; whether it takes the place of another.

    The first one when what is sealed already opens with it; another one beside it when that is at
    hand as well and no third is in use. Raises BadSettings when these are not the database's keys.
    """
    with sessions() as tx:
        noted = _noted(tx)
        fault = keys.RETIRED if _is_retired(tx, cipher) else keys.fault(cipher, noted)
        if fault == keys.NOT_NOTED and len(noted) > 1:
            fault = keys.TWO_IN_USE
        if fault not in (None, keys.NOT_NOTED):
            raise BadSettings(fault)
        if noted and fault is None:
            return False
        words = _some_words(tx)
        if not noted and not all(_opens(cipher, *word) for word in words):
            raise BadSettings(keys.ANOTHER_KEY)
        # Where nothing is sealed yet, or all is of the key before, nothing unbound is of this one.
        unbound = not noted and bool(words)
        tx.add(KeyCheck(fingerprint=cipher.fingerprint, opens_unbound=unbound))
        tx.commit()
        return bool(noted)


def retire_others(tx: Session, cipher: Cipher) -> None:
    """Nothing is left of any other key, nor of the form that is bound to no place. Does not
    commit."""
    others = KeyCheck.fingerprint != cipher.fingerprint
    tx.execute(
        update(KeyCheck).where(others, KeyCheck.retired_at.is_(None)).values(retired_at=func.now())
    )
    tx.execute(update(KeyCheck).where(KeyCheck.opens_unbound).values(opens_unbound=False))


def _noted(tx: Session) -> list[bytes]:
    """The keys in use, the newest last."""
    in_use = select(KeyCheck.fingerprint).where(KeyCheck.retired_at.is_(None))
    return list(tx.scalars(in_use.order_by(KeyCheck.noted_at)))


def _is_retired(tx: Session, cipher: Cipher) -> bool:
    known = tx.get(KeyCheck, cipher.fingerprint)
    return known is not None and known.retired_at is not None


def _some_words(tx: Session) -> list[tuple[Column, UUID, bytes]]:
    """One sealed value of each column that has any."""
    found = []
    for place in SEALED:
        words: Select[UUID, bytes] = select(place.row_id, place.value)
        if row := tx.execute(words.where(place.value.is_not(None)).limit(1)).first():
            found.append((place.column, row[0], row[1]))
    return found


def _opens(cipher: Cipher, column: Column, row_id: UUID, sealed: bytes) -> bool:
    try:
        cipher.open(column, row_id, sealed)
    except SealBroken:
        return False
    return True
