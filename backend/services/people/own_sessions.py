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
    """All that last, the newest first. Times are real ones."""
    with ctx.sessions() as tx:
        mine = select(LoginSession).where(
            LoginSession.person_id == actor.person_id, LoginSession.expires_at > system_clock()
        )
        if desk_only:
            mine = mine.where(LoginSession.at_desk)
        rows = tx.scalars(mine.order_by(LoginSession.created_at.desc()))
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
        hashes = tx.scalars(
            select(LoginSession.token_hash).where(LoginSession.person_id == actor.person_id)
        )
        found = next((each for each in hashes if _id(each) == session_id), None)
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
