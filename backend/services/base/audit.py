"""The audit chain: every action appends one link in its own transaction."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarResult, select
from sqlalchemy.orm import Session

from backend.domain import audit_chain
from backend.domain.audit_actions import AuditAction, StepTaken
from backend.domain.audit_chain import Link, Verification
from backend.store.audit import AuditEntry

LINKS_AT_A_TIME = 1000


def append(
    tx: Session,
    at: datetime,
    actor_id: UUID | None,
    action: AuditAction | StepTaken,
    subject: tuple[str, UUID | str],
    facts: Mapping[str, Any],
) -> AuditEntry:
    """Append a link for `action` on `subject` (kind, id).

    `facts` are JSON values without personal data (ids and hashes stand for people and files).
    The link gets its number and hash at commit, where writers queue for the chain; before that it
    stands in nobody's way.
    """
    kind, subject_id = subject[0], str(subject[1])
    entry = AuditEntry(
        version=audit_chain.VERSION,
        at=at,
        actor_id=actor_id,
        action=action,
        subject_kind=kind,
        subject_id=subject_id,
        body=audit_chain.canonical(at, actor_id, action, (kind, subject_id), facts),
    )
    tx.add(entry)
    return entry


def verify(tx: Session) -> Verification:
    """Check the stored chain from its first link, without loading it at once."""
    with _stored(tx) as entries:
        return audit_chain.verify(map(_as_shown, entries))


def export(tx: Session, until_seq: int) -> Iterator[str]:
    """The chain up to the link `until_seq` as lines of JSON, a thousand links in memory at a time;
    an auditor checks them with `backend/verify_export.py`."""
    with _stored(tx) as entries:
        for entry in entries:
            if entry.seq is not None and entry.seq > until_seq:
                break
            yield audit_chain.to_line(_link(entry, entry.body))


def _stored(tx: Session) -> ScalarResult[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.seq.is_not(None)).order_by(AuditEntry.seq)
    return tx.scalars(
        query, execution_options={"yield_per": LINKS_AT_A_TIME, "populate_existing": True}
    )


def _link(entry: AuditEntry, body: bytes) -> Link:
    # An empty hash fits nothing, so a link that lost one of its own is a bad one.
    return Link(entry.version, entry.seq or 0, entry.previous_hash or b"", entry.hash or b"", body)


def _as_shown(entry: AuditEntry) -> Link:
    """The link, without its body if the columns tell another story than the body does."""
    try:
        facts = json.loads(entry.body)["facts"]
    except (ValueError, TypeError, KeyError):
        return _link(entry, b"")
    subject = (entry.subject_kind, entry.subject_id)
    body = audit_chain.canonical(entry.at, entry.actor_id, entry.action, subject, facts)
    return _link(entry, entry.body if body == entry.body else b"")
