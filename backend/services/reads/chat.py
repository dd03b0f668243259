"""What the chat bot looks up for a person. Reads only; each function opens its own session."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from backend.domain.calendar import local_date
from backend.domain.limits import RESPONSIBLE, TASKS
from backend.domain.roles import OFFICERS, Role
from backend.domain.states import STATE_NAMES, State
from backend.domain.subject import PURCHASE, Subject
from backend.services.base.context import Context
from backend.services.case.notifications import NEXT_STEP
from backend.services.case.recipients import people_to_act
from backend.store.messages import DeadlineRecord
from backend.store.people import AccessGrant
from backend.store.purchases import Plan, PlanLift, Purchase
from backend.store.queries.lifts import (
    HANGING,
    CoverRow,
    NoticeRow,
    covers_of,
    notices_of,
)
from backend.store.queries.places import units_served
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Household,
    Insurer,
    Lift,
    LiftToken,
    Owner,
    Unit,
)

SHOWN = 5
LOOKED_THROUGH = 30


@dataclass(frozen=True)
class RunningLimit:
    """A time limit that somebody must keep; `ends_before` is the first moment too late."""

    number: str
    estate: str
    task: str
    ends_before: datetime
    provisional: bool


@dataclass(frozen=True)
class Progress:
    """Where a case stands and what comes next."""

    number: str
    estate: str
    state: str
    next_step: str


@dataclass(frozen=True)
class LiftStatus:
    """What everyone may know of a lift at the moment `at`."""

    registration_code: str
    name: str
    place: str
    cover: CoverRow | None
    notices: Sequence[NoticeRow]
    at: datetime


@dataclass(frozen=True)
class PlanCard:
    """A frozen plan as a committee member reads it. Money in fen; `due` ends the approval."""

    plan_id: UUID
    purchase_id: UUID
    number: str
    revision: int
    estate: str
    insurer: str
    premium_fen: int
    limit_fen: int
    deductible_fen: int
    cover_from: date
    cover_ends_before: date
    coverage: str
    exclusions: str
    promises: str
    content_hash: str
    lifts: Sequence[tuple[str, int]]
    due: datetime | None


def todo(ctx: Context, person_id: UUID) -> list[RunningLimit]:
    """The running limits that this person must see to, the most urgent first."""
    with ctx.sessions() as tx:
        rows = tx.execute(
            _open_limits().where(_responsible(ctx, person_id)).limit(LOOKED_THROUGH)
        ).all()
        mine = [
            _running(record, purchase, estate)
            for record, purchase, estate in rows
            if any(
                person_id in people_to_act(tx, ctx, purchase, record.kind, role)
                for role in RESPONSIBLE[record.kind]
            )
        ]
    return mine[:SHOWN]


def deadlines(ctx: Context, person_id: UUID) -> list[RunningLimit]:
    """All running limits of the cases that this person may see, the most urgent first."""
    with ctx.sessions() as tx:
        rows = tx.execute(_open_limits().where(_visible(ctx, person_id)).limit(SHOWN)).all()
    return [_running(record, purchase, estate) for record, purchase, estate in rows]


def progress(ctx: Context, person_id: UUID, number: str | None) -> list[Progress]:
    """The cases that this person may see, the latest first; only `number` when it is given."""
    with ctx.sessions() as tx:
        query = (
            select(Purchase, Estate.name)
            .join(Estate, Estate.id == Purchase.estate_id)
            .where(_visible(ctx, person_id))
            .order_by(Purchase.updated_at.desc())
            .limit(SHOWN)
        )
        if number is not None:
            query = query.where(Purchase.number == number.upper())
        rows = tx.execute(query).all()
    return [
        Progress(
            purchase.number,
            estate,
            STATE_NAMES[State(purchase.state)],
            NEXT_STEP.get(State(purchase.state), "本次办理已结束"),
        )
        for purchase, estate in rows
    ]


def lift_status(ctx: Context, code: str) -> LiftStatus | None:
    """The lift with this registration code, or with this valid token in its QR code."""
    token = select(LiftToken.lift_id).where(
        LiftToken.token == code.lower(), LiftToken.revoked_at.is_(None)
    )
    with ctx.sessions() as tx:
        row = tx.execute(
            select(Lift, Estate.name, Building.name, units_served())
            .join(Unit, Unit.id == Lift.unit_id)
            .join(Building, Building.id == Unit.building_id)
            .join(Estate, Estate.id == Building.estate_id)
            .where(or_(Lift.registration_code == code.upper(), Lift.id.in_(token)))
            .limit(1)
        ).one_or_none()
        if row is None:
            return None
        lift, estate, building, unit = row
        now = ctx.clock()
        covers = [c for c in covers_of(tx, lift.id) if c.covers(local_date(now))]
        notices = [n for n, _ in notices_of(tx, lift.id) if n.state in HANGING]
    place = f"{estate}{building}{unit}"
    cover = covers[0] if covers else None
    return LiftStatus(lift.registration_code, lift.name, place, cover, notices[::-1], now)


def plan_card(ctx: Context, plan_id: UUID) -> PlanCard | None:
    """Everything a member needs to decide, or None when there is no such plan."""
    with ctx.sessions() as tx:
        row = tx.execute(
            select(Plan, Purchase.id, Purchase.number, Estate.name, Insurer.name)
            .join(Purchase, Purchase.id == Plan.purchase_id)
            .join(Estate, Estate.id == Purchase.estate_id)
            .join(Insurer, Insurer.id == Plan.insurer_id)
            .where(Plan.id == plan_id)
        ).one_or_none()
        if row is None:
            return None
        plan, purchase_id, number, estate, insurer = row
        lifts = tx.execute(
            select(Lift.registration_code, PlanLift.premium_fen)
            .join(PlanLift, PlanLift.lift_id == Lift.id)
            .where(PlanLift.plan_id == plan_id)
            .order_by(Lift.registration_code)
        ).all()
        due = tx.scalar(
            select(DeadlineRecord.ends_before).where(
                DeadlineRecord.subject == Subject(PURCHASE, purchase_id),
                DeadlineRecord.kind == "approval",
                DeadlineRecord.state == "open",
            )
        )
    return PlanCard(
        plan_id=plan.id,
        purchase_id=purchase_id,
        number=number,
        revision=plan.revision,
        estate=estate,
        insurer=insurer,
        premium_fen=plan.premium_fen,
        limit_fen=plan.limit_fen,
        deductible_fen=plan.deductible_fen,
        cover_from=plan.cover_from,
        cover_ends_before=plan.cover_ends_before,
        coverage=plan.coverage,
        exclusions=plan.exclusions,
        promises=plan.promises,
        content_hash=plan.content_hash,
        lifts=[(code, fen) for code, fen in lifts],
        due=due,
    )


def committee_seat(ctx: Context, person_id: UUID) -> CommitteeMember | None:
    """The person's seat in a committee that is in office, if there is one."""
    with ctx.sessions() as tx:
        return tx.scalar(
            select(CommitteeMember)
            .join(Committee, Committee.id == CommitteeMember.committee_id)
            .where(_sits(ctx, person_id))
            .order_by(CommitteeMember.conflicted, CommitteeMember.id)
            .limit(1)
        )


def _open_limits() -> Select[DeadlineRecord, Purchase, str]:
    return (
        select(DeadlineRecord, Purchase, Estate.name)
        .join(Purchase, Purchase.id == DeadlineRecord.purchase_id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(DeadlineRecord.state == "open")
        .order_by(DeadlineRecord.ends_before, DeadlineRecord.id)
    )


def _running(record: DeadlineRecord, purchase: Purchase, estate: str) -> RunningLimit:
    return RunningLimit(
        purchase.number, estate, TASKS[record.kind], record.ends_before, record.provisional
    )


def _sits(ctx: Context, person_id: UUID) -> ColumnElement[bool]:
    today = local_date(ctx.clock())
    return and_(
        CommitteeMember.person_id == person_id,
        Committee.term_from <= today,
        Committee.term_until > today,
        or_(CommitteeMember.left_on.is_(None), CommitteeMember.left_on > today),
    )


def _in_role(ctx: Context, person_id: UUID, role: Role) -> ColumnElement[bool]:
    """Cases towards which the person has this role, by the roster or by a valid grant."""
    if role == Role.COMMITTEE_MEMBER:
        seats = select(Committee.estate_id).join(
            CommitteeMember, CommitteeMember.committee_id == Committee.id
        )
        return Purchase.estate_id.in_(seats.where(_sits(ctx, person_id)))
    if role == Role.OWNER:
        homes = (
            select(Building.estate_id)
            .join(Unit, Unit.building_id == Building.id)
            .join(Household, Household.unit_id == Unit.id)
            .join(Owner, Owner.household_id == Household.id)
        )
        return Purchase.estate_id.in_(homes.where(Owner.person_id == person_id))
    granted = select(AccessGrant.scope_id).where(
        AccessGrant.person_id == person_id,
        AccessGrant.role == str(role),
        or_(AccessGrant.valid_until.is_(None), AccessGrant.valid_until > ctx.clock()),
    )
    if role == Role.INSURER:
        return Purchase.insurer_id.in_(granted)
    return Purchase.estate_id.in_(granted) if role == Role.PROPERTY_MANAGER else granted.exists()


def _responsible(ctx: Context, person_id: UUID) -> ColumnElement[bool]:
    """Limits of kinds that one of the person's roles must keep."""
    kinds: dict[Role, list[str]] = {}
    for kind, roles in RESPONSIBLE.items():
        for role in roles:
            kinds.setdefault(role, []).append(kind)
    return or_(
        *(
            and_(DeadlineRecord.kind.in_(of_role), _in_role(ctx, person_id, role))
            for role, of_role in kinds.items()
        )
    )


def _visible(ctx: Context, person_id: UUID) -> ColumnElement[bool]:
    """Cases in which the person has any role."""
    roles = (
        Role.OWNER,
        Role.COMMITTEE_MEMBER,
        Role.PROPERTY_MANAGER,
        Role.INSURER,
        *sorted(OFFICERS),
    )
    return or_(
        Purchase.applied_by == person_id, *(_in_role(ctx, person_id, role) for role in roles)
    )
