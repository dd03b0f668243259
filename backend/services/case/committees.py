"""The committee in office (业主委员会): its members, its mandate, and how their answers stand."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend.domain.approval import Tally, count
from backend.store.purchases import Approval, Purchase
from backend.store.registry import Committee, CommitteeMember, Estate, Mandate


def committee_in_office(estate_id: UUID, today: date) -> Select[UUID]:
    """The id of the committee whose term contains the day; of two the one elected last."""
    return (
        select(Committee.id)
        .where(
            Committee.estate_id == estate_id,
            Committee.in_office(today),
        )
        .order_by(Committee.term_from.desc())
        .limit(1)
    )


def in_office(estate_id: UUID, today: date) -> Select[CommitteeMember]:
    """The members of the committee in office who have not left."""
    return (
        select(CommitteeMember)
        .where(
            CommitteeMember.committee_id == committee_in_office(estate_id, today).scalar_subquery(),
            CommitteeMember.sits(today),
        )
        .order_by(CommitteeMember.id)
    )


def members_in_office(tx: Session, estate_id: UUID, today: date) -> Sequence[CommitteeMember]:
    """The members of the committee in office who have not left."""
    return tx.scalars(in_office(estate_id, today)).all()


def mandate_until(tx: Session, estate_id: UUID, today: date) -> date | None:
    """The last day on which the estate's property company may apply for the committee in office."""
    return tx.scalar(
        select(func.max(Mandate.valid_until))
        .join(Estate, Estate.property_company_id == Mandate.property_company_id)
        .where(
            Estate.id == estate_id,
            Mandate.committee_id == committee_in_office(estate_id, today).scalar_subquery(),
            Mandate.valid(today),
        )
    )


def tally(tx: Session, purchase: Purchase, today: date) -> Tally:
    """The latest answers to the current plan, counted among the members in office.

    Those who stand aside count as in office, but their answers do not count.
    """
    latest = (
        select(Approval.answer)
        .where(
            Approval.plan_id == purchase.plan_id,
            Approval.member_id == CommitteeMember.id,
            CommitteeMember.recused.is_(False),
        )
        .order_by(Approval.seq.desc())
        .limit(1)
        .correlate(CommitteeMember)
        .scalar_subquery()
    )
    members = in_office(purchase.estate_id, today)
    rows = tx.execute(members.with_only_columns(latest, CommitteeMember.left_on)).all()
    return count(
        [answer for answer, _ in rows if answer is not None],
        len(rows),
        min((left_on for _, left_on in rows if left_on), default=None),
    )
