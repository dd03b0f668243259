"""R4: flats pay a premium by area into an account of their house (JS 四（四）)."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.bad_city import BadCity
from backend.domain.city.parse import parse_city
from backend.domain.deposit_facts import Shares
from backend.domain.effects import Booking, Move
from backend.domain.purchase import decide, step_from
from backend.domain.roles import Role
from backend.domain.routes.catalogue import offered, table_of
from backend.domain.shares import Flat, shares_of
from backend.domain.states import State
from backend.domain.steps import EvidenceKind
from tests.build.facts import JISHOU, PLAN, codes, facts
from tests.build.sharing import SHARING, without_vote

R4 = table_of("R4", SHARING)
PAID = Shares(flats=4, outstanding=0, collected_fen=PLAN.premium_fen)


def flats(*areas: int) -> list[Flat]:
    return [Flat(UUID(int=at), f"{at}室", area, True) for at, area in enumerate(areas, 1)]


@pytest.mark.parametrize(
    ("premium_fen", "areas", "fens"),
    [
        # domain.md §6: 7,907.40 by three weights, and one fen to each of the largest remainders
        (
            790_740,
            (40_800_000 * 183, 38_250_000 * 183, 61_200_050 * 100),
            (286_794, 268_869, 235_077),
        ),
        (130_000, (8_935, 10_260, 8_935), (41_292, 47_416, 41_292)),
        (100, (1, 1, 1), (34, 33, 33)),
        (2, (1, 1, 1), (1, 1)),
    ],
)
def test_a_premium_is_shared_by_area_to_the_fen(
    premium_fen: int, areas: tuple[int, ...], fens: tuple[int, ...]
) -> None:
    assert tuple(shares_of(premium_fen, flats(*areas)).values()) == fens


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=60))
def test_shares_always_sum_to_the_premium(premium_fen: int, areas: list[int]) -> None:
    shares = shares_of(premium_fen, flats(*areas))
    assert sum(shares.values()) == premium_fen
    assert all(fen > 0 for fen in shares.values())


def test_where_there_is_no_flat_nothing_is_shared_and_the_plan_says_so() -> None:
    assert shares_of(1_000, []) == {}


def test_a_flat_that_nobody_owns_has_nobody_to_bear_its_share() -> None:
    known = facts(shares=Shares(flats=7, unowned=tuple(f"{at}室" for at in range(6))))
    (refusal,) = must.every_share_borne(known)
    assert refusal.code == "share_without_bearer"
    assert "等6户" in refusal.message
    assert codes(must.every_share_borne(facts(shares=Shares()))) == ["share_without_bearer"]
    assert must.every_share_borne(facts(shares=Shares(flats=2))) == []


def test_the_premium_is_held_once_the_last_share_is_in() -> None:
    step = step_from(R4, State.COLLECTING, Action.CLOSE_COLLECTION)
    assert step.roles == (Role.SYSTEM,)
    for shares in (Shares(4, (), 1, PLAN.premium_fen), Shares(4, (), 0, PLAN.premium_fen - 1)):
        assert codes(must.all_shares_in(facts(shares=shares))) == ["shares_outstanding"]
    orders = decide(step, step.roles, (), None, facts(shares=PAID)).orders
    assert [order for order in orders if isinstance(order, Move)] == [
        Move(Booking.HOLD, PLAN.premium_fen)
    ]


def test_a_plan_that_somebody_has_paid_by_stands() -> None:
    assert codes(must.nothing_collected(facts(shares=Shares(4, (), 3, 1)))) == ["shares_collected"]
    step = step_from(R4, State.COLLECTING, Action.REVISE_PLAN)
    assert must.nothing_collected in step.guards
    assert step.target == State.PLANNED


def test_a_house_is_insured_without_notice_and_registration() -> None:
    way = (
        *("draft", "apply", "open_house_account", "submit_plan", "approve", "close_collection"),
        *("sign_contract", "request_payment", "review_payment", "order_payment"),
        *("confirm_payment", "issue_policy", "begin_cover", "expire"),
    )
    state: str | None = None
    known: dict[str, Any] = {"route": SHARING.routes["R4"], "hold": "pending", "shares": PAID}
    for action in way:
        step = step_from(R4, state, action)
        if Role.SYSTEM not in step.roles:
            decide(step, step.roles, EvidenceKind, "理由", facts(city=SHARING, **known))
        state = step.target
    assert state == State.EXPIRED
    reached = {step.target for step in R4.steps}
    assert not reached & {State.POSTED, State.REGISTERED, State.FUNDS_QUERIED}
    assert R4.answering("collecting") == (Role.CASHIER,)


def test_without_a_committee_what_was_planned_is_collected() -> None:
    asked = 'asked_for = { value = ["committee", "property_company"]'
    alone = parse_city(SHARING.text.replace(asked, "asked_for = { value = []"))
    table = table_of("R4", alone)
    assert step_from(table, State.SURVEYING, "submit_plan").target == State.COLLECTING
    assert step_from(table, State.COLLECTING, "revise_plan").target == State.COLLECTING


def test_the_road_is_not_offered_where_a_vote_is_asked_for() -> None:
    assert JISHOU.routes["R4"].vote.value
    assert "R4" not in offered(JISHOU)
    assert "R4" in offered(SHARING)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('value = "special_account"', 'value = "pooled_income"', "account.value"),
        ('value = ["owners"', 'value = ["independent_owner"', "applicants.value"),
        ('["eligible_applicant"', '["covers_one_year"', "gates.value"),
        ("public_notice = { value = false", None, "public_notice.value"),
        ("registration = { value = false", None, "registration.value"),
        (
            "payment_papers",
            'deposit_years = { value = 3, source = "default" }\npayment_papers',
            "deposit_years",
        ),
    ],
)
def test_what_the_road_is_not_is_refused_with_the_file(
    old: str, new: str | None, line: str
) -> None:
    head, mark, tail = without_vote(JISHOU.text).partition("[routes.R4]")
    assert old in tail
    changed = tail.replace(old, new or old.replace("false", "true"), 1)
    with pytest.raises(BadCity) as wrong:
        parse_city(head + mark + changed)
    assert f"routes.R4.{line}" in {each.partition("：")[0] for each in wrong.value.problems}
