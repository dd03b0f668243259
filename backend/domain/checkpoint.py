"""A checkpoint (检查点): where the audit chain stood on a day, signed, to be kept by somebody else.

Whoever owns the database can write the chain anew with all its hashes; a checkpoint that lies at
the auditor's says what stood there before. Signed with Ed25519 are the bytes

    tibao-checkpoint-1 CITY DAY SEQ HASH

in UTF-8 with a line break at the end: the city's code, the day as ISO 8601, the number of the link
and its hash in hex. `backend/verify_export.py` says the same without this house.
"""

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import date

from backend.domain.wording import plain_day

# Of 64: nobody finds another chain of which as many are the same, and they fit into a message.
FIRST_LETTERS = 20


@dataclass(frozen=True)
class Checkpoint:
    """The link `seq` had this `hash` (32 bytes) on `day`; `key` is the public key (32 bytes) of
    `signature` (64 bytes)."""

    city: str
    day: date
    seq: int
    hash: bytes
    key: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """As one line of JSON, without the line break: what leaves the house."""
        return json.dumps(
            {
                "city": self.city,
                "day": self.day.isoformat(),
                "seq": self.seq,
                "hash": self.hash.hex(),
                "key": self.key.hex(),
                "signature": self.signature.hex(),
            },
            ensure_ascii=False,
        )


def first_letters(link_hash: bytes) -> str:
    """As much of a link's hash as people compare by eye."""
    return link_hash.hex()[:FIRST_LETTERS]


def short(day: date, seq: int, link_hash: bytes) -> str:
    """A checkpoint as it is printed, for who holds it against the archive's later."""
    return f"审计检查点 {plain_day(day)}第{seq}条 {first_letters(link_hash)}"


def pem(key: bytes) -> str:
    """A public key (32 bytes) as `openssl` reads it (RFC 8410)."""
    content = b64encode(bytes.fromhex("302a300506032b6570032100") + key).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{content}\n-----END PUBLIC KEY-----\n"


def signed_words(city: str, day: date, seq: int, link_hash: bytes) -> bytes:
    """What the signature of a checkpoint covers."""
    return f"tibao-checkpoint-1 {city} {day.isoformat()} {seq} {link_hash.hex()}\n".encode()
