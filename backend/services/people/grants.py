"""Rights: who may do what, given and taken back by those whose job it is.

Administrators give the centre's and the supervisors' roles; clerks let in property managers and
insurers; the first right of all is given on the server's command line (`actor` is None there).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.right_ends import RightEnd
from backend.domain.roles import GRANT_SCOPES, ROLE_NAMES, Role, keeper_of
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.proof import require_recent_proof
from backend.services.case.handover import tell_successor
from backend.services.people.seats import check_does_not_sit
from backend.store.people import AccessGrant, Identity, Lockout, Person
from backend.store.queries.rights import name_of_scope
from backend.store.registry import Estate, Insurer

# How a person is locked whose rights change: two who do that pass one after the other, but nobody
# waits who only writes down that person as who did something. Such a one may hold a right already.
ONE_AFTER_THE_OTHER = {"key_share": True}


@dataclass(frozen=True)
class Granted:
    """A right to be given: its scope (None: the city) and its (aware) end, if it has one."""

    role: Role
    scope_id: UUID | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class GrantView:
    """A right as its keepers see it; `scope_name` is the estate, district or insurer, None for
    the city.

    `stands_in_for` is whose work it is for (代办).
    """

    id: UUID
    person_id: UUID
    role: Role
    scope_kind: str
    scope_id: UUID | None
    scope_name: str | None
    granted_by: UUID | None
    granted_at: datetime
    valid_until: datetime | None
    stands_in_for: UUID | None


def person_of(ctx: Context, appid: str, openid: str) -> UUID:
    """Who proved this identity; raises Refused `person_unknown` before the first login."""
    with ctx.sessions() as tx:
        person_id = tx.scalar(
            select(Identity.person_id).where(Identity.appid == appid, Identity.openid == openid)
        )
    if person_id is None:
        message = "没有这个身份的登录记录，请本人先登录一次小程序或关注服务号。"
        raise refuse("person_unknown", message, "openid", kind="missing")
    return person_id


def grant(
    ctx: Context,
    actor: Actor | None,
    person_id: UUID,
    role: Role,
    scope_id: UUID | None = None,
    until: datetime | None = None,
) -> UUID:
    """Give a role for the city, or for the estate, district or insurer `scope_id`; returns the
    grant's id.

    `until` (aware) ends it, None leaves it open. Giving the same again changes nothing; another
    `until` moves the end, and nobody stands in by it for longer. Raises Refused:
    `role_not_granted`, `role_required`, `grant_to_self`, `second_factor_needed`, `scope_mismatch`,
    `until_past`, `not_found`, `manager_and_member`, and `last_administrator` as `revoke` for an end
    that comes sooner.
    """
    with ctx.sessions() as tx:
        right_id = give(tx, ctx, actor, person_id, Granted(role, scope_id, until))
        tx.commit()
        return right_id


def give(tx: Session, ctx: Context, actor: Actor | None, person_id: UUID, granted: Granted) -> UUID:
    """The same in the course of something else; does not commit."""
    now, role, scope_id, until = ctx.clock(), granted.role, granted.scope_id, granted.until
    check_may_keep(tx, ctx, actor, role)
    if actor and actor.person_id == person_id:
        message = "不能给自己授权，请由其他有权人员办理。"
        raise refuse("grant_to_self", message, "person_id", kind="forbidden")
    require_recent_proof(actor)
    check_can_be_given(tx, ctx, granted)
    # The lock lets two grants to one person pass one after the other.
    person = tx.get(Person, person_id, with_for_update=ONE_AFTER_THE_OTHER)
    if person is None or person.left_at is not None:
        raise nothing_there("人员")
    found = _find(tx, person_id, role, scope_id)
    if found and found.valid_until == until and found.stands_in_for is None:
        return found.id
    if found and actor and role is Role.ADMINISTRATOR:
        _check_may_end_by(tx, now, found, until)
    if role is Role.PROPERTY_MANAGER and scope_id:
        check_does_not_sit(tx, ctx, scope_id, person_id)
    right = found or AccessGrant(
        person_id=person_id, role=role, scope_kind=GRANT_SCOPES[role], scope_id=scope_id
    )
    right.granted_by = actor.person_id if actor else None
    right.granted_at, right.valid_until, right.stands_in_for = now, until, None
    right.ended_because = None
    tx.add(right)
    tx.flush()
    _audit(tx, now, actor, AuditAction.GRANT_GIVE, right)
    for each in _in_stead_of(tx, until, right) if until else ():
        each.valid_until = until
        _audit(tx, now, actor, AuditAction.GRANT_GIVE, each)
    estate = scope_id if GRANT_SCOPES[role] == "estate" else None
    cause = f"{right.id}/{now.isoformat()}"
    tell_successor(tx, ctx, person_id, role, cause, estate_id=estate)
    return right.id


def check_can_be_given(tx: Session, ctx: Context, granted: Granted) -> None:
    """Its end is to come, and its scope is one of its role; raises Refused `until_past`,
    `scope_mismatch`, `not_found`."""
    if granted.until is not None and granted.until <= ctx.clock():
        raise refuse("until_past", "授权截止时间应晚于现在，请重新选择。", "until")
    _check_scope(tx, granted.role, granted.scope_id)


def revoke(
    ctx: Context, actor: Actor | None, grant_id: UUID, because: RightEnd | None = None
) -> None:
    """End a grant now, and with it what others do in the holder's stead by it; one that has ended
    stays as it is. Whoever delegated their own work takes that back themselves.

    `because` is why, where somebody was asked. Raises Refused `not_found`, `role_required`, and
    `last_administrator` for the right of the last one who is here, but on the server.
    """
    with ctx.sessions() as tx:
        end_right(tx, ctx, actor, grant_id, because)
        tx.commit()


def end_right(
    tx: Session, ctx: Context, actor: Actor | None, grant_id: UUID, because: RightEnd | None
) -> None:
    """The same in the course of something else; does not commit."""
    now = ctx.clock()
    right = locked(tx, grant_id)
    if actor and (right is None or right.stands_in_for != actor.person_id):
        require_officer(tx, ctx, actor, Role.ADMINISTRATOR, Role.CLERK)
        if right is not None:
            check_may_keep(tx, ctx, actor, Role(right.role))
    if right is None:
        raise nothing_there("授权")
    if not right.valid(now):
        return
    if actor and right.role == Role.ADMINISTRATOR:
        _check_not_the_last(tx, now, right)
    right.valid_until, right.ended_because = now, because
    _audit(tx, now, actor, AuditAction.GRANT_REVOKE, right)
    _end(tx, now, actor, _in_stead_of(tx, now, right))
    tx.flush()


def locked(tx: Session, grant_id: UUID) -> AccessGrant | None:
    """This right, locked; an administrator's with those of all others, in the order of their ids:
    two who end each other's wait for one another, and neither for both."""
    role = tx.scalar(select(AccessGrant.role).where(AccessGrant.id == grant_id))
    if role == Role.ADMINISTRATOR:
        theirs = select(AccessGrant.id).where(AccessGrant.role == role)
        tx.execute(theirs.order_by(AccessGrant.id).with_for_update())
    return tx.get(AccessGrant, grant_id, with_for_update=True)


def _check_may_end_by(
    tx: Session, now: datetime, right: AccessGrant, until: datetime | None
) -> None:
    """Another end that comes sooner takes a part of an administrator's right away: the same
    question as for all of it."""
    locked(tx, right.id)
    if right.valid(now) and right.outlasts(until):
        _check_not_the_last(tx, now, right)


def check_another_administrator(tx: Session, now: datetime, person_id: UUID) -> None:
    """Whoever is an administrator may be kept out while somebody else is here to let people in;
    raises Refused `last_administrator`. Locks as `end_right`: one who ends the right of whoever
    keeps them out waits, or is waited for."""
    found = _find(tx, person_id, Role.ADMINISTRATOR, None)
    right = locked(tx, found.id) if found else None
    if right and right.valid(now):
        _check_not_the_last(tx, now, right)


def _check_not_the_last(tx: Session, now: datetime, right: AccessGrant) -> None:
    """Somebody else is here who may let people in for as long as this right would have: neither
    gone nor kept out (停用). For one whose right is `locked`, so that two administrators who end
    each other's leave one."""
    others = (
        select(AccessGrant.id)
        .join(Person, Person.id == AccessGrant.person_id)
        .where(
            AccessGrant.id != right.id,
            AccessGrant.role == Role.ADMINISTRATOR,
            AccessGrant.valid(now),
            AccessGrant.lasts_until(right.valid_until),
            Person.left_at.is_(None),
            ~Lockout.keeps_out(AccessGrant.person_id),
        )
    )
    if tx.scalar(others.limit(1)) is None:
        message = (
            "这是最后一位系统管理员（没有别人，或者别人的授权先到期），办理以后没有人能授权。"
            "请先授权另一位系统管理员，再办理。"
        )
        raise refuse("last_administrator", message, kind="conflict")


def end_all(tx: Session, ctx: Context, actor: Actor, role: Role, scope_id: UUID) -> None:
    """End every grant of this role within this scope now. Does not commit."""
    now = ctx.clock()
    _end(tx, now, actor, _held(tx, now, AccessGrant.role == role, AccessGrant.scope_id == scope_id))
    tx.flush()


def end_in_stead_of(tx: Session, at: datetime, actor: Actor | None, person_id: UUID) -> None:
    """End what others hold in somebody's stead (代办); does not commit."""
    _end(tx, at, actor, _held(tx, at, AccessGrant.stands_in_for == person_id))


def _end(tx: Session, at: datetime, actor: Actor | None, grants: Sequence[AccessGrant]) -> None:
    for each in grants:
        each.valid_until = at
        _audit(tx, at, actor, AuditAction.GRANT_REVOKE, each)


def _in_stead_of(tx: Session, at: datetime, right: AccessGrant) -> Sequence[AccessGrant]:
    """The grants that others hold then in the holder's stead by this one."""
    return _held(
        tx,
        at,
        AccessGrant.stands_in_for == right.person_id,
        AccessGrant.role == right.role,
        AccessGrant.scope_id.is_not_distinct_from(right.scope_id),
    )


def _held(tx: Session, at: datetime, *which: ColumnElement[bool]) -> Sequence[AccessGrant]:
    """Those that are held then, locked."""
    grants = select(AccessGrant).where(*which, AccessGrant.valid(at))
    return tx.scalars(grants.order_by(AccessGrant.id).with_for_update()).all()


def list_grants(
    ctx: Context, actor: Actor | None, after: UUID | None = None, page_size: int = 50
) -> Sequence[GrantView]:
    """Grants in the order they were first given, ended ones too, `page_size` of them after `after`.

    For administrators, clerks and auditors; raises Refused `not_found`, `role_required` for others.
    """
    with ctx.sessions() as tx:
        if actor:
            require_officer(tx, ctx, actor, Role.ADMINISTRATOR, Role.CLERK, Role.AUDITOR)
        query = (
            select(AccessGrant, name_of_scope(AccessGrant.scope_id))
            .order_by(AccessGrant.id)
            .limit(page_size)
        )
        if after:
            query = query.where(AccessGrant.id > after)
        return [_view(right, name) for right, name in tx.execute(query)]


def _view(right: AccessGrant, scope_name: str | None) -> GrantView:
    return GrantView(
        right.id,
        right.person_id,
        Role(right.role),
        right.scope_kind,
        right.scope_id,
        scope_name,
        right.granted_by,
        right.granted_at,
        right.valid_until,
        right.stands_in_for,
    )


def check_may_keep(tx: Session, ctx: Context, actor: Actor | None, role: Role) -> None:
    """Whether the actor may give and take back this role; raises Refused `role_not_granted`,
    `role_required`, `not_found`."""
    if role not in GRANT_SCOPES:
        message = f"“{ROLE_NAMES[role]}”身份来自名册，不能授权，请通过身份核验办理。"
        raise refuse("role_not_granted", message, "role")
    if actor:
        require_officer(tx, ctx, actor, keeper_of(role))


def _check_scope(tx: Session, role: Role, scope_id: UUID | None) -> None:
    kind = GRANT_SCOPES[role]
    if (kind == "city") != (scope_id is None):
        wanted = {
            "city": "不需指定范围",
            "estate": "请指定小区",
            "district": "请指定区",
            "insurer": "请指定保险机构",
        }[kind]
        message = f"授予“{ROLE_NAMES[role]}”时{wanted}。"
        raise refuse("scope_mismatch", message, "scope_id")
    if scope_id is not None:
        holder = {"estate": Estate.id, "district": Estate.district_id}.get(kind, Insurer.id)
        if tx.scalar(select(holder).where(holder == scope_id).limit(1)) is None:
            raise nothing_there({"estate": "小区", "district": "区"}.get(kind, "保险机构"))


def _find(tx: Session, person_id: UUID, role: Role, scope_id: UUID | None) -> AccessGrant | None:
    return tx.scalar(
        select(AccessGrant).where(
            AccessGrant.person_id == person_id,
            AccessGrant.role == role,
            AccessGrant.scope_id.is_not_distinct_from(scope_id),
        )
    )


def _audit(
    tx: Session, now: datetime, actor: Actor | None, action: AuditAction, right: AccessGrant
) -> None:
    facts = {
        "person_id": str(right.person_id),
        "role": right.role,
        "scope_id": str(right.scope_id) if right.scope_id else None,
        "valid_until": right.valid_until.isoformat() if right.valid_until else None,
    }
    if action is AuditAction.GRANT_REVOKE and right.ended_because:
        facts["because"] = right.ended_because
    audit.append(tx, now, actor.person_id if actor else None, action, ("grant", right.id), facts)
