"""What waits for officers beside the cases: people who said who they are, or what is wrong about
them, and what one officer entered and another decides. Whoever is left with the role hears of it as
of a case, and where nobody is, the administrators do."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Text,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from backend.domain.roles import COMPANY_OFFICERS, PAYEE_OFFICERS, Role
from backend.domain.verification import RectificationState, VerificationState
from backend.services.base.context import Context
from backend.services.case.waiting import Waiting
from backend.store.bank_transfers import BankTransfer
from backend.store.income import DepositInterest, InterestUndo
from backend.store.past_income import PastIncome
from backend.store.people import (
    AccessGrant,
    Lockout,
    OwnerVerification,
    Person,
    RectificationRequest,
)
from backend.store.period_locks import PeriodLock
from backend.store.proposals import OpeningCorrection, PaperEntry, PayeeChange, Succession
from backend.store.purchases import Purchase
from backend.store.registry import Estate

WHOLE_CITY = "全市"


def waiting_beside(tx: Session, ctx: Context) -> list[Waiting]:
    """Each verification and request for the clerks, and what one officer entered for whoever may
    confirm it."""
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
            Waiting(None, where, Role(roles[0]), _others(here, roles, own), None)
            for roles, where, *own in entered
        ),
    ]


def _entered() -> CompoundSelect[list[str], str, UUID, UUID | None]:
    """What waits for a second officer: in which roles, where, by whom and for whom."""
    of_money, of_companies = _roles(PAYEE_OFFICERS), _roles(COMPANY_OFFICERS)
    companies = (
        select(of_companies, Estate.name, Succession.entered_by, Succession.in_stead_of)
        .join(Estate, Estate.id == Succession.estate_id)
        .where(Succession.decided_at.is_(None))
    )
    accounts = select(
        of_money, literal(WHOLE_CITY), PayeeChange.entered_by, PayeeChange.in_stead_of
    ).where(PayeeChange.decided_at.is_(None))
    openings = select(
        of_money, literal(WHOLE_CITY), OpeningCorrection.entered_by, OpeningCorrection.in_stead_of
    ).where(OpeningCorrection.decided_at.is_(None))
    interest = select(
        of_money, literal(WHOLE_CITY), DepositInterest.entered_by, DepositInterest.in_stead_of
    ).where(DepositInterest.decided_at.is_(None))
    undos = select(
        of_money, literal(WHOLE_CITY), InterestUndo.entered_by, InterestUndo.in_stead_of
    ).where(InterestUndo.decided_at.is_(None))
    locks = select(
        of_money, literal(WHOLE_CITY), PeriodLock.entered_by, PeriodLock.in_stead_of
    ).where(PeriodLock.decided_at.is_(None))
    moves = select(
        of_money, literal(WHOLE_CITY), BankTransfer.entered_by, BankTransfer.in_stead_of
    ).where(BankTransfer.decided_at.is_(None))
    past = select(
        of_money, literal(WHOLE_CITY), PastIncome.entered_by, PastIncome.in_stead_of
    ).where(PastIncome.decided_at.is_(None))
    papers = (
        select(_roles([Role.CLERK]), Estate.name, PaperEntry.entered_by, PaperEntry.in_stead_of)
        .join(Purchase, Purchase.id == PaperEntry.purchase_id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(PaperEntry.decided_at.is_(None))
    )
    return union_all(companies, accounts, openings, interest, undos, locks, moves, past, papers)


def _roles(roles: Iterable[Role]) -> ColumnElement[list[str]]:
    return literal([str(role) for role in roles], ARRAY(Text))


def _others(
    here: Mapping[Role, set[UUID]], roles: Iterable[str], own: Iterable[UUID | None]
) -> frozenset[UUID]:
    """Those who may decide, but for whose work the entry was."""
    return frozenset().union(*(here[Role(role)] for role in roles)).difference(own)


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
