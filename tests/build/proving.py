"""Authenticators of people in tests, as enrolling and proving leave them in the database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.domain.second_factor import NEEDED_BY
from backend.services.base.context import Actor, Context, Proof
from backend.store.people import LoginSession, SecondFactor

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# Proved as late as this, a session has proved it for as long as any test lasts, and the run: what a
# test moves on is counted from its own beginning.
LATE = datetime.now(UTC) + timedelta(days=3)


def enrolled(tx: Session, ctx: Context, person_id: UUID, role: str) -> None:
    """Where this office needs a second factor, the person's authenticator holds SECRET and has
    shown no code yet; if they have one already, it stays."""
    if role not in NEEDED_BY:
        return
    factor_id = uuid7()
    row = insert(SecondFactor).values(
        id=factor_id,
        person_id=person_id,
        secret_sealed=ctx.cipher.seal(SecondFactor.secret_sealed, factor_id, SECRET),
        enrolled_at=datetime.now(UTC),
        last_step=0,
        failures=0,
    )
    tx.execute(row.on_conflict_do_nothing())


def proves(ctx: Context, person_id: UUID, role: str) -> None:
    """Whoever came by the platform's word alone has enrolled, and proved it in every session."""
    with ctx.sessions() as tx:
        enrolled(tx, ctx, person_id, role)
        theirs = update(LoginSession).where(LoginSession.person_id == person_id)
        tx.execute(theirs.values(proved_at=LATE))
        tx.commit()


def proved(person_id: UUID) -> Actor:
    """Somebody who acts through the services, and has just proved themselves."""
    return Actor(person_id, proof=Proof(b"", True, True, LATE))
