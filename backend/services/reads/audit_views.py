"""Reading over everybody's shoulder: the audit chain, the books, and every running time limit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.domain.audit_chain import Verification
from backend.domain.checkpoint import Checkpoint
from backend.domain.ledger import ACCOUNT_NAMES
from backend.domain.local_time import local_date
from backend.domain.roles import Role
from backend.services.base import audit, checkpoints
from backend.services.base.access import require_officer
from backend.services.base.context import Actor, Context
from backend.services.books import ledger
from backend.store.audit import AuditEntry

READERS = (Role.AUDITOR, Role.SUPERVISOR)


@dataclass(frozen=True)
class ChainLink:
    """One link as it is stored: hashes in hex, `body` the very bytes that were hashed, as text."""

    seq: int
    version: int
    at: datetime
    actor_id: UUID | None
    action: str
    subject_kind: str
    subject_id: str
    facts: dict[str, Any]
    body: str
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class KindBalance:
    """All accounts of one kind together, natural balance in fen."""

    kind: str
    name: str
    balance_fen: int


@dataclass(frozen=True)
class TrialBalanceView:
    """Every kind of account, and debits less credits, which is zero in a sound ledger."""

    total_fen: int
    kinds: Sequence[KindBalance]


def list_links(ctx: Context, actor: Actor, after_seq: int, page_size: int) -> Sequence[ChainLink]:
    """Links of the audit chain in order, `page_size` of them after `after_seq`.

    For auditors alone, because links tell which person objected; raises Refused `not_found`,
    `role_required` for others.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.AUDITOR)
        rows = tx.scalars(
            select(AuditEntry)
            .where(AuditEntry.seq > after_seq)
            .order_by(AuditEntry.seq)
            .limit(page_size)
        )
        return [_link(row) for row in rows]


def _link(row: AuditEntry) -> ChainLink:
    body = row.body.decode(errors="replace")
    try:
        facts = json.loads(body)["facts"]
    except (ValueError, TypeError, KeyError):
        facts = {}
    return ChainLink(
        seq=row.seq or 0,
        version=row.version,
        at=row.at,
        actor_id=row.actor_id,
        action=row.action,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        facts=facts,
        body=body,
        previous_hash=(row.previous_hash or b"").hex(),
        hash=(row.hash or b"").hex(),
    )


def verify_chain(ctx: Context, actor: Actor) -> Verification:
    """Check the whole chain. For auditors and supervisors."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return audit.verify(tx)


def list_checkpoints(ctx: Context, actor: Actor) -> Sequence[Checkpoint]:
    """The signed checkpoints of the last month, the latest first. For auditors and supervisors."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        points = checkpoints.latest(tx, local_date(ctx.clock()))
        return list(islice(points, checkpoints.MONTH.days))  # whoever adds rows fills no page


def read_trial_balance(ctx: Context, actor: Actor) -> TrialBalanceView:
    """The books at a glance. For auditors and supervisors."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        found = ledger.trial_balance(tx)
    kinds = [KindBalance(kind, ACCOUNT_NAMES[kind], fen) for kind, fen in found.by_kind.items()]
    return TrialBalanceView(found.total_fen, sorted(kinds, key=lambda each: each.kind))
