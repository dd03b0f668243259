"""What waits for officers beside the cases: people who said who they are, or what is wrong about
them, and what one officer entered and another decides. Whoever is left with the role hears of it as
of a case, and where nobody is, the administrators do."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import CompoundSelect, false, func, literal, select, true, union_all
from sqlalchemy.orm import Session

from backend.domain.roles import COMPANY_OFFICERS, PAYEE_OFFICERS, Role
from backend.domain.verification import RectificationState, VerificationState
from backend.services.base.context import Context
from backend.services.case.waiting import Waiting
from backend.store.bank_transfers import BankTransfer
from backend.store.income import DepositInterest, InterestUndo
from backend.store.people import (
    AccessGrant,
    Lockout,
    OwnerVerification,
    Person,
    RectificationRequest,
)
from backend.store.period_locks import PeriodLock
from backend.store.proposals import OpeningCorrection, PayeeChange, Succession
from backend.store.registry import Estate

WHOLE_CITY = "全市"


def waiting_beside(tx: Session, ctx: Context) -> list[Waiting]:
    """Each verification and request for the clerks, each succession and each other account of an
    insurer and correction of an opening for whoever may confirm it."""
    asked = [
        select(func.count()).where(OwnerVerification.state == VerificationState.OPEN),
        select(func.count()).where(RectificationRequest.state == RectificationState.OPEN),
    ]
    for_clerks = sum(tx.scalars(union_all(*asked)))
    entered = tx.execute(_entered()).all()
    if not for_clerks and not entered:
        return []
    here = officers_here(tx, ctx)
    clerks = frozenset(here[Role.CLERK])
    return [
        *(Waiting(None, WHOLE_CITY, Role.CLERK, clerks, None) for _ in range(for_clerks)),
        *(
            Waiting(None, where, Role.REVIEWER, _others(here, of_money, own), None)
            for of_money, where, *own in entered
        ),
    ]


def _entered() -> CompoundSelect[bool, str, UUID, UUID | None]:
    """What waits for a second officer: of money or of a company, where, by whom and for whom."""
    companies = (
        select(false(), Estate.name, Succession.entered_by, Succession.in_stead_of)
        .join(Estate, Estate.id == Succession.estate_id)
        .where(Succession.decided_at.is_(None))
    )
    accounts = select(
        true(), literal(WHOLE_CITY), PayeeChange.entered_by, PayeeChange.in_stead_of
    ).where(PayeeChange.decided_at.is_(None))
    openings = select(
        true(), literal(WHOLE_CITY), OpeningCorrection.entered_by, OpeningCorrection.in_stead_of
    ).where(OpeningCorrection.decided_at.is_(None))
    interest = select(
        true(), literal(WHOLE_CITY), DepositInterest.entered_by, DepositInterest.in_stead_of
    ).where(DepositInterest.decided_at.is_(None))
    undos = select(
        true(), literal(WHOLE_CITY), InterestUndo.entered_by, InterestUndo.in_stead_of
    ).where(InterestUndo.decided_at.is_(None))
    locks = select(
        true(), literal(WHOLE_CITY), PeriodLock.entered_by, PeriodLock.in_stead_of
    ).where(PeriodLock.decided_at.is_(None))
    moves = select(
        true(), literal(WHOLE_CITY), BankTransfer.entered_by, BankTransfer.in_stead_of
    ).where(BankTransfer.decided_at.is_(None))
    return union_all(companies, accounts, openings, interest, undos, locks, moves)


def _others(
    here: Mapping[Role, set[UUID]], of_money: bool, own: Iterable[UUID | None]
) -> frozenset[UUID]:
    """Those who may decide, but for whose work the entry was."""
    roles = PAYEE_OFFICERS if of_money else COMPANY_OFFICERS
    return frozenset().union(*(here[role] for role in roles)).difference(own)


def officers_here(tx: Session, ctx: Context) -> dict[Role, set[UUID]]:
    """Those with these roles who are here: neither gone nor kept out (停用)."""
    rows = tx.execute(
        select(AccessGrant.role, AccessGrant.person_id)
        .join(Person, Person.id == AccessGrant.person_id)
        .where(
            AccessGrant.role.in_({*COMPANY_OFFICERS, *PAYEE_OFFICERS, Role.SUPERVISOR}),
            AccessGrant.valid(ctx.clock()),
            Person.left_at.is_(None),
            ~Lockout.keeps_out(AccessGrant.person_id),
        )
    )
    found: dict[Role, set[UUID]] = defaultdict(set)
    for role, person_id in rows:
        found[Role(role)].add(person_id)
    return found
