"""Personal data: sealed with AES-256-GCM, found again by keyed hash (个人信息保护法 51)."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
NONCE_BYTES = 12


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"tibao/" + purpose).derive(secret.encode())


class Cipher:
    """Seals, opens and hashes short texts with keys derived from one deployment secret."""

    def __init__(self, secret: str) -> None:
        self._aead = AESGCM(_derive(secret, b"field"))
        self._hash_key = _derive(secret, b"search")

    def seal(self, text: str) -> bytes:
        """Encrypt; two calls never give the same bytes."""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._aead.encrypt(nonce, text.encode(), VERSION)

    def open(self, sealed: bytes) -> str:
        """Decrypt what `seal` made; raises cryptography's InvalidTag when it was tampered with."""
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        return self._aead.decrypt(nonce, body, sealed[:1]).decode()

    def opens(self, sealed: bytes) -> bool:
        """Whether it was sealed with our key, and not tampered with."""
        try:
            self.open(sealed)
        except InvalidTag:
            return False
        return True

    @property
    def fingerprint(self) -> bytes:
        """What the key is known by, and nothing can be opened with."""
        return self.digest("key", "fingerprint")

    def digest(self, kind: str, text: str) -> bytes:
        """A keyed hash for looking up equal values of one kind (`phone`, `name`, `session`)."""
        return hmac.new(self._hash_key, f"{kind}\0{text}".encode(), hashlib.sha256).digest()
