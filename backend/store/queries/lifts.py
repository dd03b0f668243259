"""What everyone may know: one lift in at most four queries (the hot read), and one notice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.store.notices import Notice, Objection
from backend.store.purchases import Cover, Plan, PlanLift
from backend.store.registry import Building, Estate, Insurer, Lift, LiftToken, Maintainer, Unit


@dataclass(frozen=True)
class LiftRow:
    """The lift, where it is and who looks after it."""

    lift_id: UUID
    registration_code: str
    name: str
    estate: str
    address: str
    building: str
    unit: str
    maintainer: str | None
    maintainer_phone: str | None
    next_inspection_on: date | None


@dataclass(frozen=True)
class CoverRow:
    """The cover of a day; `ends_before` is the first day without it."""

    insurer: str
    insurer_phone: str | None
    starts_on: date
    ends_before: date

    @property
    def last_day(self) -> date:
        """The last covered day."""
        return self.ends_before - timedelta(days=1)


@dataclass(frozen=True)
class NoticeRow:
    """A notice and its frozen text."""

    notice_id: UUID
    number: str
    state: str
    starts_on: date
    ends_on: date
    ends_before: datetime
    provisional: bool
    explanation: list[Any]
    content: dict[str, Any]


@dataclass(frozen=True)
class PlanRow:
    """The plan that a notice shows. Money in fen; `premium_fen` is for all its lifts."""

    insurer: str
    premium_fen: int
    lift_premium_fen: int
    limit_fen: int
    deductible_fen: int
    cover_from: date
    cover_ends_before: date
    coverage: str
    exclusions: str
    promises: str

    @property
    def cover_last_day(self) -> date:
        """The last day that the plan would cover."""
        return self.cover_ends_before - timedelta(days=1)


@dataclass(frozen=True)
class ObjectionRow:
    """What is public of an objection: never who, never its words (个人信息保护法 25, 28)."""

    notice_id: UUID
    number: str
    kind: str
    standing: str
    answer: str | None


def lift_by_token(tx: Session, token: str) -> LiftRow | None:
    """The lift whose valid QR code carries this token."""
    row = tx.execute(
        select(
            Lift.id,
            Lift.registration_code,
            Lift.name,
            Estate.name,
            Estate.address,
            Building.name,
            Unit.name,
            Maintainer.name,
            Maintainer.phone,
            Lift.next_inspection_on,
        )
        .join(LiftToken, LiftToken.lift_id == Lift.id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .join(Estate, Estate.id == Building.estate_id)
        .outerjoin(Maintainer, Maintainer.id == Lift.maintainer_id)
        .where(LiftToken.token == token, LiftToken.revoked_at.is_(None))
    ).one_or_none()
    return LiftRow(*tuple(row)) if row else None


def cover_on(tx: Session, lift_id: UUID, on: date) -> CoverRow | None:
    """The cover in force on this day; covers of one lift never overlap."""
    row = tx.execute(
        select(Insurer.name, Insurer.phone, func.lower(Cover.period), func.upper(Cover.period))
        .join(Insurer, Insurer.id == Cover.insurer_id)
        .where(Cover.lift_id == lift_id, Cover.state == "in_force", Cover.period.contains(on))
    ).one_or_none()
    return CoverRow(*row) if row else None


NOTICE = (
    Notice.id,
    Notice.number,
    Notice.state,
    Notice.starts_on,
    Notice.ends_on,
    Notice.ends_before,
    Notice.provisional,
    Notice.explanation,
    Notice.content,
)


def current_notices(tx: Session, lift_id: UUID) -> Sequence[tuple[NoticeRow, PlanRow]]:
    """Notices that hang now and name this lift, the oldest first."""
    rows = tx.execute(
        select(
            *NOTICE,
            Insurer.name,
            Plan.premium_fen,
            PlanLift.premium_fen,
            Plan.limit_fen,
            Plan.deductible_fen,
            Plan.cover_from,
            Plan.cover_ends_before,
            Plan.coverage,
            Plan.exclusions,
            Plan.promises,
        )
        .join(Plan, Plan.id == Notice.plan_id)
        .join(PlanLift, PlanLift.plan_id == Plan.id)
        .join(Insurer, Insurer.id == Plan.insurer_id)
        .where(PlanLift.lift_id == lift_id, Notice.state.in_(("open", "suspended")))
        .order_by(Notice.id)
    )
    cut = len(NOTICE)
    return [(NoticeRow(*row[:cut]), PlanRow(*row[cut:])) for row in rows]


def notice_by_number(tx: Session, number: str) -> NoticeRow | None:
    """A notice that hangs or has hung; drafts and replaced ones are not for everyone."""
    row = tx.execute(
        select(*NOTICE).where(
            Notice.number == number, Notice.state.in_(("open", "suspended", "ended"))
        )
    ).one_or_none()
    return NoticeRow(*row) if row else None


def public_objections(tx: Session, notice_ids: Sequence[UUID]) -> Sequence[ObjectionRow]:
    """The objections to these notices in the order of their numbers."""
    rows = tx.execute(
        select(
            Objection.notice_id,
            Objection.number,
            Objection.kind,
            Objection.standing,
            Objection.answer,
        )
        .where(Objection.notice_id.in_(notice_ids))
        .order_by(Objection.number)
    )
    return [ObjectionRow(*row) for row in rows]
