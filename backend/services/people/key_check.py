"""Which key the words of this database are sealed with, so that another one is noticed at once."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.config import BadSettings
from backend.services.base.context import Context
from backend.store.people import KeyCheck, Person
from backend.store.registry import Owner
from backend.store.schema import ANOTHER_KEY


def note_key(ctx: Context) -> None:
    """Note our key's fingerprint, once, when what is sealed already opens with it.

    Raises BadSettings when the words of the database are of another key.
    """
    with ctx.sessions() as tx:
        known = tx.scalar(select(KeyCheck.fingerprint))
        if known is None and _opens(tx, ctx):
            known = ctx.cipher.fingerprint
            tx.execute(insert(KeyCheck).values(fingerprint=known).on_conflict_do_nothing())
            tx.commit()
        if known != ctx.cipher.fingerprint:
            raise BadSettings(ANOTHER_KEY)


def _opens(tx: Session, ctx: Context) -> bool:
    """Whether a word that was sealed before opens; an empty database takes every key."""
    for sealed in (Owner.name_sealed, Person.name_sealed):
        word = tx.scalar(select(sealed).where(sealed.is_not(None)).limit(1))
        if word is not None and not ctx.cipher.opens(word):
            return False
    return True
