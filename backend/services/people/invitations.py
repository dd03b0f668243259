"""邀请: a keeper of rights shows a code, the person scans it with their own phone, and the keeper
types the number that this phone shows.

The code says which invitation it is and is signed; nobody can make one, and it is kept nowhere. Who
scans gets nothing yet: only the number tells that it is the very person to whom the keeper speaks,
so that a code which was passed on, or seen over a shoulder, gives its right to nobody else. The
first to scan has it; another number ends it. Real time, as sessions.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.clock import system_clock
from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused, refuse
from backend.domain.invitations import LASTS, WAITING, InvitationState, is_over, number_of
from backend.domain.normal import normal_code
from backend.domain.personal import masked_name
from backend.domain.roles import ROLE_NAMES, Role
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer, still_here
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import keep_name
from backend.services.base.proof import require_recent_proof
from backend.services.people.grants import (
    ONE_AFTER_THE_OTHER,
    Granted,
    check_can_be_given,
    check_may_keep,
    give,
)
from backend.services.people.lockouts import is_locked_out
from backend.store.desk import Invitation
from backend.store.people import Person
from backend.store.queries.rights import name_of_scope

ID_BYTES, SIGNATURE_BYTES = 16, 20
CODE_BYTES = ID_BYTES + SIGNATURE_BYTES
SIGNED, NUMBER = "invitation code", "invitation number"
NAME_LIMIT = 40
CITY = "全市"


@dataclass(frozen=True)
class InvitationView:
    """An invitation as its keeper sees it; `code` only while it can be scanned, of the name a part
    and until it is settled. `is_mine` for who gave it."""

    id: UUID
    name: str
    role: Role
    role_name: str
    scope_name: str
    valid_until: datetime | None
    invited_at: datetime
    state: InvitationState
    over: bool
    is_mine: bool
    code: str


@dataclass(frozen=True)
class Accepted:
    """What the phone shows: what the right is, and the number for the keeper."""

    role_name: str
    scope_name: str
    number: str


def invite(ctx: Context, actor: Actor, name: str, granted: Granted) -> UUID:
    """Invite somebody whom the keeper calls `name`; the invitation's id.

    Raises Refused as `grants.grant`, and for the name as `texts.required`.
    """
    name = texts.required(name, NAME_LIMIT, "name", "姓名")
    with ctx.sessions() as tx:
        check_may_keep(tx, ctx, actor, granted.role)
        require_recent_proof(actor)
        check_can_be_given(tx, ctx, granted)
        invitation_id = uuid7()
        tx.add(
            Invitation(
                id=invitation_id,
                role=granted.role,
                scope_id=granted.scope_id,
                valid_until=granted.until,
                name_sealed=ctx.cipher.seal(Invitation.name_sealed, invitation_id, name),
                invited_by=actor.person_id,
                invited_at=system_clock(),
                state=InvitationState.OPEN,
            )
        )
        tx.flush()
        facts = {
            "role": str(granted.role),
            "scope_id": str(granted.scope_id) if granted.scope_id else None,
            "valid_until": granted.until.isoformat() if granted.until else None,
        }
        _audit(tx, ctx, actor, AuditAction.INVITATION_GIVE, invitation_id, facts)
        tx.commit()
        return invitation_id


def accept(ctx: Context, actor: Actor, code: str) -> Accepted:
    """The person scanned the code; again it says the same.

    Raises Refused `invitation_invalid` for one that is over, settled, was scanned by somebody else
    (which the audit chain then tells), or is the keeper's own; `session_invalid`.
    """
    invitation_id = _id_of(ctx, code)
    with ctx.sessions() as tx:
        # The invitation before the person, as who confirms it has them.
        row = tx.get(Invitation, invitation_id, with_for_update=True) if invitation_id else None
        still_here(tx, actor)
        if row is None or row.state not in WAITING or is_over(row.invited_at, system_clock()):
            raise _invalid()
        if row.invited_by == actor.person_id or row.accepted_by not in (None, actor.person_id):
            facts = {"why": "scanned_by_another"}
            _audit(tx, ctx, actor, AuditAction.INVITATION_REFUSE, row.id, facts)
            tx.commit()
            raise _invalid()
        if row.accepted_by is None:
            row.accepted_by, row.state = actor.person_id, InvitationState.ACCEPTED
            tx.flush()
            _audit(tx, ctx, actor, AuditAction.INVITATION_ACCEPT, row.id, {})
            tx.commit()
        return Accepted(
            ROLE_NAMES[Role(row.role)], _scope_name(tx, row), _number(ctx, row, actor.person_id)
        )


def confirm(ctx: Context, actor: Actor, invitation_id: UUID, number: str) -> bool:
    """The keeper typed the number that the person's phone shows: the right is given now, and the
    name is theirs where none is known. Whether it was the number: another one ends the invitation,
    which is committed, so it is for the caller to say so.

    Raises Refused `not_found`, `invitation_not_accepted`, and as `grants.grant`.
    """
    with ctx.sessions() as tx:
        row = _kept(tx, ctx, actor, invitation_id)
        require_recent_proof(actor)
        by = row.accepted_by
        late = is_over(row.invited_at, system_clock())
        if row.state is not InvitationState.ACCEPTED or by is None or late:
            message = "还没有人扫这个码，或者它已经作废、过期。请对方扫码，再填手机上的数字。"
            raise refuse("invitation_not_accepted", message, kind="conflict")
        if is_locked_out(tx, by):
            raise refuse("locked_out", "扫码的人已停用，不能授权。", kind="forbidden")
        given = normal_code(number).encode()
        right = any(secrets.compare_digest(given, each.encode()) for each in _numbers(ctx, row, by))
        if right:
            _keep_name(tx, ctx, row, by)
            give(tx, ctx, actor, by, Granted(Role(row.role), row.scope_id, row.valid_until))
        else:
            facts = {"why": "wrong_number", "accepted_by": str(by)}
            _audit(tx, ctx, actor, AuditAction.INVITATION_REFUSE, row.id, facts)
        _settle(row, InvitationState.GRANTED if right else InvitationState.REFUSED)
        tx.commit()
        return right


def wrong_number() -> Refused:
    """What the keeper is told whose number was another one."""
    message = "和手机上的数字不一致，这个邀请已作废。请确认扫码的是本人，再重新邀请。"
    return refuse("invitation_number_wrong", message, "number", "conflict")


def withdraw(ctx: Context, actor: Actor, invitation_id: UUID) -> None:
    """Take an invitation back; a settled one stays as it is. Raises Refused `not_found`,
    `role_required`."""
    with ctx.sessions() as tx:
        row = _kept(tx, ctx, actor, invitation_id)
        if row.state not in WAITING:
            return
        _settle(row, InvitationState.WITHDRAWN)
        _audit(tx, ctx, actor, AuditAction.INVITATION_WITHDRAW, row.id, {})
        tx.commit()


def read(ctx: Context, actor: Actor, invitation_id: UUID) -> InvitationView:
    """One of them, for who may give its right; raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        row = _kept(tx, ctx, actor, invitation_id, locked=False)
        return _view(ctx, actor, row, _scope_name(tx, row))


def waiting(ctx: Context, actor: Actor) -> Sequence[InvitationView]:
    """Those that can still be scanned or compared and that this keeper may give, the newest first;
    raises Refused `not_found`, `role_required` for who keeps no rights."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.ADMINISTRATOR, Role.CLERK)
        query = (
            select(Invitation, name_of_scope(Invitation.scope_id))
            .where(Invitation.state.in_(WAITING), Invitation.invited_at > system_clock() - LASTS)
            .order_by(Invitation.id.desc())
        )
        found = []
        for row, name in tx.execute(query):
            if _may_keep(tx, ctx, actor, row):
                found.append(_view(ctx, actor, row, name or CITY))
        return found


def forget_over(ctx: Context) -> None:
    """Drop the names in invitations that nobody answered in time."""
    with ctx.sessions() as tx:
        over = Invitation.name_sealed.is_not(None), Invitation.invited_at < system_clock() - LASTS
        tx.execute(update(Invitation).where(*over).values(name_sealed=None))
        tx.commit()


def _kept(
    tx: Session, ctx: Context, actor: Actor, invitation_id: UUID, *, locked: bool = True
) -> Invitation:
    """An invitation of a right that this person may give."""
    require_officer(tx, ctx, actor, Role.ADMINISTRATOR, Role.CLERK)
    row = tx.get(Invitation, invitation_id, with_for_update=locked)
    if row is None:
        raise nothing_there("邀请")
    check_may_keep(tx, ctx, actor, Role(row.role))
    return row


def _may_keep(tx: Session, ctx: Context, actor: Actor, row: Invitation) -> bool:
    try:
        check_may_keep(tx, ctx, actor, Role(row.role))
    except Refused:
        return False
    return True


def _keep_name(tx: Session, ctx: Context, row: Invitation, person_id: UUID) -> None:
    person = tx.get_one(Person, person_id, with_for_update=ONE_AFTER_THE_OTHER)
    if person.name_sealed is None and row.name_sealed is not None:
        keep_name(ctx.cipher, person, _name(ctx, row))


def _name(ctx: Context, row: Invitation) -> str:
    if row.name_sealed is None:
        return ""
    return ctx.cipher.open(Invitation.name_sealed, row.id, row.name_sealed)


def _settle(row: Invitation, state: InvitationState) -> None:
    row.state, row.settled_at, row.name_sealed = state, system_clock(), None


def _scope_name(tx: Session, row: Invitation) -> str:
    named = select(name_of_scope(Invitation.scope_id)).where(Invitation.id == row.id)
    return tx.scalar(named) or CITY


def _view(ctx: Context, actor: Actor, row: Invitation, scope_name: str) -> InvitationView:
    over = row.state in WAITING and is_over(row.invited_at, system_clock())
    scannable = row.state is InvitationState.OPEN and not over
    role, name = Role(row.role), _name(ctx, row)
    return InvitationView(
        id=row.id,
        name=masked_name(name) if name else "",
        role=role,
        role_name=ROLE_NAMES[role],
        scope_name=scope_name,
        valid_until=row.valid_until,
        invited_at=row.invited_at,
        state=row.state,
        over=over,
        is_mine=row.invited_by == actor.person_id,
        code=_code(ctx, row.id) if scannable else "",
    )


def _code(ctx: Context, invitation_id: UUID) -> str:
    """What the code holds; the same each time."""
    signature = ctx.cipher.digest(SIGNED, invitation_id.hex)[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(invitation_id.bytes + signature).decode()


def _id_of(ctx: Context, code: str) -> UUID | None:
    """The invitation that a code of ours is about; None for all others."""
    try:
        raw = base64.b64decode(code, altchars=b"-_", validate=True)
    except ValueError:
        return None
    if len(raw) != CODE_BYTES:
        return None
    invitation_id, signature = UUID(bytes=raw[:ID_BYTES]), raw[ID_BYTES:]
    ours = (each[:SIGNATURE_BYTES] for each in ctx.cipher.digests(SIGNED, invitation_id.hex))
    return invitation_id if any(secrets.compare_digest(signature, each) for each in ours) else None


def _number(ctx: Context, row: Invitation, person_id: UUID) -> str:
    return number_of(ctx.cipher.digest(NUMBER, f"{row.id} {person_id}"))


def _numbers(ctx: Context, row: Invitation, person_id: UUID) -> Sequence[str]:
    """The same while the key changes, too."""
    return [number_of(each) for each in ctx.cipher.digests(NUMBER, f"{row.id} {person_id}")]


def _invalid() -> Refused:
    message = "这个邀请码已失效，请让邀请您的人重新邀请。"
    return refuse("invitation_invalid", message, kind="missing")


def _audit(
    tx: Session,
    ctx: Context,
    actor: Actor,
    action: AuditAction,
    invitation_id: UUID,
    facts: Mapping[str, str | None],
) -> None:
    subject = ("invitation", invitation_id)
    audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
