"""The notice (公示): what it carries and which photos prove it (JS annex 二（一）4, 7)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

MOMENTS = {"start": "公示开始", "end": "公示结束"}
FRAMINGS = {"wide": "远景", "close": "近景"}
# Frozen texts are never rewritten: their hash is printed and in the audit chain. Those from before
# migration 0016 call three of the terms otherwise.
OLD_TERMS = {
    "limit_fen": "sum_insured_fen",
    "coverage": "scope_of_cover",
    "promises": "service_commitments",
}


def readable(content: Mapping[str, Any]) -> dict[str, Any]:
    """The frozen text with today's names for its parts, to be shown; never to be hashed."""
    cover = {OLD_TERMS.get(key, key): value for key, value in content.get("cover", {}).items()}
    return {**content, "cover": cover} if cover else dict(content)


def missing_photos(
    places: Iterable[tuple[UUID, str]], given: Iterable[tuple[UUID, str, str]], moment: str
) -> tuple[str, ...]:
    """Which photos due at `moment` are missing, in words: per unit one wide and one close."""
    have = set(given)
    return tuple(
        f"{name}{MOMENTS[moment]}{label}"
        for unit_id, name in places
        for framing, label in FRAMINGS.items()
        if (unit_id, moment, framing) not in have
    )


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the frozen text: its canonical JSON in UTF-8."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
