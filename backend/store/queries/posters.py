"""What is printed: the valid code of a lift, the lifts and notices of an estate, order rows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, aliased

from backend.domain.normal import normal_code
from backend.domain.public_notice import TO_BE_PRINTED
from backend.store.notices import PublicNotice
from backend.store.posters import Poster, PrintItem, PrintOrder, PrintOrderState
from backend.store.purchases import PlanLift, Purchase
from backend.store.queries.area import lifts_serving
from backend.store.registry import Building, Estate, Lift, LiftToken, Unit


def valid_token(tx: Session, lift_id: UUID) -> str | None:
    """What this lift's code carries now."""
    return tx.scalar(select(LiftToken.token).where(LiftToken.lift_id == lift_id, LiftToken.valid))


def token_in_unit(tx: Session, plan_id: UUID, unit_id: UUID) -> str | None:
    """The valid code of the first of the plan's lifts that serve this unit."""
    return tx.scalar(
        select(LiftToken.token)
        .join(Lift, Lift.id == LiftToken.lift_id)
        .join(PlanLift, PlanLift.lift_id == Lift.id)
        .where(
            PlanLift.plan_id == plan_id,
            Lift.id.in_(lifts_serving([unit_id])),
            LiftToken.valid,
        )
        .order_by(Lift.name, Lift.id)
        .limit(1)
    )


def hanging_with_code_of(tx: Session, lift_id: UUID) -> Sequence[str]:
    """The numbers of the notices whose posters bear a revoked code of this lift, while no poster
    for the same unit bears a valid one."""
    renewed, fresh = aliased(Poster), aliased(LiftToken)
    anew = (
        select(renewed.sha256)
        .join(fresh, fresh.token == renewed.token)
        .where(
            renewed.notice_id == Poster.notice_id,
            renewed.unit_id == Poster.unit_id,
            fresh.valid,
        )
    )
    return tx.scalars(
        select(PublicNotice.number)
        .join(Poster, Poster.notice_id == PublicNotice.id)
        .join(LiftToken, LiftToken.token == Poster.token)
        .where(
            LiftToken.lift_id == lift_id,
            ~LiftToken.valid,
            PublicNotice.state.in_(TO_BE_PRINTED),
            ~anew.exists(),
        )
        .distinct()
        .order_by(PublicNotice.number)
    ).all()


def estate_of_lift(tx: Session, lift_id: UUID) -> tuple[UUID, UUID] | None:
    """The estate and the unit in which this lift stands."""
    row = tx.execute(
        select(Building.estate_id, Unit.id)
        .join(Unit, Unit.building_id == Building.id)
        .join(Lift, Lift.unit_id == Unit.id)
        .where(Lift.id == lift_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def estate_by_code(tx: Session, code: str) -> Estate | None:
    """The estate with this code."""
    return tx.scalar(select(Estate).where(Estate.code == normal_code(code)))


def printed_notices(tx: Session, estate_id: UUID) -> Sequence[PublicNotice]:
    """The notices of an estate that want posters, by number."""
    return tx.scalars(
        select(PublicNotice)
        .join(Purchase, Purchase.id == PublicNotice.purchase_id)
        .where(Purchase.estate_id == estate_id, PublicNotice.state.in_(TO_BE_PRINTED))
        .order_by(PublicNotice.number)
    ).all()


def units_of_building(tx: Session, building_id: UUID) -> Sequence[UUID]:
    """The units of a building."""
    return tx.scalars(select(Unit.id).where(Unit.building_id == building_id)).all()


def order_items(tx: Session, order_id: UUID) -> Sequence[PrintItem]:
    """The posters of an order in their order."""
    return tx.scalars(
        select(PrintItem).where(PrintItem.order_id == order_id).order_by(PrintItem.position)
    ).all()


def enlarged_positions(tx: Session, order_id: UUID) -> frozenset[int]:
    """Which posters of an order came out on A3 although A4 was ordered."""
    return frozenset(
        tx.scalars(
            select(PrintItem.position)
            .join(PrintOrder, PrintOrder.id == PrintItem.order_id)
            .join(Poster, Poster.sha256 == PrintItem.poster_sha256)
            .where(PrintOrder.id == order_id, PrintOrder.paper == "A4", Poster.paper == "A3")
        )
    )


def next_item(tx: Session, order_id: UUID) -> PrintItem | None:
    """The first poster of an order that was neither made nor found impossible."""
    return tx.scalar(
        select(PrintItem)
        .where(
            PrintItem.order_id == order_id,
            PrintItem.poster_sha256.is_(None),
            PrintItem.failure.is_(None),
        )
        .order_by(PrintItem.position)
        .limit(1)
    )


def count_attempt(tx: Session, item: PrintItem, more: int = 1) -> int:
    """One more attempt at a poster begins (-1: did not count); how many that makes."""
    return tx.execute(
        update(PrintItem)
        .where(PrintItem.order_id == item.order_id, PrintItem.position == item.position)
        .values(attempts=PrintItem.attempts + more)
        .returning(PrintItem.attempts)
    ).scalar_one()


def open_order_of(tx: Session, estate_id: UUID, person_id: UUID | None) -> PrintOrder | None:
    """The order for this estate that this person (None: the command line) has not yet got."""
    return tx.scalar(
        select(PrintOrder).where(
            PrintOrder.estate_id == estate_id,
            PrintOrder.ordered_by.is_not_distinct_from(person_id),
            PrintOrder.state == PrintOrderState.OPEN,
        )
    )


def lease_order(tx: Session, order_id: UUID, now: datetime, until: datetime) -> bool:
    """Take an open order that nobody works on, until a moment of real time."""
    leased = tx.scalar(
        update(PrintOrder)
        .where(
            PrintOrder.id == order_id,
            PrintOrder.state == PrintOrderState.OPEN,
            or_(PrintOrder.leased_until.is_(None), PrintOrder.leased_until <= now),
        )
        .values(leased_until=until)
        .returning(PrintOrder.id)
    )
    return leased is not None


def open_order_ids(tx: Session, now: datetime, batch_size: int) -> Sequence[UUID]:
    """Open orders that nobody works on, the oldest first."""
    return tx.scalars(
        select(PrintOrder.id)
        .where(
            PrintOrder.state == PrintOrderState.OPEN,
            or_(PrintOrder.leased_until.is_(None), PrintOrder.leased_until <= now),
        )
        .order_by(PrintOrder.id)
        .limit(batch_size)
    ).all()


def progress(tx: Session, order_id: UUID) -> tuple[int, int]:
    """How many posters of an order are settled, and how many there are."""
    done, total = tx.execute(
        select(
            func.count().filter(
                or_(PrintItem.poster_sha256.is_not(None), PrintItem.failure.is_not(None))
            ),
            func.count(),
        ).where(PrintItem.order_id == order_id)
    ).one()
    return done, total
