"""The authenticator of an officer (二次验证): enrolled at the desk, proved, and reset by another.

A code is taken once, whoever offers it; five wrong ones keep the person out, as a lockout that an
administrator lifts. Everything here lives in real time, as sessions do.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pyotp import TOTP
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused, refuse
from backend.domain.personal import masked_name
from backend.domain.roles import ROLE_NAMES, Role
from backend.domain.second_factor import (
    DRIFT_STEPS,
    ENROL_FIRST,
    MISSING,
    NEEDED_BY,
    STEP_SECONDS,
    TRIES,
)
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer, still_here
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.services.base.proof import require_recent_proof
from backend.services.people.lockouts import keep_out
from backend.services.people.passphrases import keep_phrase
from backend.store.desk import DeskAccount
from backend.store.people import AccessGrant, LoginSession, Person, SecondFactor

SECRET_BYTES = 20  # as RFC 4226 recommends
ISSUER = "梯保工作台"
TOO_OFTEN = "二次验证连续五次不对，自动停用"


@dataclass(frozen=True)
class FactorView:
    """Whose authenticator there is (the name masked, where it is known), since when, and what they
    hold."""

    person_id: UUID
    name_masked: str
    role_names: Sequence[str]
    enrolled_at: datetime


def has_factor() -> ColumnElement[bool]:
    """Whether whoever holds the session of a query has an authenticator."""
    return exists().where(SecondFactor.person_id == LoginSession.person_id)


def needs_factor(at: datetime) -> ColumnElement[bool]:
    """Whether an office that they hold at this moment needs one, or no phone of the platform
    vouches for them."""
    office = exists().where(
        AccessGrant.person_id == LoginSession.person_id,
        AccessGrant.role.in_(NEEDED_BY),
        AccessGrant.valid(at),
    )
    return or_(office, exists().where(DeskAccount.person_id == LoginSession.person_id))


def new_secret(ctx: Context, session_token: str) -> str:
    """The secret that this session may enrol, in base32: always the same one, and kept nowhere
    until it is enrolled."""
    secret = ctx.cipher.digest("second factor", session_token)[:SECRET_BYTES]
    return base64.b32encode(secret).decode()


def enrolment_address(ctx: Context, secret: str) -> str:
    """What an authenticator scans."""
    return _totp(secret).provisioning_uri(name=ctx.city.name, issuer_name=ISSUER)


def enrol(ctx: Context, actor: Actor, session_token: str, digits: str, noted: str = "") -> None:
    """The person's authenticator holds the secret of this session, as its code shows; of somebody
    without WeChat the passphrase of this session is kept too, whose end they `noted`.

    Raises Refused `second_factor_wrong`, `passphrase_not_noted`, and `second_factor_enrolled` for
    who has one: another comes only after a reset.
    """
    secret, now = new_secret(ctx, session_token), system_clock()
    step = _step(secret, digits, now)
    if step is None:
        raise _wrong()
    factor_id = uuid7()
    with ctx.sessions() as tx:
        still_here(tx, actor)
        row = insert(SecondFactor).values(
            id=factor_id,
            person_id=actor.person_id,
            secret_sealed=ctx.cipher.seal(SecondFactor.secret_sealed, factor_id, secret),
            enrolled_at=now,
            last_step=step,
            failures=0,
        )
        if tx.scalar(row.on_conflict_do_nothing().returning(SecondFactor.id)) is None:
            message = "您已经有验证器。换手机的，请另一位系统管理员先重置。"
            raise refuse("second_factor_enrolled", message, kind="conflict")
        if keep_phrase(tx, ctx, actor.person_id, session_token, noted):
            _audit(tx, ctx, actor, AuditAction.DESK_ACCOUNT_KEEP, actor.person_id)
        _proved(tx, actor, now)
        _audit(tx, ctx, actor, AuditAction.SECOND_FACTOR_ENROL, actor.person_id)
        tx.commit()


def prove(ctx: Context, actor: Actor, digits: str) -> None:
    """The person shows the code of this moment; it holds for this session.

    Raises Refused `second_factor_missing` for who has none, `second_factor_wrong`,
    `second_factor_used` for a code that was taken before, and `locked_out` after the fifth wrong
    one, which ends all sessions.
    """
    now = system_clock()
    with ctx.sessions() as tx:
        mine = select(SecondFactor).where(SecondFactor.person_id == actor.person_id)
        factor = tx.scalar(mine.with_for_update())
        if factor is None:
            raise refuse(MISSING, ENROL_FIRST, kind="conflict")
        sealed = factor.secret_sealed
        secret = ctx.cipher.open(SecondFactor.secret_sealed, factor.id, sealed)
        step = _step(secret, digits, now)
        refused = _taken_before() if step is not None and step <= factor.last_step else None
        if step is None:
            factor.failures += 1
            refused = _wrong()
            if factor.failures >= TRIES:
                factor.failures = 0
                keep_out(tx, ctx, None, actor.person_id, TOO_OFTEN)
                message = "验证码连续五次不对，账号已停用。请联系系统管理员恢复。"
                refused = refuse("locked_out", message, kind="forbidden")
        if refused or step is None:
            _audit(tx, ctx, actor, AuditAction.SECOND_FACTOR_REFUSE, actor.person_id)
            tx.commit()
            raise refused or _wrong()
        factor.last_step, factor.failures = step, 0
        _proved(tx, actor, now)
        _audit(tx, ctx, actor, AuditAction.SECOND_FACTOR_PROVE, actor.person_id)
        tx.commit()


def take(tx: Session, ctx: Context, person_id: UUID, digits: str) -> bool:
    """Whether these are the digits of the person's authenticator of about now, which nobody showed
    before; they are taken with it. Does not commit, and counts no wrong ones."""
    theirs = select(SecondFactor).where(SecondFactor.person_id == person_id)
    factor = tx.scalar(theirs.with_for_update())
    if factor is None:
        return False
    secret = ctx.cipher.open(SecondFactor.secret_sealed, factor.id, factor.secret_sealed)
    step = _step(secret, digits, system_clock())
    if step is None or step <= factor.last_step:
        return False
    factor.last_step, factor.failures = step, 0
    return True


def reset(ctx: Context, actor: Actor | None, person_id: UUID) -> None:
    """Take a person's authenticator away, whose phone is lost: they enrol another at their next
    sign-in at the desk, and every session of theirs ends, that of the lost phone too.

    For another administrator, who proves themselves again, and the server's command line (`actor`
    None). Raises Refused `role_required`, `second_factor_of_self`, `second_factor_needed`,
    `not_found`, and `second_factor_by_invitation` for who has no WeChat.
    """
    with ctx.sessions() as tx:
        if actor:
            require_officer(tx, ctx, actor, Role.ADMINISTRATOR)
            if actor.person_id == person_id:
                message = "不能重置自己的验证器，请由另一位系统管理员办理。"
                raise refuse("second_factor_of_self", message, kind="forbidden")
        require_recent_proof(actor)
        by_number = select(exists().where(DeskAccount.person_id == person_id))
        if tx.scalar(by_number):  # nobody without WeChat comes in without one
            message = "他没有微信，用登录编号登录。请在“没有微信的人员”里重新邀请他。"
            raise refuse("second_factor_by_invitation", message, kind="conflict")
        theirs = delete(SecondFactor).where(SecondFactor.person_id == person_id)
        if tx.scalar(theirs.returning(SecondFactor.id)) is None:
            raise nothing_there("验证器")
        tx.execute(delete(LoginSession).where(LoginSession.person_id == person_id))
        _audit(tx, ctx, actor, AuditAction.SECOND_FACTOR_RESET, person_id)
        tx.commit()


def list_factors(ctx: Context, actor: Actor) -> Sequence[FactorView]:
    """Everybody's, the oldest first, for administrators; raises Refused `role_required`,
    `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.ADMINISTRATOR)
        roles: dict[UUID, list[str]] = {}
        held = select(AccessGrant.person_id, AccessGrant.role).where(
            AccessGrant.valid(ctx.clock()),
            AccessGrant.person_id.in_(select(SecondFactor.person_id)),
        )
        for person_id, role in tx.execute(held.order_by(AccessGrant.id)):
            names = roles.setdefault(person_id, [])
            if ROLE_NAMES[Role(role)] not in names:
                names.append(ROLE_NAMES[Role(role)])
        rows = select(SecondFactor.enrolled_at, Person).join(
            Person, Person.id == SecondFactor.person_id
        )
        found = []
        for enrolled_at, person in tx.execute(rows.order_by(SecondFactor.id)):
            name = name_of(ctx.cipher, person)
            masked = masked_name(name) if name else ""
            found.append(FactorView(person.id, masked, roles.get(person.id, []), enrolled_at))
        return found


def _totp(secret: str) -> TOTP:
    return TOTP(secret, interval=STEP_SECONDS)


def _step(secret: str, digits: str, now: datetime) -> int | None:
    """The step of time whose code this is; None for none of about now."""
    try:
        return _totp(secret).verify_and_get_timecode(
            digits, for_time=now.timestamp(), valid_window=DRIFT_STEPS
        )
    except OTPVerificationError:
        return None


def _proved(tx: Session, actor: Actor, now: datetime) -> None:
    if actor.proof:
        mine = LoginSession.token_hash == actor.proof.session_hash
        tx.execute(update(LoginSession).where(mine).values(proved_at=now))


def _wrong() -> Refused:
    message = "验证码不对。请看验证器上现在的六位数字，也请检查手机的时间是不是准的。"
    return refuse("second_factor_wrong", message, "digits")


def _taken_before() -> Refused:
    message = "这个验证码已经用过。请等验证器上换了数字再填。"
    return refuse("second_factor_used", message, "digits")


def _audit(
    tx: Session, ctx: Context, actor: Actor | None, action: AuditAction, person_id: UUID
) -> None:
    by = actor.person_id if actor else None
    audit.append(tx, ctx.clock(), by, action, ("person", person_id), {})
