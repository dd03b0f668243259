"""What everyone may know: one lift in at most five queries (the hot read), and one notice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, case, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from backend.domain.cover import CoverState, CoverTerms, insures
from backend.domain.normal import normal_code
from backend.domain.objection import ObjectionStatus, answer_in_full, as_published
from backend.domain.public_notice import FOR_EVERYONE, NoticeState
from backend.domain.source import OF_CITY
from backend.store.ledger import Account
from backend.store.notices import Objection, Photo, PublicNotice, PublicNoticePhoto, StoredFile
from backend.store.purchases import CoveragePeriod, Plan, PlanLift, Purchase
from backend.store.queries.area import account_is_the_citys, in_covered_area
from backend.store.queries.places import units_served
from backend.store.registry import (
    Building,
    Estate,
    Insurer,
    Lift,
    LiftToken,
    LiftUnit,
    Maintainer,
    Unit,
)
from backend.store.rulings import Dismissal, Takedown

# The newest few are enough for what hangs now and a history of ten.
MOST_ROWS = 24


@dataclass(frozen=True)
class LiftRow:
    """The lift, where it is and who looks after it; `unit` names all that it serves."""

    lift_id: UUID
    registration_code: str
    name: str
    estate: str
    address: str
    building: str
    unit: str
    installed_on: date
    maintainer: str | None
    maintainer_phone: str | None
    next_inspection_on: date | None
    unit_id: UUID
    building_id: UUID


@dataclass(frozen=True)
class CoverRow:
    """A cover whose policy is issued; `ends_before` is the first day without it. Money in fen.

    The terms are those of the plan behind it, if one is known.
    """

    insurer: str
    insurer_phone: str | None
    starts_on: date
    ends_before: date
    state: CoverState
    policy_number: str | None
    purchase_id: UUID
    terms: CoverTerms | None

    @property
    def paid(self) -> bool:
        """Whether the insurer has its premium, or had it: not when the bank sent it back."""
        return self.state != CoverState.UNPAID

    @property
    def last_day(self) -> date:
        """The last covered day."""
        return self.ends_before - timedelta(days=1)

    def covers(self, day: date) -> bool:
        """Whether the lift is insured on this day."""
        return insures(self.state, self.starts_on, self.ends_before, day)

    def is_over(self, day: date) -> bool:
        """Whether nothing of it is left on this day."""
        return self.state == CoverState.ENDED or self.ends_before <= day


@dataclass(frozen=True)
class NoticeRow:
    """When a notice hangs, the state of the purchase behind it, and whether the owners voted on its
    plan before."""

    notice_id: UUID
    number: str
    state: NoticeState
    starts_on: date
    ends_on: date
    ends_before: datetime
    provisional: bool
    explanation: list[Any]
    purchase_id: UUID
    purchase_state: str
    voted: bool


@dataclass(frozen=True)
class NoticeText:
    """A notice's frozen text, the estate where it hangs, and its places by unit id."""

    content: dict[str, Any]
    estate: str
    places: list[Any]


@dataclass(frozen=True)
class PlanRow:
    """The plan that a notice shows. Money in fen; `premium_fen` is for all its lifts."""

    insurer: str
    premium_fen: int
    lift_premium_fen: int
    terms: CoverTerms


@dataclass(frozen=True)
class ObjectionRow:
    """What is public of an objection: never who; its words only as their author let them be
    published (个人信息保护法 25, 28)."""

    notice_id: UUID
    number: str
    kind: str
    status: ObjectionStatus
    answer: str | None
    text: str | None


@dataclass(frozen=True)
class PoolRow:
    """The pooled account behind a lift: what it can spend, and how many lifts share it."""

    account_id: UUID
    name: str
    available_fen: int
    lifts: int


@dataclass(frozen=True)
class PhotoRow:
    """A photo of the posted notice; size in pixels. `taken_down` says why it is not shown."""

    unit_id: UUID
    moment: str
    framing: str
    captured_at: datetime
    sha256: str
    width: int
    height: int
    taken_down: str | None


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
            units_served(),
            Lift.installed_on,
            Maintainer.name,
            Maintainer.phone,
            Lift.next_inspection_on,
            Unit.id,
            Building.id,
        )
        .join(LiftToken, LiftToken.lift_id == Lift.id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .join(Estate, Estate.id == Building.estate_id)
        .outerjoin(Maintainer, Maintainer.id == Lift.maintainer_id)
        .where(LiftToken.token == token, LiftToken.valid)
    ).one_or_none()
    return LiftRow(*tuple(row)) if row else None


def covers_of(tx: Session, lift_id: UUID) -> Sequence[CoverRow]:
    """The covers of a lift that were, are or will be, the latest first; they never overlap."""
    rows = tx.execute(
        select(
            Insurer.name,
            Insurer.phone,
            func.lower(CoveragePeriod.period),
            func.upper(CoveragePeriod.period),
            CoveragePeriod.state,
            CoveragePeriod.policy_number,
            CoveragePeriod.purchase_id,
            Plan.terms,
        )
        .join(Insurer, Insurer.id == CoveragePeriod.insurer_id)
        .join(Purchase, Purchase.id == CoveragePeriod.purchase_id)
        .outerjoin(Plan, Plan.id == Purchase.plan_id)
        .where(
            CoveragePeriod.lift_id == lift_id,
            CoveragePeriod.state != CoverState.RELEASED,
            CoveragePeriod.policy_number.is_not(None),
        )
        .order_by(func.lower(CoveragePeriod.period).desc())
        .limit(MOST_ROWS)
    )
    return [CoverRow(*row) for row in rows]


NOTICE = (
    PublicNotice.id,
    PublicNotice.number,
    PublicNotice.state,
    PublicNotice.starts_on,
    PublicNotice.ends_on,
    PublicNotice.ends_before,
    PublicNotice.provisional,
    PublicNotice.explanation,
    Purchase.id,
    Purchase.state,
    PublicNotice.content.has_key("vote"),
)


def notices_of(tx: Session, lift_id: UUID) -> Sequence[tuple[NoticeRow, PlanRow]]:
    """Notices that name this lift and hang or have hung, the latest first."""
    rows = tx.execute(
        select(
            *NOTICE,
            Insurer.name,
            Plan.premium_fen,
            PlanLift.premium_fen,
            Plan.terms,
        )
        .join(Purchase, Purchase.id == PublicNotice.purchase_id)
        .join(Plan, Plan.id == PublicNotice.plan_id)
        .join(PlanLift, PlanLift.plan_id == Plan.id)
        .join(Insurer, Insurer.id == Plan.insurer_id)
        .where(PlanLift.lift_id == lift_id, PublicNotice.state.in_(FOR_EVERYONE))
        .order_by(PublicNotice.id.desc())
        .limit(MOST_ROWS)
    )
    cut = len(NOTICE)
    return [(NoticeRow(*row[:cut]), PlanRow(*row[cut:])) for row in rows]


def notice_by_number(tx: Session, number: str) -> tuple[NoticeRow, NoticeText] | None:
    """A notice that hangs or has hung, with its whole text."""
    row = tx.execute(
        select(*NOTICE, PublicNotice.content, Estate.name, PublicNotice.places)
        .join(Purchase, Purchase.id == PublicNotice.purchase_id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(PublicNotice.number == normal_code(number), PublicNotice.state.in_(FOR_EVERYONE))
    ).one_or_none()
    cut = len(NOTICE)
    return (NoticeRow(*row[:cut]), NoticeText(*row[cut:])) if row else None


def public_objections(tx: Session, notice_ids: Sequence[UUID]) -> Sequence[ObjectionRow]:
    """The objections to these notices in the order of their numbers."""
    rows = tx.execute(
        select(
            Objection.notice_id,
            Objection.number,
            Objection.kind,
            Objection.status,
            Objection.answer,
            Dismissal.in_effect().label("dismissal"),
            Objection.published_text,
            Takedown.of_objection().label("taken_down"),
        )
        .where(Objection.notice_id.in_(notice_ids))
        .order_by(Objection.number)
    )
    return [
        ObjectionRow(
            notice_id=row.notice_id,
            number=row.number,
            kind=row.kind,
            status=row.status,
            answer=as_published(answer_in_full(row.answer, row.dismissal), row.taken_down),
            text=as_published(row.published_text, row.taken_down),
        )
        for row in rows
    ]


def pool_of(tx: Session, lift: LiftRow) -> PoolRow | None:
    """The pooled account of a unit that the lift serves, else of a building, else all of the city.

    Of several units, that of the one where the lift stands comes first.
    """
    lifts = select(func.count(LiftUnit.lift_id.distinct()))
    of_place = (
        lifts.join(Unit, Unit.id == LiftUnit.unit_id).where(in_covered_area()).correlate(Account)
    )
    # Asked as one question with OR, every unit of the city is looked at.
    sharing = case(
        (account_is_the_citys(), lifts.scalar_subquery()), else_=of_place.scalar_subquery()
    )
    served = select(LiftUnit.unit_id).where(LiftUnit.lift_id == lift.lift_id)
    buildings = select(Unit.building_id).where(Unit.id.in_(served))
    paying = union_all(
        select(Account.id).where(Account.unit_id.in_(served)),
        select(Account.id).where(Account.unit_id.is_(None), Account.building_id.in_(buildings)),
        select(Account.id).where(account_is_the_citys()),
    )
    citys, available = account_is_the_citys(), Account.balance_fen - Account.held_fen
    together = func.sum(available).over(partition_by=citys)
    row = tx.execute(
        select(
            Account.id,
            case((citys, literal(OF_CITY)), else_=Account.name),
            case((citys, cast(together, BigInteger)), else_=available),
            sharing,
        )
        .where(
            Account.kind == "pooled_income",
            Account.closed_on.is_(None),
            Account.id.in_(paying),
        )
        .order_by(
            Account.unit_id.is_(None),
            Account.building_id.is_(None),
            Account.unit_id != lift.unit_id,
            Account.number,
        )
        .limit(1)
    ).one_or_none()
    return PoolRow(*row) if row else None


def notice_photos(tx: Session, notice_id: UUID) -> Sequence[PhotoRow]:
    """The photos of a notice that were freed of what cameras add, in the order they were taken;
    those that were taken down too."""
    rows = tx.execute(
        select(
            PublicNoticePhoto.unit_id,
            PublicNoticePhoto.moment,
            PublicNoticePhoto.framing,
            PublicNoticePhoto.captured_at,
            PublicNoticePhoto.file_sha256,
            Photo.width,
            Photo.height,
            Takedown.why_of_photo(),
        )
        .join(Photo, Photo.file_sha256 == PublicNoticePhoto.file_sha256)
        .where(PublicNoticePhoto.notice_id == notice_id)
        .order_by(PublicNoticePhoto.captured_at, PublicNoticePhoto.id)
    )
    return [PhotoRow(*row) for row in rows]


def notice_photo(tx: Session, number: str, sha256: str) -> str | None:
    """The media type of a picture that is a photo of a notice which everyone may read."""
    return tx.scalar(
        select(StoredFile.media_type)
        .join(Photo, Photo.file_sha256 == StoredFile.sha256)
        .join(PublicNoticePhoto, PublicNoticePhoto.file_sha256 == StoredFile.sha256)
        .join(PublicNotice, PublicNotice.id == PublicNoticePhoto.notice_id)
        .where(
            StoredFile.sha256 == sha256,
            PublicNotice.number == normal_code(number),
            PublicNotice.state.in_(FOR_EVERYONE),
            ~Takedown.of_photo(),
        )
        .limit(1)
    )
