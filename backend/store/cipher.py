"""Personal data: sealed to its place with AES-256-GCM, found by keyed hash (个人信息保护法 51).

What is sealed for one row and column opens nowhere else: table, column and row are part of what
the seal proves (decision 43). A value says which key it is of, so that two can be in use while one
takes the other's place. Two forms:

    2 · key's id (4 bytes) · nonce (12) · ciphertext and tag     bound to its place
    1 · nonce (12) · ciphertext and tag                          from before, bound to nothing

Only `tibao keys rotate` ends the second form, so it is opened as long as `unbound` says that there
may be such values.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import InstrumentedAttribute

from backend.seldom import logger_of

log = logger_of(__name__)

UNBOUND, BOUND = b"\x01", b"\x02"
ID_BYTES = 4
HEAD_BYTES = 1 + ID_BYTES
NONCE_BYTES = 12

Column = InstrumentedAttribute[Any]


class SealBroken(Exception):
    """A value that does not open where it stands; the message names the place, never a value."""


class _Key:
    """What is derived from one secret: a key for each purpose, and what it is known by."""

    def __init__(self, secret: str) -> None:
        self.aead = AESGCM(_derive(secret, b"field"))
        self._search = _derive(secret, b"search")
        self.fingerprint = self.digest("key", "fingerprint")
        self.id = self.fingerprint[:ID_BYTES]

    def digest(self, kind: str, text: str) -> bytes:
        return hmac.new(self._search, f"{kind}\0{text}".encode(), hashlib.sha256).digest()


class Cipher:
    """Seals and hashes short texts with the keys of one secret, and opens those of the one before.

    `old_secret` is the one before, as long as something is sealed with it. `unbound` says whether
    values from before may still be there; it is asked when one is met.
    """

    def __init__(
        self, secret: str, old_secret: str = "", *, unbound: Callable[[], bool] = lambda: False
    ) -> None:
        self._key = _Key(secret)
        self._keys = [self._key, *([_Key(old_secret)] if old_secret else [])]
        self._by_id = {key.id: key for key in self._keys}
        self._unbound = unbound

    def seal(self, column: Column, row_id: UUID, text: str) -> bytes:
        """Encrypt for this column of this row; two calls never give the same bytes."""
        nonce = os.urandom(NONCE_BYTES)
        proved = _proved(self.head, column, row_id)
        return self.head + nonce + self._key.aead.encrypt(nonce, text.encode(), proved)

    def open(self, column: Column, row_id: UUID, sealed: bytes) -> str:
        """Decrypt what was sealed for this column of this row.

        Raises SealBroken, after a line in the log, for what was sealed for another place, with a
        key that is not ours, was tampered with, or is of the old form when that is over.
        """
        try:
            return self._opened(column, row_id, sealed)
        except InvalidTag:
            why = "it was changed, or sealed for another place"
        except _Unknown as unknown:
            why = str(unknown)
        place = f"{_name(column)} of row {row_id}"
        log.error("the sealed value in %s was not opened: %s", place, why, extra={"kind": place})
        raise SealBroken(f"{place}: {why}")

    def _opened(self, column: Column, row_id: UUID, sealed: bytes) -> str:
        if sealed[:1] == UNBOUND:
            return self._opened_unbound(sealed)
        head, nonce = sealed[:HEAD_BYTES], sealed[HEAD_BYTES : HEAD_BYTES + NONCE_BYTES]
        if sealed[:1] != BOUND or len(nonce) < NONCE_BYTES:
            raise _Unknown("it is not sealed")
        key = self._by_id.get(head[1:])
        if key is None:
            raise _Unknown("its key is none of ours")
        body = sealed[HEAD_BYTES + NONCE_BYTES :]
        return key.aead.decrypt(nonce, body, _proved(head, column, row_id)).decode()

    def _opened_unbound(self, sealed: bytes) -> str:
        if not self._unbound():
            raise _Unknown("it is of the form from before, which is over")
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if len(nonce) < NONCE_BYTES:
            raise _Unknown("it is not sealed")
        for key in self._keys:
            try:
                return key.aead.decrypt(nonce, body, UNBOUND).decode()
            except InvalidTag:
                continue
        raise InvalidTag

    @property
    def head(self) -> bytes:
        """How everything begins that this key seals now."""
        return BOUND + self._key.id

    @property
    def fingerprint(self) -> bytes:
        """What the key is known by that seals, and nothing can be opened with."""
        return self._key.fingerprint

    @property
    def fingerprints(self) -> list[bytes]:
        """Those of all keys that open, the one that seals first."""
        return [key.fingerprint for key in self._keys]

    def digest(self, kind: str, text: str) -> bytes:
        """A keyed hash to be kept, for looking up equal values of one kind (`phone`, `name`)."""
        return self._key.digest(kind, text)

    def digests(self, kind: str, text: str) -> list[bytes]:
        """Every hash under which this text may be kept: one for each key that opens."""
        return [key.digest(kind, text) for key in self._keys]


class _Unknown(Exception):
    """Nothing that could be opened."""


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"tibao/" + purpose).derive(secret.encode())


def _proved(head: bytes, column: Column, row_id: UUID) -> bytes:
    """What a seal proves besides its words; no name holds the sign between name and row."""
    return head + f"{_name(column)}\0".encode() + row_id.bytes


@cache
def _name(column: Column) -> str:
    """`table.column`."""
    (found,) = column.property.columns
    return f"{found.table.name}.{found.name}"
