"""Who hears that another company manages an estate, or is about to: its committee, where none is
in office the owners who applied, and the administrators."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.local_time import local_date
from backend.domain.roles import OF_OWNERS, Role
from backend.domain.routes.catalogue import closed_states
from backend.services.base.context import Context
from backend.services.case.committees import in_office
from backend.services.case.handover import keepers
from backend.services.case.news import News, write
from backend.store.purchases import Purchase
from backend.store.registry import CommitteeMember, Estate


def tell_estate(tx: Session, ctx: Context, estate: Estate, news: News) -> None:
    """Tell the committee in office, or the owners who applied. Does not commit."""
    known = CommitteeMember.person_id
    members = in_office(estate.id, local_date(ctx.clock())).order_by(None)
    role, people = (
        Role.COMMITTEE_MEMBER,
        tx.scalars(members.with_only_columns(known).where(known.is_not(None))).all(),
    )
    if not people:
        applied = select(Purchase.applied_by).where(
            Purchase.estate_id == estate.id,
            Purchase.applicant.in_(OF_OWNERS),
            ~Purchase.on_paper,
            Purchase.state.not_in(closed_states()),
        )
        role, people = Role.OWNER, tx.scalars(applied).all()
    tell(tx, ctx, estate, news, role, [person_id for person_id in people if person_id])


def tell_administrators(tx: Session, ctx: Context, estate: Estate, news: News) -> None:
    """Tell the administrators; where there is none, the supervisors. Does not commit."""
    role, people = keepers(tx, ctx)
    tell(tx, ctx, estate, news, role, people)


def tell(
    tx: Session, ctx: Context, estate: Estate, news: News, role: Role, people: Iterable[UUID]
) -> None:
    """Tell these people, in this role, each once. Does not commit."""
    of_estate = replace(news, cause=f"company/{news.cause}", where=estate.name)
    write(tx, ctx, of_estate, role, people)
