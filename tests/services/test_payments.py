"""From the contract to the bank's word: what is paid, to whom, and what comes back."""

from datetime import date

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind
from backend.services.base.context import Actor
from backend.services.books import ledger
from backend.services.case import steps as case_steps
from backend.services.purchase import applications, payments, registrations
from backend.services.reads.own_case import own_case
from backend.store.purchases import Payment, Plan, Purchase
from tests.build.looking import (
    add_insurer,
    also,
    assert_sound,
    at,
    carry,
    case,
    codes,
    covers,
    holds,
    letters,
    limits,
    planned_for,
    pool,
    registered,
    steps,
)
from tests.build.refunds import cancelled
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village

DUE_FEN = 2 * PREMIUM_FEN


@pytest.fixture
def manager(village: Village) -> Actor:
    return village.actor("manager")


@pytest.fixture
def cashier(village: Village) -> Actor:
    return village.actor("cashier")


def kinds(village: Village) -> dict[str, int]:
    """Balances by kind of account, zeros left out."""
    with village.ctx.sessions() as tx:
        return {str(kind): fen for kind, fen in ledger.trial_balance(tx).by_kind.items() if fen}


def order(village: Village, purchase: Purchase) -> Payment:
    return village.cashier.orders_payment(purchase.id)


def confirm(village: Village, purchase: Purchase, reference: str = "BANK-1") -> Purchase:
    receipt = village.upload("cashier")
    return village.cashier.confirms_payment(purchase.id, reference, receipt)


def cancel(village: Village, purchase: Purchase, refund_fen: int) -> Purchase:
    return cancelled(village, purchase.id, refund_fen, "电梯报废")


# --- contract ---


@pytest.mark.parametrize(
    ("changed", "against"),
    [
        ({"premium_fen": DUE_FEN + 1}, ["contract_above_plan"]),
        ({"premium_fen": 0}, ["amount_not_positive"]),
        ({"premium_fen": -1}, ["amount_not_positive"]),
        ({"lift_codes": ["31104331002024000001"]}, ["contract_lifts_differ"]),
        ({"signed_on": date(2025, 3, 12)}, ["contract_date_invalid"]),
        ({"file_sha256": "0" * 64}, ["file_unknown"]),
    ],
)
def test_a_contract_that_does_not_fit_is_refused_and_can_be_handed_in_again(
    village: Village, manager: Actor, changed: dict[str, object], against: list[str]
) -> None:
    purchase = registered(village)
    with pytest.raises(Refused) as refused:
        registrations.sign_contract(village.ctx, manager, purchase.id, village.contract(**changed))
    assert codes(refused) == against
    signed = registrations.sign_contract(village.ctx, manager, purchase.id, village.contract())
    assert signed.state == "contracted"


def test_the_contract_is_with_the_insurer_of_the_plan(village: Village, manager: Actor) -> None:
    purchase = registered(village)
    for insurer in (add_insurer(village, selected=True), village.pool):
        terms = village.contract(insurer_id=insurer)
        with pytest.raises(Refused) as refused:
            registrations.sign_contract(village.ctx, manager, purchase.id, terms)
        assert codes(refused) == ["contract_insurer_differs"]


def test_a_contract_is_signed_once_registered_and_not_before(
    village: Village, manager: Actor
) -> None:
    with pytest.raises(Refused) as refused:
        registrations.sign_contract(village.ctx, manager, village.cleared().id, village.contract())
    assert codes(refused) == ["step_not_possible"]


def test_a_registration_has_a_number_and_the_plan_it_is_about(village: Village) -> None:
    purchase = village.cleared()
    record = village.reviewer.registers(purchase.id)
    assert (record.number, record.plan_id) == ("BA-2025-000001", purchase.plan_id)


# --- payment file ---


def test_an_incomplete_file_gets_the_full_list_and_the_limit_does_not_begin(
    village: Village, manager: Actor
) -> None:
    purchase = village.contracted()
    with pytest.raises(Refused) as refused:
        payments.request_payment(village.ctx, manager, purchase.id)
    assert codes(refused) == ["invoice_missing"]
    assert limits(village, purchase).keys() == {"payment_request"}
    assert holds(village, purchase) == [("pending", DUE_FEN)]


def test_seven_working_days_run_from_the_day_the_last_paper_arrived(
    village: Village, manager: Actor
) -> None:
    purchase = village.contracted()
    village.clock.set(at("2025-03-28 17:00"))
    payments.add_invoice(village.ctx, manager, purchase.id, village.invoice())
    payments.request_payment(village.ctx, manager, purchase.id)
    due = limits(village, purchase)["payment"]
    # 31 March to 3 April are four; 4 to 6 April is 清明; 7, 8 and 9 April are three more.
    assert (due.started_on, due.ends_on) == (date(2025, 3, 28), date(2025, 4, 9))


@pytest.mark.parametrize(
    ("changed", "against"),
    [
        ({"amount_fen": DUE_FEN - 1}, ["invoice_amount_differs"]),
        ({"amount_fen": DUE_FEN + 1}, ["invoice_amount_differs"]),
    ],
)
def test_the_invoice_is_over_what_was_contracted(
    village: Village, manager: Actor, changed: dict[str, object], against: list[str]
) -> None:
    purchase = village.contracted()
    payments.add_invoice(village.ctx, manager, purchase.id, village.invoice(**changed))
    with pytest.raises(Refused) as refused:
        payments.request_payment(village.ctx, manager, purchase.id)
    assert codes(refused) == against
    payments.add_invoice(village.ctx, manager, purchase.id, village.invoice(number="FP-2"))
    requested = payments.request_payment(village.ctx, manager, purchase.id)
    assert requested.state == "payment_requested"


def test_an_invoice_made_out_to_nobody_who_may_be_its_buyer_is_not_taken(
    village: Village, manager: Actor
) -> None:
    purchase = village.contracted()
    with pytest.raises(Refused) as refused:
        payments.add_invoice(village.ctx, manager, purchase.id, village.invoice(buyer="冯样零"))
    assert codes(refused) == ["invoice_buyer_differs"]
    assert case(village, purchase).invoice_id is None
    buyers = own_case(village.ctx, manager, purchase.id).invoice_buyers
    assert buyers[1:3] == ["示例小区业主委员会", "示例小区全体业主"]
    for number, buyer in enumerate(buyers):
        paper = village.invoice(number=f"FP-{number}", buyer=buyer)
        assert payments.add_invoice(village.ctx, manager, purchase.id, paper).buyer == buyer


def test_the_invoice_comes_from_the_insurer_of_the_contract(
    village: Village, manager: Actor
) -> None:
    purchase = village.contracted()
    other = add_insurer(village, selected=True)
    payments.add_invoice(village.ctx, manager, purchase.id, village.invoice(insurer_id=other))
    with pytest.raises(Refused, match="invoice_insurer_differs"):
        payments.request_payment(village.ctx, manager, purchase.id)
    with pytest.raises(Refused, match="insurer_unknown"):
        payments.add_invoice(
            village.ctx, manager, purchase.id, village.invoice(insurer_id=village.pool)
        )


@pytest.mark.usefixtures("cases_from_before")
@pytest.mark.usefixtures("cases_from_before")
def test_an_invoice_number_serves_one_case(village: Village, manager: Actor) -> None:
    first = village.contracted()
    paper = village.invoice()
    once = payments.add_invoice(village.ctx, manager, first.id, paper)
    assert payments.add_invoice(village.ctx, manager, first.id, paper).id == once.id
    right = village.invoice(amount_fen=DUE_FEN - 1)  # under its number, for the same case
    assert payments.add_invoice(village.ctx, manager, first.id, right).amount_fen == DUE_FEN - 1
    begin, end = date(2026, 4, 1), date(2027, 4, 1)
    other = planned_for(village, village.lifts, cover_from=begin, cover_ends_before=end)
    carry(village, other, "contracted")
    with pytest.raises(Refused) as refused:
        payments.add_invoice(village.ctx, manager, other.id, paper)
    assert codes(refused) == ["invoice_reused"]


def test_an_invoice_has_its_time_and_its_amount(village: Village, manager: Actor) -> None:
    early = village.planned()
    with pytest.raises(Refused, match="invoice_not_possible"):
        payments.add_invoice(village.ctx, manager, early.id, village.invoice())
    applications.withdraw(village.ctx, manager, early.id, "x")
    purchase = village.contracted()
    for fen in (0, -1):
        with pytest.raises(Refused, match="amount_not_positive"):
            payments.add_invoice(village.ctx, manager, purchase.id, village.invoice(amount_fen=fen))


# --- money ---


def test_the_premium_goes_from_the_pool_to_the_insurer(village: Village) -> None:
    purchase = village.contracted()
    assert pool(village) == (POOL_FEN, DUE_FEN)
    village.manager.adds_invoice(purchase.id, village.invoice())
    village.manager.requests_payment(purchase.id)
    village.reviewer.reviews_payment(purchase.id)
    assert kinds(village) == {
        "bank": POOL_FEN,
        "pooled_income": POOL_FEN - DUE_FEN,
        "held_premium": DUE_FEN,
    }
    payment = order(village, purchase)
    assert (payment.payee_account, payment.amount_fen) == ("6222000000000001", DUE_FEN)
    assert kinds(village)["insurer_payable"] == DUE_FEN
    confirm(village, purchase)
    assert kinds(village) == {
        "bank": POOL_FEN - DUE_FEN,
        "pooled_income": POOL_FEN - DUE_FEN,
    }
    assert limits(village, purchase).keys() == {"policy"}
    assert_sound(village)


def test_a_contract_below_the_plan_gives_back_the_difference(
    village: Village, manager: Actor
) -> None:
    purchase = registered(village)
    lower = DUE_FEN - 40_000
    registrations.sign_contract(
        village.ctx, manager, purchase.id, village.contract(premium_fen=lower)
    )
    payments.add_invoice(village.ctx, manager, purchase.id, village.invoice(amount_fen=lower))
    assert pool(village) == (POOL_FEN, DUE_FEN)
    payments.request_payment(village.ctx, manager, purchase.id)
    assert pool(village) == (POOL_FEN - lower, 0)
    village.reviewer.reviews_payment(purchase.id)
    assert order(village, purchase).amount_fen == lower
    confirm(village, purchase)
    assert kinds(village)["bank"] == POOL_FEN - lower
    assert [step.amount_fen for step in steps(village, purchase)][-5:] == [lower] * 5
    with pytest.raises(Refused) as refused:
        cancel(village, purchase, lower + 1)
    assert codes(refused) == ["refund_out_of_range"]


def test_whoever_pays_for_cover_that_has_begun_says_that_they_know_it(village: Village) -> None:
    purchase = village.reviewed()
    with village.ctx.sessions() as tx:
        assert tx.get_one(Plan, purchase.plan_id).cover_from == date(2025, 4, 1)
    village.clock.set(at("2025-04-03 09:00"))
    with pytest.raises(Refused) as refused:
        village.cashier.orders_payment(purchase.id)
    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.field) == ("cover_begun_before_payment", "begun_cover_known")
    assert "2025年4月1日开始，已过2天" in refusal.message
    assert case(village, purchase).state == "payment_reviewed"
    village.cashier.orders_payment(purchase.id, begun_cover_known=True)
    last = steps(village, purchase)[-1]
    assert (last.action, last.evidence) == (
        *("order_payment", [{"kind": "begun_cover", "sha256": None}]),
    )
    assert last.actor_id == village.actor("cashier").person_id


def test_on_the_first_day_of_cover_nothing_needs_to_be_said(village: Village) -> None:
    purchase = village.reviewed()
    village.clock.set(at("2025-04-01 23:59"))
    village.cashier.orders_payment(purchase.id)
    assert steps(village, purchase)[-1].evidence == []


def test_a_payment_the_bank_rejects_is_ordered_again(village: Village, cashier: Actor) -> None:
    purchase = village.reviewed()
    due = limits(village, purchase)["payment"].ends_on
    first = order(village, purchase)
    payments.reject_payment(village.ctx, cashier, purchase.id, "户名不符")
    assert case(village, purchase).state == "payment_reviewed"
    assert kinds(village)["held_premium"] == DUE_FEN
    assert limits(village, purchase)["payment"].ends_on == due
    second = order(village, purchase)
    confirm(village, purchase)
    with village.ctx.sessions() as tx:
        states = dict(tx.execute(select(Payment.number, Payment.state)).all())
    assert states == {first.number: "rejected", second.number: "confirmed"}
    assert_sound(village)


def test_after_a_rejected_payment_the_applicant_may_still_withdraw(
    village: Village, manager: Actor, cashier: Actor
) -> None:
    purchase = village.reviewed()
    order(village, purchase)
    payments.reject_payment(village.ctx, cashier, purchase.id, "户名不符")
    applications.withdraw(village.ctx, manager, purchase.id, "不再投保")
    assert kinds(village) == {"bank": POOL_FEN, "pooled_income": POOL_FEN}
    assert {state for state, _, _ in covers(village, purchase)} == {"released"}
    assert_sound(village)


@pytest.mark.usefixtures("cases_from_before")
def test_the_banks_receipt_is_needed_and_its_reference_serves_once(
    village: Village, cashier: Actor
) -> None:
    purchase = village.reviewed()
    order(village, purchase)
    with pytest.raises(Refused, match="file_unknown"):
        payments.confirm_payment(village.ctx, cashier, purchase.id, "BANK-1", "0" * 64)
    confirm(village, purchase)
    second = planned_for(
        village, village.lifts, cover_from=date(2026, 4, 1), cover_ends_before=date(2027, 4, 1)
    )
    carry(village, second, "paying")
    with pytest.raises(Refused) as refused:
        confirm(village, second, "BANK-1")
    assert codes(refused) == ["bank_reference_used"]
    assert case(village, second).state == "paying"
    assert confirm(village, second, "BANK-2").state == "paid"


def test_reviewer_and_cashier_are_two_people(village: Village) -> None:
    purchase = village.reviewed()
    also(village, "reviewer", "cashier")
    with pytest.raises(Refused) as refused:
        village.reviewer.orders_payment(purchase.id)
    assert codes(refused) == ["same_officer"]


def test_who_came_without_a_session_pays_nobody(village: Village) -> None:
    purchase = village.reviewed()
    nobody = Actor(village.actor("cashier").person_id)
    with pytest.raises(Refused, match="只能登录后办理"):
        payments.order_payment(village.ctx, nobody, purchase.id)


def test_only_the_cashier_pays(village: Village) -> None:
    purchase = village.reviewed()
    for name in ("manager", "clerk", "reviewer", "supervisor"):
        with pytest.raises(Refused, match="role_required"):
            village.person(name).orders_payment(purchase.id)


# --- refund ---


@pytest.mark.parametrize("state", ["paid", "policy_issued", "in_force"])
def test_a_refund_goes_back_to_the_account_that_paid(village: Village, state: str) -> None:
    purchase = village.paid() if state == "paid" else village.insured()
    if state == "in_force":
        village.clock.set(at("2025-06-15 10:00"))
        case_steps.sweep(village.ctx)
    assert case(village, purchase).state == state
    cancel(village, purchase, 200_000)
    assert case(village, purchase).state == "cancelled"
    assert pool(village) == (POOL_FEN - DUE_FEN + 200_000, 0)
    assert kinds(village)["bank"] == POOL_FEN - DUE_FEN + 200_000
    assert str(AccountKind.REFUND_SUSPENSE) not in kinds(village)
    assert limits(village, purchase) == {}
    ended = ("ended", date(2025, 4, 1), date(2025, 6, 16))
    released = ("released", date(2025, 4, 1), date(2026, 4, 1))
    assert covers(village, purchase) == [ended if state == "in_force" else released] * 2
    told = {name for name, _, data in letters(village, purchase) if data.get("state") == "已退保"}
    assert {"insurer", "manager"} <= told
    assert_sound(village)


@pytest.mark.parametrize("fen", [0, -1, DUE_FEN + 1])
def test_a_refund_is_at_most_the_premium(village: Village, fen: int) -> None:
    purchase = village.paid()
    with pytest.raises(Refused) as refused:
        cancel(village, purchase, fen)
    assert codes(refused) == ["refund_out_of_range"]
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)


def test_a_premium_without_a_policy_is_refunded_even_after_the_cover_would_be_over(
    village: Village,
) -> None:
    purchase = village.paid()
    village.clock.set(at("2026-05-01 09:00"))
    cancel(village, purchase, DUE_FEN)
    assert pool(village) == (POOL_FEN, 0)
    assert {state for state, _, _ in covers(village, purchase)} == {"released"}


def test_nothing_is_refunded_before_it_was_paid(village: Village) -> None:
    with pytest.raises(Refused, match="refund_not_possible"):
        cancel(village, village.payable(), 1)


def test_a_correct_invoice_handed_in_again_counts_again(village: Village) -> None:
    purchase = village.contracted()
    correct, wrong = village.invoice(), village.invoice(number="FP-2", amount_fen=1)
    for paper in (correct, wrong):
        village.manager.adds_invoice(purchase.id, paper)
    with pytest.raises(Refused, match="invoice_amount_differs"):
        village.manager.requests_payment(purchase.id)
    village.manager.adds_invoice(purchase.id, correct)
    paying = village.manager.requests_payment(purchase.id)
    assert paying.state == "payment_requested"
