"""People without a phone: what they sign and decide on paper is entered at the counter."""

from typing import Any

import pytest

from backend.services.case import steps
from tests.build.calling import refused
from tests.build.looking import add_person
from tests.build.players import Players
from tests.build.village import Village, called, sign_in


def compared(players: Players, path: str, written: dict[str, Any]) -> None:
    """One clerk enters it, the other one finds it among the todos and compares it."""
    village = players.village
    if "clerk2" not in village.people:
        add_person(village, "clerk2", "clerk")
        with village.ctx.sessions() as tx:
            sign_in(tx, village, "clerk2")
            tx.commit()
    scan = {"file_sha256": players.upload("clerk"), "received_at": village.clock().isoformat()}
    entered = players.did("clerk", path, written | scan, 201)
    own = players.post("clerk", f"/paper-entries/{entered['id']}/confirmation")
    assert refused(own, 403) == ["own_paper_entry"]
    (waits,) = players.saw("clerk2", "/todos/mine")["paper_entries"]
    players.did("clerk2", f"/paper-entries/{waits['id']}/confirmation")


@pytest.mark.situation("P22")
def test_two_owners_sign_on_paper_and_the_one_with_a_phone_hands_in(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.drafted('owners', 'owner0').id}"
    players.did("owner0", f"{here}/cosignatures")
    flats = [("2单元", "201", 1), ("1单元", "301", 2)]
    signed = [
        {"building": "1栋", "unit": unit, "room": room, "name": called("冯样", number)}
        for unit, room, number in flats
    ]
    compared(players, f"{here}/paper-cosignatures", {"signatures": signed})
    form = {"form_sha256": players.upload("owner0")}
    assert players.did("owner0", f"{here}/application", form)["state"] == "applied"


@pytest.mark.situation("P26")
def test_a_committee_that_says_nothing_on_phones_decides_by_its_minutes(
    players: Players, village: Village
) -> None:
    """Who has a phone may say otherwise until the time to answer is over."""
    purchase = village.planned()
    here = f"/purchases/{purchase.id}"
    said = [{"name": called("陈样", at), "answer": "approve", "reason": None} for at in range(3)]
    held = {"held_on": village.clock().date().isoformat(), "answers": said}
    compared(players, f"/plans/{purchase.plan_id}/minutes", held)
    assert players.saw("manager", here)["state"] == "planned"
    village.clock.advance(days=30)
    steps.sweep(village.ctx)
    assert players.saw("manager", here)["state"] == "approved"


@pytest.mark.situation("P26")
def test_a_committee_that_refused_at_a_meeting_is_no_longer_waited_for(
    players: Players, village: Village
) -> None:
    purchase = village.planned()
    said = [{"name": called("陈样", at), "answer": "refuse", "reason": "偏贵"} for at in range(3)]
    held = {"held_on": village.clock().date().isoformat(), "answers": said}
    compared(players, f"/plans/{purchase.plan_id}/minutes", held)
    for member in ("member0", "member1"):  # who has a phone may confirm before the time is over
        players.did(
            member,
            f"/plans/{purchase.plan_id}/answers",
            {"answer": "refuse", "reason": "偏贵"},
        )
    here = f"/purchases/{purchase.id}"
    assert players.saw("manager", here)["state"] == "refused"
    asked = players.did("manager", f"{here}/plan-request", {"reason": "委员们嫌贵"})
    assert asked["state"] == "funds_queried"
