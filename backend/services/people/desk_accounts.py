"""没有微信的人员: let in by an administrator, who hands over a code; then a number, a passphrase
and an authenticator. Everything here lives in real time, as sessions do.

Whoever has the code is the person, and who gave it has it: so another administrator, or the
server's command line, must say that the invitation is meant before the code is taken. Else one
administrator alone could be every officer of a case.

The code is used once, within a day, and opens nothing but the page on which the two factors are
kept. Later all three are asked for together, and an answer never says which one was wrong. Five
wrong ones in a row keep the person out like five wrong digits do, and an address that was wrong too
often is not listened to for a while.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.clock import system_clock
from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.desk_accounts import (
    ADDRESS_TRIES,
    ADDRESS_WITHIN,
    TRIES,
    AccountStatus,
    as_made,
    number_of,
    secret_of,
    status_of,
)
from backend.domain.errors import refuse
from backend.domain.normal import normal_code
from backend.domain.roles import Role
from backend.domain.second_factor import is_recent
from backend.services.base import audit
from backend.services.base.access import (
    granted_roles,
    nothing_there,
    require_officer,
    still_here,
)
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import keep_name, shown_name
from backend.services.base.proof import require_recent_proof
from backend.services.people import second_factors
from backend.services.people.desk_sessions import open_session
from backend.services.people.grants import Granted, check_may_keep, give
from backend.services.people.lockouts import is_locked_out, keep_out
from backend.services.people.passphrases import is_phrase
from backend.services.people.sessions import LOCKED_OUT
from backend.services.people.whoami import grants_of
from backend.store.desk import DeskAccount, DeskTry
from backend.store.people import LoginSession, Person, SecondFactor

NAME_LIMIT = 40
SEED_BYTES = 32
CODE, ADDRESS = "desk account code", "desk address"
TOO_OFTEN = "用登录编号登录连续五次不对，自动停用"


@dataclass(frozen=True)
class AccountView:
    """Somebody without WeChat, as administrators see them. `code` only for who gave it, within ten
    minutes of a proof of theirs, while it can be used."""

    person_id: UUID
    name: str
    number: str
    status: AccountStatus
    invited_at: datetime
    seen_at: datetime | None
    code: str
    is_mine: bool
    confirmed: bool


@dataclass(frozen=True)
class Typed:
    """What stands in the form: `secret` is the passphrase, the first time the code, when there are
    no `digits` yet."""

    number: str
    secret: str
    digits: str


@dataclass(frozen=True)
class Where:
    """The PC: its network address, and the words by which its person knows it again."""

    address: str
    place: str


def invite(ctx: Context, actor: Actor, name: str, granted: Granted | None) -> UUID:
    """Let somebody in who has no WeChat, with this right or (None) one that a clerk gives them
    later; the person's id.

    Raises Refused `role_required`, `second_factor_needed`, as `grants.grant`, and for the name as
    `texts.required`.
    """
    name = texts.required(name, NAME_LIMIT, "name", "姓名")
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.ADMINISTRATOR)
        if granted:
            check_may_keep(tx, ctx, actor, granted.role)
        require_recent_proof(actor)
        person = Person(name_sealed=None, created_at=ctx.clock())
        tx.add(person)
        tx.flush()
        keep_name(ctx.cipher, person, name)
        account = DeskAccount(
            id=uuid7(),
            person_id=person.id,
            number=_free_number(tx),
            invited_by=actor.person_id,
            invited_at=system_clock(),
            failures=0,
        )
        tx.add(account)
        tx.flush()
        _audit(tx, ctx, actor.person_id, AuditAction.DESK_ACCOUNT_INVITE, person.id)
        if granted:
            give(tx, ctx, actor, person.id, granted)
        tx.commit()
        return person.id


def invite_anew(ctx: Context, actor: Actor, person_id: UUID) -> None:
    """A device or a paper is lost: what the person signed in with is void, sessions end, and a new
    code is given; the number stays.

    For another administrator. Raises Refused `role_required`, `desk_account_of_self`,
    `second_factor_needed`, `not_found`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.ADMINISTRATOR)
        if actor.person_id == person_id:
            message = "不能重新邀请自己，请由另一位系统管理员办理。"
            raise refuse("desk_account_of_self", message, kind="forbidden")
        require_recent_proof(actor)
        account = _of(tx, person_id, locked=True)
        tx.execute(delete(SecondFactor).where(SecondFactor.person_id == person_id))
        tx.execute(delete(LoginSession).where(LoginSession.person_id == person_id))
        account.phrase_hash = account.phrase_salt = account.begun_at = None
        account.confirmed_by = account.confirmed_at = None
        account.failures = 0
        account.invited_by, account.invited_at = actor.person_id, system_clock()
        tx.flush()
        _audit(tx, ctx, actor.person_id, AuditAction.DESK_ACCOUNT_INVITE, person_id)
        tx.commit()


def confirm(ctx: Context, actor: Actor | None, person_id: UUID) -> None:
    """Another administrator than who gave it says that an invitation is meant; only then its code
    is taken. The server's command line may, too (`actor` None). Again nothing happens.

    Raises Refused `role_required`, `desk_account_of_self`, `second_factor_needed`, `not_found`.
    """
    with ctx.sessions() as tx:
        if actor:
            require_officer(tx, ctx, actor, Role.ADMINISTRATOR)
        account = _of(tx, person_id, locked=True)
        if actor and actor.person_id in (account.invited_by, person_id):
            message = "邀请要由另一位系统管理员确认，不能是给出邀请的人和本人。"
            raise refuse("desk_account_of_self", message, kind="forbidden")
        require_recent_proof(actor)
        if account.confirmed_at is None:
            account.confirmed_by = actor.person_id if actor else None
            account.confirmed_at = system_clock()
            by = actor.person_id if actor else None
            _audit(tx, ctx, by, AuditAction.DESK_ACCOUNT_CONFIRM, person_id)
        tx.commit()


def person_of(ctx: Context, number: str) -> UUID:
    """Who has this number; raises Refused `not_found`."""
    with ctx.sessions() as tx:
        account = tx.scalar(_with_number(number))
        if account is None:
            raise nothing_there("人员")
        return account.person_id


def to_confirm(ctx: Context, actor: Actor) -> Sequence[AccountView]:
    """Invitations of other administrators that wait for this one's word; none for anybody else."""
    with ctx.sessions() as tx:
        if Role.ADMINISTRATOR not in granted_roles(tx, ctx, actor, None, None):
            return []
        waits = (
            DeskAccount.confirmed_at.is_(None),
            DeskAccount.invited_by != actor.person_id,
            DeskAccount.person_id != actor.person_id,
        )
        rows = select(DeskAccount, Person).join(Person, Person.id == DeskAccount.person_id)
        found = tx.execute(rows.where(*waits).order_by(DeskAccount.id.desc()))
        views = [_view(ctx, actor, account, person) for account, person in found]
    return [view for view in views if view.status is AccountStatus.INVITED]


def read(ctx: Context, actor: Actor, person_id: UUID) -> AccountView:
    """One of them; raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.ADMINISTRATOR)
        return _view(ctx, actor, _of(tx, person_id), tx.get_one(Person, person_id))


def list_accounts(ctx: Context, actor: Actor) -> Sequence[AccountView]:
    """All of them, the newest first; raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.ADMINISTRATOR)
        rows = select(DeskAccount, Person).join(Person, Person.id == DeskAccount.person_id)
        found = tx.execute(rows.order_by(DeskAccount.id.desc()))
        return [_view(ctx, actor, account, person) for account, person in found]


def come_in(ctx: Context, typed: Typed, where: Where) -> str:
    """Open a session at this PC; its token, shown this once. The first time the code is used up,
    and the session may do nothing until both factors are kept.

    Raises Refused `desk_account_wrong` whatever was wrong, `too_many_desk_tries`, `locked_out`,
    `desk_not_entitled`, `session_invalid`; each in the audit chain where somebody has the number.
    """
    with ctx.sessions() as tx:
        _check_address(tx, ctx, where.address)
        account = tx.scalar(_with_number(typed.number))
        phrase = (account.phrase_salt, account.phrase_hash) if account else (None, None)
    right_phrase = is_phrase(
        as_made(typed.secret), *phrase
    )  # slow, and nothing is locked meanwhile
    with ctx.sessions() as tx:
        account = tx.scalar(_with_number(typed.number).with_for_update())
        if account is None:
            _wrong(tx, ctx, None, where)
        first = account.phrase_hash is None
        if first:
            right = _is_code(ctx, account, typed.secret)
        else:
            unchanged = account.phrase_hash == phrase[1]
            right = right_phrase and unchanged and _shows(tx, ctx, account.person_id, typed.digits)
        if not right:
            _wrong(tx, ctx, account, where)
        _check_may_come_in(tx, ctx, account)
        now = system_clock()
        account.failures, account.seen_at = 0, now
        if first:
            account.begun_at = now
            _audit(tx, ctx, account.person_id, AuditAction.DESK_ACCOUNT_BEGIN, account.person_id)
        proved_at = None if first else now
        token = open_session(tx, ctx, account.person_id, where.place, proved_at)
        facts = {"by": "code" if first else "number"}
        _audit(tx, ctx, account.person_id, AuditAction.DESK_SIGN_IN, account.person_id, facts)
        tx.commit()
        return token


def forget_tries(ctx: Context) -> None:
    """Drop what counts no more."""
    with ctx.sessions() as tx:
        tx.execute(delete(DeskTry).where(DeskTry.tried_at < system_clock() - ADDRESS_WITHIN))
        tx.commit()


def _shows(tx: Session, ctx: Context, person_id: UUID, digits: str) -> bool:
    """Whether the digits are of the person's authenticator, now, and were not taken before."""
    return second_factors.take(tx, ctx, person_id, normal_code(digits))


def _check_address(tx: Session, ctx: Context, address: str) -> None:
    tries = select(func.count()).where(
        DeskTry.address_hash.in_(ctx.cipher.digests(ADDRESS, address)),
        DeskTry.tried_at > system_clock() - ADDRESS_WITHIN,
    )
    if (tx.scalar(tries) or 0) >= ADDRESS_TRIES:
        message = "从这里登录不对的次数太多，请一小时以后再试，或者联系系统管理员。"
        raise refuse("too_many_desk_tries", message, kind="too_many")


def _check_may_come_in(tx: Session, ctx: Context, account: DeskAccount) -> None:
    """Whoever shows everything that is asked for is still not let in when they are kept out, left,
    or hold no right any more; commits what the chain is told."""
    who = Actor(account.person_id)
    still_here(tx, who)
    why, refused = "", None
    if is_locked_out(tx, account.person_id):
        why, refused = "locked_out", refuse("locked_out", LOCKED_OUT, kind="forbidden")
    elif not grants_of(tx, ctx, who):
        message = "您没有工作台的权限。需要的，请联系中心的系统管理员授权。"
        why, refused = "not_entitled", refuse("desk_not_entitled", message, kind="forbidden")
    if refused:
        _refused(tx, ctx, account, why)
        tx.commit()
        raise refused


def _wrong(tx: Session, ctx: Context, account: DeskAccount | None, where: Where) -> NoReturn:
    """Count it, and say no more than that it was wrong."""
    tx.add(DeskTry(address_hash=ctx.cipher.digest(ADDRESS, where.address), tried_at=system_clock()))
    if account is not None:
        account.failures += 1
        _refused(tx, ctx, account, "wrong")
        if account.failures >= TRIES:
            account.failures = 0
            keep_out(tx, ctx, None, account.person_id, TOO_OFTEN)
    tx.commit()
    message = (
        "登录编号、口令（第一次是邀请码）和验证器的数字对不上。请核对以后重填；"
        f"连续{TRIES}次不对，账号会停用。"
    )
    raise refuse("desk_account_wrong", message, "number")


def _refused(tx: Session, ctx: Context, account: DeskAccount, why: str) -> None:
    action = AuditAction.DESK_REFUSE_SIGN_IN
    _audit(tx, ctx, None, action, account.person_id, {"by": "number", "why": why})


def _is_code(ctx: Context, account: DeskAccount, typed: str) -> bool:
    """Whether this is the code of the newest invitation, which somebody else confirmed, nobody used
    and is not over."""
    given = as_made(typed).encode()
    ours = (secret_of(each).encode() for each in ctx.cipher.digests(CODE, _coded(account)))
    same = any(secrets.compare_digest(given, each) for each in ours)
    meant = account.confirmed_at is not None
    return same and meant and _status(account) is AccountStatus.INVITED


def _status(account: DeskAccount) -> AccountStatus:
    return status_of(
        begun=account.begun_at is not None,
        has_passphrase=account.phrase_hash is not None,
        invited_at=account.invited_at,
        now=system_clock(),
    )


def _coded(account: DeskAccount) -> str:
    """What the code of an invitation is made of: another one each time."""
    return f"{account.id} {account.invited_at.astimezone(UTC).isoformat()}"


def _view(ctx: Context, actor: Actor, account: DeskAccount, person: Person) -> AccountView:
    status, is_mine = _status(account), account.invited_by == actor.person_id
    proof = actor.proof
    proved = proof is not None and is_recent(proof.proved_at, system_clock())
    code = ""
    if status is AccountStatus.INVITED and is_mine and proved:
        code = secret_of(ctx.cipher.digest(CODE, _coded(account)))
    return AccountView(
        person_id=person.id,
        name=shown_name(ctx.cipher, person),
        number=account.number,
        status=status,
        invited_at=account.invited_at,
        seen_at=account.seen_at,
        code=code,
        is_mine=is_mine,
        confirmed=account.confirmed_at is not None,
    )


def _of(tx: Session, person_id: UUID, *, locked: bool = False) -> DeskAccount:
    query = select(DeskAccount).where(DeskAccount.person_id == person_id)
    account = tx.scalar(query.with_for_update() if locked else query)
    if account is None:
        raise nothing_there("人员")
    return account


def _with_number(typed: str) -> Select[DeskAccount]:
    return select(DeskAccount).where(DeskAccount.number == normal_code(typed))


def _free_number(tx: Session) -> str:
    """One that nobody has; the constraint would refuse the rare second one of two at once."""
    while True:
        number = number_of(secrets.token_bytes(SEED_BYTES))
        if tx.scalar(select(DeskAccount.id).where(DeskAccount.number == number)) is None:
            return number


def _audit(
    tx: Session,
    ctx: Context,
    by: UUID | None,
    action: AuditAction,
    person_id: UUID,
    facts: Mapping[str, str] | None = None,
) -> None:
    audit.append(tx, ctx.clock(), by, action, ("person", person_id), facts or {})
