"""Who stands where in a case: those who applied, those with an interest in it, its officers.

Separation at the centre (不相容岗位分离) rests on what is recorded: the steps taken, and an
`officer_act` for whatever else someone did for the case as an officer.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, exists, func, select, union
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.errors import Refusal, Refused
from backend.domain.local_time import local_date
from backend.domain.purchase import check_officers
from backend.domain.roles import APPLICANT_ROLES, CASE_OFFICERS, PARTIES, Role
from backend.services.base.context import Actor, Context
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import Cosignature, OfficerAct, Purchase, Transition
from backend.store.registry import Committee, CommitteeMember, Owner


def is_applicant(
    tx: Session, ctx: Context, purchase: Purchase, actor_id: UUID | None, held: Iterable[Role]
) -> bool:
    """Whoever acts for the committee or company that applied; of owners those who signed.

    A member of the committee who stands aside does not act for it.
    """
    if APPLICANT_ROLES[purchase.applicant] not in held:
        return False
    if purchase.applicant == "committee":
        today = local_date(ctx.clock())
        return not is_recused(tx, purchase.estate_id, actor_id, today)
    if purchase.applicant != "owners" or actor_id == purchase.applied_by:
        return True
    return has_cosigned(tx, purchase, actor_id)


def is_recused(tx: Session, estate_id: UUID, person_id: UUID | None, today: date) -> bool:
    """Whether the person sits on the estate's committee today with a declared interest (回避)."""
    return bool(
        tx.scalar(
            select(
                exists().where(
                    CommitteeMember.committee_id == Committee.id,
                    CommitteeMember.person_id == person_id,
                    CommitteeMember.recused,
                    CommitteeMember.sits(today),
                    Committee.estate_id == estate_id,
                    Committee.in_office(today),
                )
            )
        )
    )


def is_party(tx: Session, purchase: Purchase, actor_id: UUID | None, held: Iterable[Role]) -> bool:
    """Whether the person applied, co-signed, objected, or acts for the committee that applied,
    for the property company or for the insurer: no one to be an officer of this case."""
    if actor_id is None:
        return False
    held = frozenset(held)
    if actor_id == purchase.applied_by or held & PARTIES:
        return True
    if purchase.applicant == "committee" and Role.COMMITTEE_MEMBER in held:
        return True
    objected = exists().where(
        Objection.notice_id == PublicNotice.id,
        PublicNotice.purchase_id == purchase.id,
        Objection.written_by(actor_id),
    )
    return has_cosigned(tx, purchase, actor_id) or bool(tx.scalar(select(objected)))


def has_cosigned(tx: Session, purchase: Purchase, person_id: UUID | None) -> bool:
    """Whether the person signed the application, under any entry on the roster."""
    signed = exists().where(
        Cosignature.purchase_id == purchase.id,
        Cosignature.owner_id == Owner.id,
        Owner.person_id == person_id,
    )
    return bool(tx.scalar(select(signed)))


def count_cosigners(purchase: Purchase) -> Select[int]:
    """How many people signed the application; one with several flats is still one owner."""
    return (
        select(func.count(Owner.person_id.distinct()))
        .join(Cosignature, Cosignature.owner_id == Owner.id)
        .where(Cosignature.purchase_id == purchase.id)
    )


def officers_so_far(tx: Session, purchase: Purchase) -> dict[Role, frozenset[UUID]]:
    """Everyone who acted as clerk, reviewer or cashier of this case, in a step or beside one."""
    steps = select(Transition.role, Transition.actor_id).where(
        Transition.subject == purchase.subject,
        Transition.role.in_([str(role) for role in CASE_OFFICERS]),
    )
    beside = select(OfficerAct.role, OfficerAct.person_id).where(
        OfficerAct.subject == purchase.subject
    )
    acted: dict[Role, frozenset[UUID]] = {}
    acts: CompoundSelect[str, UUID | None] = union(steps, beside)
    for role, person_id in tx.execute(acts):
        if person_id is not None:
            acted[Role(role)] = acted.get(Role(role), frozenset()) | {person_id}
    return acted


def officer_refusals(
    tx: Session, purchase: Purchase, actor: Actor, held: Iterable[Role], role: Role
) -> list[Refusal]:
    """Why this person cannot be this officer of this case; empty when nothing is in the way."""
    party = is_party(tx, purchase, actor.person_id, held)
    return check_officers(officers_so_far(tx, purchase), role, actor.person_id, party)


def act_as_clerk(
    tx: Session, ctx: Context, purchase: Purchase, actor: Actor, held: Iterable[Role]
) -> None:
    """Note that this person does the clerk's work on this (locked) case, beside its steps.

    Raises Refused `same_officer`, `officer_is_party` (conflict).
    """
    refusals = officer_refusals(tx, purchase, actor, held, Role.CLERK)
    if refusals:
        raise Refused(*refusals, kind="conflict")
    act = {
        "subject": purchase.subject,
        "person_id": actor.person_id,
        "role": str(Role.CLERK),
        "since": ctx.clock(),
    }
    tx.execute(insert(OfficerAct).values(act).on_conflict_do_nothing())
