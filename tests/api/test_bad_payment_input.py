"""Bad input on contracts and payments: a stable code for each, and nothing is written."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from backend.services.base.context import Context
from tests.build.calling import refused
from tests.build.players import (
    Players,
    appoint,
    contract,
    invoice,
    nothing_written,
    policy,
    populate_neighbours,
    second_registered,
)
from tests.build.village import PREMIUM_FEN, Village


def test_a_contract_must_match_the_plan(players: Players, village: Village, ctx: Context) -> None:
    case = village.cleared()
    here = f"/purchases/{case.id}"
    players.did("reviewer", f"{here}/registration", status=201)
    paper = players.upload("manager")
    neighbours = populate_neighbours(village)
    tomorrow = (village.clock() + timedelta(days=1)).date().isoformat()
    cases: list[tuple[dict[str, Any], int, list[str]]] = [
        ({"premium_fen": 260_001}, 409, ["contract_above_plan"]),
        ({"lift_codes": village.codes[:1]}, 409, ["contract_lifts_differ"]),
        ({"lift_codes": [*village.codes, "L-2"]}, 409, ["contract_lifts_differ"]),
        ({"insurer_id": str(neighbours.insurer)}, 409, ["contract_insurer_differs"]),
        ({"insurer_id": str(uuid4())}, 409, ["contract_insurer_differs"]),
        ({"signed_on": tomorrow}, 422, ["contract_date_invalid"]),
        ({"file_sha256": "0" * 64}, 422, ["file_unknown"]),
        ({"number": ""}, 422, ["text_too_short"]),
        ({"premium_fen": 0}, 422, ["field_invalid"]),
        ({"lift_codes": ["x" * 41]}, 422, ["text_too_long"]),
    ]
    with nothing_written(ctx):
        for changed, status, codes in cases:
            body = contract(village, paper) | changed
            assert refused(players.post("manager", f"{here}/contract", body), status) == codes
    owner = contract(village, players.upload("owner0"))
    with nothing_written(ctx):
        refusal = players.post("owner0", f"{here}/contract", owner)
    assert refused(refusal, 409) == ["not_the_applicant"]


@pytest.mark.usefixtures("cases_from_before")
def test_a_contract_number_serves_one_case(
    players: Players, village: Village, ctx: Context
) -> None:
    village.contracted()
    second = second_registered(village)
    body = contract(village, players.upload("manager"))
    with nothing_written(ctx):
        answer = players.post("manager", f"/purchases/{second}/contract", body)
    assert refused(answer, 409) == ["contract_number_used"]


@pytest.mark.usefixtures("cases_from_before")
def test_an_invoice_number_serves_once(players: Players, village: Village, ctx: Context) -> None:
    village.payable()
    second = second_registered(village)
    signed = contract(village, players.upload("manager"), number="HT-2")
    players.did("manager", f"/purchases/{second}/contract", signed)
    body = invoice(village, players.upload("manager"))
    with nothing_written(ctx):
        answer = players.post("manager", f"/purchases/{second}/invoices", body)
    assert refused(answer, 409) == ["invoice_reused"]


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"amount_fen": 260_001}, ["invoice_amount_differs"]),
        ({"insurer": "other"}, ["invoice_insurer_differs"]),
    ],
)
def test_a_payment_file_that_does_not_match_is_refused(
    players: Players, village: Village, ctx: Context, changed: dict[str, Any], codes: list[str]
) -> None:
    case = village.contracted()
    here = f"/purchases/{case.id}"
    neighbours = populate_neighbours(village)
    if changed.pop("insurer", None):
        changed["insurer_id"] = str(neighbours.insurer)
    body = invoice(village, players.upload("manager"), **changed)
    players.did("manager", f"{here}/invoices", body, 201)
    with nothing_written(ctx):
        answer = players.post("manager", f"{here}/payment-request")
    assert refused(answer, 409) == codes


@pytest.mark.usefixtures("cases_from_before")
def test_an_invoice_comes_from_the_applicant_at_its_time(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.contracted()
    here = f"/purchases/{case.id}/invoices"
    mine = players.upload("manager")
    tomorrow = (village.clock() + timedelta(days=1)).date().isoformat()
    owners = players.upload("owner0")
    early = village.drafted()
    with nothing_written(ctx):
        stranger = players.post("owner0", here, invoice(village, owners))
        future = players.post("manager", here, invoice(village, mine, issued_on=tomorrow))
        nobody = players.post("manager", here, invoice(village, mine, insurer_id=str(uuid4())))
        before = players.post("manager", f"/purchases/{early.id}/invoices", invoice(village, mine))
    assert refused(stranger, 403) == ["not_the_applicant"]
    assert refused(future, 422) == ["invoice_date_invalid"]
    assert refused(nobody, 422) == ["insurer_unknown"]
    assert refused(before, 409) == ["invoice_not_possible"]


@pytest.mark.parametrize(
    ("first", "stage", "path", "body"),
    [
        ("clerk", "reviewed", "payment-order", {}),
        ("reviewer", "reviewed", "payment-order", {}),
        ("clerk", "payable", "payment-review", None),
        ("clerk", "cleared", "registration", None),
    ],
)
def test_clerk_reviewer_and_cashier_are_three_different_people(
    players: Players, village: Village, ctx: Context, first: str, stage: str, path: str, body: Any
) -> None:
    case = getattr(village, stage)()
    appoint(village, first, "cashier" if path == "payment-order" else "reviewer")
    with nothing_written(ctx):
        answer = players.post(first, f"/purchases/{case.id}/{path}", body)
    assert refused(answer, 409) == ["same_officer"]


def test_whoever_entered_an_objection_was_the_clerk_of_the_case(
    players: Players, village: Village, ctx: Context
) -> None:
    case, notice = village.posted()
    appoint(village, "reviewer", "clerk")
    paper = {
        "kind": "need",
        "text": "不需要",
        "objector": "王某",
        "received_at": village.clock().isoformat(),
        "file_sha256": players.upload("reviewer"),
    }
    filed = players.did("reviewer", f"/notices/{notice}/paper-objections", paper, 201)
    players.did("clerk", f"/objections/{filed['id']}/verification", {"answer": "非业主"})
    with nothing_written(ctx):
        ended = players.post("reviewer", f"/purchases/{case.id}/termination", {"reason": "不办"})
    assert refused(ended, 409) == ["same_officer"]


@pytest.mark.usefixtures("cases_from_before")
def test_a_bank_reference_confirms_one_payment(
    players: Players, village: Village, ctx: Context
) -> None:
    village.paid()
    second = second_registered(village)
    here = f"/purchases/{second}"
    signed = contract(village, players.upload("manager"), number="HT-2")
    players.did("manager", f"{here}/contract", signed)
    bill = invoice(village, players.upload("manager"), number="FP-2")
    players.did("manager", f"{here}/invoices", bill, 201)
    players.did("manager", f"{here}/payment-request")
    players.did("reviewer", f"{here}/payment-review")
    players.did("cashier", f"{here}/payment-order", {}, status=201)
    receipt = {"bank_reference": "BANK-1", "receipt_sha256": players.upload("cashier")}
    with nothing_written(ctx):
        answer = players.post("cashier", f"{here}/payment-confirmation", receipt)
    assert refused(answer, 409) == ["bank_reference_used"]


def test_nothing_is_withdrawn_while_the_bank_is_paying(
    players: Players, village: Village, ctx: Context
) -> None:
    here = f"/purchases/{village.reviewed().id}"
    players.did("cashier", f"{here}/payment-order", {}, status=201)
    with nothing_written(ctx):
        for name, path in (("manager", "withdrawal"), ("reviewer", "termination")):
            answer = players.post(name, f"{here}/{path}", {"reason": "改期"})
            assert refused(answer, 409) == ["step_not_possible"]
        again = players.post("cashier", f"{here}/payment-order", {})
        assert refused(again, 409) == ["step_not_possible"]


@pytest.mark.parametrize("fen", [2 * PREMIUM_FEN + 1, 10**12])
def test_a_refund_is_at_most_what_was_paid(
    players: Players, village: Village, ctx: Context, fen: int
) -> None:
    case = village.insured()
    back = {"kind": "cancel", "refund_fen": fen, "reason": "退保"}
    back["receipt_sha256"] = players.upload("cashier")
    with nothing_written(ctx):
        answer = players.post("cashier", f"/purchases/{case.id}/refunds", back)
    assert refused(answer, 409) == ["refund_out_of_range"]


@pytest.mark.usefixtures("cases_from_before")
def test_a_policy_number_serves_one_case(players: Players, village: Village, ctx: Context) -> None:
    village.insured()
    case = second_registered(village)
    bad = policy(village, players.upload("insurer"))
    with nothing_written(ctx):
        answer = players.post("insurer", f"/purchases/{case}/policy", bad)
    assert refused(answer, 409) == ["policy_number_used"]


def test_a_reason_is_asked_for_where_people_are_turned_away(
    players: Players, village: Village, ctx: Context
) -> None:
    here = f"/purchases/{village.surveyed().id}"
    with nothing_written(ctx):
        for name, path in (
            ("clerk", "rejection"),
            ("clerk", "shortage"),
            ("manager", "withdrawal"),
        ):
            assert refused(players.post(name, f"{here}/{path}", {"reason": " "}), 409) == [
                "text_required"
            ]
