"""What the bot knows of a person and looks up for them, in the session of their message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from backend.domain.deadlines import RUNNING, DeadlineState
from backend.domain.local_time import local_date
from backend.domain.normal import normal_code
from backend.domain.personal import masked_name
from backend.domain.public_notice import HANGING
from backend.domain.routes.catalogue import limit_title, state_name
from backend.domain.tokens import is_token
from backend.services.base.context import Context
from backend.services.base.own_words import name_of
from backend.services.case.case import table_for
from backend.services.case.committees import recusal
from backend.services.messages.conversations import Turn, last_turn
from backend.services.reads.plan_cards import PlanCard, waiting_cards
from backend.store.messages import DeadlineRecord
from backend.store.people import Lockout, Person
from backend.store.purchases import Purchase, PurchaseLift
from backend.store.queries.cases import Viewer, reach_of, sits, visible
from backend.store.queries.lifts import (
    CoverRow,
    NoticeRow,
    covers_of,
    notices_of,
)
from backend.store.queries.places import areas_of, units_served
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
BUILDING = re.compile("第?(.{1,4}?)(?:栋|幢|号楼|座|楼)")
BUILDING_ENDS = "(栋|幢|号楼|座|楼|号)$"
NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


@dataclass(frozen=True)
class RunningLimit:
    """A time limit that somebody must keep; `ends_before` is the first moment too late, unless it
    stands still. `pause_words` say since when and why nobody can act."""

    number: str
    estate: str
    area: str
    task: str
    ends_before: datetime
    provisional: bool
    stands_still: bool
    pause_words: str | None


@dataclass(frozen=True)
class CaseProgress:
    """Where a case stands and what comes next."""

    number: str
    estate: str
    area: str
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
    """A seat in a committee in office; who is recused takes no part in decisions (回避).

    Of the name only as much as tells the person that it is the right one.
    """

    surname: str
    recused: bool


@dataclass(frozen=True)
class Known:
    """What is known of a person at the moment `at` before they are answered.

    `turn` is what they were asked last, `waiting` the plans that they may answer, the oldest first.
    Whoever is `locked_out` may do nothing here.
    """

    at: datetime
    turn: Turn | None
    seat: Seat | None
    waiting: Sequence[PlanCard]
    locked_out: bool = False


def known_of(tx: Session, ctx: Context, person_id: UUID) -> Known:
    """Everything that the bot goes by, whatever the person says."""
    viewer = Viewer.at(person_id, ctx.clock())
    locked_out, member, aside = _standing(tx, viewer)
    seat = _seat(ctx, member, aside) if member else None
    return Known(
        at=viewer.now,
        turn=last_turn(tx, ctx.cipher, person_id),
        seat=seat,
        waiting=waiting_cards(tx, ctx, viewer) if seat and not seat.recused else (),
        locked_out=locked_out,
    )


def _standing(tx: Session, viewer: Viewer) -> tuple[bool, CommitteeMember | None, bool]:
    """Whether the person is kept out; their seat, if they have one, and whether it stands aside."""
    aside = recusal(viewer.now)
    seat = (
        select(CommitteeMember.id)
        .join(Committee, Committee.id == CommitteeMember.committee_id)
        .where(sits(viewer))
        .order_by(aside, CommitteeMember.id)
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )
    locked_out, member, recused = tx.execute(
        select(Lockout.keeps_out(Person.id), CommitteeMember, aside)
        .select_from(Person)
        .outerjoin(CommitteeMember, CommitteeMember.id == seat)
        .where(Person.id == viewer.person_id)
    ).one()
    return locked_out, member, recused


def _seat(ctx: Context, member: CommitteeMember, aside: bool) -> Seat:
    return Seat(masked_name(name_of(ctx.cipher, member))[:1], aside)


def deadlines(tx: Session, ctx: Context, person_id: UUID) -> list[RunningLimit]:
    """All running limits of the cases that this person may see, the most urgent first; those that
    stand still last."""
    reach = reach_of(tx, Viewer.at(person_id, ctx.clock()))
    rows = tx.execute(_open_limits().where(visible(reach)).limit(SHOWN)).all()
    areas = areas_of(tx, {purchase.id for _, purchase, _ in rows})
    return [
        RunningLimit(
            purchase.number,
            estate,
            areas.get(purchase.id, ""),
            limit_title(record.kind),
            record.ends_before,
            record.provisional,
            record.state == DeadlineState.PAUSED,
            record.pause_words,
        )
        for record, purchase, estate in rows
    ]


def progress(tx: Session, ctx: Context, person_id: UUID, asked: str | None) -> list[CaseProgress]:
    """The cases that this person may see, the latest first; only those with this number, or about
    this building (6栋, 六号楼), when one is asked for."""
    reach = reach_of(tx, Viewer.at(person_id, ctx.clock()))
    query = (
        select(Purchase, Estate.name)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(visible(reach))
        .order_by(Purchase.updated_at.desc())
        .limit(SHOWN)
    )
    if asked is not None:
        building = BUILDING.fullmatch(asked)
        about = _about_building(building[1]) if building else Purchase.number == normal_code(asked)
        query = query.where(about)
    rows = tx.execute(query).all()
    areas = areas_of(tx, [purchase.id for purchase, _ in rows])
    return [
        CaseProgress(
            purchase.number,
            estate,
            areas.get(purchase.id, ""),
            state_name(purchase.state),
            table_for(tx, ctx, purchase).next_words(purchase.state),
        )
        for purchase, estate in rows
    ]


def _about_building(number: str) -> ColumnElement[bool]:
    """Cases about a lift in the building of this number, however it is called: 6栋, 6号楼, 6幢."""
    digits = str(NUMERALS.index(number) + 1) if number in NUMERALS else number.upper()
    bare = func.regexp_replace(func.upper(Building.name), BUILDING_ENDS, "")
    return (
        select(PurchaseLift.purchase_id)
        .join(Lift, Lift.id == PurchaseLift.lift_id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(PurchaseLift.purchase_id == Purchase.id, bare.in_([digits, number]))
        .exists()
    )


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
        .where(DeadlineRecord.state.in_(RUNNING))
        .order_by(
            DeadlineRecord.state != DeadlineState.OPEN,
            DeadlineRecord.ends_before,
            DeadlineRecord.id,
        )
    )
