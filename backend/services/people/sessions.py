"""Signing in with the platform's proof, and who a session belongs to.

Every request asks PostgreSQL: whatever ends a session ends it at once, and nobody who writes
elsewhere can begin one. Sessions live in real time: a moved business clock neither ends nor
extends them.
"""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, select
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.domain.desk import DRAFTS_LAST
from backend.domain.errors import refuse
from backend.services.base import audit
from backend.services.base.access import session_invalid
from backend.services.base.batches import in_batches, oldest
from backend.services.base.context import Actor, Context, MiniProgramLogin, Proof
from backend.services.people.identities import join_apps, known_as, known_by
from backend.services.people.lockouts import is_locked_out
from backend.services.people.second_factors import has_factor, needs_factor
from backend.store.people import Identity, Lockout, LoginSession, Person

log = logging.getLogger(__name__)

LIFETIME = timedelta(days=7)
TOKEN_BYTES = 32
TOKEN_CHARACTERS = 43
LOCKED_OUT = (
    "您的账号已被停用，不能登录。查看公示和电梯页面不受影响，"
    "电梯困人请直接拨打救援电话；有疑问请联系维修资金中心。"
)


@dataclass(frozen=True)
class SignedIn:
    """A fresh session. The token is shown this once; only its keyed hash is kept."""

    token: str
    person_id: UUID
    expires_at: datetime


def sign_in(ctx: Context, code: str) -> SignedIn:
    """Redeem a login code of the mini-program and open a session.

    Raises Refused `login_code_invalid` for a code that is used, expired or not ours, or whose
    person leaves in this moment, `locked_out` for somebody who is kept out.
    """
    login = ctx.platform.login(code)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = system_clock()
    with ctx.sessions() as tx:
        person_id = _person_behind(tx, ctx, login)
        if is_locked_out(tx, person_id):
            raise refuse("locked_out", LOCKED_OUT, kind="forbidden")
        session = LoginSession(
            token_hash=ctx.cipher.digest("session", token),
            person_id=person_id,
            created_at=now,
            expires_at=now + LIFETIME,
        )
        tx.add(session)
        audit.append(
            tx, ctx.clock(), person_id, AuditAction.SESSION_OPEN, ("person", person_id), {}
        )
        tx.commit()
    return SignedIn(token, person_id, session.expires_at)


def _person_behind(tx: Session, ctx: Context, login: MiniProgramLogin) -> UUID:
    """The person with this openid, or whom the service account knows by unionid, or a new one."""
    now = ctx.clock()
    follower = known_as(tx, ctx.platform.service_appid, login.unionid)
    known = known_by(tx, ctx.platform.mini_appid, login.openid)
    _keep_here(tx, [identity.person_id for identity in (known, follower) if identity])
    if known:
        known.unionid = login.unionid or known.unionid
        known.seen_at = now
        if follower:
            join_apps(tx, ctx, known, follower)
        return known.person_id
    if follower:
        person_id = follower.person_id
    else:
        person = Person(name_sealed=None, created_at=now)
        tx.add(person)
        tx.flush()
        person_id = person.id
    tx.add(
        Identity(
            person_id=person_id,
            platform="mini_program",
            appid=ctx.platform.mini_appid,
            openid=login.openid,
            unionid=login.unionid,
            reachable=False,
            seen_at=now,
        )
    )
    return person_id


def _keep_here(tx: Session, person_ids: Sequence[UUID]) -> None:
    """Let nobody leave, or be joined to who they are elsewhere, until the transaction ends; raises
    Refused for who did since they were looked up: a session would outlive its person."""
    people = select(Person).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update()
    if person_ids and any(person.left_at is not None for person in tx.scalars(people)):
        message = "您的账号刚刚有变化，请重新打开小程序登录。"
        raise refuse("login_code_invalid", message, "code", "unauthenticated")


def authenticate(ctx: Context, token: str) -> Actor:
    """The person who holds this token; raises Refused `session_invalid` (unauthenticated)."""
    if len(token) != TOKEN_CHARACTERS:
        raise session_invalid()
    this = with_hashes(ctx, ctx.cipher.digests("session", token), system_clock())
    with ctx.sessions() as tx:
        found = tx.execute(lasting_session(at_desk=False), this).one_or_none()
    if found is None:
        raise session_invalid()
    proof = Proof(found.token_hash, found.has, found.needs, found.proved_at)
    return Actor(found.person_id, proof=proof)


@cache
def lasting_session(*, at_desk: bool) -> Select[Any]:
    """The session of one of these hashes, unless it has ended or its person is kept out.

    Every request asks this: the statement is built once a process.
    """
    office_at = cast(datetime, bindparam("office_at"))
    return (
        select(LoginSession.token_hash, LoginSession.person_id, LoginSession.created_at)
        .add_columns(LoginSession.expires_at, LoginSession.used_at, LoginSession.proved_at)
        .add_columns(has_factor().label("has"), needs_factor(office_at).label("needs"))
        .where(
            LoginSession.token_hash.in_(bindparam("hashes", expanding=True)),
            LoginSession.at_desk if at_desk else ~LoginSession.at_desk,
            LoginSession.expires_at > bindparam("now"),
            ~Lockout.keeps_out(LoginSession.person_id),
        )
    )


def with_hashes(ctx: Context, hashes: Sequence[bytes], now: datetime) -> dict[str, Any]:
    """What `lasting_session` is asked with. Sessions live in real time, which is `now`; offices in
    that of the business."""
    return {"hashes": hashes, "now": now, "office_at": ctx.clock()}


def sign_out(ctx: Context, actor: Actor, token: str) -> None:
    """End this session everywhere; ending it again changes nothing."""
    hashes = ctx.cipher.digests("session", token)
    with ctx.sessions() as tx:
        ended = tx.scalar(
            delete(LoginSession)
            .where(LoginSession.token_hash.in_(hashes))
            .returning(LoginSession.person_id)
        )
        if ended:
            subject = ("person", actor.person_id)
            audit.append(tx, ctx.clock(), actor.person_id, AuditAction.SESSION_CLOSE, subject, {})
        tx.commit()


def forget_ended(ctx: Context) -> None:
    """Drop sessions that ended by themselves; of those at the desk, a day later, the audit chain is
    told."""
    now = system_clock()
    ended = LoginSession.expires_at < now
    long_ago = ~LoginSession.at_desk | (LoginSession.expires_at < now - DRAFTS_LAST)
    at_desk = LoginSession.at_desk, LoginSession.person_id, LoginSession.expires_at

    def some(tx: Session, most: int) -> int:
        over = oldest(LoginSession.token_hash, LoginSession.expires_at, ended, long_ago, most=most)
        gone = tx.execute(over.returning(*at_desk)).all()
        for desk, person_id, ended_at in gone:
            if desk:
                facts = {"ended_at": ended_at.isoformat()}
                subject = ("person", person_id)
                audit.append(tx, ctx.clock(), None, AuditAction.DESK_EXPIRE, subject, facts)
        return len(gone)

    in_batches(ctx, some)
