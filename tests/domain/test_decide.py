"""A table decides a step: by whom, with what in hand, what follows; also on routes of later."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from backend.domain.cover import CoverState
from backend.domain.effects import (
    Booking,
    InviteCommittee,
    Move,
    Order,
    ReserveCover,
    SetCover,
    SetNotice,
)
from backend.domain.errors import Refused
from backend.domain.ledger import HoldState
from backend.domain.public_notice import NoticeState
from backend.domain.purchase import decide, step_from
from backend.domain.roles import APPLICANT_ROLES, CASE_OFFICERS, Role
from backend.domain.routes.catalogue import table_of
from backend.domain.states import State
from backend.domain.steps import EvidenceKind
from backend.domain.table import Table
from backend.domain.texts import REASON_LIMIT
from tests.build.facts import (
    CASHIER,
    CLERK,
    CONTRACT,
    JISHOU,
    LIFTS,
    NOTICE,
    PERSON,
    PLAN,
    REVIEWER,
    codes,
)
from tests.build.facts import facts as case

R1 = table_of("R1", JISHOU)


def decided(
    action: str,
    state: str | None,
    *held: Role,
    table: Table = R1,
    evidence: Iterable[str] = (),
    reason: str | None = None,
    **changed: Any,
) -> tuple[str, Role, tuple[Order, ...]]:
    step = step_from(table, state, action)
    decision = decide(step, held, evidence, reason, case(**changed))
    return decision.step.target, decision.role, decision.orders


def kind_and_codes(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, list[str]]:
    return refused.value.kind, codes(list(refused.value.refusals))


def test_a_step_leads_where_the_table_says_with_what_follows() -> None:
    assert decided("draft_notice", State.APPROVED, Role.PROPERTY_MANAGER) == (
        State.APPROVED,
        Role.PROPERTY_MANAGER,
        (Move(Booking.HOLD, PLAN.premium_fen), ReserveCover(PLAN)),
    )
    assert decided(
        "post_notice", State.APPROVED, Role.PROPERTY_MANAGER, hold=HoldState.PENDING
    ) == (
        State.POSTED,
        Role.PROPERTY_MANAGER,
        (ReserveCover(PLAN), SetNotice(NoticeState.OPEN)),
    )


def test_a_notice_frozen_before_premiums_were_held_so_early_holds_its_own_when_it_hangs() -> None:
    _, _, orders = decided("post_notice", State.APPROVED, Role.PROPERTY_MANAGER)
    assert orders[0] == Move(Booking.HOLD, PLAN.premium_fen)


def test_lifts_that_are_kept_since_the_draft_are_not_kept_once_more_when_it_hangs() -> None:
    kept = tuple(replace(lift, kept=True) for lift in LIFTS)
    held = HoldState.PENDING
    _, _, orders = decided(
        "post_notice", State.APPROVED, Role.PROPERTY_MANAGER, hold=held, lifts=kept
    )
    assert orders == (SetNotice(NoticeState.OPEN),)


@pytest.mark.parametrize("state", [None, *State])
def test_no_action_is_possible_but_those_of_the_table(state: State | None) -> None:
    allowed = {step.action for step in R1.steps_from(state)}
    for action in {step.action for step in R1.steps} - allowed:
        with pytest.raises(Refused) as refused:
            decided(action, state, *Role)
        assert kind_and_codes(refused) == ("conflict", ["step_not_possible"])
        assert R1.find(state, action) is None


def test_only_the_roles_of_the_row_may_take_a_step() -> None:
    with pytest.raises(Refused) as refused:
        decided("register", State.CLEARED, Role.CLERK, Role.CASHIER, Role.OWNER)
    assert kind_and_codes(refused) == ("forbidden", ["role_required"])
    assert "中心复核" in refused.value.refusals[0].message


def test_nobody_can_take_the_houses_own_steps() -> None:
    people = [role for role in Role if role is not Role.SYSTEM]
    for step in R1.steps:
        if Role.SYSTEM in step.roles:
            with pytest.raises(Refused, match="role_required"):
                decided(step.action, step.sources[0], *people)


@pytest.mark.parametrize(
    ("applicant", "role"),
    [
        ("owners", Role.OWNER),
        ("committee", Role.COMMITTEE_MEMBER),
        ("property_company", Role.PROPERTY_MANAGER),
    ],
)
def test_who_has_several_roles_acts_in_the_applicants(applicant: str, role: Role) -> None:
    held = (Role.APPLICANT, *APPLICANT_ROLES.values())
    _, acted, _ = decided("withdraw", State.APPLIED, *held, reason="x", applicant=applicant)
    assert acted is role


def test_a_role_of_the_applying_side_is_not_enough_to_act_for_the_applicant() -> None:
    for role in (Role.OWNER, Role.COMMITTEE_MEMBER, Role.PROPERTY_MANAGER):
        with pytest.raises(Refused) as refused:
            decided("withdraw", State.APPLIED, role, reason="x")
        assert kind_and_codes(refused) == ("conflict", ["not_the_applicant"])


def test_who_may_not_act_for_the_applicant_acts_in_the_first_role_that_is_held() -> None:
    _, acted, _ = decided("post_notice", State.APPROVED, Role.CLERK, Role.PROPERTY_MANAGER)
    assert acted is Role.PROPERTY_MANAGER
    _, acted, _ = decided("post_notice", State.APPROVED, Role.CLERK, Role.OWNER)
    assert acted is Role.CLERK


def test_everything_that_is_missing_or_wrong_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        decided(
            "clear",
            State.POSTED,
            Role.CLERK,
            notice=replace(NOTICE, ends_before=None, missing_end=("甲", "乙")),
            objections=("received",),
            officers={Role.CASHIER: frozenset({PERSON})},
        )
    assert kind_and_codes(refused) == (
        "conflict",
        [
            "evidence_missing",
            "same_officer",
            "notice_still_open",
            "objection_open",
            "end_photo_missing",
            "end_photo_missing",
        ],
    )


def test_evidence_must_be_handed_in_with_the_step() -> None:
    with pytest.raises(Refused, match="evidence_missing") as refused:
        decided("confirm_payment", State.PAYING, Role.CASHIER)
    assert refused.value.refusals[0].field == EvidenceKind.BANK_RECEIPT
    target, _, _ = decided(
        "confirm_payment", State.PAYING, Role.CASHIER, evidence=[EvidenceKind.BANK_RECEIPT]
    )
    assert target is State.PAID


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (None, "text_required"),
        (" \n", "text_required"),
        ("因" * (REASON_LIMIT + 1), "text_too_long"),
    ],
)
def test_a_reason_must_say_something_and_not_too_much(reason: str | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        decided("reject", State.APPLIED, Role.CLERK, reason=reason)
    assert kind_and_codes(refused) == ("conflict", [code])


def test_a_reason_is_kept_without_surrounding_blanks() -> None:
    decision = decide(
        step_from(R1, State.APPLIED, "reject"), [Role.CLERK], (), "  资料不实 ", case()
    )
    assert decision.reason == "资料不实"


@pytest.mark.parametrize("role", sorted(CASE_OFFICERS))
@pytest.mark.parametrize("other", sorted(CASE_OFFICERS))
def test_clerk_reviewer_and_cashier_are_three_people(role: Role, other: Role) -> None:
    """Whoever acted in one of the three parts cannot act in another; in the own one again, yes."""
    step = next(step for step in R1.steps if step.roles == (role,) and not step.guards)
    state, reason = step.sources[0], "x"
    acted = {other: frozenset({PERSON}), Role.SUPERVISOR: frozenset({PERSON})}
    if role is other:
        decided(step.action, state, role, evidence=step.evidence, reason=reason, officers=acted)
        return
    with pytest.raises(Refused) as refused:
        decided(step.action, state, role, evidence=step.evidence, reason=reason, officers=acted)
    assert kind_and_codes(refused) == ("conflict", ["same_officer"])


def test_other_peoples_parts_do_not_matter() -> None:
    acted = {
        Role.CLERK: frozenset({CLERK}),
        Role.REVIEWER: frozenset({REVIEWER}),
        Role.CASHIER: frozenset({CASHIER}),
    }
    decided("order_payment", State.PAYMENT_REVIEWED, Role.CASHIER, officers=acted)
    decided("sign_contract", State.REGISTERED, Role.APPLICANT, officers=acted)


@pytest.mark.parametrize(
    ("hold", "money"),
    [
        (None, ()),
        ("pending", (Move(Booking.VOID_HOLD, 240_000),)),
        ("posted", (Move(Booking.REVERSE_PREMIUM_DUE, 250_000),)),
    ],
)
def test_who_withdraws_gets_back_what_was_held_or_due(
    hold: str | None, money: tuple[Order, ...]
) -> None:
    """The hold's own amount, and of a debt the contract's premium."""
    _, _, orders = decided(
        "withdraw",
        State.CONTRACTED,
        Role.APPLICANT,
        reason="x",
        hold=hold,
        hold_fen=240_000,
        contract=replace(CONTRACT, premium_fen=250_000),
    )
    assert orders == (SetCover(CoverState.RELEASED), SetNotice(NoticeState.VOID), *money)


def test_a_revised_plan_releases_and_asks_the_committee_again() -> None:
    _, _, orders = decided(
        "revise_plan", State.SUSPENDED, Role.INSURER, reason="x", hold="pending", hold_fen=9
    )
    assert orders[-2:] == (Move(Booking.VOID_HOLD, 9), InviteCommittee(PLAN))


def test_the_committee_is_not_asked_where_owners_apply() -> None:
    _, _, orders = decided(
        "submit_plan",
        State.FUNDS_QUERIED,
        Role.INSURER,
        applicant="owners",
    )
    assert orders == ()
    target, _, _ = decided("waive_approval", State.PLANNED, Role.SYSTEM, applicant="owners")
    assert target is State.APPROVED


def test_the_contracts_premium_is_what_falls_due_and_is_paid() -> None:
    lower: dict[str, Any] = {"contract": replace(CONTRACT, premium_fen=250_000), "hold": "pending"}
    for action, state, role, booking in (
        ("order_payment", State.PAYMENT_REVIEWED, Role.CASHIER, Booking.PAYMENT_ORDERED),
        ("confirm_payment", State.PAYING, Role.CASHIER, Booking.PAYMENT_CONFIRMED),
        ("reject_payment", State.PAYING, Role.CASHIER, Booking.PAYMENT_REJECTED),
        ("undo_confirm_payment", State.PAID, Role.REVIEWER, Booking.PAYMENT_UNCONFIRMED),
    ):
        _, _, orders = decided(
            action, state, role, evidence=list(EvidenceKind), reason="x", **lower
        )
        assert [order for order in orders if isinstance(order, Move)] == [Move(booking, 250_000)]
