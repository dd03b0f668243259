"""移交: the cases of somebody who leaves go to a successor, in one role and by one confirmation.

Nobody owns a case here: whoever holds the role may act in it. What is handed over is who sees to
it, so it gives no right, takes none, and is on record for each case. Cases that the separation of
duties keeps from the successor stay, and are named before and after, with who could take them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select, union
from sqlalchemy.orm import Session, aliased
from uuid_utils.compat import uuid7

from backend.domain import handing_over
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.handing_over import Candidate
from backend.domain.right_ends import RightEnd
from backend.domain.roles import ROLE_NAMES, Role
from backend.domain.routes.catalogue import closed_states
from backend.domain.subject import PURCHASE
from backend.services.base import audit
from backend.services.base.access import grants_of, nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.case.conflicts_of_interest import involvements
from backend.services.case.handover import tell_successor
from backend.services.case.waiting import waiting_cases
from backend.services.people.grants import check_may_keep, end_right, locked
from backend.store.handovers import CaseHandover
from backend.store.people import Lockout, Person
from backend.store.purchases import OfficerAct, Purchase, Transition
from backend.store.queries import rights
from backend.store.queries.cases import within_scope
from backend.store.queries.rights import RightRow
from backend.store.registry import Estate

CITY = "全市"
MOMENT = timedelta(microseconds=1)
KEEPERS = (Role.ADMINISTRATOR, Role.CLERK)


@dataclass(frozen=True)
class CaseLine:
    """A case of the leaver: why the successor may not take it (nothing: it moves), and of a case
    that stays, which others may."""

    id: UUID
    number: str
    estate: str
    due: datetime | None
    obstacles: Sequence[str]
    heirs: Sequence[str]


@dataclass(frozen=True)
class Preview:
    """What one confirmation would do; `version` is what it confirms. Without a successor nothing
    moves, and there is who else holds the right to choose from."""

    grant_id: UUID
    valid: bool
    leaver: str
    role_name: str
    scope_name: str
    choices: Mapping[UUID, str]
    successor_id: UUID | None
    successor: str
    moving: Sequence[CaseLine]
    staying: Sequence[CaseLine]
    version: str


@dataclass(frozen=True)
class Handed:
    """A case that was handed to somebody, and from whom."""

    id: UUID
    number: str
    estate: str
    role_name: str
    from_name: str
    handed_at: datetime


@dataclass(frozen=True)
class _Found:
    """The same with what the service works on."""

    row: RightRow
    preview: Preview


def preview(ctx: Context, actor: Actor, grant_id: UUID, to: UUID | None) -> Preview:
    """Every case of this right's holder, and what would move to the successor.

    For who may end the right; raises Refused `not_found`, `role_required`, `successor_unfit`.
    """
    with ctx.sessions() as tx:
        return _found(tx, ctx, actor, grant_id, to).preview


def hand_over(
    ctx: Context,
    actor: Actor,
    grant_id: UUID,
    to: UUID,
    version: str,
    because: RightEnd | None = None,
) -> Preview:
    """Hand over what was looked at, and end the leaver's right for this reason, if there is one;
    what moved and what stays. The successor is told once. Of two at once the later one finds
    other cases than it was shown.

    Raises Refused as `preview`, `handover_changed` where the cases are others than those of
    `version`, `handover_empty`, and as `grants.revoke`.
    """
    now = ctx.clock()
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *KEEPERS)
        locked(tx, grant_id)
        found = _found(tx, ctx, actor, grant_id, to)
        plan, leaver = found.preview, found.row.holder.id
        if plan.version != version:
            message = "案件有变化，和您看到的不一样了，没有移交。请核对下面现在的清单，再确认。"
            raise refuse("handover_changed", message, kind="conflict")
        if not plan.moving:
            message = "接手人一件也不能接，没有移交。请另选接手人，或者先授权能接手的人。"
            raise refuse("handover_empty", message, kind="conflict")
        role, batch = Role(found.row.grant.role), uuid7()
        for case in plan.moving:
            tx.add(
                CaseHandover(
                    purchase_id=case.id,
                    role=role,
                    from_person=leaver,
                    to_person=to,
                    handed_by=actor.person_id,
                    handed_at=now,
                )
            )
            facts = {"role": str(role), "from": str(leaver), "to": str(to)}
            subject = ("purchase", case.id)
            audit.append(tx, now, actor.person_id, AuditAction.PURCHASE_HAND_OVER, subject, facts)
        tx.flush()
        if because:
            end_right(tx, ctx, actor, grant_id, because)
        tell_successor(tx, ctx, to, role, f"cases/{batch}")
        tx.commit()
        return plan


def handed_to(ctx: Context, actor: Actor) -> Sequence[Handed]:
    """Open cases that were handed to this person and to nobody else since, as long as they hold the
    right for them, the newest first."""
    held = grants_of(ctx, actor.person_id, Purchase.estate_id, Purchase.insurer_id)
    with ctx.sessions() as tx:
        last = _last_handovers(CaseHandover.to_person == actor.person_id)
        rows = tx.execute(
            select(CaseHandover, Purchase.number, Estate.name, Person)
            .join(Purchase, Purchase.id == CaseHandover.purchase_id)
            .join(Estate, Estate.id == Purchase.estate_id)
            .join(Person, Person.id == CaseHandover.from_person)
            .where(CaseHandover.id.in_(last), Purchase.state.not_in(closed_states()))
            .where(CaseHandover.role.in_(held.correlate(Purchase)))
            .order_by(CaseHandover.id.desc())
        )
        return [
            Handed(
                each.purchase_id,
                number,
                estate,
                ROLE_NAMES[Role(each.role)],
                shown_name(ctx.cipher, person),
                each.handed_at,
            )
            for each, number, estate, person in rows
        ]


def _found(tx: Session, ctx: Context, actor: Actor, grant_id: UUID, to: UUID | None) -> _Found:
    require_officer(tx, ctx, actor, *KEEPERS)
    row = rights.one(tx, grant_id)
    if row is None:
        raise nothing_there("授权")
    role, now = Role(row.grant.role), ctx.clock()
    check_may_keep(tx, ctx, actor, role)
    people = {person.id: person for person in rights.others(tx, row.grant, now)}
    if to is not None and to not in people:
        message = "接手人要有同样的授权，而且不是移交的人本人。请先授权，再移交。"
        raise refuse("successor_unfit", message, "to", kind="conflict")
    names = {person_id: shown_name(ctx.cipher, person) for person_id, person in people.items()}
    lines = _lines(tx, ctx, row, names, to)
    moving = [line for line in lines if to is not None and not line.obstacles]
    staying = [line for line in lines if line not in moving]
    version = handing_over.version_of([each.id for each in moving], [each.id for each in staying])
    shown = Preview(
        grant_id=row.grant.id,
        valid=row.grant.valid(now),
        leaver=shown_name(ctx.cipher, row.holder),
        role_name=ROLE_NAMES[role],
        scope_name=row.scope or CITY,
        choices=names,
        successor_id=to,
        successor=names[to] if to else "",
        moving=moving,
        staying=staying,
        version=version,
    )
    return _Found(row, shown)


def _lines(
    tx: Session, ctx: Context, row: RightRow, names: Mapping[UUID, str], to: UUID | None
) -> Sequence[CaseLine]:
    """Each case of the leaver, with what keeps the successor from it."""
    cases = _cases(tx, ctx, row)
    purchases = [purchase for purchase, _, _ in cases]
    role, different = Role(row.grant.role), ctx.city.different_officers.value
    candidates = _candidates(tx, ctx, role, purchases, list(names))
    lines = []
    for purchase, estate, due in cases:
        here = candidates[purchase.id]
        why = handing_over.obstacles(role, here[to], different) if to else []
        others = handing_over.heirs(role, here, different) if why or not to else []
        heirs = [names[each] for each in others]
        lines.append(CaseLine(purchase.id, purchase.number, estate, due, why, heirs))
    return lines


def _candidates(
    tx: Session,
    ctx: Context,
    role: Role,
    purchases: Sequence[Purchase],
    people: Sequence[UUID],
) -> Mapping[UUID, Mapping[UUID, Candidate]]:
    """What each of these people is to each case: a query a person."""
    kept_out = select(Lockout.person_id).where(
        Lockout.person_id.in_(people), Lockout.lifted_at.is_(None)
    )
    out = set(tx.scalars(kept_out)) if purchases and people else set()
    found: dict[UUID, dict[UUID, Candidate]] = {purchase.id: {} for purchase in purchases}
    for person_id in people if purchases else ():
        known = involvements(tx, ctx, purchases, person_id)
        for case_id, involvement in known.items():
            found[case_id][person_id] = Candidate(
                role in involvement.held, person_id in out, involvement.fact
            )
    return found


def _cases(
    tx: Session, ctx: Context, row: RightRow
) -> Sequence[tuple[Purchase, str, datetime | None]]:
    """Open cases that the leaver acted in with this right, that wait for somebody like them, or
    that were handed to them; but not what they handed on. The oldest first.

    Of a right that ended, those wait that did so at its end, if nobody went on with them since."""
    role, leaver, scope = Role(row.grant.role), row.holder.id, row.grant.scope_id
    within = [within_scope(role, scope)] if scope else []
    then, unchanged = _as_held(ctx, row)
    waits = {
        each.purchase.id: each
        for each in waiting_cases(tx, then, *within, *unchanged)
        if each.purchase and each.role is role and leaver in each.people
    }
    came = select(CaseHandover.purchase_id).where(
        CaseHandover.id.in_(
            _last_handovers(CaseHandover.to_person == leaver, CaseHandover.role == role)
        )
    )
    theirs = select(union(*_acted(role, leaver), came).subquery().c[0])
    rows = tx.execute(
        select(Purchase, Estate.name)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(
            Purchase.id.in_(theirs) | Purchase.id.in_(list(waits)),
            Purchase.state.not_in(closed_states()) | Purchase.id.in_(list(waits)),
            Purchase.id.not_in(_handed_on(role, leaver)),
            *within,
        )
        .order_by(Purchase.id)
    )
    return [
        (purchase, name, waits[purchase.id].due if purchase.id in waits else None)
        for purchase, name in rows
    ]


def _as_held(ctx: Context, row: RightRow) -> tuple[Context, Sequence[ColumnElement[bool]]]:
    """The time at which the right is held, now or the moment before its end, and what a case has to
    be for who held it then."""
    end = row.grant.valid_until
    if end is None or row.grant.valid(ctx.clock()):
        return ctx, []
    last = end - MOMENT
    return replace(ctx, clock=lambda: last), [Purchase.updated_at <= end]


def _acted(role: Role, person_id: UUID) -> tuple[Select[UUID], Select[UUID]]:
    """Cases in which the person took a step, or did something beside one, in this role."""
    return (
        select(Transition.subject_id).where(
            Transition.subject_kind == PURCHASE,
            Transition.role == role,
            Transition.actor_id == person_id,
        ),
        select(OfficerAct.subject_id).where(
            OfficerAct.subject_kind == PURCHASE,
            OfficerAct.role == role,
            OfficerAct.person_id == person_id,
        ),
    )


def _handed_on(role: Role, person_id: UUID) -> Select[UUID]:
    """Cases that the person passed on in this role and that did not come back to them, whoever has
    them by now."""
    back = aliased(CaseHandover)
    came_back = exists().where(
        back.purchase_id == CaseHandover.purchase_id,
        back.role == CaseHandover.role,
        back.to_person == person_id,
        back.id > CaseHandover.id,
    )
    theirs = CaseHandover.from_person == person_id, CaseHandover.role == role
    return select(CaseHandover.purchase_id).where(*theirs, ~came_back.correlate(CaseHandover))


def _last_handovers(*which: ColumnElement[bool]) -> Select[UUID]:
    """Of each case and role the last handover, as far as it is one of these."""
    later = aliased(CaseHandover)
    newer = exists().where(
        later.purchase_id == CaseHandover.purchase_id,
        later.role == CaseHandover.role,
        later.id > CaseHandover.id,
    )
    last = select(CaseHandover.id).where(~newer.correlate(CaseHandover), *which)
    return last.correlate(None)
