"""Loads the facts of a case that the domain judges: group by group, and only what is asked for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    cast,
    exists,
    func,
    literal,
    null,
    select,
)
from sqlalchemy import case as either
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased

from backend.domain.actions import Action
from backend.domain.cover import CoverState
from backend.domain.deadlines import DeadlineState
from backend.domain.deposit_facts import Deposit, Shares
from backend.domain.facts import (
    Applying,
    ContractFact,
    Facts,
    Group,
    InvoiceFact,
    LiftFact,
    Money,
    PlanFact,
    PolicyFact,
    Terms,
    Waiting,
)
from backend.domain.ledger import PaymentState
from backend.domain.local_time import local_date
from backend.domain.objection import ObjectionStatus
from backend.domain.refund import FROM_INSURER
from backend.services.case.case import Case
from backend.services.case.committees import committee_in_office, tally
from backend.services.case.conflicts_of_interest import count_cosigners
from backend.services.case.live_notice import live_notice, notice_fact
from backend.services.case.votes import vote_fact
from backend.store.ledger import Account
from backend.store.mandates import Mandate
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import (
    Contract,
    CoveragePeriod,
    Invoice,
    Payment,
    Plan,
    PlanLift,
    Policy,
    Purchase,
    PurchaseLift,
    PurchaseSource,
    Survey,
    Transition,
)
from backend.store.queries import area
from backend.store.queries.cases import answers_owed
from backend.store.queries.owned_alone import all_of
from backend.store.queries.shares import shares_of_case
from backend.store.queries.sources import source_of
from backend.store.queries.special_accounts import needs_its_account
from backend.store.registry import Estate, Insurer, Lift
from backend.store.special_accounts import SpecialDeposit

# What an insurer must know of a lift and the registry may not hold.
DATA = ("品牌", "维保单位", "下次检验日期")


def load_facts(case: Case, groups: Iterable[Group], known: Facts | None = None) -> Facts:
    """The case as it stands in this transaction; groups that are `known` are not loaded again."""
    facts = known or case.facts
    missing = frozenset(groups) - facts.loaded
    return facts.having(**{group: LOADERS[group](case) for group in missing}) if missing else facts


def _applying(case: Case) -> Applying:
    purchase, today = case.purchase, case.today
    committee = committee_in_office(purchase.estate_id, today).scalar_subquery()
    mandated = exists().where(
        Mandate.committee_id == committee,
        Mandate.property_company_id == Estate.property_company_id,
        Mandate.valid(today),
    )
    closed = exists().where(
        PurchaseSource.purchase_id == purchase.id,
        PurchaseSource.account_id == Account.id,
        Account.closed_on.is_not(None),
    )
    found = case.tx.execute(
        select(
            count_cosigners(purchase).scalar_subquery(),
            committee.is_not(None),
            mandated,
            Estate.property_company_id.is_not(None) | Estate.sole_manager.is_not(None),
            _inspection_due(purchase, today).scalar_subquery(),
            exists().where(
                Payment.purchase_id == purchase.id, Payment.state == PaymentState.RETURNED
            ),
            ~closed,
        ).where(Estate.id == purchase.estate_id)
    )
    cosigners, in_office, mandate_valid, managed, due, paid, account_open = found.one()
    overdue = {code: date.fromisoformat(day) for code, day in sorted((due or {}).items())}
    return Applying(cosigners, in_office, mandate_valid, managed, overdue, paid, account_open)


def _inspection_due(purchase: Purchase, today: date) -> Select[Any]:
    """By their code, the lifts whose inspection should have been before today, and when."""
    return (
        select(func.jsonb_object_agg(Lift.registration_code, Lift.next_inspection_on))
        .join(PurchaseLift, PurchaseLift.lift_id == Lift.id)
        .where(PurchaseLift.purchase_id == purchase.id, Lift.next_inspection_on < today)
    )


def _lifts(case: Case) -> tuple[LiftFact, ...]:
    """Place, latest survey, and cover of others that stands in the plan's way."""
    purchase = case.purchase
    survey = (
        select(Survey.result)
        .where(
            Survey.purchase_id == purchase.id,
            Survey.lift_id == Lift.id,
            Survey.insurer_id == purchase.insurer_id,
        )
        .order_by(Survey.id.desc())
        .limit(1)
        .correlate(Lift)
        .scalar_subquery()
    )
    reserved = exists().where(
        CoveragePeriod.purchase_id == purchase.id,
        CoveragePeriod.lift_id == Lift.id,
        CoveragePeriod.state.not_in((CoverState.RELEASED, CoverState.ENDED)),
    )
    rows = case.tx.execute(
        select(
            Lift.id,
            Lift.registration_code,
            area.in_reach(purchase.id),
            Lift.use,
            survey,
            _taken_until(purchase).correlate(Lift).scalar_subquery(),
            reserved,
            _lacks(),
        )
        .join(PurchaseLift, PurchaseLift.lift_id == Lift.id)
        .where(PurchaseLift.purchase_id == purchase.id)
        .order_by(Lift.registration_code)
    )
    return tuple(replace(LiftFact(*row[:-1]), lacks=tuple(row[-1])) for row in map(tuple, rows))


def _lacks() -> ColumnElement[list[str]]:
    """Of `Lift` in a query: which of `DATA` nobody registered."""
    columns = (Lift.brand, Lift.maintainer_id, Lift.next_inspection_on)
    missing = [
        either((column.is_(None), literal(what)), else_=null())
        for what, column in zip(DATA, columns, strict=True)
    ]
    return func.array_remove(array(missing), null())


def _taken_until(purchase: Purchase) -> Select[date]:
    """Until before which day others cover a lift within the plan's period."""
    period = func.daterange(Plan.cover_from, Plan.cover_ends_before)
    return (
        select(func.max(func.upper(CoveragePeriod.period)))
        .join(Plan, Plan.id == purchase.plan_id)
        .where(
            CoveragePeriod.lift_id == Lift.id,
            CoveragePeriod.purchase_id != purchase.id,
            CoveragePeriod.state != CoverState.RELEASED,
            CoveragePeriod.period.op("&&")(period),
        )
    )


def _terms(case: Case) -> Terms:
    purchase = case.purchase
    premiums = (
        select(func.jsonb_object_agg(cast(PlanLift.lift_id, Text), PlanLift.premium_fen))
        .where(PlanLift.plan_id == purchase.plan_id)
        .scalar_subquery()
    )
    issued = select(func.max(Transition.at)).where(
        Transition.subject == purchase.subject, Transition.action == Action.ISSUE_POLICY
    )
    of_case = (premiums, _given_back(purchase), issued.scalar_subquery())
    insurer, plan, contract, invoice, policy, per_lift, given_back, issued_at = case.tx.execute(
        select(Insurer, Plan, Contract, Invoice, Policy, *of_case)
        .select_from(Purchase)
        .outerjoin(Plan, Plan.id == Purchase.plan_id)
        .outerjoin(Insurer, Insurer.id == func.coalesce(Plan.insurer_id, Purchase.insurer_id))
        .outerjoin(Contract, Contract.id == Purchase.contract_id)
        .outerjoin(Invoice, Invoice.id == purchase.invoice_id)
        .outerjoin(Policy, Policy.id == Purchase.policy_id)
        .where(Purchase.id == purchase.id)
    ).one()
    return Terms(
        insurer_selected=insurer is not None and insurer.selected(case.today),
        plan=_plan(plan, per_lift) if plan else None,
        contract=_contract(contract) if contract else None,
        invoice=InvoiceFact(invoice.insurer_id, invoice.amount_fen) if invoice else None,
        policy=_policy(policy) if policy else None,
        given_back_fen=given_back,
        policy_since=local_date(issued_at) if issued_at else None,
    )


def _given_back(purchase: Purchase) -> ColumnElement[int]:
    """What came back of the premium (退费, 退保) since it was last asked for."""
    of_case = Transition.subject == purchase.subject
    asked = select(func.max(Transition.seq)).where(
        of_case, Transition.action == Action.REQUEST_PAYMENT
    )
    given_back = select(func.sum(Transition.amount_fen)).where(
        of_case,
        Transition.action.in_([kind.step for kind in FROM_INSURER]),
        Transition.seq > asked.scalar_subquery(),
    )
    return cast(func.coalesce(given_back.scalar_subquery(), 0), BigInteger)


def _plan(plan: Plan, premiums: Mapping[str, int]) -> PlanFact:
    return PlanFact(
        plan.id,
        plan.revision,
        plan.insurer_id,
        plan.premium_fen,
        {UUID(lift_id): fen for lift_id, fen in premiums.items()},
        plan.cover_from,
        plan.cover_ends_before,
    )


def _contract(contract: Contract) -> ContractFact:
    return ContractFact(contract.insurer_id, contract.premium_fen, frozenset(contract.lift_codes))


def _policy(policy: Policy) -> PolicyFact:
    return PolicyFact(
        policy.cover_from,
        policy.cover_ends_before,
        policy.issued_on,
        policy.premium_fen,
        frozenset(policy.lift_codes),
        policy.number,
        policy.answers_for_days_before,
    )


def _money(case: Case) -> Money:
    source = source_of(case.tx, case.purchase.id)
    return Money(source.available_fen, source.hold, source.held_fen)


def _succession(case: Case) -> bool:
    """Whether another policy insures every lift of this one from the end of its cover on.

    That one may begin at this very moment, so it counts before its own step is taken.
    """
    purchase = case.purchase
    own, later = aliased(CoveragePeriod), aliased(CoveragePeriod)
    alone = (
        select(own.id)
        .outerjoin(
            later,
            (later.lift_id == own.lift_id)
            & (later.purchase_id != own.purchase_id)
            & (later.state.in_((CoverState.RESERVED, CoverState.IN_FORCE)))
            & (later.policy_number.is_not(None))
            & (later.period.contains(func.upper(own.period))),
        )
        .where(own.purchase_id == purchase.id, own.state == CoverState.IN_FORCE, later.id.is_(None))
    )
    return case.tx.scalar(alone.limit(1)) is None


def _objections(case: Case) -> tuple[ObjectionStatus, ...]:
    """How each objection to the live notice stands."""
    notice = live_notice(case.purchase).with_only_columns(PublicNotice.id).scalar_subquery()
    return tuple(case.tx.scalars(select(Objection.status).where(Objection.notice_id == notice)))


def _waiting(case: Case) -> Waiting:
    """The end of the limit that the case's state has, and the answers that the centre owes."""
    until = (
        select(func.max(DeadlineRecord.ends_before))
        .where(
            DeadlineRecord.subject == case.subject,
            DeadlineRecord.kind == case.table.stay_in(case.purchase.state),
            DeadlineRecord.state == DeadlineState.OPEN,
        )
        .scalar_subquery()
    )
    unanswered = (
        select(func.count())
        .select_from(Objection)
        .join(PublicNotice, PublicNotice.id == Objection.notice_id)
        .where(PublicNotice.purchase_id == case.purchase.id, Objection.id.in_(answers_owed()))
        .scalar_subquery()
    )
    return Waiting(*case.tx.execute(select(until, unanswered)).one())


def _deposit(case: Case) -> Deposit:
    """Whose the circle is, and what the special account paid and pays beside this case."""
    purchase = case.purchase
    of_account = select(PurchaseSource.account_id).where(PurchaseSource.purchase_id == purchase.id)
    others = (
        PurchaseSource.account_id.in_(of_account),
        PurchaseSource.purchase_id != purchase.id,
    )
    paid = select(func.count()).where(
        *others,
        Payment.purchase_id == PurchaseSource.purchase_id,
        Payment.state == PaymentState.CONFIRMED,
    )
    booked = select(func.sum(SpecialDeposit.amount_fen)).where(
        SpecialDeposit.purchase_id == purchase.id, SpecialDeposit.undone_at.is_(None)
    )
    in_use = exists().where(*others, PurchaseSource.purchase_id.in_(needs_its_account()))
    all_mine, years, booked_fen, used = case.tx.execute(
        select(
            all_of(area.circle(purchase.id), purchase.applied_by),
            paid.scalar_subquery(),
            cast(func.coalesce(booked.scalar_subquery(), 0), BigInteger),
            in_use,
        )
    ).one()
    return Deposit(all_mine, years, booked_fen, used)


def _shares(case: Case) -> Shares:
    return shares_of_case(case.tx, case.purchase)


LOADERS: Mapping[Group, Callable[[Case], Any]] = {
    "applying": _applying,
    "lifts": _lifts,
    "terms": _terms,
    "money": _money,
    "votes": lambda case: tally(case.tx, case.purchase, case.now),
    "vote": vote_fact,
    "notice": lambda case: notice_fact(case.tx, case.profile, case.live_notice),
    "objections": _objections,
    "succession": _succession,
    "waiting": _waiting,
    "deposit": _deposit,
    "shares": _shares,
}
