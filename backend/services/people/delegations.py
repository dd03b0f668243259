"""代办: for a time somebody does the work of another, who is ill or away; it is on record for whom.

The delegate is one whom the keepers of rights know already: at the centre another officer of cases,
of a property company another of its managers. What they do counts as theirs and as that of the one
for whom they stand in, so that clerk, reviewer and cashier stay different people.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.roles import CASE_OFFICERS, DELEGABLE, Role
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.base.proof import require_recent_proof
from backend.services.case.handover import tell_successor
from backend.services.people.grants import ONE_AFTER_THE_OTHER
from backend.services.people.seats import check_does_not_sit
from backend.store.people import AccessGrant, Lockout, Person
from backend.store.registry import Estate


def delegate(ctx: Context, actor: Actor, grant_id: UUID, person_id: UUID, until: datetime) -> UUID:
    """Let another stand in with one's own right until then (aware); returns their grant's id.

    The same again moves the end. Raises Refused: `not_found` for a right that is not one's own,
    `not_delegable` for one that cannot be passed on, `delegate_unfit`, `until_past`,
    `until_too_late`, `manager_and_member`, `second_factor_needed`.
    """
    now = ctx.clock()
    with ctx.sessions() as tx:
        own = tx.get(AccessGrant, grant_id, with_for_update=True)
        if own is None or own.person_id != actor.person_id or not own.valid(now):
            raise nothing_there("授权")
        role = Role(own.role)
        if own.stands_in_for is not None or role not in DELEGABLE:
            message = "这项授权不能再委托他人代办，请联系授权人员。"
            raise refuse("not_delegable", message, kind="conflict")
        require_recent_proof(actor)
        _check_until(own, now, until)
        if tx.get(Person, person_id, with_for_update=ONE_AFTER_THE_OTHER) is None:
            raise nothing_there("人员")
        _check_fit(tx, now, own, person_id)
        if own.scope_id and role is Role.PROPERTY_MANAGER:
            check_does_not_sit(tx, ctx, own.scope_id, person_id)
        theirs = _same_right(tx, own, person_id) or AccessGrant(
            person_id=person_id, role=role, scope_kind=own.scope_kind, scope_id=own.scope_id
        )
        theirs.granted_by, theirs.granted_at = actor.person_id, now
        theirs.valid_until, theirs.stands_in_for = until, actor.person_id
        theirs.ended_because = None
        tx.add(theirs)
        tx.flush()
        facts = {
            "person_id": str(person_id),
            "role": str(role),
            "scope_id": str(own.scope_id) if own.scope_id else None,
            "stands_in_for": str(actor.person_id),
            "valid_until": until.isoformat(),
        }
        subject = ("grant", theirs.id)
        audit.append(tx, now, actor.person_id, AuditAction.GRANT_DELEGATE, subject, facts)
        cause = f"{theirs.id}/{now.isoformat()}"
        tell_successor(tx, ctx, person_id, role, cause, estate_id=own.scope_id)
        tx.commit()
        return theirs.id


def _check_until(own: AccessGrant, now: datetime, until: datetime) -> None:
    if until <= now:
        raise refuse("until_past", "代办截止时间应晚于现在，请重新选择。", "until")
    if not own.valid(until):
        message = "代办截止时间应早于您本人授权的截止时间，请重新选择。"
        raise refuse("until_too_late", message, "until", kind="conflict")


def _check_fit(tx: Session, now: datetime, own: AccessGrant, person_id: UUID) -> None:
    """The delegate is another of the same kind, and does not have this right already."""
    same = _same_right(tx, own, person_id)
    has_it = same is not None and same.valid(now) and same.stands_in_for != own.person_id
    kind = select(AccessGrant.id).where(
        AccessGrant.person_id == person_id,
        AccessGrant.valid(now),
        AccessGrant.stands_in_for.is_(None),
        _of_the_kind(own),
    )
    if person_id == own.person_id or has_it or tx.scalar(kind.limit(1)) is None:
        message = "只能委托给同类的其他在任人员，且对方还没有这项授权，请重新选择。"
        raise refuse("delegate_unfit", message, "person_id", kind="conflict")


def fit_delegates(ctx: Context, actor: Actor, grant_id: UUID) -> Mapping[UUID, str]:
    """Whom the person may let stand in for them by this right of theirs, by masked names; nobody
    where it cannot be passed on. Raises Refused `not_found`."""
    now = ctx.clock()
    with ctx.sessions() as tx:
        own = tx.get(AccessGrant, grant_id)
        if own is None or own.person_id != actor.person_id or not own.valid(now):
            raise nothing_there("授权")
        if own.stands_in_for is not None or own.role not in DELEGABLE:
            return {}
        fit = select(AccessGrant.person_id).where(
            AccessGrant.person_id != own.person_id,
            AccessGrant.valid(now),
            AccessGrant.stands_in_for.is_(None),
            _of_the_kind(own),
        )
        has_it = select(AccessGrant.person_id).where(
            AccessGrant.role == own.role,
            AccessGrant.scope_id.is_not_distinct_from(own.scope_id),
            AccessGrant.valid(now),
            AccessGrant.stands_in_for.is_distinct_from(own.person_id),
        )
        people = select(Person).where(
            Person.id.in_(fit),
            Person.id.not_in(has_it),
            Person.left_at.is_(None),
            ~Lockout.keeps_out(Person.id),
        )
        rows = tx.scalars(people.order_by(Person.id))
        return {person.id: shown_name(ctx.cipher, person) for person in rows}


def _of_the_kind(own: AccessGrant) -> ColumnElement[bool]:
    if own.role in CASE_OFFICERS:
        return AccessGrant.role.in_([str(role) for role in CASE_OFFICERS])
    company = select(Estate.property_company_id).where(Estate.id == own.scope_id)
    estates = select(Estate.id).where(
        Estate.property_company_id.is_not(None),
        Estate.property_company_id == company.scalar_subquery(),
    )
    return (AccessGrant.role == own.role) & AccessGrant.scope_id.in_(estates)


def _same_right(tx: Session, own: AccessGrant, person_id: UUID) -> AccessGrant | None:
    return tx.scalar(
        select(AccessGrant).where(
            AccessGrant.person_id == person_id,
            AccessGrant.role == own.role,
            AccessGrant.scope_id.is_not_distinct_from(own.scope_id),
        )
    )
