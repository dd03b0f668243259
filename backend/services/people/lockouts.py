"""停用: a person is kept out, and let in again; all of somebody's sessions are ended.

For a lost phone, for an officer who left in anger. Whoever is kept out reads the public pages and
calls the rescue like anyone; what they did stays done, what they are granted waits for them. Nobody
goes on in their stead: what they delegated ends, and they may delegate it anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.roles import Role
from backend.domain.texts import REASON_LIMIT, required
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.proof import require_recent_proof
from backend.services.people.grants import (
    ONE_AFTER_THE_OTHER,
    check_another_administrator,
    end_in_stead_of,
)
from backend.store.people import Lockout, LoginSession, Person


@dataclass(frozen=True)
class LockoutView:
    """Who is or was kept out, and why; nobody who did it means the server's command line,
    or a rule of the house."""

    id: UUID
    person_id: UUID
    reason: str
    locked_by: UUID | None
    locked_at: datetime
    lift_reason: str | None
    lifted_by: UUID | None
    lifted_at: datetime | None


def lock_out(ctx: Context, actor: Actor | None, person_id: UUID, reason: str) -> UUID:
    """Keep a person out from now on, and end their sessions and what others do in their stead
    (代办); returns the lockout's id.

    Whoever is kept out already stays so, by the first reason. For administrators, and the server's
    command line (`actor` None). Raises Refused: `lockout_of_self`, `not_found`, `role_required`,
    `last_administrator` as `grants.revoke`, and for the reason as `texts.required`.
    """
    with ctx.sessions() as tx:
        _check_administrator(tx, ctx, actor)
        reason = required(reason, REASON_LIMIT, "reason", "理由")
        if actor and actor.person_id == person_id:
            message = "不能停用自己的账号，请由另一位管理员办理。"
            raise refuse("lockout_of_self", message, "person_id", kind="forbidden")
        lockout_id = keep_out(tx, ctx, actor, person_id, reason)
        tx.commit()
        return lockout_id


def keep_out(tx: Session, ctx: Context, actor: Actor | None, person_id: UUID, reason: str) -> UUID:
    """The same by whoever may, or by a rule of the house (`actor` None), which asks for no other
    administrator: who guesses is not let in. Does not commit. Raises Refused `not_found`,
    `last_administrator`."""
    _person(tx, person_id)
    open_lockout = _open_lockout(tx, person_id)
    if open_lockout is not None:
        return open_lockout.id
    lockout_id, now = uuid7(), ctx.clock()
    if actor:
        check_another_administrator(tx, now, person_id)
    lockout = Lockout(
        id=lockout_id,
        person_id=person_id,
        reason_sealed=ctx.cipher.seal(Lockout.reason_sealed, lockout_id, reason),
        locked_by=actor.person_id if actor else None,
        locked_at=now,
    )
    tx.add(lockout)
    tx.flush()
    end_in_stead_of(tx, now, actor, person_id)
    ended = _end_sessions(tx, person_id)
    facts = {"lockout_id": str(lockout_id), "sessions": ended}
    _audit(tx, ctx, actor, AuditAction.PERSON_LOCK_OUT, person_id, facts)
    return lockout_id


def let_in(ctx: Context, actor: Actor | None, lockout_id: UUID, reason: str) -> None:
    """End a lockout; one that has ended stays as it is. The person signs in anew.

    Raises Refused: `not_found`, `role_required`, as `require_recent_proof`, and for the reason as
    `texts.required`.
    """
    with ctx.sessions() as tx:
        _check_administrator(tx, ctx, actor)
        require_recent_proof(actor)
        reason = required(reason, REASON_LIMIT, "reason", "理由")
        lockout = tx.get(Lockout, lockout_id, with_for_update=True)
        if lockout is None:
            raise nothing_there("停用记录")
        if lockout.lifted_at is not None:
            return
        lockout.lift_reason_sealed = ctx.cipher.seal(Lockout.lift_reason_sealed, lockout.id, reason)
        lockout.lifted_at = ctx.clock()
        lockout.lifted_by = actor.person_id if actor else None
        facts = {"lockout_id": str(lockout.id)}
        _audit(tx, ctx, actor, AuditAction.PERSON_LET_IN, lockout.person_id, facts)
        tx.commit()


def list_lockouts(
    ctx: Context, actor: Actor | None, after: UUID | None = None, page_size: int = 50
) -> Sequence[LockoutView]:
    """Lockouts in the order they were made, ended ones too, `page_size` of them after `after`.

    For administrators and auditors; raises Refused `not_found`, `role_required` for others.
    """
    with ctx.sessions() as tx:
        if actor:
            require_officer(tx, ctx, actor, Role.ADMINISTRATOR, Role.AUDITOR)
        query = select(Lockout).order_by(Lockout.id).limit(page_size)
        if after:
            query = query.where(Lockout.id > after)
        return [_view(ctx, lockout) for lockout in tx.scalars(query)]


def end_sessions(ctx: Context, actor: Actor | None, person_id: UUID) -> int:
    """End all sessions of a person, who may sign in again at once; how many there were.

    By themselves, an administrator, or the server's command line (`actor` None). Raises Refused
    `not_found`, `role_required`.
    """
    with ctx.sessions() as tx:
        if actor is None or actor.person_id != person_id:
            _check_administrator(tx, ctx, actor)
            _person(tx, person_id)
        ended = _end_sessions(tx, person_id)
        if ended:
            _audit(tx, ctx, actor, AuditAction.SESSIONS_END, person_id, {"sessions": ended})
        tx.commit()
        return ended


def is_locked_out(tx: Session, person_id: UUID) -> bool:
    """Whether this person is kept out now."""
    return bool(tx.scalar(select(Lockout.keeps_out(person_id))))


def open_lockout_of(ctx: Context, person_id: UUID) -> UUID:
    """What keeps this person out; raises Refused `not_found` when nothing does."""
    with ctx.sessions() as tx:
        lockout = _open_lockout(tx, person_id)
    if lockout is None:
        raise nothing_there("停用记录")
    return lockout.id


def _check_administrator(tx: Session, ctx: Context, actor: Actor | None) -> None:
    if actor:
        require_officer(tx, ctx, actor, Role.ADMINISTRATOR)


def _person(tx: Session, person_id: UUID) -> Person:
    """Locked: two who keep the same person out pass one after the other."""
    person = tx.get(Person, person_id, with_for_update=ONE_AFTER_THE_OTHER)
    if person is None:
        raise nothing_there("人员")
    return person


def _open_lockout(tx: Session, person_id: UUID) -> Lockout | None:
    return tx.scalar(
        select(Lockout).where(Lockout.person_id == person_id, Lockout.lifted_at.is_(None))
    )


def _end_sessions(tx: Session, person_id: UUID) -> int:
    ended = tx.scalars(
        delete(LoginSession)
        .where(LoginSession.person_id == person_id)
        .returning(LoginSession.person_id)
    )
    return len(ended.all())


def _audit(
    tx: Session,
    ctx: Context,
    actor: Actor | None,
    action: AuditAction,
    person_id: UUID,
    facts: Mapping[str, object],
) -> None:
    by = actor.person_id if actor else None
    audit.append(tx, ctx.clock(), by, action, ("person", person_id), facts)


def _view(ctx: Context, lockout: Lockout) -> LockoutView:
    cipher, lifted = ctx.cipher, lockout.lift_reason_sealed
    return LockoutView(
        lockout.id,
        lockout.person_id,
        cipher.open(Lockout.reason_sealed, lockout.id, lockout.reason_sealed),
        lockout.locked_by,
        lockout.locked_at,
        cipher.open(Lockout.lift_reason_sealed, lockout.id, lifted) if lifted else None,
        lockout.lifted_by,
        lockout.lifted_at,
    )
