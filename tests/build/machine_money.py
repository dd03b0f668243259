"""Contract, invoice, payment, policy and refunds, right or wrong, for the generated histories."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select

from backend.domain.refund import RefundKind
from backend.domain.states import State
from backend.services.purchase import (
    payments,
    policies,
    refunds,
    registrations,
)
from backend.services.reads.banks import banks_to_pay_from
from backend.store.proposals import Refund
from backend.store.purchases import (
    Contract,
    Policy,
    Purchase,
    Transition,
)
from tests.build.looking import today
from tests.build.machine_try import Act, Try


def contract(this: Try, premium_fen: int | None = None) -> None:
    plan = this.plan()
    premium = (plan.premium_fen if plan else 1) - this.number % 3
    number = str(uuid4()) if this.number % 5 else "HT-same"
    village = this.village
    paper = village.contract(
        number=number,
        insurer_id=this.case.insurer_id,
        premium_fen=premium if premium_fen is None else premium_fen,
        lift_codes=list(this.lifts().values()),
        file_sha256=this.paper(),
    )
    if this.case.state == State.CONTRACTED:
        registrations.amend_contract(village.ctx, this.actor, this.case.id, paper, "更正")
    else:
        registrations.sign_contract(village.ctx, this.actor, this.case.id, paper)


def invoice(this: Try) -> None:
    with this.village.ctx.sessions() as tx:
        contract_id = tx.get_one(Purchase, this.case.id).contract_id
        signed = tx.scalar(select(Contract.premium_fen).where(Contract.id == contract_id))
    amount = (signed or 1) + (1 if this.number % 6 == 0 else 0)
    paper = this.village.invoice(
        number=str(uuid4()),
        insurer_id=this.case.insurer_id,
        amount_fen=amount,
        file_sha256=this.paper(),
    )
    payments.add_invoice(this.village.ctx, this.actor, this.case.id, paper)


def order(this: Try, *, begun_cover_known: bool) -> None:
    """From the bank where the money of the case lies; of two, by the number, one or the other, or
    none is named."""
    cashier = this.by("cashier").actor
    found = banks_to_pay_from(this.village.ctx, cashier, this.case.id)
    named = [None, *(bank.id for bank in found)] if len(found) > 1 else [None]
    payments.order_payment(
        this.village.ctx,
        this.actor,
        this.case.id,
        bank_id=named[this.number % len(named)],
        begun_cover_known=begun_cover_known,
    )


def confirm(this: Try) -> None:
    reference = str(uuid4()) if this.number % 4 else "BANK-same"
    payments.confirm_payment(this.village.ctx, this.actor, this.case.id, reference, this.paper())


def issue(this: Try) -> None:
    """Mostly as agreed; now and then it begins late, is too short, or costs another amount."""
    plan = this.plan()
    if plan is None:
        return
    village, number = this.village, this.number
    begins = max(plan.cover_from, today(village)) if number % 3 == 2 else plan.cover_from
    days = (plan.cover_ends_before - plan.cover_from).days - (number % 13 == 7)
    with village.ctx.sessions() as tx:
        case = tx.get_one(Purchase, this.case.id)
        agreed = select(Contract.premium_fen).where(Contract.id == case.contract_id)
        back = select(func.coalesce(func.sum(Transition.amount_fen), 0)).where(
            Transition.purchase_id == case.id, Transition.action == "give_back"
        )
        given_back = tx.scalar(back) or 0
        premium = max(1, (tx.scalar(agreed) or plan.premium_fen) - given_back)
    paper = village.policy(
        number=str(uuid4()) if number % 4 else "PL-same",
        cover_from=begins,
        cover_ends_before=begins + timedelta(days=max(1, days)),
        premium_fen=premium,
        lift_codes=list(this.lifts().values()),
        file_sha256=this.paper(),
    )
    if this.case.state in (State.POLICY_ISSUED, State.IN_FORCE):
        with village.ctx.sessions() as tx:
            first = tx.get(Policy, this.case.policy_id)
        if first and number % 2:
            paper = replace(paper, issued_on=first.issued_on)
        policies.set_policy(village.ctx, this.actor, this.case.id, paper, "更正")
    else:
        policies.issue_policy(village.ctx, this.actor, this.case.id, paper)


def propose(this: Try, kind: RefundKind) -> Refund:
    fen = (1, 30 if kind is RefundKind.GIVE_BACK else 1_000, 10**9)[this.number % 3]
    return refunds.propose(
        this.village.ctx, this.actor, this.case.id, kind, fen, this.paper(), "退差额"
    )


def give_back(this: Try) -> None:
    """Entered by whoever tries it; every fourth is not confirmed."""
    refund_by_two(this, RefundKind.GIVE_BACK)


def cancel(this: Try) -> None:
    refund_by_two(this, RefundKind.CANCEL)


def refund_by_two(this: Try, kind: RefundKind) -> None:
    waiting = this.refund()
    refund = propose(this, kind) if waiting is None else waiting
    reviewer = this.by("reviewer").actor
    if this.number % 4 == 3:
        refunds.refuse_refund(this.village.ctx, reviewer, refund.id, "与回单不符")
    else:
        refunds.confirm(this.village.ctx, reviewer, refund.id)


def on_refund(act: Callable[[Try, UUID], object]) -> Act:
    """Do something with the refund that waits, if there is one."""

    def chosen(this: Try) -> None:
        if waiting := this.refund():
            act(this, waiting.id)

    return chosen
