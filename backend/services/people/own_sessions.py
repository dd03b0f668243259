"""我的登录: where somebody is signed in, and ending one of these sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.store.people import LoginSession

ID_BYTES = 16
LAST = bytes([255]) * (32 - ID_BYTES)  # the hash of a token has 32 bytes
SHOWN = 50  # the newest; whoever ends some sees those before them


@dataclass(frozen=True)
class SessionView:
    """A session: at a PC's desk (`place`, and when it was used last) or on a phone. `here` is the
    one that asks."""

    id: UUID
    at_desk: bool
    place: str | None
    began_at: datetime
    used_at: datetime | None
    here: bool


def my_sessions(ctx: Context, actor: Actor, *, desk_only: bool = False) -> Sequence[SessionView]:
    """Those that last, the newest first, and no more than `SHOWN`. Times are real ones."""
    with ctx.sessions() as tx:
        mine = select(LoginSession).where(
            LoginSession.person_id == actor.person_id, LoginSession.expires_at > system_clock()
        )
        if desk_only:
            mine = mine.where(LoginSession.at_desk)
        rows = tx.scalars(mine.order_by(LoginSession.created_at.desc()).limit(SHOWN))
        here = actor.proof.session_hash if actor.proof else None
        return [
            SessionView(
                _id(row.token_hash),
                row.at_desk,
                row.place,
                row.created_at,
                row.used_at,
                row.token_hash == here,
            )
            for row in rows
        ]


def end_session(ctx: Context, actor: Actor, session_id: UUID) -> None:
    """End one of the person's own sessions, wherever it is; raises Refused `not_found`."""
    with ctx.sessions() as tx:
        found = tx.scalar(
            select(LoginSession.token_hash).where(
                LoginSession.token_hash.between(session_id.bytes, session_id.bytes + LAST),
                LoginSession.person_id == actor.person_id,
            )
        )
        if found is None:
            raise nothing_there("登录")
        row = delete(LoginSession).where(LoginSession.token_hash == found)
        at_desk = tx.scalar(row.returning(LoginSession.at_desk))
        action = AuditAction.DESK_SIGN_OUT if at_desk else AuditAction.SESSION_CLOSE
        subject = ("person", actor.person_id)
        audit.append(tx, ctx.clock(), actor.person_id, action, subject, {"why": "ended_from_list"})
        tx.commit()


def _id(token_hash: bytes) -> UUID:
    """What a session is called to its person: of the keyed hash of a token nothing can be told."""
    return UUID(bytes=token_hash[:ID_BYTES])
