"""Bad input on notices and objections: a stable code for each, and nothing is written."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from backend.domain.local_time import SHANGHAI
from backend.services.base.context import Context
from tests.build.calling import refused
from tests.build.players import (
    Players,
    nothing_written,
    photo,
)
from tests.build.village import Village


def test_a_notice_needs_an_approved_plan(players: Players, village: Village, ctx: Context) -> None:
    case = village.planned()
    with nothing_written(ctx):
        answer = players.post("manager", f"/purchases/{case.id}/notice")
    assert refused(answer, 409) == ["step_not_possible"]


def test_an_owner_who_did_not_apply_posts_no_notice(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.approved()
    with nothing_written(ctx):
        answer = players.post("owner0", f"/purchases/{case.id}/notice")
    assert refused(answer, 409) == ["not_the_applicant"]


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
        (photo(village, uuid4(), mine), 422, "place_not_in_notice"),
        (photo(village, unit, mine, captured_at=early), 422, "photo_time_invalid"),
        (photo(village, unit, mine, captured_at=naive), 422, "field_invalid"),
        (photo(village, unit, mine, captured_at="9999-01-01T00:00:00Z"), 422, "field_invalid"),
        (photo(village, unit, mine, moment="end"), 409, "photo_not_possible"),
        (photo(village, unit, "nonsense"), 422, "field_invalid"),
    ]
    with nothing_written(ctx):
        for body, status, code in cases:
            assert refused(players.post("manager", there, body), status) == [code], body


def test_a_suspended_notice_takes_no_photos(
    players: Players, village: Village, ctx: Context
) -> None:
    _, notice = village.posted()
    players.did("owner0", f"/notices/{notice}/objections", {"kind": "price", "text": "太贵"}, 201)
    sha256 = players.upload("manager")
    with nothing_written(ctx):
        for moment in ("start", "end"):
            taken = photo(village, village.units[0], sha256, moment=moment)
            answer = players.post("manager", f"/notices/{notice}/photos", taken)
            assert refused(answer, 409) == ["photo_not_possible"]


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("", 422, "text_required"),
        (" \n\u3000", 422, "text_required"),
        ("贵" * 20_000, 422, "text_too_long"),
        ("贵" * 60_000, 413, "too_large"),
    ],
    ids=["empty", "blank", "20,000 characters", "beyond all measure"],
)
def test_an_objection_says_something_and_not_everything(
    players: Players, village: Village, ctx: Context, text: str, status: int, code: str
) -> None:
    _, notice = village.posted()
    with nothing_written(ctx):
        words = {"kind": "price", "text": text}
        answer = players.post("owner0", f"/notices/{notice}/objections", words)
    assert refused(answer, status) == [code]


def test_objections_by_others_twice_or_of_no_kind_are_refused(
    players: Players, village: Village, ctx: Context
) -> None:
    _, notice = village.posted()
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
    case, notice = village.posted()
    village.clock.set(datetime(2025, 3, 11, 0, 0, tzinfo=SHANGHAI))
    words = {"kind": "price", "text": "太贵"}
    filed = players.did("owner0", f"/notices/{notice}/objections", words, 201)
    assert filed["status"] == "late"
    assert "期已满" in filed["message"]
    assert players.saw("manager", f"/purchases/{case.id}")["state"] == "posted"


def test_paper_that_was_not_received_while_it_hung_is_refused(
    players: Players, village: Village, ctx: Context
) -> None:
    _, notice = village.posted()
    there = f"/notices/{notice}/paper-objections"
    paper = {"kind": "need", "text": "不需要", "objector": "王某"}
    paper |= {"file_sha256": players.upload("clerk")}
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
        for nobody in ("？？", "无", "\u200b", "待定"):
            unsigned = players.post("clerk", there, paper | now | {"objector": nobody})
            assert refused(unsigned, 422) == ["name_invalid"]
        for name in ("manager", "owner0", "reviewer"):
            assert refused(players.post(name, there, paper | now), 403) == ["role_required"]


def test_a_clerk_withdraws_only_with_the_authors_paper(
    players: Players, village: Village, ctx: Context
) -> None:
    _, notice = village.posted()
    words = {"kind": "price", "text": "太贵"}
    filed = players.did("owner0", f"/notices/{notice}/objections", words, 201)
    there = f"/objections/{filed['id']}/withdrawal"
    on_paper = f"/objections/{filed['id']}/paper-withdrawal"
    forged = {"file_sha256": "0" * 64, "received_at": village.clock().isoformat()}
    with nothing_written(ctx):
        bare = players.post("clerk", there, {})
        unknown = players.post("clerk", on_paper, forged)
        own = players.post("owner0", on_paper, forged)
        other = players.post("owner1", there, {})
    assert refused(bare, 422) == ["withdrawal_paper_missing"]
    assert refused(unknown, 422) == ["file_unknown"]
    assert refused(own, 404) == refused(other, 404) == ["not_found"]
    players.did("owner0", there, {})
    with nothing_written(ctx):
        assert refused(players.post("owner0", there, {}), 409) == ["objection_closed"]


def test_clearing_waits_for_the_end_of_the_notice_and_of_every_objection(
    players: Players, village: Village, ctx: Context
) -> None:
    case, notice = village.posted()
    here = f"/purchases/{case.id}/clearance"
    with nothing_written(ctx):
        early = players.post("clerk", here, {"statement": "未收到"})
        silent = players.post("clerk", here, {"statement": " "})
    assert "notice_still_open" in refused(early, 409)
    assert refused(silent, 422) == ["text_required"]
    players.did("owner0", f"/notices/{notice}/objections", {"kind": "price", "text": "太贵"}, 201)
    with nothing_written(ctx):
        suspended = players.post("clerk", here, {"statement": "未收到"})
    assert refused(suspended, 409) == ["step_not_possible"]
