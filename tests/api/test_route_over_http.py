"""Route R1 over HTTP, from the first draft to cover, and its side ways."""

from datetime import datetime

import pytest

from backend.domain.local_time import SHANGHAI
from backend.services.base.context import Context
from backend.services.case import steps
from tests.build.calling import refused
from tests.build.players import (
    Players,
    application,
    contract,
    invoice,
    photograph,
    plan,
    policy,
    post_notice,
)
from tests.build.village import PREMIUM_FEN, Village

TEXT = "保费偏高，请公布比选过程"


def test_the_whole_route_is_walked_by_the_people_who_take_its_steps(
    players: Players, village: Village, ctx: Context
) -> None:
    here = _planned(players)
    notice = _approved_and_posted(players, here)
    _objected_and_withdrawn(players, here, notice)
    _cleared_and_contracted(players, here, notice)
    _paid(players, here)
    insured = policy(village, players.upload("insurer"))
    assert players.did("insurer", f"{here}/policy", insured)["state"] == "policy_issued"
    village.clock.set(datetime(2025, 4, 1, 0, 1, tzinfo=SHANGHAI))
    assert steps.sweep(ctx) == 1

    done = players.saw("owner1", here)
    assert done["state"] == "in_force"
    assert done["transitions"][0]["action"] == "draft"
    assert done["transitions"][0]["from"] is None
    lifts = players.saw("manager", f"/estates/{village.estate}/lifts")["items"]
    assert {lift["covered_until"] for lift in lifts} == {"2026-03-31"}
    assert players.saw("auditor", "/ledger/trial-balance")["total_fen"] == 0
    assert players.saw("auditor", "/audit/verification")["ok"]


def _planned(players: Players) -> str:
    village = players.village
    case = players.did("manager", "/purchases", application(village), 201)
    assert (case["state"], case["state_name"], case["version"]) == ("drafted", "申请准备中", 1)
    here = f"/purchases/{case['id']}"
    players.did("manager", f"{here}/application", {"form_sha256": players.upload("manager")})
    seen = {"upkeep_statement": "维保正常", "upkeep_record_sha256": players.upload("clerk")}
    funds = players.did("clerk", f"{here}/funds-query", seen)
    assert (funds["state"], funds["available_fen"]) == ("funds_queried", 1_000_000)
    for lift in village.lifts:
        found = {"lift_id": str(lift), "result": "passed", "findings": "运行平稳"}
        players.did("insurer", f"{here}/surveys", found, 201)
    assert players.did("insurer", f"{here}/plans", plan(village), 201)["state"] == "planned"
    return here


def _approved_and_posted(players: Players, here: str) -> str:
    answers = f"/plans/{players.saw('member0', here)['plan_id']}/answers"
    players.did("member0", answers, {"answer": "approve"})
    tally = players.did("member1", answers, {"answer": "approve"})
    assert tally == {"approvals": 2, "refusals": 0, "in_office": 3, "decided": "approve"}
    notice = players.did("manager", f"{here}/notice", status=201)
    assert notice["state"] == "posting"
    assert notice["content"]["account"]["used_fen"] == 2 * PREMIUM_FEN
    assert photograph(players, notice["id"], "start")["state"] == "posted"
    seen = players.saw("clerk", here)
    assert seen["notice"]["ends_on"] == "2025-03-10"
    assert seen["notice"]["ends_before"] == "2025-03-11T00:00:00+08:00"
    assert {reason["rule"] for reason in seen["notice"]["explanation"]}
    return str(notice["id"])


def _objected_and_withdrawn(players: Players, here: str, notice: str) -> None:
    words = {"kind": "price", "text": "保费偏高，请公布比选过程"}
    filed = players.did("owner0", f"/notices/{notice}/objections", words, 201)
    assert filed["status"] == "verified"
    assert "暂缓" in filed["message"]
    assert players.saw("manager", here)["state"] == "suspended"
    reply = {"answer": "比选记录可到中心查阅"}
    players.did("clerk", f"/objections/{filed['id']}/answer", reply)
    withdrawn = players.did("owner0", f"/objections/{filed['id']}/withdrawal", {})
    assert withdrawn["status"] == "withdrawn"


def _cleared_and_contracted(players: Players, here: str, notice: str) -> None:
    village = players.village
    village.clock.set(datetime(2025, 3, 11, 9, tzinfo=SHANGHAI))
    lacking = players.post("clerk", f"{here}/clearance", {"statement": "未收到纸质异议"})
    assert refused(lacking, 409) == ["end_photo_missing"] * 4
    photograph(players, notice, "end")
    players.did("clerk", f"{here}/clearance", {"statement": "未收到纸质异议"})
    registered = players.did("reviewer", f"{here}/registration", status=201)
    assert registered["number"] == "BA-2025-000001"
    players.did("manager", f"{here}/contract", contract(village, players.upload("manager")))


def _paid(players: Players, here: str) -> None:
    assert refused(players.post("manager", f"{here}/payment-request"), 409) == ["invoice_missing"]
    bill = invoice(players.village, players.upload("manager"))
    players.did("manager", f"{here}/invoices", bill, 201)
    players.did("manager", f"{here}/payment-request")
    players.did("reviewer", f"{here}/payment-review")
    order = players.did("cashier", f"{here}/payment-order", status=201)
    assert (order["amount_fen"], order["payee_name"]) == (2 * PREMIUM_FEN, "示例保险")
    players.did("cashier", f"{here}/payment-rejection", {"reason": "账号有误"})
    players.did("cashier", f"{here}/payment-order", status=201)
    receipt = {"bank_reference": "B-1", "receipt_sha256": players.upload("cashier")}
    players.did("cashier", f"{here}/payment-confirmation", receipt)


def test_owners_apply_together(players: Players, village: Village) -> None:
    case = players.did("owner0", "/purchases", application(village, applicant="owners"), 201)
    here = f"/purchases/{case['id']}"
    signed = [players.did(f"owner{n}", f"{here}/cosignatures")["cosigners"] for n in (0, 1, 1, 2)]
    assert signed == [1, 2, 2, 3]
    form = {"form_sha256": players.upload("owner2")}
    assert players.did("owner2", f"{here}/application", form)["state"] == "applied"


def test_a_case_goes_aside_is_mended_and_goes_on(players: Players, village: Village) -> None:
    case = village.surveyed("failed")
    here = f"/purchases/{case.id}"
    assert "fail_survey" in players.saw("insurer", here)["possible_actions"]
    aside = players.did("insurer", f"{here}/failed-survey", {"reason": "门锁磨损"})
    assert aside["state"] == "survey_failed"
    mended = players.did("manager", f"{here}/rectification", {"statement": "已更换门锁"})
    assert mended["state"] == "funds_queried"
    short = players.did("clerk", f"{here}/shortage", {"reason": "收益未入账"})
    assert short["state"] == "short_of_funds"
    assert (
        players.did("manager", f"{here}/withdrawal", {"reason": "另行安排"})["state"] == "withdrawn"
    )


@pytest.mark.situation("P36")
@pytest.mark.usefixtures("cases_from_before")
def test_a_revised_plan_starts_over_and_releases_what_was_held(
    players: Players, village: Village
) -> None:
    case, _ = post_notice(players)
    here = f"/purchases/{case}"
    before = players.saw("manager", f"/estates/{village.estate}/accounts")["items"][0]
    assert before["available_fen"] == 1_000_000 - 2 * PREMIUM_FEN
    changed = plan(village, 120_000) | {"reason": "降低保费"}
    assert players.did("insurer", f"{here}/plan-revisions", changed, 201)["state"] == "planned"
    seen = players.saw("insurer", here)
    assert (seen["plan"]["revision"], seen["plan"]["premium_fen"]) == (2, 240_000)
    assert seen["plan"]["answers"]["approvals"] == 0
    assert (seen["notice"], seen["available_fen"]) == (None, 1_000_000)
    # The lifts are free as well: another case may plan for the same time.
    other = village.surveyed()
    players.did("insurer", f"/purchases/{other.id}/plans", plan(village), 201)


@pytest.mark.situation("undo_draft_notice")
def test_a_notice_that_nobody_hangs_is_taken_back_and_another_one_drafted(
    players: Players, village: Village
) -> None:
    case = village.approved()
    here, why = f"/purchases/{case.id}", {"reason": "物业换人，暂时没有人张贴"}
    first = players.did("manager", f"{here}/notice", status=201)["number"]
    assert players.did("clerk", f"{here}/notice-reversal", why)["state"] == "approved"
    assert players.saw("manager", here)["available_fen"] == 1_000_000
    again = players.did("manager", f"{here}/notice", status=201)["number"]
    assert again != first


def test_a_policy_can_be_cancelled_and_the_refund_returns(
    players: Players, village: Village
) -> None:
    case = village.insured()
    back = {"kind": "cancel", "refund_fen": 100_000, "reason": "退保"}
    receipt = {"receipt_sha256": players.upload("cashier")}
    entered = players.did("cashier", f"/purchases/{case.id}/refunds", back | receipt, status=201)
    why = {"reason": "金额与回单不符"}
    refused = players.did("reviewer", f"/refunds/{entered['id']}/refusal", why)
    assert refused["state"] == "policy_issued"
    again = players.did("cashier", f"/purchases/{case.id}/refunds", back | receipt, status=201)
    answer = players.did("reviewer", f"/refunds/{again['id']}/confirmation")
    assert answer["state"] == "cancelled"
    account = players.saw("manager", f"/estates/{village.estate}/accounts")["items"][0]
    assert account["available_fen"] == 1_000_000 - 2 * PREMIUM_FEN + 100_000
