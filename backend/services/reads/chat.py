"""What the chat bot looks up for a person. Reads only; each function opens its own session."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from backend.domain.calendar import local_date
from backend.domain.limits import RESPONSIBLE, TASKS
from backend.domain.roles import Role
from backend.domain.states import STATE_NAMES, State
from backend.domain.tokens import is_token
from backend.services.base.context import Context
from backend.services.case.notifications import NEXT_STEP
from backend.services.case.recipients import people_to_act
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Plan, PlanLift, Purchase
from backend.store.queries.cases import Viewer, in_role, sits, visible
from backend.store.queries.lifts import (
    HANGING,
    CoverRow,
    NoticeRow,
    covers_of,
    notices_of,
)
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Insurer,
    Lift,
    LiftToken,
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
    viewer = Viewer.at(person_id, ctx.clock())
    with ctx.sessions() as tx:
        rows = tx.execute(_open_limits().where(_responsible(viewer)).limit(LOOKED_THROUGH)).all()
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
    viewer = Viewer.at(person_id, ctx.clock())
    with ctx.sessions() as tx:
        rows = tx.execute(_open_limits().where(visible(viewer)).limit(SHOWN)).all()
    return [_running(record, purchase, estate) for record, purchase, estate in rows]


def progress(ctx: Context, person_id: UUID, number: str | None) -> list[Progress]:
    """The cases that this person may see, the latest first; only `number` when it is given."""
    viewer = Viewer.at(person_id, ctx.clock())
    with ctx.sessions() as tx:
        query = (
            select(Purchase, Estate.name)
            .join(Estate, Estate.id == Purchase.estate_id)
            .where(visible(viewer))
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
    token = select(LiftToken.lift_id).where(LiftToken.token == code, LiftToken.revoked_at.is_(None))
    found = Lift.id.in_(token) if is_token(code) else Lift.registration_code == code.upper()
    with ctx.sessions() as tx:
        row = tx.execute(
            select(Lift, Estate.name, Building.name, Unit.name)
            .join(Unit, Unit.id == Lift.unit_id)
            .join(Building, Building.id == Unit.building_id)
            .join(Estate, Estate.id == Building.estate_id)
            .where(found)
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
                DeadlineRecord.purchase_id == purchase_id,
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
            .where(sits(Viewer.at(person_id, ctx.clock())))
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


def _responsible(viewer: Viewer) -> ColumnElement[bool]:
    """Limits of kinds that one of the person's roles must keep."""
    kinds: dict[Role, list[str]] = {}
    for kind, roles in RESPONSIBLE.items():
        for role in roles:
            kinds.setdefault(role, []).append(kind)
    return or_(
        *(
            and_(DeadlineRecord.kind.in_(of_role), in_role(viewer, role))
            for role, of_role in kinds.items()
        )
    )
