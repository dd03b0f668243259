"""Who stands where in a case: those who applied, those with an interest in it, its officers.

Separation at the centre (不相容岗位分离) rests on what is recorded: the steps taken, and an
`officer_act` for whatever else someone did for the case as an officer.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    CTE,
    CompoundSelect,
    Exists,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.errors import refuse
from backend.domain.facts import ActorFact
from backend.domain.local_time import local_date
from backend.domain.roles import CASE_OFFICERS, INTERESTED_COMPANIES, Role
from backend.domain.subject import PURCHASE
from backend.services.base.access import (
    array_of,
    district_of,
    granted_roles,
    roles_from,
    roles_in_estate,
    seats_of,
)
from backend.services.base.context import Actor, Context
from backend.services.case.committees import members_of, recusal
from backend.store.ledger import Account
from backend.store.notices import Objection, PublicNotice
from backend.store.people import AccessGrant
from backend.store.purchases import OfficerAct, Purchase, Transition
from backend.store.queries import area
from backend.store.queries.cases import Viewer, homes, seats, signed_by
from backend.store.queries.places import looked_up
from backend.store.registry import Building, CommitteeMember, Owner, Unit
from backend.store.signatures import Cosignature

INTERESTED_IN_ESTATE = frozenset({Role.PROPERTY_MANAGER, Role.OWNER, Role.COMMITTEE_MEMBER})


@dataclass(frozen=True)
class Involvement:
    """What one person is to one case: every role, `APPLICANT` among them, and the rest of it."""

    held: frozenset[Role]
    fact: ActorFact


def involvement(tx: Session, ctx: Context, purchase: Purchase, person_id: UUID) -> Involvement:
    """All that a case knows of this person, in one query."""
    return involvements(tx, ctx, [purchase], person_id)[purchase.id]


def involvements(
    tx: Session, ctx: Context, purchases: Sequence[Purchase], person_id: UUID
) -> Mapping[UUID, Involvement]:
    """All that each of these cases knows of this person, in one query for all of them."""
    cases = {purchase.id: purchase for purchase in purchases}
    now = ctx.clock()
    of = {"cases": list(cases), "person_id": person_id, "now": now, "today": local_date(now)}
    rows = tx.execute(_what_is_known(), of)
    return {row.id: _involvement(cases[row.id], person_id, row) for row in rows}


@cache
def _what_is_known() -> Select[Any]:
    """A row for each of `cases`. What belongs to the person is looked up once, however many they
    are. The statement is built once a process, which takes longer than to answer it: to whatever
    it is made of its four values, which come with each execution, are what they stand for.
    """
    cases = cast(Sequence[UUID], bindparam("cases", expanding=True))
    person_id = cast(UUID, bindparam("person_id"))
    now, today = cast(datetime, bindparam("now")), cast(date, bindparam("today"))
    viewer = Viewer(person_id, now, today)
    steps = _steps(cases)
    sits_on = seats(viewer)
    concerning = area.concerning(person_id).where(Owner.ended_at.is_(None))
    return select(
        Purchase.id,
        array_of(_granted(viewer)).label("granted"),
        Purchase.estate_id.in_(homes(viewer)).label("owns"),
        Purchase.estate_id.in_(sits_on).label("sits"),
        Purchase.estate_id.in_(sits_on.where(recusal(now))).label("recused"),
        Purchase.id.in_(concerning).label("concerned"),
        Purchase.id.in_(signed_by(person_id)).label("cosigned"),
        _objected(person_id).label("objected"),
        _worked_for_company(steps, person_id).label("worked_for_company"),
        _officers_as_json(steps, cases).label("officers"),
        _stands_in_for(person_id, now).label("stands_in_for"),
    ).where(Purchase.id.in_(cases))


def _involvement(purchase: Purchase, person_id: UUID, row: Row[Any]) -> Involvement:
    held = roles_from(row.granted, owns=row.owns, sits=row.sits)
    began = person_id == purchase.applied_by and not purchase.on_paper
    has_interest = (
        bool(held & INTERESTED_COMPANIES)
        or row.sits
        or row.concerned
        or row.cosigned
        or row.objected
        or row.worked_for_company
    )
    # A member of the committee who stands aside does not act for it; of owners those who signed do,
    # of one who insures alone that one.
    # Of those, whoever sold acts no more.
    signed = row.concerned and (person_id == purchase.applied_by or row.cosigned)
    alone = row.concerned and began
    acts = {"committee": not row.recused, "owners": signed, "independent_owner": alone}.get(
        purchase.applicant, True
    )
    if (acts or purchase.on_paper) and purchase.applicant_role in held:
        held |= {Role.APPLICANT}
    others = {Role(role): UUID(other) for role, other in (row.stands_in_for or {}).items()}
    officers = _officers(row.officers)
    is_party = began or has_interest
    return Involvement(held, ActorFact(person_id, is_party, officers, others, has_interest))


def note_officer(
    tx: Session, purchase: Purchase, fact: ActorFact, role: Role, at: datetime
) -> None:
    """Note an officer's work on a case beside its steps, and for whom it was done (代办)."""
    for person_id in fact.acting_as(role):
        act = {"subject": purchase.subject, "person_id": person_id, "role": str(role), "since": at}
        tx.execute(insert(OfficerAct).values(act).on_conflict_do_nothing())


def estate_officer(tx: Session, ctx: Context, estate_id: UUID, person_id: UUID) -> ActorFact:
    """What an officer is to an estate, beside its cases: whether they have an interest of their own
    in it (property manager, owner, member of the committee), and for whom they stand in."""
    held = roles_in_estate(tx, ctx, Actor(person_id), estate_id)
    others = tx.scalar(select(_stands_in_for(person_id, ctx.clock()))) or {}
    interested = bool(held & INTERESTED_IN_ESTATE)
    return ActorFact(
        person_id,
        is_party=interested,
        stands_in_for={Role(role): UUID(other) for role, other in others.items()},
        has_interest=interested,
    )


def without_interest(tx: Session, ctx: Context, actor: Actor, insurer_id: UUID) -> ActorFact:
    """What an officer is to an insurer, and for whom they stand in; raises Refused
    `officer_is_party` (conflict) for one who works for it."""
    check_works_not_for(tx, ctx, actor, insurer_id)
    others = tx.scalar(select(_stands_in_for(actor.person_id, ctx.clock()))) or {}
    return ActorFact(
        actor.person_id,
        is_party=False,
        stands_in_for={Role(role): UUID(other) for role, other in others.items()},
    )


def check_works_not_for(tx: Session, ctx: Context, actor: Actor, insurer_id: UUID) -> None:
    """Raises Refused `officer_is_party` (conflict) for somebody of this insurer."""
    if Role.INSURER in granted_roles(tx, ctx, actor, None, insurer_id):
        message = "您是该保险机构的人员，请由没有利害关系的工作人员办理。"
        raise refuse("officer_is_party", message, kind="conflict")


def books_officer(
    tx: Session, ctx: Context, accounts: Collection[UUID], person_id: UUID
) -> ActorFact:
    """What an officer is to what stands in these accounts: whether it is theirs in some estate, and
    for whom they stand in."""
    building = func.coalesce(
        Account.building_id,
        select(Unit.building_id).where(Unit.id == Account.unit_id).scalar_subquery(),
    )
    estates = (
        select(Building.estate_id)
        .join(Account, building == Building.id)
        .where(Account.id.in_(accounts))
        .distinct()
    )
    is_party = any(
        roles_in_estate(tx, ctx, Actor(person_id), estate_id) & INTERESTED_IN_ESTATE
        for estate_id in tx.scalars(estates).all()
    )
    others = tx.scalar(select(_stands_in_for(person_id, ctx.clock()))) or {}
    return ActorFact(
        person_id,
        is_party=is_party,
        stands_in_for={Role(role): UUID(other) for role, other in others.items()},
    )


def _stands_in_for(person_id: UUID, now: datetime) -> ScalarSelect[Any]:
    """For whom the person does an officer's work now, by role."""
    return (
        select(func.jsonb_object_agg(AccessGrant.role, AccessGrant.stands_in_for))
        .where(
            AccessGrant.person_id == person_id,
            AccessGrant.scope_id.is_(None),
            AccessGrant.stands_in_for.is_not(None),
            AccessGrant.valid(now),
        )
        .scalar_subquery()
    )


def is_recused(tx: Session, estate_id: UUID, person_id: UUID, now: datetime) -> bool:
    """Whether the person sits on the estate's committee but takes no part in decisions (回避)."""
    recused = seats_of(person_id, estate_id, local_date(now)).where(recusal(now))
    return bool(tx.scalar(select(recused.exists())))


def has_cosigned(tx: Session, purchase: Purchase, person_id: UUID) -> bool:
    """Whether the person signed the application, under any entry on the roster."""
    signed = signed_by(person_id).where(Cosignature.purchase_id == purchase.id)
    return bool(tx.scalar(select(signed.exists())))


def tied(
    cases: Sequence[UUID], people: Select[UUID], today: date
) -> Sequence[Select[UUID, UUID | None]]:
    """Of these people, by what they are (回避), those who cannot be an officer, and of which case:
    owners in the circle, members of the committee in office; the companies' people hold a grant.

    What they did in the case itself is looked at when they act: see `involvement`.
    """
    return (
        area.owners_concerned(cases).where(Owner.person_id.in_(people)),
        members_of(cases, today).where(CommitteeMember.person_id.in_(people)),
    )


def _objected(person_id: UUID) -> Exists:
    return (
        exists()
        .where(
            Objection.notice_id == PublicNotice.id,
            PublicNotice.purchase_id == Purchase.id,
            Objection.written_by(person_id),
        )
        .correlate(Purchase)
    )


def _granted(viewer: Viewer) -> Select[str]:
    """The person's roles in the row's case by a grant; all that they have is read once."""
    grants = looked_up(
        "grants",
        select(AccessGrant.role, AccessGrant.scope_kind, AccessGrant.scope_id),
        AccessGrant.person_id == viewer.person_id,
        AccessGrant.valid(viewer.now),
    )
    here = (
        grants.c.scope_kind == "city",
        grants.c.scope_id == Purchase.estate_id,
        grants.c.scope_id == Purchase.insurer_id,
        grants.c.scope_id == district_of(Purchase.estate_id),
    )
    return select(grants.c.role).where(or_(*here)).correlate(Purchase)


def _steps(cases: Sequence[UUID]) -> CTE:
    """Who took a step of these cases, in which role; read once for whatever is asked of it."""
    return looked_up(
        "steps",
        select(Transition.subject_id, Transition.role, Transition.actor_id),
        Transition.subject_kind == PURCHASE,
        Transition.subject_id.in_(cases),
        Transition.actor_id.is_not(None),
    )


def _worked_for_company(steps: CTE, person_id: UUID) -> Exists:
    """Took a step for the property company or for an insurer, also one that is out by now."""
    return (
        exists()
        .where(
            steps.c.subject_id == Purchase.id,
            steps.c.actor_id == person_id,
            steps.c.role.in_([str(role) for role in INTERESTED_COMPANIES]),
        )
        .correlate(Purchase)
    )


def count_cosigners(purchase: Purchase) -> Select[int]:
    """How many people signed the application; one with several flats is still one owner. Whoever
    signed on paper need not be known here; who sold the flat is no owner any more."""
    return (
        select(func.count(func.coalesce(Owner.person_id, Owner.id).distinct()))
        .join(Cosignature, Cosignature.owner_id == Owner.id)
        .where(
            Cosignature.purchase_id == purchase.id,
            Cosignature.counts,
            Owner.ended_at.is_(None),
        )
    )


def officer_acts(
    cases: Sequence[UUID], steps: CTE | None = None
) -> CompoundSelect[UUID, str, UUID | None]:
    """Everyone who acted as clerk, reviewer or cashier of these cases, in a step (of `steps`, where
    they are read already) or beside one: the case, the role, and who."""
    taken = steps if steps is not None else _steps(cases)
    return union(
        select(taken.c.subject_id, taken.c.role, taken.c.actor_id).where(
            taken.c.role.in_([str(role) for role in CASE_OFFICERS])
        ),
        select(OfficerAct.subject_id, OfficerAct.role, OfficerAct.person_id).where(
            OfficerAct.subject_kind == PURCHASE, OfficerAct.subject_id.in_(cases)
        ),
    )


def _officers_as_json(steps: CTE, cases: Sequence[UUID]) -> ScalarSelect[Any]:
    """`officer_acts` of the row's case as one value, for `_officers`."""
    acts = officer_acts(cases, steps).subquery()
    pairs = func.jsonb_build_array(acts.c.role, acts.c.actor_id)
    of_case = select(func.jsonb_agg(pairs)).where(acts.c.subject_id == Purchase.id)
    return of_case.correlate(Purchase).scalar_subquery()


def _officers(acts: Iterable[Sequence[str]] | None) -> dict[Role, frozenset[UUID]]:
    """The officers of a case by their part, from pairs of role and person."""
    acted: dict[Role, frozenset[UUID]] = {}
    for role, person_id in acts or ():
        acted[Role(role)] = acted.get(Role(role), frozenset()) | {UUID(person_id)}
    return acted
