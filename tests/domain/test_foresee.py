"""What is foreseen of a step is what is decided of it: over generated situations of a case.

`TIBAO_DEEP=20` looks at twenty times as many.
"""

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, seed, settings

from backend.domain.actions import Action
from backend.domain.deposit_facts import PaidIn
from backend.domain.errors import Refused
from backend.domain.facts import GROUPS, Facts, Group, NotLoaded, StepFacts
from backend.domain.foresee import Offer, foresee, wakes_at
from backend.domain.local_time import SHANGHAI
from backend.domain.purchase import Decision, decide
from backend.domain.roles import Role
from backend.domain.routes.catalogue import table_of
from backend.domain.rules import groups_read, reads
from backend.domain.states import State
from backend.domain.steps import EvidenceKind, Step
from backend.domain.texts import REASON_LIMIT
from tests.build.facts import LIFTS, NOW, PERSON, PLAN, SOUND, facts
from tests.build.situations import CITIES, Situation, situations, states_of

DEEP = int(os.environ.get("TIBAO_DEEP", "1"))
# Of facts, each looked at in every state: ten thousand situations of a case for both together.
FACTS = 250
MANY = settings(max_examples=FACTS * DEEP, deadline=None)
PAID_IN = PaidIn(1, PERSON, PERSON, NOW.date(), NOW.date(), "R-1", "0" * 64)
FEW = settings(max_examples=40 * DEEP, deadline=None)


def only(known: Facts, groups: Iterable[Group]) -> Facts:
    """The same facts with no other groups loaded than these."""
    return known.forgetting(GROUPS - set(groups))


def foreseen(seen: Situation) -> list[Offer]:
    """What is offered, each looked at with the facts of its own guards alone."""
    offers = foresee(seen.table, seen.state, seen.held, only(seen.facts, ()))
    return [
        Offer(offer.step, offer.role, offer.barred, only(seen.facts, offer.groups))
        for offer in offers
    ]


def at_the_step(seen: Situation, step: Step) -> Facts:
    """The case once everything is handed in, with the facts that this step declares alone."""
    known = only(seen.facts, step.groups)
    match step.action:
        case Action.SUBMIT_PLAN | Action.REVISE_PLAN:
            return only(seen.planned_anew, step.groups)
        case Action.ISSUE_POLICY | Action.SET_POLICY:
            return only(seen.insured, step.groups)
        case Action.SIGN_CONTRACT | Action.AMEND_CONTRACT:
            return known.with_step(StepFacts(contract=seen.contract))
        case Action.CLEAR:
            explained = EvidenceKind.LATE_PHOTOS in seen.evidence
            return known.with_step(StepFacts(late_photos_explained=explained))
        case Action.DROP_LIFT:
            return known.with_step(StepFacts(lift_id=LIFTS[0].lift_id))
        case Action.CHANGE_INSURER:
            return known.with_step(StepFacts(insurer=seen.insurer))
        case Action.OPEN_VOTE:
            return known.with_step(StepFacts(roll=seen.roll))
        case Action.FUND:
            return known.with_step(StepFacts(paid_in=replace(PAID_IN, amount_fen=seen.refund_fen)))
        case Action.CANCEL | Action.GIVE_BACK | Action.CLOSE_ACCOUNT:
            return known.with_step(StepFacts(refund_fen=seen.refund_fen))
    return known


def decided(seen: Situation, step: Step) -> Decision | Refused:
    now = at_the_step(seen, step)
    try:
        return decide(step, seen.held, seen.evidence, seen.reason, now)
    except Refused as refused:
        return refused


def agree(seen: Situation) -> None:
    """What is foreseen of each step from this state is what is decided of it."""
    reason = (seen.reason or "").strip()
    for offer in foreseen(seen):
        step, outcome = offer.step, decided(seen, offer.step)
        papers = set(offer.needs) <= seen.evidence
        words = len(reason) <= REASON_LIMIT and bool(reason or not step.needs_reason)
        passes = not any(check(at_the_step(seen, step)) for check in step.checks)
        ready = offer.role is not None and not offer.refusals and papers and words and passes
        assert isinstance(outcome, Decision) == ready, step.action
        if isinstance(outcome, Decision):
            assert (outcome.step, outcome.role) == (step, offer.role)
        elif offer.role is None:
            (refusal,) = outcome.refusals
            assert refusal.code in ("role_required", "not_the_applicant")
        else:
            assert set(offer.refusals) <= set(outcome.refusals), step.action


@MANY
@given(situations())
def test_what_is_foreseen_is_what_is_decided(seen: Situation) -> None:
    for each in seen.in_every_state():
        agree(each)


@MANY
@given(situations(likely=True))
def test_the_same_for_somebody_who_may_everything_and_hands_everything_in(seen: Situation) -> None:
    for each in seen.in_every_state():
        agree(each)


def test_both_look_at_ten_thousand_situations() -> None:
    assert min(len(states_of(table_of("R1", city))) for city in CITIES.values()) * FACTS * 2 > 1e4


@FEW
@given(situations())
def test_the_houses_own_steps_come_to_rest(seen: Situation) -> None:
    """On the same facts they never lead back to a state that they came from."""
    for each in seen.in_every_state():
        comes_to_rest(each)


def comes_to_rest(seen: Situation) -> None:
    state, walked = seen.state, [seen.state]
    while True:
        offers = foresee(seen.table, state, {Role.SYSTEM}, seen.facts)
        open_now = [offer.step for offer in offers if offer.role and not offer.refusals]
        if not open_now:
            break
        state = open_now[0].target
        assert state not in walked
        walked.append(state)


def test_situations_are_of_every_kind() -> None:
    """Each step of the tables is both decided and refused somewhere among the generated ones."""
    accepted: set[str] = set()
    refused: set[str] = set()

    @settings(max_examples=40, deadline=None, database=None)
    @given(situations(likely=True))
    def look(drawn: Situation) -> None:
        for seen in drawn.in_every_state():
            for step in seen.table.steps_from(seen.state):
                outcome = decided(seen, step)
                (accepted if isinstance(outcome, Decision) else refused).add(step.action)

    tables = [
        table_of(code, city)
        for city in CITIES.values()
        for code in ("R1", "R3")
        if code in city.routes
    ]
    every = {step.action for table in tables for step in table.steps}
    rules_that_bar = {Action.CLEAR, Action.POST_NOTICE, Action.SIGN_CONTRACT, Action.CANCEL}
    for turn in range(10):  # until one of each kind was met
        seed(turn)(look)()
        if accepted >= every - {Action.DRAFT} and refused >= rules_that_bar:
            break
    assert accepted == every - {Action.DRAFT}
    assert refused >= rules_that_bar


def test_a_rule_that_looks_at_what_it_does_not_declare_fails_at_once() -> None:
    @reads("terms")
    def peeps(known: Facts) -> list[Any]:
        return [known.money.available_fen]

    assert groups_read([peeps]) == {"terms"}
    with pytest.raises(NotLoaded, match="money"):
        peeps(only(SOUND, groups_read([peeps])))
    assert peeps(SOUND) == [1_000_000]


def test_every_group_is_read_by_some_rule_and_no_rule_reads_another() -> None:
    rules = [
        rule
        for city in CITIES.values()
        for code in ("R1", "R3", "R4")
        if code in city.routes
        for step in table_of(code, city).steps
        for rule in (*step.guards, *step.checks, *step.effects)
    ]
    assert groups_read(rules) == GROUPS


def offer_of(action: str, state: State, *held: Role, **changed: Any) -> Offer:
    table = table_of("R1", CITIES["jishou"])
    offers = foresee(table, state, held, facts(**changed))
    return next(offer for offer in offers if offer.step.action == action)


def test_an_offer_says_who_what_is_in_the_way_and_what_to_hand_in() -> None:
    offer = offer_of("clear", State.POSTED, Role.CLERK, ends_before=None)
    assert (offer.role, offer.is_open) == (Role.CLERK, True)
    assert [refusal.code for refusal in offer.refusals] == ["notice_still_open"]
    assert offer.needs == (EvidenceKind.NO_PAPER_OBJECTION,)
    others = offer_of("clear", State.POSTED, Role.PROPERTY_MANAGER)
    assert (others.role, others.is_open, others.step.roles) == (None, False, (Role.CLERK,))


def test_who_was_another_officer_of_the_case_is_told_so_beforehand() -> None:
    acted = {Role.CASHIER: frozenset({PERSON})}
    offer = offer_of("register", State.CLEARED, Role.REVIEWER, officers=acted)
    assert (offer.role, offer.is_open) == (Role.REVIEWER, False)
    assert [refusal.code for refusal in offer.refusals] == ["same_officer"]


def test_a_changed_plan_is_not_judged_by_the_one_it_replaces() -> None:
    """The old one no longer fits; whether the new one does is seen when it is handed in."""
    offer = offer_of("revise_plan", State.APPROVED, Role.INSURER, available_fen=0)
    assert offer.refusals == ()


def test_a_case_wakes_when_its_cover_begins_and_when_it_ends() -> None:
    table = table_of("R1", CITIES["jishou"])
    begins = wakes_at(table, State.POLICY_ISSUED, SOUND)
    assert begins == datetime(2025, 4, 1, tzinfo=SHANGHAI)
    assert wakes_at(table, State.IN_FORCE, SOUND) == datetime(2026, 4, 1, tzinfo=SHANGHAI)
    assert wakes_at(table, State.POLICY_ISSUED, facts(today=PLAN.cover_from)) is None
    for_ever = facts(until=None)
    asleep = {state for state in State if wakes_at(table, state, for_ever) is None}
    assert asleep == set(State) - {State.POLICY_ISSUED, State.IN_FORCE}


def test_a_case_that_may_not_wait_for_ever_wakes_when_its_time_is_over() -> None:
    table = table_of("R1", CITIES["jishou"])
    until = datetime(2025, 5, 1, tzinfo=SHANGHAI)
    waiting = {state for state in State if wakes_at(table, state, facts(until=until)) == until}
    assert waiting == {row.state for row in table.stays.values()}
    assert len(waiting) == 5
