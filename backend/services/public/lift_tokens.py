"""The codes of lifts: issued anew when a sticker is lost or copied, revoked when it must not work.

A revoked token stays revoked; what was printed with it shows the calm page from then on, also the
notices that hang with it: they are named, to be printed anew. Pages hear of it with the commit.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.normal import normal_code
from backend.domain.roles import Role
from backend.domain.texts import REASON_LIMIT, required
from backend.domain.tokens import RANDOM_BYTES, token_text
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.store.queries.posters import hanging_with_code_of
from backend.store.registry import Lift, LiftToken

KEEPERS = (Role.CLERK, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class Issued:
    """A lift's fresh token, and the numbers of the notices that hang with a code of before."""

    token: str
    reprint: Sequence[str]


def issue_token(ctx: Context, actor: Actor | None, lift_id: UUID, reason: str) -> Issued:
    """A fresh token for the lift; the one before it no longer leads anywhere.

    `actor` is None on the server's command line. Raises Refused: not_found, role_required,
    text_required.
    """
    reason = required(reason, REASON_LIMIT, "reason", "更换或停用二维码的原因")
    with ctx.sessions() as tx:
        now = ctx.clock()
        _lock(tx, ctx, actor, lift_id)
        _end_valid(tx, lift_id, now)
        token = token_text(secrets.token_bytes(RANDOM_BYTES))
        tx.add(LiftToken(token=token, lift_id=lift_id, issued_at=now, revoked_at=None))
        reprint = hanging_with_code_of(tx, lift_id)
        _audit(tx, now, actor, AuditAction.LIFT_TOKEN_ISSUE, lift_id, reason, reprint)
        tx.commit()
        return Issued(token, reprint)


def revoke_token(ctx: Context, actor: Actor | None, lift_id: UUID, reason: str) -> Sequence[str]:
    """End the lift's valid token; without one nothing changes. Raises Refused as `issue_token`.

    Gives the numbers of the notices that hang with a code of this lift.
    """
    reason = required(reason, REASON_LIMIT, "reason", "更换或停用二维码的原因")
    with ctx.sessions() as tx:
        now = ctx.clock()
        _lock(tx, ctx, actor, lift_id)
        reprint: Sequence[str] = ()
        if _end_valid(tx, lift_id, now):
            reprint = hanging_with_code_of(tx, lift_id)
            _audit(tx, now, actor, AuditAction.LIFT_TOKEN_REVOKE, lift_id, reason, reprint)
        tx.commit()
        return reprint


def lift_by_code(ctx: Context, registration_code: str) -> UUID:
    """The lift with this registration code; raises Refused `not_found`."""
    with ctx.sessions() as tx:
        lift_id = tx.scalar(
            select(Lift.id).where(Lift.registration_code == normal_code(registration_code))
        )
    if lift_id is None:
        raise nothing_there("电梯")
    return lift_id


def printed_address(public_url: str, token: str) -> str:
    """What a lift's QR code says; the ordinary-link rule of the mini-program begins alike."""
    return f"{public_url.rstrip('/')}/e/{token}"


def _lock(tx: Session, ctx: Context, actor: Actor | None, lift_id: UUID) -> None:
    """Two officers at once pass one after the other."""
    if actor:
        require_officer(tx, ctx, actor, *KEEPERS)
    if tx.get(Lift, lift_id, with_for_update=True) is None:
        raise nothing_there("电梯")


def _end_valid(tx: Session, lift_id: UUID, now: datetime) -> bool:
    valid = tx.scalar(select(LiftToken).where(LiftToken.lift_id == lift_id, LiftToken.valid))
    if valid is None:
        return False
    valid.revoked_at = now
    tx.flush()
    return True


def _audit(
    tx: Session,
    now: datetime,
    actor: Actor | None,
    action: AuditAction,
    lift_id: UUID,
    reason: str,
    reprint: Sequence[str],
) -> None:
    # The token itself stays out of the chain, which outsiders get to read.
    actor_id = actor.person_id if actor else None
    facts = {"reason": reason} | ({"reprint": list(reprint)} if reprint else {})
    audit.append(tx, now, actor_id, action, ("lift", lift_id), facts)
