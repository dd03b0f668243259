"""Bad input, named: each gets a status, a stable code, a Chinese sentence; nothing is written."""

from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from backend.services.base.context import Context
from backend.services.purchase import plans
from backend.store.mandates import Mandate
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Household,
    Insurer,
    Owner,
    Unit,
)
from tests.build.calling import refused
from tests.build.papers import pdf
from tests.build.players import (
    API,
    Players,
    application,
    change,
    nothing_written,
    plan,
    populate_neighbours,
)
from tests.build.village import Village

IMPROPER = (
    b"",
    b"not json",
    b"[]",
    b"{}",
    b'{"reason": null}',
    b'{"reason": "a\\u0000b"}',
    b'{"reason": "a\\ud800b"}',
    b'{"reason": "\xff\xfe"}',
    b'{"reason": NaN}',
    b'{"reason": 1e999}',
    b'{"reason": ' + b"[" * 5000 + b"]" * 5000 + b"}",
)


def test_bodies_that_are_no_proper_object_are_refused(
    players: Players, village: Village, ctx: Context
) -> None:
    path = f"{API}/purchases/{village.drafted().id}/withdrawal"
    with nothing_written(ctx):
        for raw in IMPROPER:
            headers = players.headers("manager") | {"Content-Type": "application/json"}
            answer = players.client.post(path, data=raw, headers=headers)
            assert answer.status_code in (400, 422), raw
            assert refused(answer, answer.status_code)


@pytest.mark.parametrize(
    ("content", "name", "kind", "code"),
    [
        (b"MZ\x90 a program", "paper.pdf", "application/pdf", "upload_type_unsupported"),
        (pdf()[:20], "paper.pdf", "application/pdf", "upload_damaged"),
        (b"", "paper.pdf", "application/pdf", "upload_empty"),
    ],
    ids=["program", "cut off", "empty"],
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


def test_a_page_that_begins_nowhere_is_refused_or_empty(players: Players) -> None:
    for cursor in ("", "x", "====", "é", "a" * 65, "0" * 22):
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
    neighbours = populate_neighbours(village)
    with nothing_written(ctx):
        foreign = players.post("other_owner", f"/purchases/{case.id}/cosignatures")
        foreign_pool = application(village, applicant="owners", account_id=str(neighbours.pool))
        elsewhere = players.post("owner0", "/purchases", foreign_pool)
    assert refused(foreign, 404) == ["not_found"]
    assert refused(elsewhere, 422) == ["account_not_of_estate"]


def test_an_owner_of_the_next_building_is_not_affected(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.drafted("owners", "owner0")
    _move_next_door(village, "owner3")
    with nothing_written(ctx):
        signed = players.post("owner3", f"/purchases/{case.id}/cosignatures")
        begun = players.post("owner3", "/purchases", application(village, applicant="owners"))
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
    neighbours = populate_neighbours(village)
    with nothing_written(ctx):
        chosen = players.post(
            "manager", "/purchases", application(village, insurer_id=str(neighbours.insurer))
        )
    assert refused(chosen, 409) == ["insurer_not_selected"]
    case = village.surveyed()
    change(ctx, update(Insurer).values(selected_until=date(2025, 3, 2)))
    with nothing_written(ctx):
        answer = players.post("insurer", f"/purchases/{case.id}/plans", plan(village))
    assert refused(answer, 409) == ["insurer_not_selected"]


MISFITS: list[tuple[dict[str, Any], int, str]] = [
    ({"route": "R2"}, 422, "route_not_offered"),
    ({"route": "R9"}, 422, "route_not_offered"),
    ({"applicant": "mayor"}, 422, "field_invalid"),
    ({"applicant": "owners"}, 403, "role_required"),
    ({"lift_ids": []}, 422, "list_too_short"),
    ({"lift_ids": [str(uuid4())] * 201}, 422, "list_too_long"),
    ({"lift_ids": [str(uuid4())]}, 422, "lift_unknown"),
    ({"account_id": str(uuid4())}, 422, "account_not_of_estate"),
    ({"insurer_id": str(uuid4())}, 422, "insurer_unknown"),
    ({"estate_id": str(uuid4())}, 404, "not_found"),
    ({"estate_id": "E1"}, 422, "field_invalid"),
    ({"unknown": 1}, 422, "field_unknown"),
]


def test_an_application_that_does_not_fit_is_refused(
    players: Players, village: Village, ctx: Context
) -> None:
    twice = {"lift_ids": [str(village.lifts[0])] * 2}
    with nothing_written(ctx):
        for changed, status, code in [*MISFITS, (twice, 422, "lifts_repeated")]:
            answer = players.post("manager", "/purchases", application(village, **changed))
            assert refused(answer, status) == [code], changed


def test_a_premium_above_what_is_available_is_refused(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.surveyed()
    with nothing_written(ctx):
        answer = players.post("insurer", f"/purchases/{case.id}/plans", plan(village, 500_001))
    assert refused(answer, 409) == ["premium_above_available"]
    assert "10000.02" in answer.text.replace(",", "")


@pytest.mark.usefixtures("cases_from_before")
def test_a_lift_is_not_covered_twice(players: Players, village: Village, ctx: Context) -> None:
    village.posted()
    second = village.surveyed()
    with nothing_written(ctx):
        answer = players.post("insurer", f"/purchases/{second.id}/plans", plan(village))
    assert refused(answer, 409) == ["lift_already_covered"] * 2
    later = plan(village, cover_from="2026-04-01", cover_ends_before="2027-04-01")
    assert players.post("insurer", f"/purchases/{second.id}/plans", later).status_code == 201


BAD_TERMS: list[tuple[dict[str, Any], str]] = [
    ({"sum_insured_fen": 10**12 + 1}, "field_invalid"),
    ({"sum_insured_fen": -1}, "field_invalid"),
    ({"sum_insured_fen": "15000000"}, "field_invalid"),
    ({"sum_insured_fen": 1.5}, "field_invalid"),
    ({"cover_from": "1999-12-31"}, "field_invalid"),
    ({"cover_ends_before": "2101-01-01"}, "field_invalid"),
    ({"cover_from": "2025-02-30"}, "field_invalid"),
    ({"cover_from": 1_700_000_000}, "field_invalid"),
    ({"cover_from": "2026-04-01"}, "period_invalid"),
    ({"cover_ends_before": "2026-04-02"}, "period_too_long"),
    ({"cover_from": "2025-03-02"}, "cover_begins_in_past"),
    ({"scope_of_cover": "甲" * 3001}, "text_too_long"),
    ({"scope_of_cover": "  "}, "text_too_short"),
    ({"lifts": []}, "list_too_short"),
]


def test_terms_out_of_range_are_refused(players: Players, village: Village, ctx: Context) -> None:
    path = f"/purchases/{village.surveyed().id}/plans"
    with nothing_written(ctx):
        for changed, code in BAD_TERMS:
            answer = players.post("insurer", path, plan(village, **changed))
            assert refused(answer, 422) == [code], changed
        for fen in (0, -1, 10**12 + 1, 2**63, 2**200, "1", None):
            lifts = [{"lift_id": str(lift), "premium_fen": fen} for lift in village.lifts]
            answer = players.post("insurer", path, plan(village, lifts=lifts))
            assert refused(answer, 422) == ["field_invalid"] * 2, fen


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


def test_a_member_who_is_recused_or_left_cannot_approve(
    players: Players, village: Village, ctx: Context
) -> None:
    answers = f"/plans/{village.planned().plan_id}/answers"
    person = village.actor("member0").person_id
    mine = update(CommitteeMember).where(CommitteeMember.person_id == person)
    change(ctx, mine.values(recused=True))
    with nothing_written(ctx):
        aside = players.post("member0", answers, {"answer": "approve"})
    assert refused(aside, 403) == ["recused"]
    change(ctx, mine.values(recused=False, left_on=date(2025, 3, 3)))
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
            assert refused(players.post("member0", answers, body), 422) == ["text_required"]
        long = players.post("member0", answers, {"answer": "refuse", "reason": "长" * 501})
        odd = players.post("member0", answers, {"answer": "perhaps"})
    assert refused(long, 422) == ["text_too_long"]
    assert refused(odd, 422) == ["field_invalid"]
