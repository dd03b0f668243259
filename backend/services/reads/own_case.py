"""A case as those read it who apply for it or take part: what it waits for, and what they can do.

The table says which steps and activities these are; no page and no line here knows a state.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.conditions.depositing import to_deposit
from backend.domain.foresee import foresee
from backend.domain.purchase import role_for
from backend.domain.roles import Role
from backend.domain.routes.catalogue import action_name, state_name
from backend.domain.steps import EvidenceKind
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, see_case
from backend.services.case.facts import load_facts
from backend.services.case.renewals import to_follow
from backend.services.purchase.application_form import is_made_here
from backend.services.purchase.payments import buyers_of
from backend.services.reads.joint import Signatures, signatures
from backend.services.reads.todos import Todo, todos_of
from backend.services.reads.ways import NAMES
from backend.store.notices import Evidence
from backend.store.purchases import Contract, Invoice, Purchase, Transition
from backend.store.queries.cases import CaseLift, lifts_of, plan_of, transitions_of
from backend.store.queries.sources import source_of
from backend.store.registry import Insurer

PARTS = frozenset({Role.APPLICANT, Role.COMMITTEE_MEMBER, Role.PROPERTY_MANAGER})


@dataclass(frozen=True)
class Doing:
    """A step or an activity that this person may do from here; `obstacles` say what is in the way
    of it as the case stands."""

    action: str
    name: str
    needs_reason: bool
    obstacles: Sequence[str]


@dataclass(frozen=True)
class ContractOnRecord:
    """The contract that counts; premium in fen."""

    number: str
    premium_fen: int
    signed_on: date


@dataclass(frozen=True)
class InvoiceOnRecord:
    """The invoice that counts; amount in fen."""

    number: str
    amount_fen: int
    issued_on: date


@dataclass(frozen=True)
class Happened:
    """A step that was taken, in words."""

    at: datetime
    name: str
    state_name: str
    reason: str | None


@dataclass(frozen=True)
class NextStart:
    """The last day for the next application if cover is to go on without a gap, in words and as it
    was counted."""

    on: date
    words: str
    late: bool
    explanation: Sequence[str]


@dataclass(frozen=True)
class OwnCase:
    """One case for somebody on the applying side; money in fen. What the case itself has set aside
    (`held_fen`) counts as available.

    `warranty_and_fee` is what was said of it last, while the application may be handed in.
    `deposit_fen` is what is to be paid in as one sum, while that is waited for.
    `next_start` says, while there is cover, until when the next application begins.
    `invoice_buyers`: who an invoice may be made out to, while one is waited for.
    `todos` say what it waits for, by whom and until when. `signed` tells of the signatures when
    owners apply. `premium_fen` is the plan's, None before there is one.
    """

    purchase_id: UUID
    number: str
    estate_id: UUID
    estate: str
    state_name: str
    is_closed: bool
    version: int
    applicant: str
    applicant_name: str
    is_mine: bool
    form_made_here: bool
    warranty_and_fee: str | None
    account: str
    account_number: str
    available_fen: int
    held_fen: int
    insurer_id: UUID | None
    insurer: str | None
    lifts: Sequence[CaseLift]
    premium_fen: int | None
    deposit_fen: int | None
    signed: Signatures | None
    todos: Sequence[Todo]
    doings: Sequence[Doing]
    contract: ContractOnRecord | None
    invoice: InvoiceOnRecord | None
    invoice_buyers: Sequence[str]
    next_start: NextStart | None
    happened: Sequence[Happened]


def own_case(ctx: Context, actor: Actor, purchase_id: UUID) -> OwnCase:
    """One case; raises Refused `not_found` for everybody who neither applied nor takes part."""
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, purchase_id)
        if not case.held & PARTS:
            raise nothing_there("案件")
        purchase, source = case.purchase, source_of(tx, purchase_id)
        plan = plan_of(tx, purchase)
        of_owners = purchase.applicant == "owners"
        insurer = tx.get(Insurer, purchase.insurer_id) if purchase.insurer_id else None
        return OwnCase(
            purchase_id=purchase.id,
            number=purchase.number,
            estate_id=case.estate.id,
            estate=case.estate.name,
            state_name=state_name(purchase.state),
            is_closed=case.is_closed,
            version=purchase.version,
            applicant=purchase.applicant,
            applicant_name=NAMES[purchase.applicant],
            is_mine=Role.APPLICANT in case.held,
            form_made_here=is_made_here(case),
            warranty_and_fee=_said_of_warranty(case),
            account=source.name,
            account_number=source.number,
            available_fen=source.available_fen,
            held_fen=source.held_fen,
            insurer_id=purchase.insurer_id,
            insurer=insurer.name if insurer else None,
            lifts=lifts_of(tx, purchase),
            premium_fen=plan.premium_fen if plan else None,
            deposit_fen=_to_deposit(case),
            signed=signatures(tx, ctx, purchase, actor.person_id) if of_owners else None,
            todos=() if case.is_closed else todos_of(case),
            doings=list(_doings(case)),
            contract=_contract(tx, purchase),
            invoice=_invoice(tx, purchase),
            invoice_buyers=_buyers(case),
            next_start=_next_start(case),
            happened=[_happened(row) for row in transitions_of(tx, purchase.id)],
        )


def _doings(case: Case) -> Iterator[Doing]:
    """Steps first, each with what is foreseen against it, then what is done beside them."""
    for offer in foresee(case.table, case.purchase.state, case.held, case.facts):
        if not offer.is_open:
            continue
        facts = load_facts(case, offer.groups)
        obstacles = [refusal.message for guard in offer.step.guards for refusal in guard(facts)]
        step = offer.step
        yield Doing(step.action, action_name(step.action), step.needs_reason, obstacles)
    for action, row in case.table.activities.items():
        open_here = case.table.allows(action, case.purchase.state)
        if open_here and role_for(row, case.held, case.purchase.applicant_role):
            yield Doing(action, action_name(action), False, ())


def _to_deposit(case: Case) -> int | None:
    if not case.table.find(case.purchase.state, Action.FUND):
        return None
    return to_deposit(load_facts(case, ["deposit", "terms", "money"]))


def _said_of_warranty(case: Case) -> str | None:
    """So that nobody writes it a second time after 退回补正."""
    if not case.table.find(case.purchase.state, Action.APPLY):
        return None
    of_case = Evidence.subject == case.subject, Evidence.kind == EvidenceKind.WARRANTY_AND_FEE
    words: str | None = case.tx.scalar(
        select(Evidence.statement).where(*of_case).order_by(Evidence.id.desc()).limit(1)
    )
    return words


def _contract(tx: Session, purchase: Purchase) -> ContractOnRecord | None:
    row = tx.get(Contract, purchase.contract_id) if purchase.contract_id else None
    return ContractOnRecord(row.number, row.premium_fen, row.signed_on) if row else None


def _invoice(tx: Session, purchase: Purchase) -> InvoiceOnRecord | None:
    row = tx.get(Invoice, purchase.invoice_id) if purchase.invoice_id else None
    return InvoiceOnRecord(row.number, row.amount_fen, row.issued_on) if row else None


def _buyers(case: Case) -> Sequence[str]:
    waited_for = case.table.allows(Action.ADD_INVOICE, case.purchase.state)
    return buyers_of(case) if waited_for else ()


def _next_start(case: Case) -> NextStart | None:
    start = to_follow(case)
    if start is None:
        return None
    late = start.is_late(case.today)
    return NextStart(start.on, start.words(case.today), late, start.explanation)


def _happened(row: Transition) -> Happened:
    return Happened(row.at, action_name(row.action), state_name(row.to_state), row.reason)
