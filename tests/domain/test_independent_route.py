"""R3: an owner alone pays years in beforehand, in one sum (JS 四（四）, annex 二（三）)."""

from dataclasses import replace
from typing import Any

import pytest

from backend.domain import guards as must
from backend.domain.city.bad_city import BadCity
from backend.domain.city.parse import parse_city
from backend.domain.conditions.depositing import to_deposit
from backend.domain.deposit_facts import PaidIn
from backend.domain.effects import BookDeposit, Booking, Move
from backend.domain.facts import Facts
from backend.domain.ledger import Line, deposited, paid_back
from backend.domain.money import yuan
from backend.domain.papers import invoice_buyers
from backend.domain.purchase import decide, step_from
from backend.domain.refund import FROM_INSURER, RefundKind
from backend.domain.roles import Role
from backend.domain.routes.catalogue import limit_title, table_of
from backend.domain.states import State
from backend.domain.steps import EvidenceKind, Step
from backend.domain.table import Table
from tests.build.facts import INSURER, JISHOU, LIFTS, NOW, PLAN, codes, facts

R3 = table_of("R3", JISHOU)
ALONE: dict[str, Any] = {"route": JISHOU.routes["R3"], "applicant": "independent_owner"}
YEAR = PLAN.premium_fen
ON = "the same, but true"
WAY = (
    *("draft", "apply", "submit_plan", "open_account", "fund", "sign_contract", "request_payment"),
    *("review_payment", "order_payment", "confirm_payment", "issue_policy", "begin_cover"),
    "expire",
)


def alone(**changed: Any) -> Facts:
    """The sound case on this road, before anything was paid in."""
    return facts(**{**ALONE, "available_fen": 0, **changed})


def sum_of(fen: int) -> PaidIn:
    """What came in, by its receipt."""
    account, bank = LIFTS[0].lift_id, INSURER
    return PaidIn(fen, account, bank, NOW.date(), NOW.date(), "R-1", "0" * 64)


def steps(table: Table, action: str) -> list[Step]:
    return [step for step in table.steps if step.action == action]


def test_an_owner_is_insured_without_vote_notice_and_registration() -> None:
    state: str | None = None
    booked, came_in = [], []
    for action in WAY:
        step = step_from(R3, state, action)
        if Role.SYSTEM not in step.roles:
            known = alone(paid_in=sum_of(3 * YEAR), hold="pending")
            decision = decide(step, step.roles, EvidenceKind, "理由", known)
            booked += [order.booking for order in decision.orders if isinstance(order, Move)]
            came_in += [
                order.amount_fen for order in decision.orders if isinstance(order, BookDeposit)
            ]
        state = step.target
    assert state == State.EXPIRED
    assert came_in == [3 * YEAR]
    assert booked == [
        Booking.HOLD,
        Booking.PREMIUM_DUE,
        Booking.PAYMENT_ORDERED,
        Booking.PAYMENT_CONFIRMED,
    ]
    reached = {step.target for step in R3.steps}
    assert not reached & {State.POSTED, State.REGISTERED, State.APPROVED, State.PLANNED}
    assert must.no_open_objection not in {guard for step in R3.steps for guard in step.guards}
    assert not any(Role.COMMITTEE_MEMBER in (*step.roles, *step.notify) for step in R3.steps)


@pytest.mark.parametrize(
    ("given", "has", "years_paid", "code"),
    [
        (3 * YEAR, 0, 0, None),
        (3 * YEAR - 1, 0, 0, "deposit_too_small"),
        (2 * YEAR, 0, 0, "deposit_too_small"),  # in two parts: neither counts
        (YEAR, 0, 0, "deposit_too_small"),
        (4 * YEAR - 1, 0, 0, None),
        (4 * YEAR, 0, 0, "deposit_too_large"),
        (10, YEAR - 10, 1, None),  # a later year that became dearer
        (9, YEAR - 10, 1, "deposit_too_small"),
        (0, 5 * YEAR, 1, "deposit_too_small"),
    ],
)
def test_a_deposit_is_one_sum_of_the_years_and_of_less_than_another_one(
    given: int, has: int, years_paid: int, code: str | None
) -> None:
    known = alone(paid_in=sum_of(given), available_fen=has, years_paid=years_paid)
    found = must.deposit_in_one(known)
    assert codes(found) == ([code] if code else [])
    assert all(refusal.field == "amount_fen" for refusal in found)


def test_a_year_of_a_shorter_plan_is_reckoned_whole() -> None:
    """Half a year's premium deposited thrice would buy no three years."""
    half = replace(PLAN, cover_ends_before=PLAN.cover_from.replace(month=10))
    known = alone(plan=half)
    assert to_deposit(known) == 3 * half.year_premium_fen > 5 * YEAR


def test_what_is_left_buys_a_later_year_and_moves_the_case_on_by_itself() -> None:
    step = step_from(R3, State.SPECIAL_ACCOUNT_OPENED, "keep_deposit")
    assert step.roles == (Role.SYSTEM,)
    assert codes(must.deposit_reaches(alone(available_fen=YEAR - 1, years_paid=1))) == [
        "deposit_short"
    ]
    later = alone(available_fen=YEAR, years_paid=1)
    assert must.deposit_reaches(later) == []
    orders = decide(step, step.roles, (), None, later).orders
    assert [order.booking for order in orders if isinstance(order, Move)] == [Booking.HOLD]


def test_what_is_asked_for_beside_a_rest_says_so() -> None:
    for has, words in ((0, "（3年保费）"), (YEAR, f"（3年保费减去专户余款{yuan(YEAR)}）")):
        (refusal,) = must.deposit_in_one(alone(available_fen=has, paid_in=sum_of(1)))
        assert words in refusal.message


def test_who_shares_the_house_is_told_to_go_another_way() -> None:
    assert codes(must.owned_alone(alone(owned_alone=False))) == ["not_owned_alone"]
    asked = {step.action for step in R3.steps if must.owned_alone in (*step.guards, *step.checks)}
    assert asked == {"draft", "apply", "open_account", "fund", "keep_deposit"}


def test_what_is_left_in_the_end_is_paid_back_whole_and_only_then() -> None:
    known = alone(available_fen=2 * YEAR, refund_fen=2 * YEAR)
    assert must.whole_rest(known) == []
    assert must.account_unused(known) == []
    assert codes(must.account_unused(alone(account_in_use=True))) == ["special_account_needed"]
    for fen, has in ((YEAR, 2 * YEAR), (2 * YEAR + 1, 2 * YEAR), (0, 0)):
        wrong = must.whole_rest(alone(available_fen=has, refund_fen=fen))
        assert codes(wrong) == ["rest_differs"]
    ends = {source for step in steps(R3, "close_account") for source in step.sources}
    assert ends == {"expired", "renewed", "cancelled", "withdrawn", "terminated", "lapsed"}
    assert all(R3.is_final(state) for state in ends)
    assert all(R3.allows("propose_refund", state) for state in ends)
    (step,) = {step for step in steps(R3, "close_account") if "expired" in step.sources}
    (order,) = decide(step, [Role.REVIEWER], EvidenceKind, "到期", known).orders
    assert order == Move(Booking.PAY_BACK, 2 * YEAR)
    assert RefundKind.CLOSE_ACCOUNT not in FROM_INSURER


def test_a_deposit_entered_by_mistake_is_undone_before_the_contract() -> None:
    (step,) = steps(R3, "undo_fund")
    assert codes(must.deposit_booked(alone())) == ["deposit_not_booked"]
    known = alone(booked_fen=3 * YEAR, hold="pending", hold_fen=YEAR)
    moves = [
        order
        for order in decide(step, [Role.REVIEWER], (), "金额登错", known).orders
        if isinstance(order, Move)
    ]
    assert moves == [Move(Booking.VOID_HOLD, YEAR), Move(Booking.UNDO_DEPOSIT, 3 * YEAR)]


def test_money_of_an_owner_comes_and_goes_by_the_bank() -> None:
    bank, account = INSURER, LIFTS[0].lift_id
    assert deposited(bank, account, 5) == (Line(bank, 5), Line(account, -5))
    assert paid_back(bank, account, 5) == (Line(account, 5), Line(bank, -5))


def test_nobodys_name_stands_on_the_invoice_of_one_owner() -> None:
    city, centre = JISHOU, JISHOU.centre.name.value
    assert invoice_buyers(city, "independent_owner", "甲小区", None) == ["产权人本人", centre]
    named = invoice_buyers(city, "independent_owner", "甲小区", None, "示例公司")
    assert named == ["示例公司", "产权人本人", centre]


def test_its_own_limits_have_names_and_who_answers_for_them() -> None:
    assert R3.answering("account_opening") == (Role.CLERK,)
    assert R3.stay_in(State.SPECIAL_ACCOUNT_OPENED) == "funding"
    assert limit_title("account_opening") == "核对产权证明，开立专户"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('value = "special_account"', 'value = "pooled_income"', "account.value"),
        ('value = ["independent_owner"]', 'value = ["owners"]', "applicants.value"),
        ('["managed_and_upkept"', '["covers_one_year", "managed_and_upkept"', "gates.value"),
        ("vote = { value = false", ON, "vote.value"),
        (
            "public_notice = { value = false",
            "public_notice = { value = true",
            "public_notice.value",
        ),
        ("registration = { value = false", ON, "registration.value"),
        ('deposit_years = { value = 3, source = "附件二（三）3" }', "", "deposit_years"),
        ("invoice_years = { value = 1", "invoice_years = { value = 2", "invoice_years"),
    ],
)
def test_what_the_road_is_not_is_refused_with_the_file(old: str, new: str, line: str) -> None:
    head, mark, tail = JISHOU.text.partition("[routes.R3]")
    new = old.replace("false", "true") if new == ON else new
    assert old in tail
    with pytest.raises(BadCity) as wrong:
        parse_city(head + mark + tail.replace(old, new, 1))
    assert f"routes.R3.{line}" in {each.partition("：")[0] for each in wrong.value.problems}
