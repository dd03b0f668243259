"""What waits for officers beside the cases: people who said who they are, or what is wrong about
them, and companies that took over others. Whoever is left with the role hears of it as of a case,
and where nobody is, the administrators do."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from backend.domain.roles import COMPANY_OFFICERS, Role
from backend.domain.verification import RectificationState, VerificationState
from backend.services.base.context import Context
from backend.services.case.waiting import Waiting
from backend.store.people import (
    AccessGrant,
    Lockout,
    OwnerVerification,
    Person,
    RectificationRequest,
)
from backend.store.registry import Estate
from backend.store.successions import Succession

WHOLE_CITY = "全市"


def waiting_beside(tx: Session, ctx: Context) -> list[Waiting]:
    """Each verification and request for the clerks, each succession for whoever may confirm it."""
    asked = [
        select(func.count()).where(OwnerVerification.state == VerificationState.OPEN),
        select(func.count()).where(RectificationRequest.state == RectificationState.OPEN),
    ]
    for_clerks = sum(tx.scalars(union_all(*asked)))
    successions = tx.execute(
        select(Estate.name, Succession.entered_by, Succession.in_stead_of)
        .join(Estate, Estate.id == Succession.estate_id)
        .where(Succession.decided_at.is_(None))
        .order_by(Succession.id)
    ).all()
    if not for_clerks and not successions:
        return []
    here = _officers(tx, ctx)
    clerks = frozenset(here[Role.CLERK])
    anybody = frozenset().union(*here.values())
    return [
        *(Waiting(None, WHOLE_CITY, Role.CLERK, clerks, None) for _ in range(for_clerks)),
        *(
            Waiting(None, estate, Role.REVIEWER, anybody - {by, in_stead_of}, None)
            for estate, by, in_stead_of in successions
        ),
    ]


def _officers(tx: Session, ctx: Context) -> dict[Role, set[UUID]]:
    """Those with these roles who are here: neither gone nor kept out (停用)."""
    rows = tx.execute(
        select(AccessGrant.role, AccessGrant.person_id)
        .join(Person, Person.id == AccessGrant.person_id)
        .where(
            AccessGrant.role.in_(COMPANY_OFFICERS),
            AccessGrant.valid(ctx.clock()),
            Person.left_at.is_(None),
            ~Lockout.keeps_out(AccessGrant.person_id),
        )
    )
    found: dict[Role, set[UUID]] = defaultdict(set)
    for role, person_id in rows:
        found[Role(role)].add(person_id)
    return found
