"""The tables of the routes are sound; other routes fit the same shape; a table decides a step."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.cover import CoverState
from backend.domain.effects import Booking, InviteCommittee, Move, Order, SetCover, SetNotice
from backend.domain.errors import Refusal, Refused
from backend.domain.facts import Facts
from backend.domain.limits import LIMIT_TITLES, RESPONSIBLE, limits_of
from backend.domain.public_notice import NoticeState
from backend.domain.purchase import decide
from backend.domain.roles import CASE_OFFICERS, Role
from backend.domain.routes import APPLICANTS, BEFORE_PAYMENT, R1, ROUTE_NAMES, ROUTES
from backend.domain.states import STATE_NAMES, State
from backend.domain.steps import (
    EVERY_LIMIT,
    EVIDENCE_NAMES,
    EvidenceKind,
    Step,
    diagram,
    find_step,
    is_final,
    possible_actions,
)
from backend.domain.texts import REASON_LIMIT
from backend.store.city_files import city_codes, load_city
from tests.build.facts import CASHIER, CLERK, CONTRACT, NOTICE, PERSON, PLAN, REVIEWER, codes
from tests.build.facts import facts as case

# Two routes of later, as far as their own conditions need no facts that nobody loads yet.


def three_years_deposited(facts: Facts) -> list[Refusal]:
    """JS annex 二（三）3: three years' premium in one deposit."""
    lacking = 3 * facts.premium_fen - facts.available_fen
    return [Refusal("deposit_short", f"还差{lacking}分。")] if lacking > 0 else []


# R3 独立产权人 (JS annex 二（三）): no public notice, no objection, no registration.
R3 = (
    Step("draft", (), State.DRAFTED, (Role.OWNER,), "JS附件二（三）1"),
    Step(
        "submit_plan",
        (State.DRAFTED,),
        State.PLANNED,
        (Role.INSURER,),
        "JS附件二（三）1",
        guards=(must.insurer_selected, must.plan_covers_lifts, must.every_lift_surveyed),
    ),
    Step(
        "open_account",
        (State.PLANNED,),
        State.SPECIAL_ACCOUNT_OPENED,
        (Role.CLERK,),
        "JS附件二（三）2",
        evidence=(EvidenceKind.APPLICATION_FORM,),
    ),
    Step(
        "fund",
        (State.SPECIAL_ACCOUNT_OPENED,),
        State.FUNDED,
        (Role.CLERK,),
        "JS附件二（三）3",
        evidence=(EvidenceKind.BANK_RECEIPT,),
        guards=(three_years_deposited,),
        limit="payment_request",
    ),
    Step(
        "request_payment",
        (State.FUNDED,),
        State.PAYMENT_REQUESTED,
        (Role.OWNER,),
        "JS附件二（三）4",
        guards=(must.acts_as_applicant, must.invoice_matches_contract),
        effects=(do.premium_due,),
        limit="payment",
        meets="payment_request",
    ),
    Step(
        "pay",
        (State.PAYMENT_REQUESTED,),
        State.PAID,
        (Role.CASHIER,),
        "JS附件二（三）4",
        evidence=(EvidenceKind.BANK_RECEIPT,),
        effects=(do.payment_ordered, do.payment_confirmed),
        meets=EVERY_LIMIT,
    ),
)

# SG: a compound is screened and guided before there is a plan, then goes the way of R1.
SG = (
    Step("screen", (), State.SCREENED, (Role.CLERK,), "SG四、五（四）", limit="acceptance"),
    Step(
        "guide",
        (State.SCREENED,),
        State.GUIDED,
        (Role.CLERK,),
        "SG五（四）",
        limit="planning",
        meets="acceptance",
    ),
    Step(
        "submit_plan",
        (State.GUIDED,),
        State.PLANNED,
        (Role.INSURER,),
        "SG五（二）",
        guards=(must.plan_covers_lifts, must.premium_within_available),
        limit="posting",
        meets="planning",
    ),
    Step(
        "post_notice",
        (State.PLANNED,),
        State.POSTED,
        (Role.PROPERTY_MANAGER,),
        "SG四",
        guards=(must.start_photos_complete,),
        effects=(do.open_notice,),
        limit="public_notice_period",
        meets="posting",
    ),
    *(
        step
        for step in R1
        if step.action
        in (
            *("clear", "register", "sign_contract", "request_payment", "order_payment"),
            *("confirm_payment", "issue_policy", "begin_cover", "expire"),
        )
    ),
)

TABLES: dict[str, Sequence[Step]] = {**ROUTES, "R3 (later)": R3, "SG (later)": SG}
ANY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
OWN_TABLE = pytest.mark.parametrize(("route", "table"), ROUTES.items())


def states_of(table: Iterable[Step]) -> set[State]:
    return {state for step in table for state in (*step.sources, step.target)}


def reachable(table: Iterable[Step], start: State | None = None) -> set[State]:
    """The states that steps lead to from `start`, or from before the case."""
    found: set[State] = set() if start is None else {start}
    while True:
        more = {
            step.target
            for step in table
            if (not step.sources and start is None) or found & set(step.sources)
        }
        if more <= found:
            return found
        found |= more


@ANY_TABLE
def test_every_state_can_be_reached(table: Sequence[Step]) -> None:
    assert reachable(table) == states_of(table)


@ANY_TABLE
def test_from_every_state_some_final_one_can_be_reached(table: Sequence[Step]) -> None:
    final = {state for state in states_of(table) if is_final(table, state)}
    assert final
    for state in states_of(table):
        assert reachable(table, state) & final, state


@ANY_TABLE
def test_an_action_has_one_row_per_state(table: Sequence[Step]) -> None:
    rows = [(source, step.action) for step in table for source in step.sources or (None,)]
    assert len(rows) == len(set(rows))


@ANY_TABLE
def test_a_case_begins_in_one_way(table: Sequence[Step]) -> None:
    assert len([step for step in table if not step.sources]) == 1


@ANY_TABLE
def test_every_step_has_somebody_to_take_it_and_a_clause(table: Sequence[Step]) -> None:
    for step in table:
        assert step.roles, step.action
        assert step.clause.startswith(("JS", "SG", "本平台默认")), step.action


@ANY_TABLE
def test_the_houses_own_steps_are_nobody_elses_and_hand_in_nothing(table: Sequence[Step]) -> None:
    for step in table:
        if Role.SYSTEM in step.roles:
            assert step.roles == (Role.SYSTEM,), step.action
            assert step.guards, step.action
            assert not step.evidence, step.action
            assert not step.needs_reason, step.action


@ANY_TABLE
def test_every_condition_and_effect_names_its_clause(table: Sequence[Step]) -> None:
    for step in table:
        for function in (*step.guards, *step.effects):
            doc = function.__doc__ or ""
            assert any(source in doc for source in ("JS ", "Civil Code", "[D]")), function.__name__


@OWN_TABLE
def test_every_city_that_offers_the_route_knows_its_limits(
    route: str, table: Sequence[Step]
) -> None:
    cities = [city for city in map(load_city, city_codes()) if route in city.routes]
    assert cities
    for city in cities:
        for step in table:
            for limit in (step.limit, step.meets):
                assert limit in (None, EVERY_LIMIT) or limit in city.limits, (city.code, limit)


def test_somebody_is_responsible_for_every_limit_and_the_limit_has_a_name() -> None:
    started = set().union(*(limits_of(table) for table in ROUTES.values()))
    assert set(RESPONSIBLE) == set(LIMIT_TITLES) == started
    assert all(len(task) <= 20 for task in LIMIT_TITLES.values())


@ANY_TABLE
def test_no_limit_outlives_its_case_or_starts_twice(table: Sequence[Step]) -> None:
    """Every walk through the table: what begins is met or cancelled, at the latest at the end."""
    begin = next(step for step in table if not step.sources)
    walks = [(begin.target, frozenset({begin.limit} - {None}))]
    seen = set(walks)
    while walks:
        state, running = walks.pop()
        if is_final(table, state):
            assert not running, (state, running)
        for step in table:
            if state not in step.sources:
                continue
            left = frozenset() if step.meets == EVERY_LIMIT else running - {step.meets}
            assert step.limit not in left, (step.action, "starts a limit that is running")
            walk = (step.target, left | ({step.limit} - {None}))
            if walk not in seen:
                seen.add(walk)
                walks.append(walk)


@OWN_TABLE
def test_every_limit_that_starts_is_met_by_a_step_of_its_own(
    route: str, table: Sequence[Step]
) -> None:
    started = {step.limit for step in table if step.limit}
    assert started == {step.meets for step in table} - {None, EVERY_LIMIT}


@OWN_TABLE
def test_objections_wait_for_nothing_once_a_case_is_closed(
    route: str, table: Sequence[Step]
) -> None:
    """Limits of objections begin outside the table, so every last step ends all limits."""
    for step in table:
        if is_final(table, step.target):
            assert step.meets == EVERY_LIMIT, step.action


def test_withdrawing_and_terminating_are_possible_until_the_payment_is_ordered() -> None:
    for action, states in (("withdraw", BEFORE_PAYMENT), ("terminate", BEFORE_PAYMENT[1:])):
        allowed = {state for state in State if action in possible_actions(R1, state)}
        assert allowed == set(states)
    assert not {State.PAYING, State.PAID} & set(BEFORE_PAYMENT)


def test_words_are_there_for_everything_people_see() -> None:
    assert set(STATE_NAMES) == set(State)
    assert set(EVIDENCE_NAMES) == set(EvidenceKind)
    assert set(ROUTE_NAMES) == set(ROUTES)
    assert all(len(name) <= 20 for name in STATE_NAMES.values())


@ANY_TABLE
def test_the_diagram_has_an_arrow_for_every_step(table: Sequence[Step]) -> None:
    drawn = diagram(table)
    assert drawn.startswith("stateDiagram-v2\n")
    for step in table:
        assert f"--> {step.target}: {step.action}\n" in drawn
        assert f'state "{STATE_NAMES[step.target]} {step.target}" as {step.target}\n' in drawn


# --- deciding one step ---


def decided(
    action: str,
    state: State | None,
    *held: Role,
    table: Iterable[Step] = R1,
    evidence: Iterable[str] = (),
    reason: str | None = None,
    **changed: Any,
) -> tuple[State, Role, tuple[Order, ...]]:
    decision = decide(table, state, action, held, evidence, reason, case(**changed))
    return decision.step.target, decision.role, decision.orders


def kind_and_codes(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, list[str]]:
    return refused.value.kind, codes(list(refused.value.refusals))


def test_a_step_leads_where_the_table_says_with_what_follows() -> None:
    assert decided("post_notice", State.APPROVED, Role.PROPERTY_MANAGER) == (
        State.POSTED,
        Role.PROPERTY_MANAGER,
        (
            Move(Booking.HOLD, PLAN.premium_fen),
            SetCover(CoverState.RESERVED),
            SetNotice(NoticeState.OPEN),
        ),
    )


@pytest.mark.parametrize("state", [None, *State])
def test_no_action_is_possible_but_those_of_the_table(state: State | None) -> None:
    allowed = {step.action for step in R1 if (state in step.sources if state else not step.sources)}
    for action in {step.action for step in R1} - allowed:
        with pytest.raises(Refused) as refused:
            decided(action, state, *Role)
        assert kind_and_codes(refused) == ("conflict", ["step_not_possible"])
        assert find_step(R1, state, action) is None


def test_only_the_roles_of_the_row_may_take_a_step() -> None:
    with pytest.raises(Refused) as refused:
        decided("register", State.CLEARED, Role.CLERK, Role.CASHIER, Role.OWNER)
    assert kind_and_codes(refused) == ("forbidden", ["role_required"])
    assert "中心复核" in refused.value.refusals[0].message


def test_nobody_can_take_the_houses_own_steps() -> None:
    people = [role for role in Role if role is not Role.SYSTEM]
    for step in R1:
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
    _, acted, _ = decided("withdraw", State.APPLIED, *APPLICANTS, reason="x", applicant=applicant)
    assert acted is role


def test_who_may_not_act_for_the_applicant_acts_in_the_first_role_that_is_held() -> None:
    _, acted, _ = decided("post_notice", State.APPROVED, Role.CLERK, Role.OWNER)
    assert acted is Role.OWNER


def test_everything_that_is_missing_or_wrong_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        decided(
            "clear",
            State.POSTED,
            Role.CLERK,
            notice=replace(NOTICE, ends_before=None, missing_end=("甲", "乙")),
            objection_statuses=("received",),
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
    decision = decide(R1, State.APPLIED, "reject", [Role.CLERK], (), "  资料不实 ", case())
    assert decision.reason == "资料不实"


@pytest.mark.parametrize("role", sorted(CASE_OFFICERS))
@pytest.mark.parametrize("other", sorted(CASE_OFFICERS))
def test_clerk_reviewer_and_cashier_are_three_people(role: Role, other: Role) -> None:
    """Whoever acted in one of the three parts cannot act in another; in the own one again, yes."""
    step = next(step for step in R1 if step.roles == (role,) and not step.guards)
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
    decided("order_payment", State.PAYMENT_REQUESTED, Role.CASHIER, officers=acted)
    decided("sign_contract", State.REGISTERED, Role.PROPERTY_MANAGER, officers=acted)


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
        Role.PROPERTY_MANAGER,
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
    assert orders[-2:] == (Move(Booking.VOID_HOLD, 9), InviteCommittee())


def test_the_committee_is_not_asked_where_owners_apply() -> None:
    _, _, orders = decided(
        "submit_plan",
        State.FUNDS_QUERIED,
        Role.INSURER,
        applicant="owners",
        approval_asked=False,
    )
    assert orders == ()
    target, _, _ = decided("waive_approval", State.PLANNED, Role.SYSTEM, approval_asked=False)
    assert target is State.APPROVED


def test_the_contracts_premium_is_what_falls_due_and_is_paid() -> None:
    lower: dict[str, Any] = {"contract": replace(CONTRACT, premium_fen=250_000), "hold": "pending"}
    for action, state, role, booking in (
        ("order_payment", State.PAYMENT_REQUESTED, Role.CASHIER, Booking.PAYMENT_ORDERED),
        ("confirm_payment", State.PAYING, Role.CASHIER, Booking.PAYMENT_CONFIRMED),
        ("reject_payment", State.PAYING, Role.CASHIER, Booking.PAYMENT_REJECTED),
    ):
        _, _, orders = decided(
            action, state, role, evidence=list(EvidenceKind), reason="x", **lower
        )
        assert orders == (Move(booking, 250_000),)


# --- the routes of later, by the same decide ---


def test_the_independent_owners_route_needs_three_years_premium_in_one_deposit() -> None:
    independent: dict[str, Any] = {"table": R3, "applicant": "independent_owner"}
    opened, receipt = State.SPECIAL_ACCOUNT_OPENED, [EvidenceKind.BANK_RECEIPT]
    with pytest.raises(Refused, match="deposit_short"):
        decided(
            "fund",
            opened,
            Role.CLERK,
            evidence=receipt,
            available_fen=3 * PLAN.premium_fen - 1,
            **independent,
        )
    steps: list[tuple[str, State | None, Role, list[str]]] = [
        ("draft", None, Role.OWNER, []),
        ("submit_plan", State.DRAFTED, Role.INSURER, []),
        ("open_account", State.PLANNED, Role.CLERK, [EvidenceKind.APPLICATION_FORM]),
        ("fund", opened, Role.CLERK, [EvidenceKind.BANK_RECEIPT]),
        ("request_payment", State.FUNDED, Role.OWNER, []),
        ("pay", State.PAYMENT_REQUESTED, Role.CASHIER, [EvidenceKind.BANK_RECEIPT]),
    ]
    state: State | None = None
    for action, before, role, evidence in steps:
        assert state is before
        state, acted, orders = decided(action, before, role, evidence=evidence, **independent)
        assert acted is role
    assert state is State.PAID
    assert [order.booking for order in orders if isinstance(order, Move)] == [
        Booking.PAYMENT_ORDERED,
        Booking.PAYMENT_CONFIRMED,
    ]


def test_shaoguans_route_ends_in_cover_without_any_vote() -> None:
    state: State | None = None
    for step in SG[: [step.action for step in SG].index("issue_policy")]:
        role = step.roles[0]
        state, _, _ = decided(
            step.action, state, role, table=SG, evidence=list(EvidenceKind), hold="pending"
        )
    assert state is State.PAID
    assert State.APPROVED not in states_of(SG)
    assert not any(Role.COMMITTEE_MEMBER in step.notify and step.limit == "approval" for step in SG)
