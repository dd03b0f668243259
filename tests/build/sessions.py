"""Sessions of people who need not sign in at a platform for it."""

import secrets
from uuid import UUID

from backend.clock import system_clock
from backend.services.base.context import Context
from backend.services.people import desk_sessions, sessions
from backend.store.people import LoginSession


def session_of(ctx: Context, person_id: UUID) -> str:
    """The token of a fresh session of this person."""
    token = secrets.token_urlsafe(sessions.TOKEN_BYTES)
    now = system_clock()
    with ctx.sessions() as tx:
        tx.add(
            LoginSession(
                token_hash=ctx.cipher.digest("session", token),
                person_id=person_id,
                created_at=now,
                expires_at=now + sessions.LIFETIME,
            )
        )
        tx.commit()
    return token


def desk_session_of(ctx: Context, person_id: UUID, place: str = "10.0.0.*") -> str:
    """The token of a fresh session of this person at a desk."""
    with ctx.sessions() as tx:
        token = desk_sessions.open_session(tx, ctx, person_id, place)
        tx.commit()
    return token
