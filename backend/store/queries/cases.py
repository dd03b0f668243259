"""What a person may see of cases, and the rows of one case: a fixed number of queries each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Self, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    false,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from backend.domain.local_time import local_date
from backend.domain.roles import APPLICANT_ROLES, OFFICERS, Role
from backend.domain.subject import PURCHASE, Subject
from backend.store.messages import DeadlineRecord
from backend.store.notices import (
    Objection,
    ObjectionPhoto,
    PublicNotice,
)
from backend.store.people import AccessGrant
from backend.store.purchases import Plan, PlanLift, Purchase, PurchaseLift, Survey, Transition
from backend.store.queries.places import units_served
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Household,
    Lift,
    Owner,
    Unit,
)
from backend.store.rulings import AnswerDelivery, Dismissal, Takedown
from backend.store.signatures import Cosignature

ALL_ROLES = (
    Role.OWNER,
    Role.COMMITTEE_MEMBER,
    Role.PROPERTY_MANAGER,
    Role.INSURER,
    Role.DISTRICT,
    *sorted(OFFICERS),
)


@dataclass(frozen=True)
class Viewer:
    """Who looks, and when (business time and its Asia/Shanghai date)."""

    person_id: UUID
    now: datetime
    today: date

    @classmethod
    def at(cls, person_id: UUID, now: datetime) -> Self:
        """The person as one who looks now (aware)."""
        return cls(person_id, now, local_date(now))


@dataclass(frozen=True)
class CaseLift:
    """A lift of the application: its latest survey, and its premium in the current plan (fen)."""

    id: UUID
    registration_code: str
    name: str
    building: str
    unit: str
    unit_id: UUID
    survey: str | None
    findings: str | None
    premium_fen: int | None


@dataclass(frozen=True)
class CaseObjection:
    """An objection without its author; the words stay sealed."""

    id: UUID
    notice_number: str
    number: str
    kind: str
    status: str
    answer: str | None
    dismissal: str | None
    taken_down: str | None
    source: str
    received_at: datetime
    text_sealed: bytes
    publication: str
    letter_due_since: datetime | None
    delivered_on: date | None


@dataclass(frozen=True)
class Reach:
    """How far the roles of a person reach, looked up before cases are: `scopes` are the estates
    (of an insurer the insurers, of a district the districts) of each part that belongs to some,
    `offices` the roles towards every case, `signed` the cases that the person signed for."""

    person_id: UUID
    scopes: Mapping[Role, Sequence[UUID]]
    offices: frozenset[Role]
    signed: Sequence[UUID]


SIGNED = "signed"  # beside the roles, in what `reach_of` asks for


def reach_of(tx: Session, viewer: Viewer) -> Reach:
    """Where the person has which role now, in one statement: cases are then found by index,
    however many there are."""
    found: dict[str, list[UUID | None]] = {}
    of = {"person_id": viewer.person_id, "now": viewer.now, "today": viewer.today}
    for part, scope_id in tx.execute(_parts(), of):
        found.setdefault(part, []).append(scope_id)
    scopes = {part: [one for one in ids if one is not None] for part, ids in found.items()}
    return Reach(
        person_id=viewer.person_id,
        scopes={role: ids for role in Role if (ids := scopes.get(str(role)))},
        offices=frozenset(role for role in Role if None in found.get(str(role), ())),
        signed=scopes.get(SIGNED, ()),
    )


@cache
def _parts() -> CompoundSelect[str, UUID | None]:
    """Each part of a person with the place where it is theirs; built once, as a `Viewer` whose
    values come with each execution."""
    person_id = cast(UUID, bindparam("person_id"))
    viewer = Viewer(person_id, cast(datetime, bindparam("now")), cast(date, bindparam("today")))
    grants = select(AccessGrant.role, AccessGrant.scope_id).where(
        AccessGrant.person_id == person_id, AccessGrant.valid(viewer.now)
    )
    places = {
        str(Role.OWNER): homes(viewer).subquery(),
        str(Role.COMMITTEE_MEMBER): seats(viewer).subquery(),
        SIGNED: signed_by(person_id).subquery(),
    }
    others = (select(literal(part), *place.columns) for part, place in places.items())
    return grants.union(*others)


def signed_by(person_id: UUID) -> Select[UUID]:
    """The cases that the person signed for, under any entry on the roster."""
    return (
        select(Cosignature.purchase_id)
        .join(Owner, Owner.id == Cosignature.owner_id)
        .where(Owner.person_id == person_id, Cosignature.counts)
    )


def granted(viewer: Viewer, role: Role) -> Select[UUID | None]:
    """The scopes for which the person has a valid grant of this role."""
    return select(AccessGrant.scope_id).where(
        AccessGrant.person_id == viewer.person_id,
        AccessGrant.role == str(role),
        AccessGrant.valid(viewer.now),
    )


def homes(viewer: Viewer) -> Select[UUID]:
    """The estates in which the person is a verified owner."""
    return (
        select(Building.estate_id)
        .join(Unit, Unit.building_id == Building.id)
        .join(Household, Household.unit_id == Unit.id)
        .join(Owner, Owner.household_id == Household.id)
        .where(Owner.person_id == viewer.person_id)
    )


def sits(viewer: Viewer) -> ColumnElement[bool]:
    """Seats of the person in a committee that is in office; for CommitteeMember with Committee."""
    return and_(
        CommitteeMember.person_id == viewer.person_id,
        Committee.in_office(viewer.today),
        CommitteeMember.sits(viewer.today),
    )


def seats(viewer: Viewer) -> Select[UUID]:
    """The estates on whose committee in office the person sits."""
    return (
        select(Committee.estate_id)
        .join(CommitteeMember, CommitteeMember.committee_id == Committee.id)
        .where(sits(viewer))
    )


def in_role(reach: Reach, role: Role) -> ColumnElement[bool]:
    """Cases towards which the person has this role, by the roster or by a valid grant.

    Of the applicant everybody in the part in which they applied, whoever of them acts.
    """
    if role == Role.APPLICANT:
        parts = APPLICANT_ROLES.items()
        mine = [
            (Purchase.applicant == kind) & ~Purchase.on_paper & in_role(reach, part)
            for kind, part in parts
        ]
        return or_(Purchase.on_paper & in_role(reach, Role.CLERK), *mine)
    if role in reach.offices:
        return true()
    ids = reach.scopes.get(role, ())
    if role == Role.DISTRICT and ids:
        return Purchase.estate_id.in_(select(Estate.id).where(Estate.district_id.in_(ids)))
    column = Purchase.insurer_id if role == Role.INSURER else Purchase.estate_id
    return column.in_(ids) if ids else false()


def within_scope(role: Role, scope_id: UUID) -> ColumnElement[bool]:
    """Cases of the estate, the district or the insurer for which somebody has this role."""
    if role == Role.DISTRICT:
        return Purchase.estate_id.in_(select(Estate.id).where(Estate.district_id == scope_id))
    column = Purchase.insurer_id if role == Role.INSURER else Purchase.estate_id
    return column == scope_id


def visible(reach: Reach, roles: Iterable[Role] = ALL_ROLES) -> ColumnElement[bool]:
    """Cases in which the person has one of the roles."""
    return or_(false(), *(in_role(reach, role) for role in roles))


def applied(reach: Reach) -> ColumnElement[bool]:
    """Cases that the person applied for, alone or as a co-signer."""
    mine = and_(Purchase.applied_by == reach.person_id, in_role(reach, Role.APPLICANT))
    return or_(mine, Purchase.id.in_(reach.signed))


def page_of_cases(
    tx: Session, reach: Reach, state: str | None, after: UUID | None, page_size: int
) -> Sequence[Purchase]:
    """Cases that the person may see, oldest first, `page_size` of them after the id `after`."""
    query = select(Purchase).where(visible(reach)).order_by(Purchase.id).limit(page_size)
    if state is not None:
        query = query.where(Purchase.state == state)
    if after is not None:
        query = query.where(Purchase.id > after)
    return tx.scalars(query).all()


def lifts_of(tx: Session, purchase: Purchase) -> Sequence[CaseLift]:
    """The lifts of the application by registration code."""
    rows = tx.execute(
        select(
            Lift.id,
            Lift.registration_code,
            Lift.name,
            Building.name,
            units_served(),
            Unit.id,
            _latest(Survey.result),
            _latest(Survey.findings),
            PlanLift.premium_fen,
        )
        .join(PurchaseLift, PurchaseLift.lift_id == Lift.id)
        .join(Purchase, Purchase.id == PurchaseLift.purchase_id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .outerjoin(
            PlanLift, and_(PlanLift.lift_id == Lift.id, PlanLift.plan_id == purchase.plan_id)
        )
        .where(PurchaseLift.purchase_id == purchase.id)
        .order_by(Lift.registration_code)
    )
    return [CaseLift(*row) for row in rows]


def _latest(column: Any) -> ScalarSelect[Any]:
    return (
        select(column)
        .where(
            Survey.purchase_id == PurchaseLift.purchase_id,
            Survey.lift_id == Lift.id,
            Survey.insurer_id == Purchase.insurer_id,
        )
        .order_by(Survey.id.desc())
        .limit(1)
        .correlate(PurchaseLift, Lift, Purchase)
        .scalar_subquery()
    )


def objections_of(tx: Session, purchase_id: UUID) -> Sequence[CaseObjection]:
    """All objections to the case's notices in the order of their numbers."""
    rows = tx.execute(
        select(
            Objection.id,
            PublicNotice.number,
            Objection.number,
            Objection.kind,
            Objection.status,
            Objection.answer,
            Dismissal.in_effect().label("dismissal"),
            Takedown.of_objection().label("taken_down"),
            Objection.source,
            Objection.received_at,
            Objection.text_sealed,
            Objection.publication,
            Objection.letter_due_since,
            AnswerDelivery.last_day(),
        )
        .join(PublicNotice, PublicNotice.id == Objection.notice_id)
        .where(PublicNotice.purchase_id == purchase_id)
        .order_by(Objection.number)
    )
    return [CaseObjection(*tuple(row)) for row in rows]


def photos_of(tx: Session, objection_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The photos (SHA-256) that each objection was handed in with, in the author's order."""
    photos: dict[UUID, list[str]] = {}
    rows = tx.execute(
        select(ObjectionPhoto.objection_id, ObjectionPhoto.file_sha256)
        .where(ObjectionPhoto.objection_id.in_(objection_ids))
        .order_by(ObjectionPhoto.objection_id, ObjectionPhoto.position)
    )
    for objection_id, sha256 in rows:
        photos.setdefault(objection_id, []).append(sha256)
    return photos


def answers_owed() -> Select[UUID]:
    """The objections to any notice whose author the centre has not answered yet, or has not given
    the letter with the answer."""
    return select(Objection.id).where(
        or_(Objection.answer.is_(None), Objection.letter_due_since.is_not(None))
    )


def deadlines_of(tx: Session, purchase_id: UUID) -> Sequence[DeadlineRecord]:
    """Every time limit of the case in the order they began."""
    return tx.scalars(
        select(DeadlineRecord)
        .where(DeadlineRecord.subject == Subject(PURCHASE, purchase_id))
        .order_by(DeadlineRecord.id)
    ).all()


def transitions_of(tx: Session, purchase_id: UUID) -> Sequence[Transition]:
    """Every step taken, in order."""
    return tx.scalars(
        select(Transition)
        .where(Transition.subject == Subject(PURCHASE, purchase_id))
        .order_by(Transition.seq)
    ).all()


def plan_of(tx: Session, purchase: Purchase) -> Plan | None:
    """The current plan."""
    return tx.get(Plan, purchase.plan_id) if purchase.plan_id else None
