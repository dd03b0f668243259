"""Objections that come late to the table, name somebody, or stand in the way."""

import pytest

from tests.build.calling import refused
from tests.build.looking import suspended
from tests.build.players import Players, photo, plan
from tests.build.village import Village

PAPER = {"kind": "need", "text": "不同意投保", "received_at": "2025-03-05T10:00:00+08:00"}
TELLING = "1单元101室冯样零女士（13812345678）：比选记录可到中心查阅"


def entered_by_hand(players: Players, here: str) -> str:
    """The clerk enters a known owner's paper that was received in time; its id."""
    notice = players.saw("clerk", here)["notice"]["id"]
    owner = {"objector": "冯样二", "owner_id": str(players.village.owners[2])}
    scan = {"file_sha256": players.upload("clerk")}
    paper = players.did("clerk", f"/notices/{notice}/paper-objections", PAPER | owner | scan, 201)
    assert paper["status"] == "verified"
    return str(paper["id"])


@pytest.mark.situation("P1", "reopen")
@pytest.mark.parametrize("stage", ["contracted", "reviewed"])
def test_an_owner_who_was_in_time_is_heard_after_the_contract_and_may_be_right(
    players: Players, village: Village, stage: str
) -> None:
    here = f"/purchases/{getattr(village, stage)().id}"
    entered_by_hand(players, here)
    seen = players.saw("insurer", here)
    assert (seen["state"], seen["transitions"][-1]["action"]) == ("suspended", "reopen")
    account = players.saw("manager", f"/estates/{village.estate}/accounts")["items"][0]
    assert account["available_fen"] == 1_000_000 - 260_000
    changed = plan(village, 120_000) | {"reason": "降低保费"}
    assert players.did("insurer", f"{here}/plan-revisions", changed, 201)["state"] == "planned"
    account = players.saw("manager", f"/estates/{village.estate}/accounts")["items"][0]
    assert account["available_fen"] == 1_000_000
    assert players.saw("auditor", "/ledger/trial-balance")["total_fen"] == 0


@pytest.mark.situation("P29")
def test_a_paper_that_came_before_the_last_photo_is_entered_and_suspends_the_notice(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.approved().id}"
    notice = players.did("manager", f"{here}/notice", status=201)["id"]
    taken = photo(village, village.units[0], players.upload("manager"))
    players.did("manager", f"/notices/{notice}/photos", taken, 201)
    village.clock.advance(days=3)
    entered_by_hand(players, here)
    assert players.saw("manager", here)["state"] == "approved"
    for unit, framing in ((0, "close"), (1, "wide"), (1, "close")):
        taken = photo(village, village.units[unit], players.upload("manager"), framing=framing)
        players.did("manager", f"/notices/{notice}/photos", taken, 201)
    assert players.saw("manager", here)["state"] == "suspended"


@pytest.mark.situation("P29")
def test_what_a_tenant_writes_is_recorded_and_answered_and_suspends_nothing(
    players: Players, village: Village
) -> None:
    purchase, notice = village.posted()
    words = {"kind": "need", "text": "不同意投保"}
    phone = players.post("stranger", f"/notices/{notice}/objections", words)
    assert refused(phone, 403) == ["not_an_affected_owner"]
    there = f"/notices/{notice}/paper-objections"
    tenant = PAPER | {"objector": "吴样", "received_at": village.clock().isoformat()}
    tenant |= {"file_sha256": players.upload("clerk")}
    paper = players.did("clerk", there, tenant, 201)
    found = {"answer": "名册中没有此人"}
    known = players.did("clerk", f"/objections/{paper['id']}/verification", found)
    assert known["status"] == "not_entitled"
    here = f"/purchases/{purchase.id}"
    assert players.saw("manager", here)["state"] == "posted"
    assert players.get("clerk", f"/objections/{paper['id']}/letter").data[:5] == b"%PDF-"


@pytest.mark.situation("P32")
def test_an_answer_that_names_its_author_is_looked_at_first_and_read_by_nobody(
    players: Players, village: Village
) -> None:
    purchase, _, objection = suspended(village)
    there = f"/objections/{objection.id}"
    shown = players.did("clerk", f"{there}/answer-preview", {"answer": TELLING})
    assert shown["changed"]
    assert "冯样零" not in shown["text"]
    assert refused(players.post("clerk", f"{there}/answer", {"answer": TELLING}), 409) == [
        "answer_not_checked"
    ]
    players.did("clerk", f"{there}/answer", {"answer": TELLING, "checked": True})
    number = players.saw("clerk", f"/purchases/{purchase.id}")["notice"]["number"]
    page = players.client.get(f"/api/v1/public/notices/{number}").text
    assert "比选记录可到中心查阅" in page
    assert not [told for told in ("冯样零", "13812345678", "101室") if told in page]


@pytest.mark.situation("P39", "dismiss_objection", "undo_dismissal")
def test_who_answers_an_objection_does_not_dismiss_it_and_who_dismissed_does_not_undo(
    players: Players, village: Village
) -> None:
    purchase, _, objection = suspended(village)
    here, there = f"/purchases/{purchase.id}", f"/objections/{objection.id}"
    players.did("clerk", f"{there}/answer", {"answer": "比选记录可到中心查阅"})
    words = {"answer": "保费经公开遴选"}
    assert refused(players.post("clerk", f"{there}/dismissal", words), 404) == ["not_found"]
    assert players.did("reviewer", f"{there}/dismissal", words)["status"] == "inadmissible"
    assert players.saw("manager", here)["state"] == "posted"
    (mine,) = players.saw("owner0", "/objections/mine")["items"]
    assert "复议" in mine["next"]
    why = {"reason": "漏看了比选记录"}
    undone = players.post("reviewer", f"{there}/dismissal-reversal", why)
    assert refused(undone, 403) == ["own_dismissal"]
    players.did("clerk", f"{there}/dismissal-reversal", why)
    assert players.saw("manager", here)["state"] == "suspended"
