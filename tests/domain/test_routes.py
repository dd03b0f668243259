"""The tables of the routes are sound; other routes fit the same shape; a table decides a step."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.actions import ACTION_NAMES, Action
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
from backend.domain.errors import Refusal, Refused
from backend.domain.facts import Facts
from backend.domain.limits import LIMIT_TITLES
from backend.domain.public_notice import NoticeState
from backend.domain.purchase import decide, step_from
from backend.domain.roles import APPLICANT_ROLES, CASE_OFFICERS, Role
from backend.domain.routes.catalogue import (
    ROUTES,
    action_name,
    known_limits,
    limit_title,
    state_name,
    table_of,
)
from backend.domain.rules import reads
from backend.domain.states import CLOSED, STATE_NAMES, State
from backend.domain.steps import EVERY_LIMIT, EVIDENCE_NAMES, Activity, EvidenceKind, Step
from backend.domain.table import Table
from backend.domain.texts import REASON_LIMIT
from backend.drawing import diagram
from backend.store.city_files import city_codes, load_city
from tests.build.facts import (
    CASHIER,
    CLERK,
    CONTRACT,
    JISHOU,
    NOTICE,
    PERSON,
    PLAN,
    REVIEWER,
    codes,
)
from tests.build.facts import facts as case
from tests.build.situations import CITIES

# Two routes of later, as far as their own conditions need no facts that nobody loads yet.


R1 = table_of("R1", JISHOU)


@reads("terms", "money")
def three_years_deposited(facts: Facts) -> list[Refusal]:
    """JS annex 二（三）3: three years' premium in one deposit."""
    lacking = 3 * facts.terms.premium_fen - facts.money.available_fen
    return [Refusal("deposit_short", f"还差{lacking}分。")] if lacking > 0 else []


# R3 独立产权人 (JS annex 二（三）): no public notice, no objection, no registration.
R3 = (
    Step("draft", (), State.DRAFTED, (Role.APPLICANT,), "JS附件二（三）1"),
    Step(
        "submit_plan",
        (State.DRAFTED,),
        State.PLANNED,
        (Role.INSURER,),
        "JS附件二（三）1",
        guards=(must.insurer_selected, must.every_lift_surveyed),
        checks=(must.plan_covers_lifts,),
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
        (Role.APPLICANT,),
        "JS附件二（三）4",
        guards=(must.invoice_matches_contract,),
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
        checks=(must.plan_covers_lifts, must.premium_within_available),
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
        for step in R1.steps
        if step.action
        in (
            *("clear", "register", "sign_contract", "request_payment", "order_payment"),
            *("confirm_payment", "issue_policy", "begin_cover", "expire"),
        )
    ),
)

OWN: dict[str, Table] = {
    f"{route}, {name}": table_of(route, city)
    for name, city in {**{code: load_city(code) for code in city_codes()}, **CITIES}.items()
    for route in ROUTES
    if route in city.routes
}
TABLES: Mapping[str, Table] = OWN | {"R3 (later)": Table(R3), "SG (later)": Table(SG)}
ANY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
OWN_TABLE = pytest.mark.parametrize("table", OWN.values(), ids=list(OWN))


def states_of(table: Table) -> set[str]:
    return {state for step in table.steps for state in (*step.sources, step.target)}


def reachable(table: Table, start: str | None = None) -> set[str]:
    """The states that steps lead to from `start`, or from before the case."""
    found: set[str] = set() if start is None else {start}
    while True:
        more = {
            step.target
            for step in table.steps
            if (not step.sources and start is None) or found & set(step.sources)
        }
        if more <= found:
            return found
        found |= more


@ANY_TABLE
def test_every_state_can_be_reached(table: Table) -> None:
    assert reachable(table) == states_of(table)


@ANY_TABLE
def test_from_every_state_some_final_one_can_be_reached(table: Table) -> None:
    final = {state for state in states_of(table) if table.is_final(state)}
    assert final
    for state in states_of(table):
        assert reachable(table, state) & final, state


@ANY_TABLE
def test_an_action_has_one_row_per_state(table: Table) -> None:
    rows = [(source, step.action) for step in table.steps for source in step.sources or (None,)]
    assert len(rows) == len(set(rows))


@ANY_TABLE
def test_a_case_begins_in_one_way(table: Table) -> None:
    assert len([step for step in table.steps if not step.sources]) == 1


@ANY_TABLE
def test_every_step_has_somebody_to_take_it_and_a_clause(table: Table) -> None:
    for step in table.steps:
        assert step.roles, step.action
        assert step.clause.startswith(("JS", "SG", "本平台默认")), step.action


@ANY_TABLE
def test_the_houses_own_steps_are_nobody_elses_and_hand_in_nothing(table: Table) -> None:
    for step in table.steps:
        if Role.SYSTEM in step.roles:
            assert step.roles == (Role.SYSTEM,), step.action
            assert step.guards, step.action
            assert not step.evidence, step.action
            assert not step.needs_reason, step.action


@ANY_TABLE
def test_every_condition_and_effect_names_its_clause(table: Table) -> None:
    for step in table.steps:
        for function in (*step.guards, *step.checks, *step.effects):
            doc = function.__doc__ or ""
            assert any(source in doc for source in ("JS ", "Civil Code", "[D]")), function.__name__


@pytest.mark.parametrize("route", ROUTES)
def test_every_city_that_offers_the_route_knows_its_limits(route: str) -> None:
    cities = [city for city in map(load_city, city_codes()) if route in city.routes]
    assert cities
    for city in cities:
        for step in table_of(route, city).steps:
            for limit in (step.limit, step.meets):
                assert limit in (None, EVERY_LIMIT) or limit in city.limits, (city.code, limit)


@OWN_TABLE
def test_somebody_answers_for_every_limit_and_what_is_to_be_done_has_a_name(table: Table) -> None:
    """It follows from the rows that meet it; limits of objections are met beside the steps."""
    assert table.limits <= known_limits()
    assert all(0 < len(limit_title(limit)) <= 20 for limit in table.limits)
    for limit in {step.limit for step in table.steps if step.limit} | {"objection_answer"}:
        assert table.answering(limit), limit
        assert set(table.answering(limit)) <= set(table.reminded(limit))
        assert Role.SYSTEM not in table.reminded(limit)


def test_who_answers_for_a_limit_in_jishou() -> None:
    answering = {limit: R1.answering(limit) for limit in LIMIT_TITLES}
    assert answering == {
        "acceptance": (Role.CLERK,),
        "planning": (Role.INSURER,),
        "approval": (Role.COMMITTEE_MEMBER,),
        "posting": (Role.APPLICANT,),
        "public_notice_period": (Role.APPLICANT, Role.CLERK),
        "objection_answer": (Role.CLERK,),
        "registration": (Role.REVIEWER,),
        "contract": (Role.APPLICANT,),
        "payment_request": (Role.APPLICANT,),
        "payment": (Role.CASHIER,),
        "policy": (Role.INSURER,),
    }
    waits = [limit for limit in LIMIT_TITLES if R1.reminded(limit) != R1.answering(limit)]
    assert waits == ["planning", "approval", "payment", "policy"]
    for limit in waits:
        assert R1.reminded(limit) == (*R1.answering(limit), Role.APPLICANT)


@OWN_TABLE
def test_a_case_waits_for_something_in_every_state_that_is_not_its_last(table: Table) -> None:
    going_on = {state for state in states_of(table) if not table.is_final(state)}
    assert set(table.awaits) == going_on
    assert len(table.awaits) == len([row for row in table.rows if row in table.awaits.values()])
    for state, awaited in table.awaits.items():
        assert 0 < len(awaited.words) <= 20
        if awaited.action and awaited.action in table.activities:
            assert table.allows(awaited.action, state)
        else:
            assert awaited.action is None or table.find(state, awaited.action), state


@OWN_TABLE
def test_what_is_done_beside_the_steps_has_its_place_in_states_of_the_table(table: Table) -> None:
    for activity in table.activities.values():
        assert set(activity.while_) <= states_of(table)
        assert activity.roles
        assert activity.clause.startswith(("JS", "SG", "本平台默认"))
        assert activity.closed is None or activity.closed.message.endswith("。")
    activities = [row for row in table.rows if isinstance(row, Activity)]
    assert len(activities) == len(table.activities)
    assert not {step.action for step in table.steps} & table.activities.keys()


@ANY_TABLE
def test_no_limit_outlives_its_case_or_starts_twice(table: Table) -> None:
    """Every walk through the table: what begins is met or cancelled, at the latest at the end."""
    begin = table.first
    walks = [(begin.target, frozenset({begin.limit} - {None}))]
    seen = set(walks)
    while walks:
        state, running = walks.pop()
        if table.is_final(state):
            assert not running, (state, running)
        for step in table.steps:
            if state not in step.sources:
                continue
            left = frozenset() if step.meets == EVERY_LIMIT else running - {step.meets}
            assert step.limit not in left, (step.action, "starts a limit that is running")
            walk = (step.target, left | ({step.limit} - {None}))
            if walk not in seen:
                seen.add(walk)
                walks.append(walk)


@OWN_TABLE
def test_every_limit_that_starts_is_met_by_a_step_of_its_own(table: Table) -> None:
    started = {step.limit for step in table.steps if step.limit}
    assert started == {step.meets for step in table.steps} - {None, EVERY_LIMIT}


@OWN_TABLE
def test_objections_wait_for_nothing_once_a_case_is_closed(table: Table) -> None:
    """Limits of objections begin outside the table, so every last step ends all limits."""
    for step in table.steps:
        if table.is_final(step.target):
            assert step.meets == EVERY_LIMIT, step.action


def test_withdrawing_and_terminating_are_possible_until_the_payment_is_ordered() -> None:
    ordered = reachable(R1, State.PAYING) - {State.PAYMENT_REQUESTED}
    unpaid = {state for state in states_of(R1) - ordered if not R1.is_final(state)}
    for action, states in ((Action.WITHDRAW, unpaid), (Action.TERMINATE, unpaid - {"drafted"})):
        assert {state for state in State if R1.find(state, action)} == states
    assert {State.DRAFTED, State.SUSPENDED, State.PAYMENT_REQUESTED} <= unpaid


def test_words_are_there_for_everything_people_see() -> None:
    assert set(STATE_NAMES) == set(State)
    assert set(ACTION_NAMES) == set(Action)
    assert set(EVIDENCE_NAMES) == set(EvidenceKind)
    assert all(len(name) <= 20 for name in (*STATE_NAMES.values(), *ACTION_NAMES.values()))
    for table in OWN.values():
        assert all(state_name(state) for state in states_of(table))
        assert all(action_name(step.action) for step in table.steps)
        assert all(action_name(action) for action in table.activities)
        assert {state for state in states_of(table) if table.is_final(state)} <= CLOSED


@ANY_TABLE
def test_the_diagram_has_an_arrow_for_every_step(table: Table) -> None:
    drawn = diagram(table)
    assert drawn.startswith("stateDiagram-v2\n")
    for step in table.steps:
        assert f"--> {step.target}: {step.action}\n" in drawn
        assert f'state "{STATE_NAMES[step.target]} {step.target}" as {step.target}\n' in drawn


# --- deciding one step ---


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
    assert decided("post_notice", State.APPROVED, Role.PROPERTY_MANAGER) == (
        State.POSTED,
        Role.PROPERTY_MANAGER,
        (
            Move(Booking.HOLD, PLAN.premium_fen),
            ReserveCover(PLAN),
            SetNotice(NoticeState.OPEN),
        ),
    )


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
    decided("order_payment", State.PAYMENT_REQUESTED, Role.CASHIER, officers=acted)
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
    independent: dict[str, Any] = {"table": Table(R3), "applicant": "independent_owner"}
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
        ("draft", None, Role.APPLICANT, []),
        ("submit_plan", State.DRAFTED, Role.INSURER, []),
        ("open_account", State.PLANNED, Role.CLERK, [EvidenceKind.APPLICATION_FORM]),
        ("fund", opened, Role.CLERK, [EvidenceKind.BANK_RECEIPT]),
        ("request_payment", State.FUNDED, Role.APPLICANT, []),
        ("pay", State.PAYMENT_REQUESTED, Role.CASHIER, [EvidenceKind.BANK_RECEIPT]),
    ]
    state: str | None = None
    for action, before, role, evidence in steps:
        assert state is before
        state, acted, orders = decided(action, before, role, evidence=evidence, **independent)
        assert acted is (Role.OWNER if role is Role.APPLICANT else role)
    assert state is State.PAID
    assert [order.booking for order in orders if isinstance(order, Move)] == [
        Booking.PAYMENT_ORDERED,
        Booking.PAYMENT_CONFIRMED,
    ]


def test_shaoguans_route_ends_in_cover_without_any_vote() -> None:
    state: str | None = None
    for step in SG[: [step.action for step in SG].index("issue_policy")]:
        role = step.roles[0]
        state, _, _ = decided(
            step.action, state, role, table=Table(SG), evidence=list(EvidenceKind), hold="pending"
        )
    assert state is State.PAID
    assert State.APPROVED not in states_of(Table(SG))
    assert not any(Role.COMMITTEE_MEMBER in step.notify and step.limit == "approval" for step in SG)
