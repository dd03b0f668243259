"""Bad input, named: each gets a status, a stable code, a Chinese sentence; nothing is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from backend.clock import SHANGHAI
from backend.services import approvals, notices, plans, registrations
from backend.services.context import Context
from backend.store.people import AccessGrant
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Household,
    Insurer,
    Mandate,
    Owner,
    Unit,
)
from tests.api.acting import (
    API,
    Players,
    contract,
    invoice,
    pdf,
    photo,
    plan,
    rows,
    settle_neighbours,
    wish,
)
from tests.api.calling import refused
from tests.village import PREMIUM_FEN, Village


@contextmanager
def nothing_written(ctx: Context) -> Iterator[None]:
    """The block leaves every table as long as it was."""
    before = rows(ctx)
    yield
    assert rows(ctx) == before


def change(ctx: Context, statement: Any) -> None:
    with ctx.sessions() as tx:
        tx.execute(statement)
        tx.commit()


def appoint(village: Village, name: str, role: str) -> None:
    """Give this person a second role at the centre."""
    with village.ctx.sessions() as tx:
        tx.add(
            AccessGrant(
                person_id=village.actor(name).person_id,
                role=role,
                scope_kind="city",
                scope_id=None,
                granted_at=village.clock(),
            )
        )
        tx.commit()


# Applying.


def test_two_owners_are_too_few(players: Players, village: Village, ctx: Context) -> None:
    case = village.drafted("owners", "owner0")
    for name in ("owner0", "owner1"):
        players.did(name, f"/purchases/{case.id}/cosignatures")
    form = {"form_sha256": players.upload("owner0")}
    with nothing_written(ctx):
        answer = players.post("owner0", f"/purchases/{case.id}/application", form)
    assert refused(answer, 409) == ["too_few_cosigners"]


def test_an_owner_of_another_building_cannot_apply_or_sign(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.drafted("owners", "owner0")
    neighbours = settle_neighbours(village)
    players.let_in("other_owner")
    with nothing_written(ctx):
        foreign = players.post("other_owner", f"/purchases/{case.id}/cosignatures")
        elsewhere = players.post(
            "owner0", "/purchases", wish(village, account_id=str(neighbours.pool))
        )
    assert refused(foreign, 404) == ["not_found"]
    assert refused(elsewhere, 422) == ["account_not_of_estate"]


def test_an_owner_of_the_next_building_is_not_affected(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.drafted("owners", "owner0")
    _move_next_door(village, "owner3")
    with nothing_written(ctx):
        signed = players.post("owner3", f"/purchases/{case.id}/cosignatures")
        begun = players.post("owner3", "/purchases", wish(village, applicant="owners"))
    assert refused(signed, 403) == refused(begun, 403) == ["not_an_affected_owner"]


def _move_next_door(village: Village, name: str) -> None:
    """Make this owner one of another building in the same estate."""
    with village.ctx.sessions() as tx:
        building = Building(estate_id=village.estate, name="2栋")
        tx.add(building)
        tx.flush()
        unit = Unit(building_id=building.id, name="1单元")
        tx.add(unit)
        tx.flush()
        home = Household(unit_id=unit.id, room="101", area_dm2=10_000)
        tx.add(home)
        tx.flush()
        person = village.actor(name).person_id
        tx.execute(update(Owner).where(Owner.person_id == person).values(household_id=home.id))
        tx.commit()


def test_an_expired_mandate_does_not_carry(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.drafted()
    change(ctx, update(Mandate).values(valid_until=date(2025, 3, 2)))
    form = {"form_sha256": players.upload("manager")}
    with nothing_written(ctx):
        answer = players.post("manager", f"/purchases/{case.id}/application", form)
    assert refused(answer, 409) == ["mandate_expired"]


def test_a_committee_whose_term_is_over_cannot_apply_through_anyone(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.drafted()
    change(ctx, update(Committee).values(term_until=date(2025, 3, 3)))
    form = {"form_sha256": players.upload("manager")}
    with nothing_written(ctx):
        answer = players.post("manager", f"/purchases/{case.id}/application", form)
    assert refused(answer, 409) == ["committee_not_in_office"]


def test_only_a_selected_insurer_may_be_chosen(
    players: Players, village: Village, ctx: Context
) -> None:
    neighbours = settle_neighbours(village)
    with nothing_written(ctx):
        chosen = players.post(
            "manager", "/purchases", wish(village, insurer_id=str(neighbours.insurer))
        )
    assert refused(chosen, 409) == ["insurer_not_selected"]
    case = village.surveyed()
    change(ctx, update(Insurer).values(selected_until=date(2025, 3, 2)))
    with nothing_written(ctx):
        answer = players.post("insurer", f"/purchases/{case.id}/plans", plan(village))
    assert refused(answer, 409) == ["insurer_not_selected"]


@pytest.mark.parametrize(
    ("changed", "status", "codes"),
    [
        ({"route": "R2"}, 422, ["route_not_offered"]),
        ({"route": "R9"}, 422, ["route_not_offered"]),
        ({"applicant": "mayor"}, 422, ["field_invalid"]),
        ({"applicant": "owners"}, 403, ["role_required"]),
        ({"lift_ids": []}, 422, ["list_too_short"]),
        ({"lift_ids": [str(uuid4())] * 201}, 422, ["list_too_long"]),
        ({"lift_ids": [str(uuid4())]}, 422, ["lift_unknown"]),
        ({"account_id": str(uuid4())}, 422, ["account_not_of_estate"]),
        ({"insurer_id": str(uuid4())}, 422, ["insurer_unknown"]),
        ({"estate_id": str(uuid4())}, 404, ["not_found"]),
        ({"estate_id": "E1"}, 422, ["field_invalid"]),
        ({"unknown": 1}, 422, ["field_unknown"]),
    ],
)
def test_an_application_that_does_not_fit_is_refused(
    players: Players,
    village: Village,
    ctx: Context,
    changed: dict[str, Any],
    status: int,
    codes: list[str],
) -> None:
    with nothing_written(ctx):
        answer = players.post("manager", "/purchases", wish(village, **changed))
    assert refused(answer, status) == codes


def test_a_lift_named_twice_is_refused(players: Players, village: Village, ctx: Context) -> None:
    twice = [str(village.lifts[0])] * 2
    with nothing_written(ctx):
        answer = players.post("manager", "/purchases", wish(village, lift_ids=twice))
    assert refused(answer, 422) == ["lifts_invalid"]


# The plan.


def test_a_premium_above_what_is_available_is_refused(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.surveyed()
    with nothing_written(ctx):
        answer = players.post("insurer", f"/purchases/{case.id}/plans", plan(village, 500_001))
    assert refused(answer, 409) == ["premium_above_available"]
    assert "10000.02" in answer.text.replace(",", "")


def test_a_lift_is_not_covered_twice(players: Players, village: Village, ctx: Context) -> None:
    village.publicised()
    second = village.surveyed()
    with nothing_written(ctx):
        answer = players.post("insurer", f"/purchases/{second.id}/plans", plan(village))
    assert refused(answer, 409) == ["lift_already_covered"] * 2
    later = plan(village, cover_from="2026-04-01", cover_ends_before="2027-04-01")
    assert players.post("insurer", f"/purchases/{second.id}/plans", later).status_code == 201


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"limit_fen": 10**12 + 1}, ["field_invalid"]),
        ({"limit_fen": -1}, ["field_invalid"]),
        ({"limit_fen": "15000000"}, ["field_invalid"]),
        ({"limit_fen": 1.5}, ["field_invalid"]),
        ({"cover_from": "1999-12-31"}, ["field_invalid"]),
        ({"cover_ends_before": "2101-01-01"}, ["field_invalid"]),
        ({"cover_from": "2025-02-30"}, ["field_invalid"]),
        ({"cover_from": 1_700_000_000}, ["field_invalid"]),
        ({"cover_from": "2026-04-01"}, ["period_invalid"]),
        ({"cover_ends_before": "2026-04-02"}, ["period_too_long"]),
        ({"cover_from": "2025-03-02"}, ["period_past"]),
        ({"coverage": "甲" * 3001}, ["text_too_long"]),
        ({"coverage": "  "}, ["text_too_short"]),
        ({"lifts": []}, ["list_too_short"]),
    ],
)
def test_terms_out_of_range_are_refused(
    players: Players, village: Village, ctx: Context, changed: dict[str, Any], codes: list[str]
) -> None:
    case = village.surveyed()
    with nothing_written(ctx):
        answer = players.post("insurer", f"/purchases/{case.id}/plans", plan(village, **changed))
    assert refused(answer, 422) == codes


@pytest.mark.parametrize("fen", [0, -1, 10**12 + 1, 2**63, "1", None])
def test_a_premium_out_of_range_is_refused(
    players: Players, village: Village, ctx: Context, fen: Any
) -> None:
    case = village.surveyed()
    lifts = [{"lift_id": str(lift), "premium_fen": fen} for lift in village.lifts]
    with nothing_written(ctx):
        answer = players.post("insurer", f"/purchases/{case.id}/plans", plan(village, lifts=lifts))
    assert refused(answer, 422) == ["field_invalid"] * 2


def test_a_plan_names_just_the_lifts_applied_for(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.surveyed()
    here = f"/purchases/{case.id}/plans"
    one = plan(village)["lifts"][:1]
    stranger = [{"lift_id": str(uuid4()), "premium_fen": 1}]
    with nothing_written(ctx):
        fewer = players.post("insurer", here, plan(village, lifts=one))
        foreign = players.post("insurer", here, plan(village, lifts=stranger))
        twice = players.post("insurer", here, plan(village, lifts=one * 2))
    assert refused(fewer, 409) == ["plan_lifts_differ"]
    assert refused(foreign, 422) == ["plan_lifts_differ"]
    assert refused(twice, 422) == ["lifts_repeated"]


def test_lifts_must_be_surveyed_and_pass(players: Players, village: Village, ctx: Context) -> None:
    case = village.surveyed("failed")
    with nothing_written(ctx):
        failed = players.post("insurer", f"/purchases/{case.id}/plans", plan(village))
        foreign = {"lift_id": str(uuid4()), "result": "passed", "findings": "正常"}
        unknown = players.post("insurer", f"/purchases/{case.id}/surveys", foreign)
    assert refused(failed, 409) == ["lift_failed_survey"] * 2
    assert refused(unknown, 422) == ["lift_not_in_purchase"]


# Approval.


def test_whoever_is_no_member_cannot_approve(
    players: Players, village: Village, ctx: Context
) -> None:
    answers = f"/plans/{village.planned().plan_id}/answers"
    with nothing_written(ctx):
        for name in ("manager", "owner0", "clerk", "insurer"):
            refusal = players.post(name, answers, {"answer": "approve"})
            assert refused(refusal, 403) == ["not_a_member"]
        assert refused(players.post("stranger", answers, {"answer": "approve"}), 404)


def test_a_member_who_stands_aside_or_left_cannot_approve(
    players: Players, village: Village, ctx: Context
) -> None:
    answers = f"/plans/{village.planned().plan_id}/answers"
    person = village.actor("member0").person_id
    mine = update(CommitteeMember).where(CommitteeMember.person_id == person)
    change(ctx, mine.values(conflicted=True))
    with nothing_written(ctx):
        aside = players.post("member0", answers, {"answer": "approve"})
    assert refused(aside, 403) == ["stands_aside"]
    change(ctx, mine.values(conflicted=False, left_on=date(2025, 3, 3)))
    with nothing_written(ctx):
        gone = players.post("member0", answers, {"answer": "approve"})
    assert refused(gone, 404) == ["not_found"]


def test_approving_twice_counts_once(players: Players, village: Village, ctx: Context) -> None:
    answers = f"/plans/{village.planned().plan_id}/answers"
    players.did("member0", answers, {"answer": "approve"})
    with nothing_written(ctx):
        again = players.did("member0", answers, {"answer": "approve"})
    assert again == {"approvals": 1, "refusals": 0, "in_office": 3, "decided": None}


def test_an_answer_after_the_quorum_comes_too_late(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.approved()
    with nothing_written(ctx):
        late = players.post("member2", f"/plans/{case.plan_id}/answers", {"answer": "approve"})
    assert refused(late, 409) == ["already_decided"]


def test_an_answer_to_an_older_plan_is_void(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.planned()
    old = case.plan_id
    plans.revise_plan(ctx, village.actor("insurer"), case.id, village.terms(120_000), "降价")
    with nothing_written(ctx):
        answer = players.post("member0", f"/plans/{old}/answers", {"answer": "approve"})
    assert refused(answer, 409) == ["plan_changed"]


def test_refusing_needs_a_reason(players: Players, village: Village, ctx: Context) -> None:
    answers = f"/plans/{village.planned().plan_id}/answers"
    with nothing_written(ctx):
        for body in ({"answer": "refuse"}, {"answer": "refuse", "reason": "  "}):
            assert refused(players.post("member0", answers, body), 422) == ["reason_required"]
        long = players.post("member0", answers, {"answer": "refuse", "reason": "长" * 501})
        odd = players.post("member0", answers, {"answer": "perhaps"})
    assert refused(long, 422) == ["text_too_long"]
    assert refused(odd, 422) == ["field_invalid"]


# The notice and objections.


def test_a_notice_needs_an_approved_plan(players: Players, village: Village, ctx: Context) -> None:
    case = village.planned()
    with nothing_written(ctx):
        answer = players.post("manager", f"/purchases/{case.id}/notice")
    assert refused(answer, 409) == ["notice_not_possible"]


def test_an_owner_who_did_not_apply_posts_no_notice(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.approved()
    with nothing_written(ctx):
        answer = players.post("owner0", f"/purchases/{case.id}/notice")
    assert refused(answer, 403) == ["not_the_applicant"]


def test_photos_that_prove_nothing_are_refused(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.approved()
    notice = players.did("manager", f"/purchases/{case.id}/notice", status=201)["id"]
    there, unit = f"/notices/{notice}/photos", village.units[0]
    mine, others = players.upload("manager"), players.upload("clerk")
    early = (village.clock() - timedelta(minutes=1)).isoformat()
    naive = "2025-03-03T09:00:00"
    cases: list[tuple[dict[str, Any], int, str]] = [
        (photo(village, unit, others), 422, "file_unknown"),
        (photo(village, uuid4(), mine), 422, "place_unknown"),
        (photo(village, unit, mine, captured_at=early), 422, "photo_time_invalid"),
        (photo(village, unit, mine, captured_at=naive), 422, "field_invalid"),
        (photo(village, unit, mine, captured_at="9999-01-01T00:00:00Z"), 422, "field_invalid"),
        (photo(village, unit, mine, moment="end"), 409, "photo_not_possible"),
        (photo(village, unit, "nonsense"), 422, "field_invalid"),
    ]
    with nothing_written(ctx):
        for body, status, code in cases:
            assert refused(players.post("manager", there, body), status) == [code], body


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("", 422, "objection_empty"),
        (" \n\u3000", 422, "objection_empty"),
        ("贵" * 20_000, 422, "objection_too_long"),
        ("贵" * 60_000, 413, "too_large"),
    ],
    ids=["empty", "blank", "20,000 characters", "beyond all measure"],
)
def test_an_objection_says_something_and_not_everything(
    players: Players, village: Village, ctx: Context, text: str, status: int, code: str
) -> None:
    _, notice = village.publicised()
    with nothing_written(ctx):
        words = {"kind": "price", "text": text}
        answer = players.post("owner0", f"/notices/{notice}/objections", words)
    assert refused(answer, status) == [code]


def test_objections_by_others_twice_or_of_no_kind_are_refused(
    players: Players, village: Village, ctx: Context
) -> None:
    _, notice = village.publicised()
    there, words = f"/notices/{notice}/objections", {"kind": "price", "text": "太贵"}
    with nothing_written(ctx):
        for name in ("stranger", "manager", "member0"):
            assert refused(players.post(name, there, words), 403) == ["not_an_affected_owner"]
        odd = players.post("owner0", there, words | {"kind": "mood"})
    assert refused(odd, 422) == ["objection_kind_unknown"]
    players.did("owner0", there, words, 201)
    with nothing_written(ctx):
        assert refused(players.post("owner0", there, words), 409) == ["objection_already_filed"]


def test_a_late_objection_is_recorded_and_suspends_nothing(
    players: Players, village: Village
) -> None:
    case, notice = village.publicised()
    village.clock.set(datetime(2025, 3, 11, 0, 0, tzinfo=SHANGHAI))
    words = {"kind": "price", "text": "太贵"}
    filed = players.did("owner0", f"/notices/{notice}/objections", words, 201)
    assert filed["standing"] == "late"
    assert "期已满" in filed["message"]
    assert players.saw("manager", f"/purchases/{case.id}")["state"] == "publicised"


def test_paper_that_was_not_received_while_it_hung_is_refused(
    players: Players, village: Village, ctx: Context
) -> None:
    _, notice = village.publicised()
    there = f"/notices/{notice}/paper-objections"
    paper = {"kind": "need", "text": "不需要", "objector": "王某"}
    moments = {
        "tomorrow": (village.clock() + timedelta(days=1)).isoformat(),
        "last week": (village.clock() - timedelta(days=7)).isoformat(),
    }
    with nothing_written(ctx):
        for moment in moments.values():
            answer = players.post("clerk", there, paper | {"received_at": moment})
            assert refused(answer, 422) == ["received_at_invalid"]
        now = {"received_at": village.clock().isoformat()}
        unknown = players.post("clerk", there, paper | now | {"owner_id": str(uuid4())})
        assert refused(unknown, 422) == ["owner_unknown"]
        for name in ("manager", "owner0", "reviewer"):
            assert refused(players.post(name, there, paper | now), 403) == ["role_required"]


def test_a_clerk_withdraws_only_with_the_authors_paper(
    players: Players, village: Village, ctx: Context
) -> None:
    _, notice = village.publicised()
    words = {"kind": "price", "text": "太贵"}
    filed = players.did("owner0", f"/notices/{notice}/objections", words, 201)
    there = f"/objections/{filed['id']}/withdrawal"
    with nothing_written(ctx):
        bare = players.post("clerk", there, {})
        unknown = players.post("clerk", there, {"file_sha256": "0" * 64})
        forged = players.post("owner0", there, {"file_sha256": "0" * 64})
        other = players.post("owner1", there, {})
    assert refused(bare, 422) == ["withdrawal_paper_missing"]
    assert refused(unknown, 422) == refused(forged, 422) == ["file_unknown"]
    assert refused(other, 404) == ["not_found"]
    players.did("owner0", there, {})
    with nothing_written(ctx):
        assert refused(players.post("owner0", there, {}), 409) == ["objection_settled"]


def test_clearing_waits_for_the_end_of_the_notice_and_of_every_objection(
    players: Players, village: Village, ctx: Context
) -> None:
    case, notice = village.publicised()
    here = f"/purchases/{case.id}/clearance"
    with nothing_written(ctx):
        early = players.post("clerk", here, {"statement": "未收到"})
        silent = players.post("clerk", here, {"statement": " "})
    assert "notice_still_open" in refused(early, 409)
    assert refused(silent, 422) == ["statement_empty"]
    players.did("owner0", f"/notices/{notice}/objections", {"kind": "price", "text": "太贵"}, 201)
    with nothing_written(ctx):
        suspended = players.post("clerk", here, {"statement": "未收到"})
    assert refused(suspended, 409) == ["step_not_possible"]


# Contract and payment.


def test_a_contract_must_match_the_plan(players: Players, village: Village, ctx: Context) -> None:
    case = village.cleared()
    here = f"/purchases/{case.id}"
    players.did("reviewer", f"{here}/registration", status=201)
    paper = players.upload("manager")
    neighbours = settle_neighbours(village)
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
            body = contract(village, paper, **changed)
            assert refused(players.post("manager", f"{here}/contract", body), status) == codes
        owner = contract(village, players.upload("owner0"))
    with nothing_written(ctx):
        refusal = players.post("owner0", f"{here}/contract", owner)
    assert refused(refusal, 409) == ["not_the_applicant"]


def test_a_contract_number_serves_one_case(
    players: Players, village: Village, ctx: Context
) -> None:
    village.contracted()
    second = _second_registered(village)
    body = contract(village, players.upload("manager"))
    with nothing_written(ctx):
        answer = players.post("manager", f"/purchases/{second}/contract", body)
    assert refused(answer, 409) == ["contract_number_used"]


def test_an_invoice_number_serves_once(players: Players, village: Village, ctx: Context) -> None:
    village.payable()
    second = _second_registered(village)
    signed = contract(village, players.upload("manager"), number="HT-2")
    players.did("manager", f"/purchases/{second}/contract", signed)
    body = invoice(village, players.upload("manager"))
    with nothing_written(ctx):
        answer = players.post("manager", f"/purchases/{second}/invoices", body)
    assert refused(answer, 409) == ["invoice_reused"]


def _second_registered(village: Village) -> UUID:
    """Another case of the same lifts for the year after, registered at once."""
    ctx, act = village.ctx, village.actor
    case = village.surveyed()
    terms = village.terms(cover_from=date(2026, 4, 1), cover_ends_before=date(2027, 4, 1))
    planned = plans.submit_plan(ctx, act("insurer"), case.id, terms)
    assert planned.plan_id
    for name in ("member0", "member1"):
        approvals.answer(ctx, act(name).person_id, planned.plan_id, "approve", None, "chat", None)
    notice = notices.draft_notice(ctx, act("manager"), case.id)
    village.photograph(notice.id, "start")
    village.clock.advance(days=12)
    village.photograph(notice.id, "end")
    notices.clear(ctx, act("clerk"), case.id, "未收到纸质异议")
    registrations.register(ctx, act("reviewer"), case.id)
    return case.id


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
    neighbours = settle_neighbours(village)
    if changed.pop("insurer", None):
        changed["insurer_id"] = str(neighbours.insurer)
    body = invoice(village, players.upload("manager"), **changed)
    players.did("manager", f"{here}/invoices", body, 201)
    with nothing_written(ctx):
        answer = players.post("manager", f"{here}/payment-request")
    assert refused(answer, 409) == codes


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
        ("clerk", "payable", "payment-order", None),
        ("reviewer", "payable", "payment-order", None),
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
    case, notice = village.publicised()
    appoint(village, "reviewer", "clerk")
    paper = {
        "kind": "need",
        "text": "不需要",
        "objector": "王某",
        "received_at": village.clock().isoformat(),
    }
    filed = players.did("reviewer", f"/notices/{notice}/paper-objections", paper, 201)
    players.did("clerk", f"/objections/{filed['id']}/verification", {"answer": "非业主"})
    with nothing_written(ctx):
        ended = players.post("reviewer", f"/purchases/{case.id}/termination", {"reason": "不办"})
    assert refused(ended, 409) == ["same_officer"]


def test_a_bank_reference_confirms_one_payment(
    players: Players, village: Village, ctx: Context
) -> None:
    village.paid()
    second = _second_registered(village)
    here = f"/purchases/{second}"
    signed = contract(village, players.upload("manager"), number="HT-2")
    players.did("manager", f"{here}/contract", signed)
    bill = invoice(village, players.upload("manager"), number="FP-2")
    players.did("manager", f"{here}/invoices", bill, 201)
    players.did("manager", f"{here}/payment-request")
    players.did("cashier", f"{here}/payment-order", status=201)
    receipt = {"bank_reference": "BANK-1", "receipt_sha256": players.upload("cashier")}
    with nothing_written(ctx):
        answer = players.post("cashier", f"{here}/payment-confirmation", receipt)
    assert refused(answer, 409) == ["bank_reference_used"]


def test_nothing_is_withdrawn_while_the_bank_is_paying(
    players: Players, village: Village, ctx: Context
) -> None:
    here = f"/purchases/{village.payable().id}"
    players.did("cashier", f"{here}/payment-order", status=201)
    with nothing_written(ctx):
        for name, path in (("manager", "withdrawal"), ("reviewer", "termination")):
            answer = players.post(name, f"{here}/{path}", {"reason": "改期"})
            assert refused(answer, 409) == ["step_not_possible"]
        again = players.post("cashier", f"{here}/payment-order")
        assert refused(again, 409) == ["step_not_possible"]


@pytest.mark.parametrize("fen", [2 * PREMIUM_FEN + 1, 10**12])
def test_a_refund_is_at_most_what_was_paid(
    players: Players, village: Village, ctx: Context, fen: int
) -> None:
    case = village.insured()
    back = {"refund_fen": fen, "receipt_sha256": players.upload("cashier"), "reason": "退保"}
    with nothing_written(ctx):
        answer = players.post("cashier", f"/purchases/{case.id}/cancellation", back)
    assert refused(answer, 409) == ["refund_out_of_range"]


def test_a_policy_number_serves_one_case(players: Players, village: Village, ctx: Context) -> None:
    village.insured()
    case = _second_registered(village)
    policy = {"number": "PL-1", "file_sha256": players.upload("insurer")}
    with nothing_written(ctx):
        answer = players.post("insurer", f"/purchases/{case}/policy", policy)
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
                "reason_required"
            ]


# Bodies of any kind.


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"[]",
        b'{"reason": "a\\u0000b"}',
        b'{"reason": "a\\ud800b"}',
        b'{"reason": "\xff\xfe"}',
        b'{"reason": NaN}',
        b'{"reason": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"reason": 1e999}',
        b'{"reason": null}',
        b"{}",
    ],
    ids=["empty", "text", "list", "zero", "lone", "bytes", "nan", "deep", "huge", "null", "none"],
)
def test_bodies_that_are_no_proper_object_are_refused(
    players: Players, village: Village, ctx: Context, raw: bytes
) -> None:
    path = f"{API}/purchases/{village.drafted().id}/withdrawal"
    headers = players.headers("manager") | {"Content-Type": "application/json"}
    with nothing_written(ctx):
        answer = players.client.post(path, data=raw, headers=headers)
    assert answer.status_code in (400, 422)
    assert refused(answer, answer.status_code)


@pytest.mark.parametrize(
    ("content", "name", "kind", "code"),
    [
        (b"MZ\x90 a program", "paper.pdf", "application/pdf", "upload_type_unsupported"),
        (pdf(), "paper.png", "image/png", "upload_type_mismatch"),
        (pdf()[:20], "paper.pdf", "application/pdf", "upload_damaged"),
        (b"", "paper.pdf", "application/pdf", "upload_empty"),
    ],
    ids=["program", "other kind", "cut off", "empty"],
)
def test_an_upload_that_is_not_what_it_says_is_refused(
    players: Players, ctx: Context, content: bytes, name: str, kind: str, code: str
) -> None:
    form = {"file": (BytesIO(content), name, kind)}
    with nothing_written(ctx):
        answer = players.client.post(
            f"{API}/uploads", data=form, headers=players.headers("manager")
        )
    assert refused(answer, 422) == [code]


@pytest.mark.parametrize("cursor", ["", "x", "====", "é", "a" * 65, "0" * 22])
def test_a_page_that_begins_nowhere_is_refused_or_empty(
    players: Players, village: Village, cursor: str
) -> None:
    for path in ("/purchases", "/audit/entries", "/deadlines", "/grants"):
        answer = players.get("auditor", f"{path}?cursor={cursor}")
        assert answer.status_code in (200, 422), answer.text


def test_another_persons_file_cannot_be_handed_in(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.drafted()
    form = {"form_sha256": players.upload("owner0")}
    with nothing_written(ctx):
        answer = players.post("manager", f"/purchases/{case.id}/application", form)
    assert refused(answer, 422) == ["file_unknown"]
