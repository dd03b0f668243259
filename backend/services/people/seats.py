"""Who sits on a committee: bound by the centre, or by a phone and a name that both fit.

A list that only the property company brought binds nobody by phone: the company could seat its own
people and approve its own plan. It must have come with the committee's filing (业委会备案表), and
the person must have typed the name that stands there, not only shown the number.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from backend.domain.errors import Refused, refuse
from backend.domain.local_time import local_date
from backend.domain.roles import Role
from backend.domain.verification import VerificationKind, VerificationState
from backend.services.base.context import Context
from backend.services.base.own_words import normal_name_of, phone_of
from backend.services.case.handover import tell_successor
from backend.store.people import AccessGrant, OwnerVerification, Person
from backend.store.registry import Committee, CommitteeMember

MATCHED = "手机号、姓名与备案名单一致"


def bind_filed_seats(tx: Session, ctx: Context, person: Person) -> Sequence[CommitteeMember]:
    """Bind the seats whose phone the person proved and whose name they typed, on filed lists.

    What they had asked the centre to verify about it is verified with that. Does not commit.
    """
    name, phone = normal_name_of(ctx.cipher, person), phone_of(ctx.cipher, person)
    if person.phone_verified_at is None or not name or phone is None:
        return []
    asked = and_(
        OwnerVerification.subject_id == CommitteeMember.committee_id,
        OwnerVerification.kind == VerificationKind.COMMITTEE_MEMBER,
        OwnerVerification.person_id == person.id,
        OwnerVerification.state == VerificationState.OPEN,
    )
    rows = tx.execute(
        select(CommitteeMember, OwnerVerification)
        .join(OwnerVerification, asked)
        .where(
            CommitteeMember.filed,
            CommitteeMember.phone_hash.in_(ctx.cipher.digests("phone", phone)),
            CommitteeMember.name_hash.in_(ctx.cipher.digests("name", name)),
            CommitteeMember.person_id.is_(None),
            CommitteeMember.sits(local_date(ctx.clock())),
            ~_managed_by(ctx, person.id),
        )
        .order_by(CommitteeMember.id)
        .with_for_update()
    ).all()
    for member, verification in rows:
        member.person_id = person.id
        verification.state, verification.reason = VerificationState.VERIFIED, MATCHED
        verification.settled_at = ctx.clock()
        tell_newcomer(tx, ctx, member)
    return [member for member, _ in rows]


def tell_newcomer(tx: Session, ctx: Context, member: CommitteeMember) -> None:
    """Who was just bound to this seat hears what waits for them. Does not commit."""
    assert member.person_id
    tx.flush()
    estate = tx.get_one(Committee, member.committee_id).estate_id
    role, cause = Role.COMMITTEE_MEMBER, str(member.id)
    tell_successor(tx, ctx, member.person_id, role, cause, estate_id=estate)


def check_does_not_manage(
    tx: Session, ctx: Context, member: CommitteeMember, person_id: UUID
) -> None:
    """Raises Refused `manager_and_member` (conflict) for whoever manages the member's estate."""
    managed = select(CommitteeMember.id).where(
        CommitteeMember.id == member.id, _managed_by(ctx, person_id)
    )
    if tx.scalar(managed):
        raise _both()


def check_does_not_sit(tx: Session, ctx: Context, estate_id: UUID, person_id: UUID) -> None:
    """Raises Refused `manager_and_member` (conflict) for who sits on the committee, or will."""
    today = local_date(ctx.clock())
    seat = (
        select(CommitteeMember.id)
        .join(Committee, Committee.id == CommitteeMember.committee_id)
        .where(
            Committee.estate_id == estate_id,
            CommitteeMember.person_id == person_id,
            CommitteeMember.sits(today),
            ~Committee.term_over(today),
        )
    )
    if tx.scalar(seat.limit(1)):
        raise _both()


def _managed_by(ctx: Context, person_id: UUID) -> ColumnElement[bool]:
    """Of `CommitteeMember` in a query: whether this person manages the committee's estate."""
    return exists().where(
        Committee.id == CommitteeMember.committee_id,
        AccessGrant.scope_id == Committee.estate_id,
        AccessGrant.role == str(Role.PROPERTY_MANAGER),
        AccessGrant.person_id == person_id,
        AccessGrant.valid(ctx.clock()),
    )


def _both() -> Refused:
    message = (
        "同一个人不能既是本小区业委会委员，又是本小区的物业办理人员。"
        "请先办理离任或撤销物业授权，或换人办理。"
    )
    return refuse("manager_and_member", message, kind="conflict")
