"""What a city's file says about the steps is followed by them, or the file is refused: never
ignored."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.bad_city import BadCity
from backend.domain.city.parse import parse_city
from backend.domain.city.schema import PLANNED_ROUTES, CityProfile
from backend.domain.errors import Refused
from backend.domain.facts import Facts
from backend.domain.purchase import decide, step_from
from backend.domain.roles import Role
from backend.domain.routes.catalogue import ROUTES, table_of
from backend.domain.routes.gates import GATES
from backend.domain.states import State
from tests.build.facts import INVOICE, JISHOU, NOTICE, PERSON, codes, facts
from tests.build.situations import CITIES

R1 = "[routes.R1]"


def changed(old: str, new: str, after: str = "") -> str:
    """Jishou's file with the first `old` behind `after` replaced."""
    head, mark, tail = JISHOU.text.partition(after) if after else ("", "", JISHOU.text)
    assert old in tail
    return head + mark + tail.replace(old, new, 1)


def city(old: str, new: str, after: str = "") -> CityProfile:
    return parse_city(changed(old, new, after))


def actions(profile: CityProfile) -> set[str]:
    return {step.action for step in table_of("R1", profile).steps}


def in_city(profile: CityProfile, **other: Any) -> Facts:
    return facts(city=profile, route=profile.routes["R1"], **other)


# --- refused with the file ---


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("vote = { value = false", "vote = { value = true", "routes.R1.vote.value"),
        ("public_notice = { value = true", "public_notice = { value = false",
         "routes.R1.public_notice.value"),
        ('account = { value = "pooled_income"', 'account = { value = "maintenance_fund"',
         "routes.R1.account.value"),
        ('applicants = { value = ["owners"', 'applicants = { value = ["independent_owner"',
         "routes.R1.applicants.value"),
        ("registration = {", 'deposit_years = { value = 3, source = "default" }\nregistration = {',
         "routes.R1.deposit_years"),
        ("registration = {", 'invoice_years = { value = 1, source = "default" }\nregistration = {',
         "routes.R1.deposit_years"),
    ],
)  # fmt: skip
def test_what_a_route_is_not_is_refused_with_the_file(old: str, new: str, line: str) -> None:
    text = changed(old, new, R1)
    with pytest.raises(BadCity) as wrong:
        parse_city(text)
    assert line in {problem.partition("：")[0] for problem in wrong.value.problems}


@pytest.mark.parametrize(
    "line", ["public_notice.places", "public_notice.photos", "objection.channels"]
)
def test_a_notice_without_place_photo_or_way_to_object_is_refused_with_the_file(line: str) -> None:
    key = line.partition(".")[2]
    text = re.sub(rf"(?m)^({key} = {{ value = )\[.*?\]", r"\1[]", JISHOU.text, count=1)
    with pytest.raises(BadCity) as wrong:
        parse_city(text)
    assert [problem.partition("：")[0] for problem in wrong.value.problems] == [f"{line}.value"]


def test_a_gate_without_a_condition_is_refused_and_so_is_an_unknown_route() -> None:
    gate = '[gates]\nwilling = { text = "小区有意愿", source = "default" }\n'
    text = changed("[gates]\n", gate).replace('"covers_one_year", ', '"willing", ', 1)
    with pytest.raises(BadCity) as wrong:
        parse_city(text)
    assert wrong.value.problems == ("routes.R1.gates.value：willing 还没有对应的核对规则",)
    with pytest.raises(BadCity) as wrong:
        city("[routes.R4]", "[routes.R5]")
    assert wrong.value.problems == ("routes.R5：没有这条路线",)


def test_of_a_route_that_nobody_can_walk_yet_nothing_is_asked() -> None:
    """Jishou's plan has R2 with a vote; it is told as planned and refused when applied for."""
    assert JISHOU.routes["R2"].vote.value
    assert "R2" in PLANNED_ROUTES
    assert "R2" not in ROUTES


# --- followed ---


def test_a_city_that_asks_no_committee_has_no_rows_of_one() -> None:
    asked = {Action.APPROVE, Action.WAIVE_APPROVAL, Action.REFUSE}
    assert asked <= actions(JISHOU)
    alone = CITIES["no committee asked"]
    assert not asked & actions(alone)
    table = table_of("R1", alone)
    assert Action.ANSWER_PLAN not in table.activities
    assert table.find(State.PLANNED, Action.DRAFT_NOTICE)
    assert table.next_words(State.PLANNED) == "张贴公示并上传照片"
    submitted = table.find(State.FUNDS_QUERIED, Action.SUBMIT_PLAN)
    assert submitted
    assert submitted.limit == "posting"
    assert not submitted.effects


def test_a_city_that_asks_about_every_application_waives_none() -> None:
    always = CITIES["every committee asked"]
    assert actions(JISHOU) - actions(always) == {Action.WAIVE_APPROVAL}


def test_a_city_without_registration_goes_from_the_clearing_to_the_contract() -> None:
    table = table_of("R1", CITIES["no registration"])
    assert Action.REGISTER not in actions(CITIES["no registration"])
    cleared = table.find(State.POSTED, Action.CLEAR)
    assert cleared
    assert cleared.limit == "contract"
    assert table.find(State.CLEARED, Action.SIGN_CONTRACT)


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_that_the_city_leaves_out_is_no_condition_of_any_step(gate: str) -> None:
    def rules(profile: CityProfile) -> set[Callable[..., Any]]:
        steps = table_of("R1", profile).steps
        return {rule for step in steps for rule in (*step.guards, *step.checks)}

    asked = '["eligible_applicant", "covers_one_year", "managed_and_upkept", "insurer_conditions"]'
    fewer = ", ".join(f'"{other}"' for other in GATES if other != gate)
    open_city = city(asked, f"[{fewer}]", R1)
    assert rules(JISHOU) - rules(open_city) == set(GATES[gate])


def test_how_many_owners_it_takes_is_the_citys_word() -> None:
    five = city("minimum_cosigners = { value = 3", "minimum_cosigners = { value = 5")
    signed: dict[str, Any] = {"applicant": "owners", "cosigners": 4}
    assert must.eligible_applicant(in_city(JISHOU, **signed)) == []
    assert codes(must.eligible_applicant(in_city(five, **signed))) == ["too_few_cosigners"]


def test_which_papers_the_centre_asks_for_before_it_pays_is_the_citys_word() -> None:
    papers = 'payment_papers = { value = ["contract", "invoice", "public_notice_images"]'
    lacking: dict[str, Any] = {
        "contract": None,
        "invoice": None,
        "notice": replace(NOTICE, missing_end=("甲",)),
    }
    for asked, against in (
        ('["contract", "invoice", "public_notice_images"]',
         ["contract_missing", "invoice_missing", "notice_photo_missing"]),
        ('["contract"]', ["contract_missing"]),
        ('["invoice", "public_notice_images"]', ["invoice_missing", "notice_photo_missing"]),
    ):  # fmt: skip
        profile = city(papers, f"payment_papers = {{ value = {asked}", R1)
        assert codes(must.payment_file_complete(in_city(profile, **lacking))) == against
    assert must.invoice_matches_contract(in_city(JISHOU, invoice=INVOICE)) == []


def test_whether_an_unverified_objection_holds_the_case_is_the_citys_word() -> None:
    lenient = city(
        "unverified_blocks_clearing = { value = true",
        "unverified_blocks_clearing = { value = false",
    )
    waiting: dict[str, Any] = {"objections": ("received",)}
    assert codes(must.no_open_objection(in_city(JISHOU, **waiting))) == ["objection_open"]
    assert must.no_open_objection(in_city(lenient, **waiting)) == []
    assert must.no_open_objection(in_city(lenient, objections=("verified",))) != []


def test_which_officers_must_be_different_people_is_the_citys_word() -> None:
    small = city('value = ["clerk", "reviewer", "cashier"]', 'value = ["clerk", "cashier"]')
    acted = {Role.CLERK: frozenset({PERSON})}
    step = step_from(table_of("R1", JISHOU), State.CLEARED, "register")
    with pytest.raises(Refused, match="same_officer"):
        decide(step, [Role.REVIEWER], (), None, in_city(JISHOU, officers=acted))
    decide(step, [Role.REVIEWER], (), None, in_city(small, officers=acted))
    order = step_from(table_of("R1", JISHOU), State.PAYMENT_REVIEWED, "order_payment")
    with pytest.raises(Refused, match="same_officer"):
        decide(order, [Role.CASHIER], (), None, in_city(small, officers=acted))


def test_a_table_is_composed_once_for_each_version_of_a_profile() -> None:
    assert table_of("R1", JISHOU) is table_of("R1", parse_city(JISHOU.text))
    assert table_of("R1", JISHOU) is not table_of("R1", CITIES["no registration"])
