"""The audit chain: how a link is written down, hashed and checked. Standard library only.

One link is made of a version, a sequence number that starts at 1, the hash of the link before it,
and a body. In version 1

    body = JSON of {"action", "actor", "at", "facts", "subject"} in UTF-8, keys sorted, no spaces
    hash = SHA-256(version as 8 bytes || seq as 8 bytes || previous hash, 32 bytes || body)

with big-endian signed integers, and 32 zero bytes before the first link. Changing, dropping,
inserting or reordering links breaks every hash from there on. Links cut off at the end leave a
shorter chain that is whole, and a chain that was written anew is whole too: compare the head with
one that was noted earlier (`backend.domain.checkpoint`).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

VERSION = 1
GENESIS = bytes(32)


@dataclass(frozen=True)
class Link:
    """One entry of the chain as it was stored or exported."""

    version: int
    seq: int
    previous_hash: bytes
    hash: bytes
    body: bytes


@dataclass(frozen=True)
class Verification:
    """What checking a chain found.

    `entries` counts the good links before the first bad one, `first_bad_seq` is the number that
    should have stood there, `head` the hash of the last good link in hex.
    """

    ok: bool
    entries: int
    first_bad_seq: int | None
    head: str


def canonical(
    at: datetime,
    actor_id: UUID | None,
    action: str,
    subject: tuple[str, str],
    facts: Mapping[str, Any],
) -> bytes:
    """The body of a link in version 1. `at` is aware, `facts` are JSON values."""
    content = {
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": None if actor_id is None else str(actor_id),
        "action": action,
        "subject": list(subject),
        "facts": facts,
    }
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def link_hash(version: int, seq: int, previous_hash: bytes, body: bytes) -> bytes:
    """The 32 bytes that seal a link."""
    numbers = version.to_bytes(8, signed=True) + seq.to_bytes(8, signed=True)
    return hashlib.sha256(numbers + previous_hash + body).digest()


def verify(links: Iterable[Link]) -> Verification:
    """Check a whole chain in order, one link in memory at a time."""
    seq, previous = 0, GENESIS
    for link in links:
        expected = link_hash(VERSION, seq + 1, previous, link.body)
        if (link.version, link.seq, link.previous_hash, link.hash) != (
            VERSION,
            seq + 1,
            previous,
            expected,
        ):
            return Verification(False, seq, seq + 1, previous.hex())
        seq, previous = link.seq, link.hash
    return Verification(True, seq, None, previous.hex())


def to_line(link: Link) -> str:
    """A link as one line of JSON (hashes in hex, the body as text), without the line break."""
    return json.dumps(
        {
            "version": link.version,
            "seq": link.seq,
            "previous_hash": link.previous_hash.hex(),
            "hash": link.hash.hex(),
            "body": link.body.decode(errors="replace"),
        },
        ensure_ascii=False,
    )
