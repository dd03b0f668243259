"""A passphrase that the house made for somebody without WeChat, kept as its slow hash (scrypt, RFC
7914) and a salt.

Until it is kept, it comes from the session at which its person sits, as the secret of their
authenticator does: a page that is only looked at keeps nothing, and shows the same again.
"""

import hashlib
import secrets
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.desk_accounts import NOTED, as_made, secret_of
from backend.domain.errors import refuse
from backend.services.base.context import Context
from backend.store.desk import DeskAccount

# About sixty milliseconds and sixteen megabytes each: the phrase has eighty bits of its own, and
# wrong ones are counted.
COST, BLOCK, LANES = 2**14, 8, 1
MEMORY = 64 * 1024 * 1024
SALT_BYTES, HASH_BYTES = 16, 32
NOBODYS = bytes(SALT_BYTES)


def salted(phrase: str) -> tuple[bytes, bytes]:
    """Hash and a new salt of a phrase that is kept from now on."""
    salt = secrets.token_bytes(SALT_BYTES)
    return hashed(phrase, salt), salt


def hashed(phrase: str, salt: bytes) -> bytes:
    """The slow hash of a phrase."""
    return hashlib.scrypt(
        phrase.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, maxmem=MEMORY, dklen=HASH_BYTES
    )


def is_phrase(typed: str, salt: bytes | None, phrase_hash: bytes | None) -> bool:
    """Whether this is the phrase; it takes as long where none is kept, and says no."""
    found = hashed(typed, salt or NOBODYS)
    return (
        secrets.compare_digest(found, phrase_hash or bytes(HASH_BYTES)) and phrase_hash is not None
    )


def new_phrase(ctx: Context, session_token: str) -> str:
    """The phrase that this session may keep, always the same one."""
    return secret_of(ctx.cipher.digest("desk passphrase", session_token))


def waits_for_one(ctx: Context, person_id: UUID) -> bool:
    """Whether this person has a number, and no passphrase yet."""
    with ctx.sessions() as tx:
        return _without(tx, person_id) is not None


def keep_phrase(
    tx: Session, ctx: Context, person_id: UUID, session_token: str, noted: str
) -> DeskAccount | None:
    """Keep the phrase of this session for whoever has a number and no phrase yet; None for all
    others, who need none. Does not commit. Raises Refused `passphrase_not_noted` where `noted` is
    not its end."""
    account = _without(tx, person_id, locked=True)
    if account is None:
        return None
    phrase = new_phrase(ctx, session_token)
    if as_made(noted) != phrase[-NOTED:]:
        message = f"口令的最后{NOTED}位不对。请先把口令抄下来，再照抄下来的填。"
        raise refuse("passphrase_not_noted", message, "noted")
    account.phrase_hash, account.phrase_salt = salted(phrase)
    tx.flush()
    return account


def _without(tx: Session, person_id: UUID, *, locked: bool = False) -> DeskAccount | None:
    query = select(DeskAccount).where(
        DeskAccount.person_id == person_id, DeskAccount.phrase_hash.is_(None)
    )
    return tx.scalar(query.with_for_update() if locked else query)
