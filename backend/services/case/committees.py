"""The committee in office (业主委员会): its members, its mandate, and how their answers stand."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.domain.approval import Tally, count
from backend.domain.local_time import local_date
from backend.domain.roles import Role
from backend.store.mandates import Mandate
from backend.store.people import AccessGrant
from backend.store.purchases import Purchase
from backend.store.queries.places import among, looked_up
from backend.store.registry import Committee, CommitteeMember, Estate
from backend.store.signatures import Approval


def committee_in_office(estate_id: UUID | InstrumentedAttribute[UUID], today: date) -> Select[UUID]:
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


def members_of(cases: Sequence[UUID], today: date) -> Select[UUID, UUID | None]:
    """Of each of these cases the members of its estate's committee in office: the case, and the
    person, if known."""
    committee = committee_in_office(Purchase.estate_id, today).correlate(Purchase)
    return (
        select(Purchase.id, CommitteeMember.person_id)
        .join(Committee, Committee.estate_id == Purchase.estate_id)
        .join(CommitteeMember, CommitteeMember.committee_id == Committee.id)
        .where(
            Purchase.id.in_(cases),
            Committee.id == committee.scalar_subquery(),
            CommitteeMember.sits(today),
        )
    )


def recusal(now: datetime) -> ColumnElement[bool]:
    """Of `CommitteeMember` in a query: whether the member takes no part in decisions (回避), by a
    declared interest, or since they manage the estate's property for its company."""
    manages = exists().where(
        Committee.id == CommitteeMember.committee_id,
        AccessGrant.scope_id == Committee.estate_id,
        AccessGrant.role == str(Role.PROPERTY_MANAGER),
        AccessGrant.person_id == CommitteeMember.person_id,
        AccessGrant.valid(now),
    )
    return or_(CommitteeMember.recused, manages.correlate(CommitteeMember))


def members_to_ask(tx: Session, estate_id: UUID, now: datetime) -> Mapping[UUID, UUID]:
    """The members in office who may decide and are known: the person by the member's id."""
    members = in_office(estate_id, local_date(now)).where(~recusal(now))
    known = members.with_only_columns(CommitteeMember.id, CommitteeMember.person_id)
    rows = tx.execute(known.where(CommitteeMember.person_id.is_not(None)))
    return {member_id: person_id for member_id, person_id in rows if person_id}


def mandate_until(tx: Session, estate_id: UUID, today: date) -> date | None:
    """The last day on which the estate's property company may apply for the committee in office."""
    return tx.scalar(select(mandated_until(today)).where(Estate.id == estate_id))


def mandated_until(today: date) -> ScalarSelect[date]:
    """Of `Estate` in a query: `mandate_until`."""
    committee = committee_in_office(Estate.id, today).correlate(Estate).scalar_subquery()
    return (
        select(func.max(Mandate.valid_until))
        .where(
            Mandate.property_company_id == Estate.property_company_id,
            Mandate.committee_id == committee,
            Mandate.valid(today),
        )
        .correlate(Estate)
        .scalar_subquery()
    )


def mandates_until(tx: Session, estates: Sequence[UUID], today: date) -> Mapping[UUID, date]:
    """`mandate_until` of each of these estates that has a mandate, read together."""
    sitting = looked_up(
        "sitting",
        select(Committee.estate_id, Committee.id)
        .ext(distinct_on(Committee.estate_id))
        .order_by(Committee.estate_id, Committee.term_from.desc()),
        Committee.estate_id.in_(estates),
        Committee.in_office(today),
    )
    managed = looked_up(
        "managed", select(Estate.id, Estate.property_company_id), Estate.id.in_(estates)
    )
    given = looked_up(
        "given",
        select(Mandate.committee_id, Mandate.property_company_id, Mandate.valid_until),
        among(Mandate.property_company_id, select(managed.c.property_company_id).distinct()),
        Mandate.valid(today),
    )
    rows = tx.execute(
        select(managed.c.id, func.max(given.c.valid_until))
        .join(sitting, sitting.c.estate_id == managed.c.id)
        .join(given, given.c.committee_id == sitting.c.id)
        .where(given.c.property_company_id == managed.c.property_company_id)
        .group_by(managed.c.id)
    )
    return dict(rows.all())


def tally(tx: Session, purchase: Purchase, now: datetime) -> Tally:
    """The latest answers to the current plan, counted among the members in office.

    Those who stand aside count as in office, but their answers do not count; an answer in the
    minutes counts from its day on.
    """

    def latest(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
        return (
            select(column)
            .where(
                Approval.plan_id == purchase.plan_id,
                Approval.member_id == CommitteeMember.id,
                ~recusal(now),
            )
            .order_by(Approval.seq.desc())
            .limit(1)
            .correlate(CommitteeMember)
            .scalar_subquery()
        )

    today = local_date(now)
    members = in_office(purchase.estate_id, today).with_only_columns(
        latest(Approval.answer), latest(Approval.counts_from), CommitteeMember.left_on
    )
    rows = tx.execute(members).all()
    later = {counts_from for _, counts_from, _ in rows if counts_from and counts_from > today}
    return count(
        [answer for answer, counts_from, _ in rows if answer and counts_from not in later],
        len(rows),
        min(later.union(left_on for _, _, left_on in rows if left_on), default=None),
    )
