"""The tables of the routes are sound, and routes of later fit the same shape."""

from dataclasses import replace
from typing import Any

import pytest

from backend.domain import effects
from backend.domain import guards as must
from backend.domain.actions import ACTION_NAMES, Action
from backend.domain.city.parse import parse_city
from backend.domain.limits import LIMIT_TITLES
from backend.domain.roles import Role
from backend.domain.routes.catalogue import (
    ROUTES,
    action_name,
    known_limits,
    limit_title,
    state_name,
    table_of,
)
from backend.domain.states import CLOSED, STATE_NAMES, State
from backend.domain.steps import EVERY_LIMIT, EVIDENCE_NAMES, Activity, EvidenceKind, Step
from backend.domain.table import BadTable, Table
from backend.drawing import diagram
from backend.store.city_files import city_codes, load_city
from tests.build.facts import JISHOU
from tests.build.situations import CITIES

R1 = table_of("R1", JISHOU)

OWN: dict[str, Table] = {
    f"{route}, {name}": table_of(route, city)
    for name, city in {**{code: load_city(code) for code in city_codes()}, **CITIES}.items()
    for route in ROUTES
    if route in city.routes
}
CLAUSES = ("JS", "SG", "《民法典》", "本平台默认")
OWN_TABLE = pytest.mark.parametrize("table", OWN.values(), ids=list(OWN))


def states_of(table: Table) -> set[str]:
    return {state for step in table.steps for state in (*step.sources, step.target)}


def reachable(table: Table, start: str | None = None, but: str | None = None) -> set[str]:
    """The states that steps lead to from `start`, or from before the case; not by way of `but`."""
    found: set[str] = set() if start is None else {start}
    while True:
        more = {
            step.target
            for step in table.steps
            if (not step.sources and start is None) or (found - {but}) & set(step.sources)
        }
        if more <= found:
            return found
        found |= more


@OWN_TABLE
def test_every_state_can_be_reached(table: Table) -> None:
    assert reachable(table) == states_of(table)


@OWN_TABLE
def test_from_every_state_some_final_one_can_be_reached(table: Table) -> None:
    final = {state for state in states_of(table) if table.is_final(state)}
    assert final
    for state in states_of(table):
        assert reachable(table, state) & final, state


@OWN_TABLE
def test_an_action_has_one_row_per_state(table: Table) -> None:
    rows = [(source, step.action) for step in table.steps for source in step.sources or (None,)]
    assert len(rows) == len(set(rows))


@OWN_TABLE
def test_a_case_begins_in_one_way(table: Table) -> None:
    assert len([step for step in table.steps if not step.sources]) == 1


@OWN_TABLE
def test_every_step_has_somebody_to_take_it_and_a_clause(table: Table) -> None:
    for step in table.steps:
        assert step.roles, step.action
        assert step.clause.startswith(CLAUSES), step.action


OWN_STEP = Step(
    "sleep", (State.PLANNED,), State.REFUSED, (Role.SYSTEM,), "JS", guards=(must.majority_refused,)
)
BEGIN = Step("draft", (), State.PLANNED, (Role.APPLICANT,), "JS")


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"sources": ()}, "begins a case"),
        ({"roles": (Role.CLERK, Role.SYSTEM)}, "belongs to people too"),
        ({"guards": ()}, "has no condition"),
        ({"evidence": (EvidenceKind.BANK_RECEIPT,)}, "asks for evidence"),
        ({"needs_reason": True}, "asks for a reason"),
        ({"checks": (must.plan_covers_lifts,)}, "checks what is handed in"),
        ({"target": State.PLANNED}, "leads nowhere"),
    ],
)
def test_a_step_that_the_house_could_not_take_alone_makes_no_table(
    wrong: dict[str, Any], fault: str
) -> None:
    assert Table((BEGIN, OWN_STEP)).house_steps
    with pytest.raises(BadTable, match=f"sleep {fault}$"):
        Table((BEGIN, replace(OWN_STEP, **wrong)))


def test_a_city_for_which_no_sound_table_can_be_composed_is_not_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = load_city("jishou").text
    bad = replace(ROUTES["R1"], rows=lambda *_: (BEGIN, replace(OWN_STEP, needs_reason=True)))
    monkeypatch.setitem(ROUTES, "R1", bad)
    with pytest.raises(BadTable, match="sleep asks for a reason"):
        parse_city(text)


def test_who_may_take_a_step_is_asked_of_the_row_from_here_first() -> None:
    """The same action may be others' from another state."""
    early = Step("stop", (State.PLANNED,), State.WITHDRAWN, (Role.APPLICANT,), "JS")
    late = Step("stop", (State.REFUSED,), State.TERMINATED, (Role.REVIEWER,), "JS")
    table = Table((BEGIN, OWN_STEP, early, late))
    assert table.row(State.REFUSED, "stop") is late
    assert table.row(State.PLANNED, "stop") is early
    assert table.row(State.PAID, "stop") is early  # nowhere to be taken: whose it is all the same


@OWN_TABLE
def test_every_condition_and_effect_names_its_clause(table: Table) -> None:
    for step in table.steps:
        for function in (*step.guards, *step.checks, *step.effects):
            doc = function.__doc__ or ""
            assert any(source in doc for source in ("JS ", "SG ", "Civil Code", "[D]")), (
                function.__name__
            )


@pytest.mark.parametrize("route", ROUTES)
def test_every_city_that_offers_the_route_knows_its_limits(route: str) -> None:
    cities = [city for city in map(load_city, city_codes()) if route in city.routes]
    assert cities
    for city in cities:
        for step in table_of(route, city).steps:
            for limit in (step.limit, step.meets, step.takes_up):
                assert limit in (None, EVERY_LIMIT) or limit in city.limits, (city.code, limit)


@OWN_TABLE
def test_somebody_answers_for_every_limit_and_what_is_to_be_done_has_a_name(table: Table) -> None:
    """It follows from the rows that meet it; limits of objections are met beside the steps."""
    assert table.limits <= known_limits()
    assert all(0 < len(limit_title(limit)) <= 20 for limit in table.limits)
    of_notices = {"objection_answer"} & {each.meets for each in table.activities.values()}
    assert bool(of_notices) == (State.POSTED in states_of(table))
    for limit in {step.limit for step in table.steps if step.limit} | of_notices:
        assert table.answering(limit), limit
        assert set(table.answering(limit)) <= set(table.reminded(limit))
        assert Role.SYSTEM not in table.reminded(limit)


def test_who_answers_for_a_limit_in_jishou() -> None:
    ours = [limit for limit in LIMIT_TITLES if limit in JISHOU.limits]
    answering = {limit: R1.answering(limit) for limit in ours}
    assert answering == {
        "acceptance": (Role.CLERK,),
        "planning": (Role.INSURER,),
        "approval": (Role.COMMITTEE_MEMBER,),
        "posting": (Role.APPLICANT,),
        "public_notice_period": (Role.APPLICANT, Role.CLERK),
        "objection_answer": (Role.CLERK,),
        "objection_review": (Role.REVIEWER,),
        "registration": (Role.REVIEWER,),
        "contract": (Role.APPLICANT,),
        "payment_request": (Role.APPLICANT,),
        "payment": (Role.REVIEWER, Role.CASHIER),
        "policy": (Role.INSURER,),
        "lift_return": (Role.CASHIER,),
        "refund_review": (Role.REVIEWER,),
        "completion": (Role.APPLICANT,),
        "income": (Role.CLERK,),
        "rectification": (Role.APPLICANT,),
        "reconsideration": (Role.INSURER,),
        "settlement": (Role.CLERK,),
    }
    steps = [limit for limit in ours if limit not in R1.stays]
    waits = [limit for limit in steps if R1.reminded(limit) != R1.answering(limit)]
    assert waits == ["planning", "approval", "posting", "payment", "policy"]
    for limit in waits:
        other = Role.CLERK if limit == "posting" else Role.APPLICANT
        assert R1.reminded(limit) == (*R1.answering(limit), other)


def test_whose_turn_it_is_within_the_seven_days_changes_with_the_state() -> None:
    turn = {state: R1.answering("payment", state) for state in R1.turns[Role.CASHIER]["payment"]}
    assert turn == {
        State.PAYMENT_REVIEWED: (Role.CASHIER,),
        State.PAYING: (Role.CASHIER,),
    }
    assert R1.turns[Role.REVIEWER]["payment"] == {State.PAYMENT_REQUESTED}
    assert R1.reminded("payment", State.PAYMENT_REQUESTED) == (Role.REVIEWER, Role.APPLICANT)


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
        assert activity.clause.startswith(CLAUSES)
        assert activity.closed is None or activity.closed.message.endswith("。")
    activities = [row for row in table.rows if isinstance(row, Activity)]
    assert len(activities) == len(table.activities)
    assert not {step.action for step in table.steps} & table.activities.keys()


@OWN_TABLE
def test_no_limit_outlives_its_case_or_starts_twice(table: Table) -> None:
    """Every walk through the table: what begins is met or cancelled, at the latest at the end."""
    begin = table.first
    walks = [(begin.target, frozenset({begin.limit} - {None}))]
    seen = set(walks)
    while walks:
        state, running = walks.pop()
        if table.is_final(state):
            still = {limit for limit in running if limit and not table.answering(limit, state)}
            assert not still, (state, running)
        for step in table.steps:
            if state not in step.sources:
                continue
            left = running & {*step.spares} if step.meets == EVERY_LIMIT else running - {step.meets}
            begun = {step.limit, step.takes_up} - {None}
            assert not begun & left, (step.action, "starts a limit that is running")
            walk = (step.target, left | begun)
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
        if table.is_final(step.target) and step.target not in step.sources:
            assert step.meets == EVERY_LIMIT, step.action
            assert all(table.answering(limit, step.target) for limit in step.spares)


def test_withdrawing_and_terminating_are_possible_until_the_payment_is_ordered() -> None:
    before = reachable(R1, but=State.PAYING) - {State.PAYING}
    unpaid = {state for state in before if not R1.is_final(state)}
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


@OWN_TABLE
def test_the_diagram_has_an_arrow_for_every_step(table: Table) -> None:
    drawn = diagram(table)
    assert drawn.startswith("stateDiagram-v2\n")
    for step in table.steps:
        assert f"--> {step.target}: {step.action}\n" in drawn
        assert f'state "{STATE_NAMES[step.target]} {step.target}" as {step.target}\n' in drawn


def test_a_refund_that_waits_ends_wherever_none_can_be_confirmed_any_more() -> None:
    waits = set(R1.activities[Action.PROPOSE_REFUND].while_)
    leaving = {step for step in R1.steps if waits & set(step.sources) and step.target not in waits}
    settled_by_hand = {step for step in leaving if step.action == Action.CANCEL}
    assert leaving - settled_by_hand == {
        step for step in R1.steps if effects.end_refund in step.effects
    }
