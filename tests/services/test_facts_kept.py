"""What a step keeps of the facts is what a fresh look would find, after orders of every kind.

Every step looks at all groups beforehand, so that none is spared by not having been looked at.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any, get_args

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from backend.domain.cover import CoverState
from backend.domain.effects import (
    BookDeposit,
    Booking,
    DropLift,
    EndRefund,
    InviteCommittee,
    Move,
    MoveCover,
    OpenVote,
    Order,
    ReserveCover,
    SetCover,
    SetInsurer,
    SetNotice,
    SettleVote,
    VoidPlan,
)
from backend.domain.facts import GROUPS, Facts, Group
from backend.domain.public_notice import NoticeState
from backend.domain.purchase import Decision, decide
from backend.domain.refund import RefundKind
from backend.domain.voting import Choice
from backend.services.case import steps as case_steps
from backend.services.case.case import Case
from backend.services.case.facts import LOADERS, load_facts
from backend.services.public_notice import objections
from backend.services.purchase import applications, payments, plans, special_accounts
from tests.build.alone import DEPOSIT_FEN, house_of
from tests.build.insurers import add_insurer, delist
from tests.build.looking import at, carry, planned_for, policy_for, registered, suspended
from tests.build.refunds import cancelled, entered, given_back
from tests.build.village import PREMIUM_FEN, Village
from tests.build.voting import counted, in_yunxi, opened, votes

# What may be ordered: each kind, and each thing that a kind can do.
Kind = StrEnum | type[Order]


class Watch:
    """Looks again, at the end of each act, at the facts that its last step left behind."""

    def __init__(self, village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ordered: set[Kind] = set()
        self.left: tuple[Case, Facts] | None = None
        self.open_step = case_steps._open_step
        monkeypatch.setattr(case_steps, "_open_step", self.note_facts)
        monkeypatch.setattr(case_steps, "decide", self.note_orders)
        monkeypatch.setattr(case_steps, "load_facts", everything)
        event.listen(village.ctx.sessions, "before_commit", self.look_again)

    def note_orders(self, *words: Any) -> Decision:
        decision = decide(*words)
        self.ordered |= {what_for(order) for order in decision.orders}
        return decision

    def note_facts(self, case: Case, facts: Facts) -> tuple[Decision | None, Facts]:
        self.left = case, facts
        return self.open_step(case, facts)

    def look_again(self, tx: Session) -> None:
        if self.left is None or self.left[0].tx is not tx:
            return
        (case, facts), self.left = self.left, None
        tx.flush()
        kept = {group: vars(facts)[group] for group in facts.loaded}
        assert kept == {group: LOADERS[group](case) for group in kept}


def everything(case: Case, _: Iterable[Group], known: Facts | None = None) -> Facts:
    return load_facts(case, GROUPS, known)


def what_for(order: Order) -> Kind:
    match order:
        case Move(booking):
            return booking
        case SetCover(state) | SetNotice(state):
            return state
    return type(order)


@pytest.fixture
def watch(village: Village, monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(village, monkeypatch)


def runs_its_way(village: Village) -> None:
    """From the draft to the end of the cover; the bank refuses once."""
    planned = planned_for(village, village.lifts)
    paying = carry(village, planned, "paying")
    cashier = village.actor("cashier")
    payments.reject_payment(village.ctx, cashier, paying.id, "账号有误")
    village.cashier.orders_payment(paying.id)
    village.cashier.confirms_payment(paying.id, "B-1", village.upload("cashier"))
    village.person("insurer").issues_policy(paying.id, policy_for(village, paying))
    for day in ("2025-04-01 00:00", "2026-04-01 00:00"):
        village.clock.set(at(day))
        assert case_steps.sweep(village.ctx) == 1


def is_renewed(village: Village) -> None:
    """The next year's policy is there when this one's cover ends."""
    insured = carry(village, planned_for(village, village.lifts), "policy_issued")
    village.clock.set(at("2025-04-01 00:00"))
    case_steps.sweep(village.ctx)
    terms = {"cover_from": date(2026, 4, 1), "cover_ends_before": date(2027, 4, 1)}
    carry(village, planned_for(village, village.lifts, 100_000, **terms), "policy_issued")
    village.clock.set(at("2026-04-01 00:00"))
    assert case_steps.sweep(village.ctx) == 2
    assert insured.version > 0


def is_objected_to_and_planned_anew(village: Village) -> None:
    purchase, notice, objection = suspended(village)
    owner = village.actor("owner0")
    objections.withdraw(village.ctx, owner, objection.id)
    objections.file_objection(village.ctx, owner, notice, "price", "仍然偏高")
    changed = village.terms(90_000)
    plans.revise_plan(village.ctx, village.actor("insurer"), purchase.id, changed, "降价")


def is_given_up_when_the_premium_is_due(village: Village) -> None:
    payable = village.payable()
    applications.withdraw(village.ctx, village.actor("manager"), payable.id, "另行申请")


def gets_its_papers_back(village: Village) -> None:
    """After it was confirmed by mistake, and then by its own receipt."""
    paid = village.paid()
    village.reviewer.undoes_confirmation(paid.id, "凭的是另一件的回单")
    village.cashier.confirms_payment(paid.id, "B-1", village.upload("cashier"))
    village.cashier.returns_payment(paid.id, village.upload("cashier"), "户名不符")
    payable = village.cashier.returns_papers(paid.id, "发票看不清")
    applications.withdraw(village.ctx, village.actor("manager"), payable.id, "另行申请")


def changes_what_it_is_for(village: Village) -> None:
    other = add_insurer(village)
    purchase = registered(village)
    delist(village)
    village.manager.changes_insurer(purchase.id, other, "原保险机构已不在名单")
    village.manager.drops_lift(purchase.id, village.lifts[0], "已停用")


def costs_less_than_was_paid(village: Village) -> None:
    paid = village.paid()
    given_back(village, paid.id, 100)
    policy = village.policy(premium_fen=2 * PREMIUM_FEN - 100)
    village.person("insurer").issues_policy(paid.id, policy)


def is_paid_twice_for_its_policy(village: Village) -> None:
    paid, policy = village.paid(), village.policy()
    insured = village.person("insurer").issues_policy(paid.id, policy)
    village.clock.set(at("2025-04-01 00:00"))
    case_steps.sweep(village.ctx)
    village.cashier.returns_payment(insured.id, village.upload("cashier"), "账户已销户")
    village.cashier.orders_payment(insured.id)
    village.cashier.confirms_payment(insured.id, "B-2", village.upload("cashier"))
    right = replace(policy, number="PL-2", file_sha256=village.upload("insurer"))
    village.person("insurer").sets_policy(insured.id, right, "编号写错")


def is_cancelled(village: Village) -> None:
    insured = village.insured()
    village.clock.set(at("2025-04-01 00:00"))
    case_steps.sweep(village.ctx)
    cancelled(village, insured.id, 100)


def is_voted_on(village: Village) -> None:
    purchase, vote = opened(in_yunxi(village))
    votes(village, vote, *[Choice.AGREE] * 4)
    counted(village, purchase)


def is_paid_in_beforehand(village: Village) -> None:
    """The deposit is entered wrongly once; the owner gives up, and gets it back."""
    house = house_of(village)
    purchase = house.opened()
    house.funds(purchase)
    reviewer = village.actor("reviewer")
    special_accounts.undo_fund(village.ctx, reviewer, purchase.id, "金额登错")
    house.funds(purchase)
    applications.withdraw(village.ctx, house.owner, purchase.id, "另行安排")
    refund = entered(village, purchase.id, RefundKind.CLOSE_ACCOUNT, DEPOSIT_FEN, "退还")
    village.reviewer.confirms_refund(refund.id)


ON_THE_WAY: set[Kind] = {
    *(InviteCommittee, ReserveCover, MoveCover, Booking.HOLD, NoticeState.OPEN, NoticeState.ENDED),
    *(Booking.PREMIUM_DUE, Booking.PAYMENT_ORDERED, Booking.PAYMENT_CONFIRMED),
    *(CoverState.IN_FORCE, CoverState.ENDED),
}
# Which orders each life must see.
LIVES: Mapping[Callable[[Village], None], set[Kind]] = {
    is_voted_on: {OpenVote, SettleVote},
    runs_its_way: ON_THE_WAY | {Booking.PAYMENT_REJECTED},
    is_renewed: ON_THE_WAY,
    is_objected_to_and_planned_anew: {
        *(NoticeState.SUSPENDED, NoticeState.VOID, NoticeState.OPEN),
        *(Booking.VOID_HOLD, CoverState.RELEASED),
    },
    is_given_up_when_the_premium_is_due: {Booking.REVERSE_PREMIUM_DUE, NoticeState.VOID},
    gets_its_papers_back: {
        *(Booking.PAYMENT_RETURNED, Booking.HOLD_AGAIN, Booking.VOID_HOLD),
        Booking.PAYMENT_UNCONFIRMED,
        EndRefund,
    },
    changes_what_it_is_for: {VoidPlan, SetInsurer, DropLift, Booking.VOID_HOLD},
    costs_less_than_was_paid: {Booking.REFUND, MoveCover},
    is_paid_in_beforehand: {BookDeposit, Booking.UNDO_DEPOSIT, Booking.PAY_BACK},
    is_paid_twice_for_its_policy: {CoverState.UNPAID, CoverState.RESERVED, MoveCover},
    is_cancelled: {Booking.REFUND, CoverState.ENDED},
}


@pytest.mark.deep
@pytest.mark.parametrize(("live", "orders"), LIVES.items())
def test_facts_that_are_kept_after_a_step_are_those_of_a_fresh_look(
    village: Village,
    watch: Watch,
    live: Callable[[Village], None],
    orders: set[Kind],
) -> None:
    village.copies = None  # on foot: no step may be missed
    live(village)
    assert watch.ordered >= orders


def test_the_lives_together_see_orders_of_every_kind() -> None:
    kinds = {*Booking, *get_args(Order)} - {Move, SetCover, SetNotice}
    states = {
        *CoverState,
        *(NoticeState.OPEN, NoticeState.SUSPENDED, NoticeState.ENDED, NoticeState.VOID),
    }
    assert set().union(*LIVES.values()) == kinds | states
