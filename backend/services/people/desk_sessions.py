"""Signing in to the officers' desk (工作台): a code on the PC, confirmed on the phone.

The PC holds a secret in a cookie; the code that it shows is made of that secret's hash and the
time, and signed, so that codes which nobody scans leave nothing in the database. The phone shows
three numbers, and the PC the right one: who was sent somebody else's code by chat does not know it.
A wrong number ends the code. Everything here lives in real time, as sessions do.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain import desk
from backend.domain.audit_actions import AuditAction
from backend.domain.desk import SignInOutcome
from backend.domain.errors import Refused, refuse
from backend.services.base import audit
from backend.services.base.access import session_invalid, still_here
from backend.services.base.context import Actor, Context, Proof
from backend.services.people.sessions import (
    TOKEN_BYTES,
    TOKEN_CHARACTERS,
    lasting_session,
    with_hashes,
)
from backend.services.people.whoami import grants_of, seats_of
from backend.store.desk import DeskSignIn
from backend.store.people import LoginSession

# Together a multiple of three: every code is written in one way only.
TIME_BYTES, SECRET_BYTES, SIGNATURE_BYTES = 5, 16, 15
CODE_BYTES = TIME_BYTES + SECRET_BYTES + SIGNATURE_BYTES
SIGNED, ANSWERED, NUMBERS = "desk code", "desk sign-in", "desk number"
SESSION = "desk session"
# The end of a session is written again at most once in this time.
MOVED_ON = timedelta(minutes=1)
KEPT = timedelta(days=1)  # what was answered, long after the code itself is over


@dataclass(frozen=True)
class Code:
    """A code as it stands on a PC: what it holds (`text`), and the number beside it."""

    text: str
    number: int


def new_secret() -> str:
    """What a PC keeps in its cookie while it waits for a phone."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_code(ctx: Context, secret: str) -> Code:
    """A code of this moment for the PC that holds `secret`."""
    now = int(system_clock().timestamp()).to_bytes(TIME_BYTES)
    content = now + _print_of(secret)
    signature = ctx.cipher.digest(SIGNED, content.hex())[:SIGNATURE_BYTES]
    return _code(ctx, base64.urlsafe_b64encode(content + signature).decode())


def read_code(ctx: Context, secret: str, text: str) -> Code | None:
    """The code that this PC shows; None when it is over, or was made for another PC."""
    content = _content(ctx, text)
    if content is None or content[TIME_BYTES:] != _print_of(secret):
        return None
    return _code(ctx, text)


def offered_numbers(ctx: Context, actor: Actor, text: str) -> tuple[int, ...]:
    """The numbers among which the phone asks for the one on the PC.

    Raises Refused `desk_code_invalid`, `desk_not_entitled`.
    """
    with ctx.sessions() as tx:
        _check(tx, ctx, actor, text)
    return desk.numbers(ctx.cipher.digest(NUMBERS, text))


def confirm(ctx: Context, actor: Actor, text: str, number: int) -> None:
    """The person says that this PC is theirs; saying it again changes nothing.

    Raises Refused `desk_code_invalid`, `desk_not_entitled`, and `desk_number_wrong`, after which
    the code opens nothing any more.
    """
    right = number == desk.shown_number(ctx.cipher.digest(NUMBERS, text))
    with ctx.sessions() as tx:
        try:
            answered = _check(tx, ctx, actor, text)
        except Refused as refused:
            if refused.kind == "forbidden":
                _answer(tx, ctx, actor, text, SignInOutcome.NOT_ENTITLED)
            raise
        if answered:
            return
        if right:
            _answer(tx, ctx, actor, text, SignInOutcome.CONFIRMED)
            return
        _answer(tx, ctx, actor, text, SignInOutcome.WRONG_NUMBER)
    message = "和电脑上的数字不一致，这个码已作废。请扫电脑上的新码；不是您本人在登录的，不要确认。"
    raise refuse("desk_number_wrong", message, "screen_number", "conflict")


def outcome_of(ctx: Context, code: Code) -> SignInOutcome | None:
    """What a phone said to the code, or None while none has."""
    with ctx.sessions() as tx:
        return tx.scalar(select(DeskSignIn.outcome).where(_is(ctx, code.text)))


def sign_in(ctx: Context, code: Code, place: str) -> str:
    """Open a session at the PC whose code was confirmed; its token, shown this once.

    `place` is where the PC is (`domain.desk.place_of`). A code opens one session. Raises Refused
    `desk_code_invalid` for one that was not confirmed, or was used, which the audit chain then
    tells, and `session_invalid` for somebody who left since.
    """
    with ctx.sessions() as tx:
        row = tx.scalar(select(DeskSignIn).where(_is(ctx, code.text)).with_for_update())
        if row is None or row.outcome is not SignInOutcome.CONFIRMED:
            raise _invalid()
        person = ("person", row.person_id)
        if row.used_at is not None:
            audit.append(
                tx, ctx.clock(), None, AuditAction.DESK_REFUSE_SIGN_IN, person, {"why": "used"}
            )
            tx.commit()
            raise _invalid()
        still_here(tx, Actor(row.person_id))
        row.used_at = system_clock()
        token = open_session(tx, ctx, row.person_id, place)
        audit.append(tx, ctx.clock(), row.person_id, AuditAction.DESK_SIGN_IN, person, {})
        tx.commit()
        return token


def open_session(
    tx: Session, ctx: Context, person_id: UUID, place: str, proved_at: datetime | None = None
) -> str:
    """Begin a session at a desk for who proved who they are; its token. Does not commit."""
    token, now = secrets.token_urlsafe(TOKEN_BYTES), system_clock()
    tx.add(
        LoginSession(
            token_hash=ctx.cipher.digest(SESSION, token),
            person_id=person_id,
            at_desk=True,
            created_at=now,
            expires_at=desk.session_end(now, now),
            place=place,
            used_at=now,
            proved_at=proved_at,
        )
    )
    return token


def authenticate(ctx: Context, token: str) -> Actor:
    """The person who works at the PC with this token; raises Refused `session_invalid`.

    Each use is kept, to the minute, and moves the session's end on as far as
    `domain.desk.session_end` lets it.
    """
    if len(token) != TOKEN_CHARACTERS:
        raise session_invalid()
    now = system_clock()
    this = with_hashes(ctx, ctx.cipher.digests(SESSION, token), now)
    with ctx.sessions() as tx:
        found = tx.execute(lasting_session(at_desk=True), this).one_or_none()
        if found is None:
            raise session_invalid()
        end = desk.session_end(found.created_at, now)
        unused = found.used_at is None or now - found.used_at > MOVED_ON
        if unused or end - found.expires_at > MOVED_ON:
            moved = update(LoginSession).where(LoginSession.token_hash == found.token_hash)
            tx.execute(moved.values(expires_at=end, used_at=now))
            tx.commit()
    proof = Proof(found.token_hash, found.has, found.needs, found.proved_at)
    return Actor(found.person_id, proof=proof)


def is_known(ctx: Context, token: str) -> bool:
    """Whether a session had this token that lasts, or ended by itself within the last day."""
    if len(token) != TOKEN_CHARACTERS:
        return False
    with ctx.sessions() as tx:
        hashes = ctx.cipher.digests(SESSION, token)
        row = LoginSession.token_hash.in_(hashes), LoginSession.at_desk
        return bool(tx.scalar(select(exists().where(*row))))


def sign_out(ctx: Context, token: str) -> None:
    """End this session; ending it again changes nothing."""
    with ctx.sessions() as tx:
        ended = tx.scalar(
            delete(LoginSession)
            .where(
                LoginSession.token_hash.in_(ctx.cipher.digests(SESSION, token)),
                LoginSession.at_desk,
            )
            .returning(LoginSession.person_id)
        )
        if ended:
            audit.append(tx, ctx.clock(), ended, AuditAction.DESK_SIGN_OUT, ("person", ended), {})
        tx.commit()


def forget_answers(ctx: Context) -> None:
    """Drop what was said to codes that are long over."""
    with ctx.sessions() as tx:
        tx.execute(delete(DeskSignIn).where(DeskSignIn.answered_at < system_clock() - KEPT))
        tx.commit()


def _check(tx: Session, ctx: Context, actor: Actor, text: str) -> bool:
    """Whether this person confirmed the code already; raises Refused as `offered_numbers`."""
    if _content(ctx, text) is None:
        raise _invalid()
    row = tx.scalar(select(DeskSignIn).where(_is(ctx, text)))
    if row is not None:
        if row.person_id == actor.person_id and row.outcome is SignInOutcome.CONFIRMED:
            return True
        raise _invalid()
    if not grants_of(tx, ctx, actor) and not seats_of(tx, ctx, actor):
        message = "您没有工作台的权限。需要的，请联系中心的系统管理员授权。"
        raise refuse("desk_not_entitled", message, kind="forbidden")
    return False


def _answer(tx: Session, ctx: Context, actor: Actor, text: str, outcome: SignInOutcome) -> None:
    """Keep the first answer to a code; raises Refused `desk_code_invalid` for a later one."""
    row = insert(DeskSignIn).values(
        code_hash=ctx.cipher.digest(ANSWERED, text),
        person_id=actor.person_id,
        outcome=outcome,
        answered_at=system_clock(),
    )
    first = tx.scalar(row.on_conflict_do_nothing().returning(DeskSignIn.person_id))
    if first is None:
        raise _invalid()
    if outcome is not SignInOutcome.CONFIRMED:
        subject, facts = ("person", actor.person_id), {"why": str(outcome)}
        action = AuditAction.DESK_REFUSE_SIGN_IN
        audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
    tx.commit()


def _is(ctx: Context, text: str) -> ColumnElement[bool]:
    return DeskSignIn.code_hash.in_(ctx.cipher.digests(ANSWERED, text))


def _content(ctx: Context, text: str) -> bytes | None:
    """What a code of ours holds while it lasts; None for all others."""
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
    except ValueError:
        return None
    content, signature = raw[:-SIGNATURE_BYTES], raw[-SIGNATURE_BYTES:]
    ours = (each[:SIGNATURE_BYTES] for each in ctx.cipher.digests(SIGNED, content.hex()))
    if len(raw) != CODE_BYTES or not any(secrets.compare_digest(signature, each) for each in ours):
        return None
    return content if system_clock() < _end_of(content) else None


def _code(ctx: Context, text: str) -> Code:
    return Code(text, desk.shown_number(ctx.cipher.digest(NUMBERS, text)))


def _end_of(content: bytes) -> datetime:
    made_at = datetime.fromtimestamp(int.from_bytes(content[:TIME_BYTES]), UTC)
    return made_at + desk.CODE_LASTS


def _print_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()[:SECRET_BYTES]


def _invalid() -> Refused:
    message = "这个登录码已失效，请刷新电脑页面再扫一次。"
    return refuse("desk_code_invalid", message, kind="missing")
