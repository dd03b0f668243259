"""SG: an estate is screened and guided, the city's pool pays, and nobody votes (SG 四, 五)."""

from dataclasses import replace
from typing import Any

import pytest

from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.bad_city import BadCity
from backend.domain.city.parse import parse_city
from backend.domain.effects import Booking, Move
from backend.domain.facts import Facts, Finding
from backend.domain.foresee import foresee
from backend.domain.purchase import decide, step_from
from backend.domain.roles import Role
from backend.domain.routes.catalogue import state_name, table_of, takes_applications
from backend.domain.states import State
from backend.domain.steps import EvidenceKind, Step
from backend.domain.table import Table
from backend.store.city_files import load_city
from tests.build.facts import LIFTS, codes, facts

SHAOGUAN = load_city("shaoguan")
SG = table_of("SG", SHAOGUAN)
MET = {gate: Finding(met=True, words="符合") for gate in SHAOGUAN.routes["SG"].gates.value}
UNASKED = parse_city(
    SHAOGUAN.text.replace(
        'asked_for = { value = ["committee", "property_company"]', "asked_for = { value = []"
    )
)
WAY = (
    *("screen", "guide", "submit_plan", "approve", "draft_notice", "post_notice", "clear"),
    *("register", "sign_contract", "request_payment", "review_payment", "order_payment"),
    *("confirm_payment", "issue_policy", "begin_cover", "expire"),
)


def in_shaoguan(**changed: Any) -> Facts:
    known: dict[str, Any] = {"screening": MET, "hold": "pending", "mandate_valid": False}
    return facts(city=SHAOGUAN, route=SHAOGUAN.routes["SG"], **known | changed)


def rows(table: Table, action: str) -> list[Step]:
    return [step for step in table.steps if step.action == action]


@pytest.mark.parametrize("table", [SG, table_of("SG", UNASKED)], ids=["asked", "unasked"])
def test_an_estate_is_insured_without_any_vote_of_owners(table: Table) -> None:
    """No mandate is asked for, and the committee only where the city's file says so."""
    asked = table is SG
    state: str | None = None
    booked = []
    for action in WAY if asked else (each for each in WAY if each != "approve"):
        step = step_from(table, state, action)
        assert not set(step.roles) & {Role.OWNER}
        if Role.SYSTEM not in step.roles:
            decision = decide(step, step.roles, EvidenceKind, "理由", in_shaoguan())
            booked += [order.booking for order in decision.orders if isinstance(order, Move)]
        state = step.target
    assert state == State.EXPIRED
    assert booked[:2] == [Booking.HOLD, Booking.PREMIUM_DUE]
    assert (State.APPROVED in {step.target for step in table.steps}) is asked
    assert must.mandate_valid not in {guard for step in table.steps for guard in step.guards}


@pytest.mark.parametrize("gate", MET)
@pytest.mark.parametrize(("finding", "code"), [(None, "missing"), (False, "not_met")])
def test_a_screening_that_misses_a_criterion_is_refused_with_which(
    gate: str, finding: bool | None, code: str
) -> None:
    others = {each: found for each, found in MET.items() if each != gate}
    own = {gate: Finding(met=False, words="没有")} if finding is False else {}
    (refusal,) = must.screening_passed(in_shaoguan(screening=others | own))
    assert (refusal.code, refusal.field) == (f"criterion_{code}", gate)
    assert SHAOGUAN.gates[gate].text in refusal.message
    assert "四、五（四）" in refusal.message
    assert must.screening_passed(in_shaoguan()) == []


def test_all_that_an_estate_lacks_is_told_at_once() -> None:
    facts_ = in_shaoguan(screening={}, committee_in_office=False, managed=False)
    step = SG.first
    refusals = [each for rule in (*step.guards, *step.checks) for each in rule(facts_)]
    assert codes(refusals) == ["committee_not_in_office", "not_managed", *["criterion_missing"] * 4]
    assert "四、五（四）" in refusals[1].message


def test_guiding_names_each_lift_whose_data_is_not_complete() -> None:
    lacking = replace(LIFTS[0], lacks=("品牌", "维保单位"))
    (refusal,) = must.lift_data_complete(in_shaoguan(lifts=(lacking, LIFTS[1])))
    assert refusal.code == "lift_data_incomplete"
    assert f"{lacking.registration_code}还没有登记品牌、维保单位" in refusal.message


def test_the_pools_cover_the_premium_when_it_is_planned_and_when_it_is_posted() -> None:
    short = in_shaoguan(available_fen=259_999)
    (refusal,) = must.pool_covers_premium(short)
    assert refusal.code == "premium_above_available"
    assert "差0.01元" in refusal.message
    assert "统筹账户" not in refusal.message
    for action in (Action.SUBMIT_PLAN, Action.REVISE_PLAN, Action.DRAFT_NOTICE):
        for step in rows(SG, action):
            assert must.pool_covers_premium in (*step.checks, *step.guards), action
    assert codes(must.funds_available(in_shaoguan(available_fen=0))) == ["account_empty"]


def test_what_was_done_by_mistake_is_undone_until_the_notice_hangs() -> None:
    for state in (State.GUIDED, State.PLANNED, State.APPROVED, State.REFUSED):
        undone = SG.find(state, Action.UNDO_GUIDE)
        assert undone
        assert (undone.target, undone.takes_up) == (State.SCREENED, "acceptance")
    assert SG.find(State.POSTED, Action.UNDO_GUIDE) is None
    for state in (State.SCREENED, State.GUIDED):
        found = SG.find(state, Action.UNDO_SCREEN)
        assert found
        assert found.target == State.TERMINATED
        assert found.needs_reason
    assert SG.find(State.PLANNED, Action.UNDO_SCREEN) is None


def test_a_plan_that_falls_is_made_anew_from_where_the_estate_was_guided() -> None:
    (asked,) = rows(SG, Action.REQUEST_PLAN)
    assert asked.target == State.GUIDED
    for step in rows(SG, Action.DROP_LIFT):
        assert step.target == State.GUIDED
    for step in rows(SG, Action.CHANGE_INSURER):
        assert step.roles == (Role.DISTRICT, Role.CLERK)
        assert step.target == State.GUIDED
    states = {state for step in SG.steps for state in (*step.sources, step.target)}
    assert not states & {State.DRAFTED, State.APPLIED, State.FUNDS_QUERIED, State.SURVEY_FAILED}


def test_the_district_sees_what_it_may_do_and_the_property_company_what_it_may_not() -> None:
    known = in_shaoguan()
    (offer,) = (
        o for o in foresee(SG, State.SCREENED, {Role.DISTRICT}, known) if o.step.action == "guide"
    )
    assert offer.is_open
    assert offer.refusals == ()
    theirs = foresee(SG, State.SCREENED, {Role.PROPERTY_MANAGER, Role.APPLICANT}, known)
    assert [offer.step.action for offer in theirs if offer.is_open] == ["withdraw"]
    assert state_name(State.SCREENED) == "摸底入选"
    assert not takes_applications("SG")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('"city_pool"', '"pooled_income"', "account"),
        ('applicants = { value = ["property_company"]', 'applicants = { value = ["owners"]',
         "applicants"),
        ('gates = { value = ["fund_ample", "committee_works", "managed_and_upkept", "willing"]',
         "gates = { value = []", "gates"),
        ("vote = { value = false", "vote = { value = true", "vote"),
        ("public_notice = { value = true", "public_notice = { value = false", "public_notice"),
        ("registration = {", 'deposit_years = { value = 3, source = "default" }\nregistration = {',
         "deposit_years"),
    ],
)  # fmt: skip
def test_what_the_route_is_not_is_refused_with_the_file(old: str, new: str, line: str) -> None:
    head, mark, tail = SHAOGUAN.text.partition("[routes.SG]")
    assert old in tail
    with pytest.raises(BadCity) as wrong:
        parse_city(head + mark + tail.replace(old, new, 1))
    keys = {problem.partition("：")[0] for problem in wrong.value.problems}
    assert f"routes.SG.{line}" in {key.removesuffix(".value") for key in keys}
