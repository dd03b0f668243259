"""A flat is sold: what its owner could do ends with that, and may be given back after a mistake.

The centre enters it from the land register, or the owner says so. What was done stays on record: an
application that was made stands (民法典 143), an objection is answered, a signature on a draft does
not count any more. With the last flat in the estate a seat on its committee ends: who is no owner
is no member (不再是业主的，委员资格自行终止).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.normal import normal_name
from backend.domain.roles import Role
from backend.domain.texts import REASON_LIMIT, required
from backend.services.base import audit
from backend.services.base.access import nothing_there, owners_of, require_officer, seats_of
from backend.services.base.context import Actor, Context
from backend.services.base.proof import require_recent_proof
from backend.services.case.estates import lock_cases_of, settle_cases
from backend.store.people import Person
from backend.store.queries.places import household_at
from backend.store.registry import Building, CommitteeMember, Estate, Household, Owner, Unit


@dataclass(frozen=True)
class OwnerAt:
    """An owner as papers name them: the flat, however it is written, and the name."""

    estate_code: str
    building: str
    unit: str
    room: str
    name: str


def end_ownership(ctx: Context, actor: Actor, owner: OwnerAt, reason: str) -> None:
    """A clerk enters that this owner has sold; one who had sold already stays so.

    Raises Refused: `not_found`, `role_required`, `place_unknown`, `name_not_on_roster`, and for the
    reason as `texts.required`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CLERK)
        reason = required(reason, REASON_LIMIT, "reason", "理由")
        _end(tx, ctx, actor, _named(tx, ctx, owner), {"reason": reason})
        tx.commit()


def give_up_home(ctx: Context, actor: Actor, owner_id: UUID) -> None:
    """Say that one has sold a flat; raises Refused `not_found` for an entry of others."""
    with ctx.sessions() as tx:
        owner = tx.get(Owner, owner_id)
        if owner is None or owner.person_id != actor.person_id:
            raise nothing_there("房屋")
        _end(tx, ctx, actor, owner, {})
        tx.commit()


def restore_ownership(ctx: Context, actor: Actor, owner: OwnerAt, reason: str) -> None:
    """A clerk takes back that this owner has sold: they are who they were, unless they have left.

    Raises Refused like `end_ownership`, and as `require_recent_proof`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CLERK)
        require_recent_proof(actor)
        reason = required(reason, REASON_LIMIT, "reason", "理由")
        entry = _named(tx, ctx, owner)
        tx.refresh(entry, with_for_update=True)
        if entry.ended_at is None:
            return
        entry.person_id, entry.former_person_id = entry.former_person_id, None
        entry.ended_at = None
        tx.flush()
        _audit(tx, ctx, actor, AuditAction.OWNER_RESTORE, entry, {"reason": reason})
        tx.commit()


def _named(tx: Session, ctx: Context, owner: OwnerAt) -> Owner:
    household_id = household_at(tx, owner.estate_code, owner.building, owner.unit, owner.room)
    if household_id is None:
        message = "没有找到该房屋，请核对小区、楼栋、单元和房号。"
        raise refuse("place_unknown", message, "room", kind="missing")
    digests = ctx.cipher.digests("name", normal_name(owner.name))
    entry = tx.scalar(
        select(Owner).where(Owner.household_id == household_id, Owner.name_hash.in_(digests))
    )
    if entry is None:
        message = "名册中该房屋没有这个姓名，请核对。"
        raise refuse("name_not_on_roster", message, "name", kind="conflict")
    return entry


def _end(tx: Session, ctx: Context, actor: Actor, owner: Owner, facts: Mapping[str, str]) -> None:
    """Locks the estate's open cases before the roster, as every step of a case does."""
    estate = tx.scalars(
        select(Estate)
        .join(Building, Building.estate_id == Estate.id)
        .join(Unit, Unit.building_id == Building.id)
        .join(Household, Household.unit_id == Unit.id)
        .where(Household.id == owner.household_id)
    ).one()
    cases = lock_cases_of(tx, estate.code)
    tx.refresh(owner, with_for_update=True)
    if owner.ended_at is not None:
        return
    person_id = owner.person_id
    owner.ended_at, owner.former_person_id, owner.person_id = ctx.clock(), person_id, None
    tx.flush()
    if person_id is not None:
        _end_seats(tx, person_id, estate.id, local_date(ctx.clock()))
    _audit(tx, ctx, actor, AuditAction.OWNER_END, owner, facts)
    settle_cases(tx, ctx, cases)


def _end_seats(tx: Session, person_id: UUID, estate_id: UUID, today: date) -> None:
    """Whoever owns nothing there any more does not sit on the committee."""
    tx.get_one(Person, person_id, with_for_update=True)
    if tx.scalar(select(owners_of(person_id, estate_id).exists())):
        return
    mine = CommitteeMember.id.in_(seats_of(person_id, estate_id, today))
    for member in tx.scalars(select(CommitteeMember).where(mine).with_for_update()):
        member.left_on = today
    tx.flush()


def _audit(
    tx: Session,
    ctx: Context,
    actor: Actor,
    action: AuditAction,
    owner: Owner,
    facts: Mapping[str, str],
) -> None:
    audit.append(tx, ctx.clock(), actor.person_id, action, ("owner", owner.id), facts)
