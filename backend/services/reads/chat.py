"""What the bot knows of a person and looks up for them, in the session of their message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session

from backend.domain.city.schema import CityProfile
from backend.domain.deadlines import DeadlineState
from backend.domain.local_time import local_date
from backend.domain.normal import normal_code
from backend.domain.personal import masked_name
from backend.domain.public_notice import HANGING
from backend.domain.roles import Role
from backend.domain.routes.catalogue import limit_title, offered, state_name, table_of
from backend.domain.tokens import is_token
from backend.services.base.context import Context
from backend.services.case.case import Case, at_hand, table_for
from backend.services.case.recipients import people_to_act
from backend.services.messages.conversations import Turn, last_turn
from backend.services.reads.plan_cards import PlanCard, waiting_cards
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Purchase
from backend.store.queries.cases import Viewer, in_role, sits, visible
from backend.store.queries.lifts import (
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
class CaseProgress:
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
class Seat:
    """A seat in a committee in office; who is recused has declared an interest (回避).

    Of the name only as much as tells the person that it is the right one.
    """

    surname: str
    recused: bool


@dataclass(frozen=True)
class Known:
    """What is known of a person at the moment `at` before they are answered.

    `turn` is what they were asked last, `waiting` the plans that they may answer, the oldest first.
    """

    at: datetime
    turn: Turn | None
    seat: Seat | None
    waiting: Sequence[PlanCard]


def known_of(tx: Session, ctx: Context, person_id: UUID) -> Known:
    """Everything that the bot goes by, whatever the person says."""
    viewer = Viewer.at(person_id, ctx.clock())
    seat = _seat(tx, ctx, viewer)
    return Known(
        at=viewer.now,
        turn=last_turn(tx, person_id),
        seat=seat,
        waiting=waiting_cards(tx, ctx.city, viewer) if seat and not seat.recused else (),
    )


def _seat(tx: Session, ctx: Context, viewer: Viewer) -> Seat | None:
    member = tx.scalar(
        select(CommitteeMember)
        .join(Committee, Committee.id == CommitteeMember.committee_id)
        .where(sits(viewer))
        .order_by(CommitteeMember.recused, CommitteeMember.id)
        .limit(1)
    )
    if member is None:
        return None
    return Seat(masked_name(ctx.cipher.open(member.name_sealed))[:1], member.recused)


def todo(tx: Session, ctx: Context, person_id: UUID) -> list[RunningLimit]:
    """The running limits that this person must see to, the most urgent first."""
    viewer = Viewer.at(person_id, ctx.clock())
    limits = _open_limits().where(_responsible(ctx.city, viewer))
    rows = tx.execute(limits.limit(LOOKED_THROUGH)).all()
    mine = [
        _running(record, purchase, estate)
        for record, purchase, estate in rows
        if _must_see_to(at_hand(tx, ctx, purchase), person_id, record.kind)
    ]
    return mine[:SHOWN]


def _must_see_to(case: Case, person_id: UUID, limit: str) -> bool:
    roles = case.table.reminded(limit)
    return any(person_id in people_to_act(case, limit, role) for role in roles)


def deadlines(tx: Session, ctx: Context, person_id: UUID) -> list[RunningLimit]:
    """All running limits of the cases that this person may see, the most urgent first."""
    viewer = Viewer.at(person_id, ctx.clock())
    rows = tx.execute(_open_limits().where(visible(viewer)).limit(SHOWN)).all()
    return [_running(record, purchase, estate) for record, purchase, estate in rows]


def progress(tx: Session, ctx: Context, person_id: UUID, number: str | None) -> list[CaseProgress]:
    """The cases that this person may see, the latest first; only `number` when it is given."""
    viewer = Viewer.at(person_id, ctx.clock())
    query = (
        select(Purchase, Estate.name)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(visible(viewer))
        .order_by(Purchase.updated_at.desc())
        .limit(SHOWN)
    )
    if number is not None:
        query = query.where(Purchase.number == normal_code(number))
    rows = tx.execute(query).all()
    return [
        CaseProgress(
            purchase.number,
            estate,
            state_name(purchase.state),
            table_for(tx, ctx, purchase).next_words(purchase.state),
        )
        for purchase, estate in rows
    ]


def lift_status(tx: Session, ctx: Context, code: str) -> LiftStatus | None:
    """The lift with this registration code, or with this valid token in its QR code."""
    token = select(LiftToken.lift_id).where(LiftToken.token == code, LiftToken.valid)
    found = Lift.id.in_(token) if is_token(code) else Lift.registration_code == normal_code(code)
    row = tx.execute(
        select(Lift, Estate.name, Building.name, units_served())
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


def _open_limits() -> Select[DeadlineRecord, Purchase, str]:
    return (
        select(DeadlineRecord, Purchase, Estate.name)
        .join(Purchase, Purchase.id == DeadlineRecord.purchase_id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(DeadlineRecord.state == DeadlineState.OPEN)
        .order_by(DeadlineRecord.ends_before, DeadlineRecord.id)
    )


def _running(record: DeadlineRecord, purchase: Purchase, estate: str) -> RunningLimit:
    return RunningLimit(
        purchase.number, estate, limit_title(record.kind), record.ends_before, record.provisional
    )


def _responsible(city: CityProfile, viewer: Viewer) -> ColumnElement[bool]:
    """Limits of kinds that one of the person's roles must keep."""
    kinds: dict[Role, set[str]] = {}
    for code in offered(city):
        table = table_of(code, city)
        for kind in table.limits:
            for role in table.reminded(kind):
                kinds.setdefault(role, set()).add(kind)
    return or_(
        false(),
        *(
            and_(DeadlineRecord.kind.in_(of_role), in_role(viewer, role))
            for role, of_role in kinds.items()
        ),
    )
