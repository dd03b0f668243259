"""Papers with mistakes in them, steps taken by mistake, and money that comes back."""

from datetime import datetime

import pytest

from backend.domain.local_time import SHANGHAI
from tests.build.calling import refused
from tests.build.looking import applied
from tests.build.players import Players, contract, invoice, photograph, plan, policy
from tests.build.village import PREMIUM_FEN, Village

DUE_FEN = 2 * PREMIUM_FEN


def available(players: Players) -> int:
    """What the village's account may spend, in fen."""
    estate = players.village.estate
    account = players.saw("manager", f"/estates/{estate}/accounts")["items"][0]
    return int(account["available_fen"])


@pytest.mark.situation("P11", "amend_contract")
def test_a_premium_mistyped_in_the_contract_is_put_right_under_the_same_number(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.cleared().id}"
    players.did("reviewer", f"{here}/registration", status=201)
    wrong = contract(village, players.upload("manager"), premium_fen=206_000)
    players.did("manager", f"{here}/contract", wrong)
    players.did("manager", f"{here}/invoices", invoice(village, players.upload("manager")), 201)
    asked = players.post("manager", f"{here}/payment-request")
    assert refused(asked, 409) == ["invoice_amount_differs"]
    right = contract(village, players.upload("manager")) | {"reason": "保费录错"}
    assert players.did("manager", f"{here}/contract-amendment", right)["state"] == "contracted"
    assert players.did("manager", f"{here}/payment-request")["state"] == "payment_requested"


@pytest.mark.situation("P12", "return_papers", "review_payment")
@pytest.mark.parametrize("officer", ["reviewer", "cashier"])
def test_an_invoice_that_nobody_can_read_goes_back_and_the_clock_ends(
    players: Players, village: Village, officer: str
) -> None:
    here = f"/purchases/{village.payable().id}"
    assert refused(players.post("cashier", f"{here}/payment-order", {}), 409) == [
        "step_not_possible"
    ]
    why = {"reason": "发票抬头看不清"}
    assert players.did(officer, f"{here}/payment-papers-return", why)["state"] == "contracted"
    seen = players.saw("manager", here)
    assert [limit["kind"] for limit in seen["deadlines"] if limit["state"] == "open"] == [
        "payment_request"
    ]
    (todo,) = players.saw("manager", "/todos/mine")["items"]
    assert todo["why"].endswith(why["reason"])
    assert available(players) == 1_000_000 - DUE_FEN
    better = invoice(village, players.upload("manager"), number="FP-2")
    players.did("manager", f"{here}/invoices", better, 201)
    players.did("manager", f"{here}/payment-request")
    assert players.did("reviewer", f"{here}/payment-review")["state"] == "payment_reviewed"
    assert players.did("cashier", f"{here}/payment-order", {}, status=201)["amount_fen"] == DUE_FEN


@pytest.mark.situation("P14", "return_payment", "keep_policy")
@pytest.mark.parametrize("stage", ["paid", "insured"])
def test_the_bank_sends_a_confirmed_payment_back_and_it_is_paid_once_more(
    players: Players, village: Village, stage: str
) -> None:
    here = f"/purchases/{getattr(village, stage)().id}"
    back = {"receipt_sha256": players.upload("cashier"), "reason": "户名不符"}
    returned = players.did("cashier", f"{here}/payment-return", back)
    assert returned["state"] == "payment_reviewed"
    assert available(players) == 1_000_000 - DUE_FEN
    players.did("cashier", f"{here}/payment-order", {}, status=201)
    receipt = {"bank_reference": "B-2", "receipt_sha256": players.upload("cashier")}
    again = players.did("cashier", f"{here}/payment-confirmation", receipt)
    # A policy that was issued before need not be issued again.
    assert again["state"] == {"paid": "paid", "insured": "policy_issued"}[stage]
    assert players.saw("auditor", "/ledger/trial-balance")["total_fen"] == 0


@pytest.mark.situation("P14", "undo_confirm_payment")
def test_a_payment_confirmed_by_mistake_waits_for_the_bank_again(
    players: Players, village: Village
) -> None:
    """With the receipt of another case: its reference is free for the payment whose it is."""
    here = f"/purchases/{village.paid().id}"
    undo, why = f"{here}/payment-confirmation-reversal", {"reason": "凭的是另一件的回单"}
    assert refused(players.post("cashier", undo, why), 403) == ["role_required"]
    assert players.did("reviewer", undo, why)["state"] == "paying"
    again = players.post("cashier", f"{here}/payment-order", {})
    assert refused(again, 409) == ["step_not_possible"]
    (todo,) = players.saw("cashier", "/todos/mine")["items"]
    assert todo["mine"]
    receipt = {"bank_reference": "BANK-1", "receipt_sha256": players.upload("cashier")}
    confirmed = players.did("cashier", f"{here}/payment-confirmation", receipt)
    assert confirmed["state"] == "paid"
    assert players.saw("auditor", "/ledger/trial-balance")["total_fen"] == 0


@pytest.mark.situation("P15", "undo_clear")
def test_a_clearing_by_mistake_is_undone_by_the_reviewer_and_the_notice_hangs_on(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.cleared().id}"
    before = players.saw("clerk", here)["notice"]["ends_before"]
    why = {"reason": "信箱里还有一份异议"}
    undo = f"{here}/clearance-reversal"
    assert refused(players.post("clerk", undo, why), 403) == ["role_required"]
    assert players.did("reviewer", undo, why)["state"] == "posted"
    seen = players.saw("clerk", here)
    assert seen["notice"]["ends_before"] == before
    assert seen["transitions"][-1]["reason"] == why["reason"]
    cleared = players.did("clerk", f"{here}/clearance", {"statement": "信箱已清空"})
    assert cleared["state"] == "cleared"


@pytest.mark.situation("P15", "undo_register")
def test_a_registration_by_mistake_has_a_way_back(players: Players, village: Village) -> None:
    here = f"/purchases/{village.cleared().id}"
    number = players.did("reviewer", f"{here}/registration", status=201)["number"]
    why = {"reason": "核对的不是本案"}
    assert players.did("clerk", f"{here}/registration-reversal", why)["state"] == "cleared"
    assert players.did("reviewer", f"{here}/registration", status=201)["number"] == number


@pytest.mark.situation("P15", "return_application")
def test_an_application_goes_back_and_comes_again_with_a_better_form(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{applied(village).id}"
    why = {"reason": "第二页没有盖章"}
    assert players.did("clerk", f"{here}/return", why)["state"] == "drafted"
    (todo,) = players.saw("manager", "/todos/mine")["items"]
    assert todo["why"] == f"退回补正：{why['reason']}"
    form = {"form_sha256": players.upload("manager")}
    assert players.did("manager", f"{here}/application", form)["state"] == "applied"


@pytest.mark.situation("P10", "set_policy")
def test_cover_has_the_days_of_the_policy_and_is_put_right_when_they_were_mistyped(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.reviewed().id}"
    village.clock.set(datetime(2025, 4, 20, 10, tzinfo=SHANGHAI))
    order = f"{here}/payment-order"
    unsaid = players.post("cashier", order, {})
    assert refused(unsaid, 409) == ["cover_begun_before_payment"]
    players.did("cashier", order, {"begun_cover_known": True}, 201)
    receipt = {"bank_reference": "B-1", "receipt_sha256": players.upload("cashier")}
    players.did("cashier", f"{here}/payment-confirmation", receipt)
    back = policy(village, players.upload("insurer"))
    assert refused(players.post("insurer", f"{here}/policy", back), 409) == [
        "policy_begins_before_issue"
    ]
    days = {"cover_from": "2025-04-20", "cover_last_day": "2026-04-19"}
    issued = policy(village, players.upload("insurer"), **days)
    in_force = players.did("insurer", f"{here}/policy", issued)
    assert in_force["state"] == "in_force"
    lifts = players.saw("manager", f"/estates/{village.estate}/lifts")["items"]
    assert {lift["covered_until"] for lift in lifts} == {"2026-04-19"}
    days = {"cover_from": "2025-04-21", "cover_last_day": "2026-04-20"}
    paper = policy(village, players.upload("insurer"), **days) | {"reason": "起保日录错"}
    assert players.did("insurer", f"{here}/policy-correction", paper)["state"] == "policy_issued"
    lifts = players.saw("manager", f"/estates/{village.estate}/lifts")["items"]
    assert "2026-04-19" not in {lift["covered_until"] for lift in lifts}


@pytest.mark.situation("P27")
def test_after_a_long_wait_the_policy_is_a_whole_year_and_never_the_rest_of_one(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.paid().id}"
    village.clock.set(datetime(2025, 5, 20, 10, tzinfo=SHANGHAI))
    short = policy(village, players.upload("insurer"), cover_from="2025-05-21")
    answer = players.post("insurer", f"{here}/policy", short)
    assert "policy_period_differs" in refused(answer, 409)
    year = {"cover_from": "2025-05-21", "cover_last_day": "2026-05-20"}
    whole = policy(village, players.upload("insurer"), **year)
    assert players.did("insurer", f"{here}/policy", whole)["state"] == "policy_issued"


@pytest.mark.situation("give_back")
def test_a_policy_that_costs_less_than_was_paid_waits_for_the_difference(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.paid().id}"
    cheaper = policy(village, players.upload("insurer"), premium_fen=DUE_FEN - 1_000)
    answer = players.post("insurer", f"{here}/policy", cheaper)
    assert refused(answer, 409) == ["policy_premium_differs"]
    back = {"kind": "give_back", "refund_fen": 1_000, "reason": "退差额"}
    receipt = {"receipt_sha256": players.upload("cashier")}
    refund = players.did("cashier", f"{here}/refunds", back | receipt, status=201)
    assert available(players) == 1_000_000 - DUE_FEN
    assert players.saw("reviewer", here)["refund"] == refund
    assert players.saw("manager", here)["refund"] is None
    confirmed = players.did("reviewer", f"/refunds/{refund['id']}/confirmation")
    assert confirmed["state"] == "paid"
    assert available(players) == 1_000_000 - DUE_FEN + 1_000
    assert players.did("insurer", f"{here}/policy", cheaper)["state"] == "policy_issued"


@pytest.mark.situation("P34")
@pytest.mark.usefixtures("cases_from_before")
def test_money_that_a_frozen_notice_speaks_of_is_spent_by_no_other_case(
    players: Players, village: Village
) -> None:
    first, second = (f"/purchases/{village.surveyed().id}" for _ in range(2))
    for here in (first, second):
        dear = plan(village, 300_000)
        planned = players.did("insurer", f"{here}/plans", dear, 201)
        answers = f"/plans/{players.saw('member0', here)['plan_id']}/answers"
        assert planned["state"] == "planned"
        for member in ("member0", "member1"):
            players.did(member, answers, {"answer": "approve"})
    shown = players.did("manager", f"{first}/notice", status=201)["content"]["account"]
    assert (shown["used_fen"], shown["left_fen"]) == (600_000, 400_000)
    late = players.post("manager", f"{second}/notice")
    assert "premium_above_available" in refused(late, 409)


@pytest.mark.situation("P37")
def test_end_photos_that_are_weeks_late_ask_the_clerk_what_makes_it_certain(
    players: Players, village: Village
) -> None:
    purchase, notice = village.posted()
    here = f"/purchases/{purchase.id}"
    village.clock.set(datetime(2025, 3, 28, 9, tzinfo=SHANGHAI))
    photograph(players, str(notice), "end")
    words = {"statement": "未收到纸质异议"}
    bare = players.post("clerk", f"{here}/clearance", words)
    assert refused(bare, 409) == ["late_photos_unexplained"]
    told = words | {"late_photos_statement": "每日巡查有记录"}
    assert players.did("clerk", f"{here}/clearance", told)["state"] == "cleared"
