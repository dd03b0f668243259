"""Lifts that are replaced or serve two units; an insurer that the city selects no more."""

from datetime import date, datetime

import pytest

from backend.domain.local_time import SHANGHAI
from backend.services.case import steps
from backend.store.registry import Lift
from tests.build.calling import refused
from tests.build.insurers import add_insurer, delist
from tests.build.looking import serves
from tests.build.players import Players, application, contract, invoice, photograph, plan
from tests.build.village import POOL_FEN, Village

NEW_CODE = "311043310020250001"


def hung(village: Village) -> str:
    """A new lift in the first unit, as the registry import brings it; its id."""
    with village.ctx.sessions() as tx:
        lift = Lift(
            unit_id=village.units[0],
            registration_code=NEW_CODE,
            name="1号梯（新）",
            installed_on=date(2025, 3, 1),
        )
        tx.add(lift)
        tx.commit()
        return str(lift.id)


@pytest.mark.situation("P8")
def test_a_lift_that_was_replaced_is_applied_for_no_more_and_the_new_one_is(
    players: Players, village: Village
) -> None:
    village.insured()
    village.clock.set(datetime(2025, 4, 2, 9, tzinfo=SHANGHAI))
    steps.sweep(village.ctx)
    old, new = str(village.lifts[0]), hung(village)
    gone = {"on": "2025-04-01", "reason": "更换新梯", "replaced_by": new}
    assert players.post("clerk", f"/lifts/{old}/retirement", gone).status_code == 204
    asked = [each["task"] for each in players.saw("cashier", "/todos/mine")["items"]]
    assert asked == ["向保险机构办理拆除电梯的退费"]
    listed = players.saw("manager", f"/estates/{village.estate}/lifts")["items"]
    assert {lift["id"] for lift in listed} == {new, str(village.lifts[1])}
    again = players.post("manager", "/purchases", application(village, lift_ids=[old]))
    assert "lift_not_running" in refused(again, 409)
    assert players.did("manager", "/purchases", application(village, lift_ids=[new]), 201)


@pytest.mark.situation("P16")
def test_owners_of_every_unit_that_a_lift_serves_read_of_it_and_object(
    players: Players, village: Village
) -> None:
    serves(village, 0, village.units[1])
    here, notice = posted_for_the_first_lift(players)
    assert players.get("stranger", here).status_code == 404
    # owner1 lives in the second unit, whose own lift is not asked for.
    words = {"kind": "price", "text": "保费偏高，请公布比选过程"}
    assert (
        players.did("owner1", f"/notices/{notice}/objections", words, 201)["status"] == "verified"
    )
    assert players.saw("owner1", here)["state"] == "suspended"


def posted_for_the_first_lift(players: Players) -> tuple[str, str]:
    """An application for one lift up to its notice; the case's path, and the notice."""
    village, lift = players.village, str(players.village.lifts[0])
    applied = application(village, lift_ids=[lift])
    here = f"/purchases/{players.did('manager', '/purchases', applied, 201)['id']}"
    players.did("manager", f"{here}/application", {"form_sha256": players.upload("manager")})
    seen = {"upkeep_statement": "维保正常", "upkeep_record_sha256": players.upload("clerk")}
    players.did("clerk", f"{here}/funds-query", seen)
    found = {"lift_id": lift, "result": "passed", "findings": "运行平稳"}
    players.did("insurer", f"{here}/surveys", found, 201)
    priced = [{"lift_id": lift, "premium_fen": 130_000}]
    planned = players.did("insurer", f"{here}/plans", plan(village, lifts=priced), 201)
    for member in ("member0", "member1"):
        players.did(member, f"/plans/{planned['plan_id']}/answers", {"answer": "approve"})
    notice = str(players.did("manager", f"{here}/notice", status=201)["id"])
    photograph(players, notice, "start")
    return here, notice


@pytest.mark.situation("P3", "change_insurer")
def test_an_insurer_that_is_selected_no_more_is_changed_before_the_contract(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.cleared().id}"
    players.did("reviewer", f"{here}/registration", status=201)
    other = str(add_insurer(village))
    wanted = {"insurer_id": other, "reason": "原机构不再入选"}
    early = players.post("manager", f"{here}/insurer-change", wanted)
    assert refused(early, 409) == ["insurer_still_selected"]
    delist(village)
    signed = contract(village, players.upload("manager"))
    assert "insurer_not_selected" in refused(
        players.post("manager", f"{here}/contract", signed), 409
    )
    changed = players.did("manager", f"{here}/insurer-change", wanted)
    assert (changed["state"], changed["insurer_id"]) == ("funds_queried", other)
    assert players.saw("manager", here)["available_fen"] == POOL_FEN
    for lift in village.lifts:
        found = {"lift_id": str(lift), "result": "passed", "findings": "运行平稳"}
        players.did("other", f"{here}/surveys", found, 201)
    assert players.did("other", f"{here}/plans", plan(village), 201)["state"] == "planned"


@pytest.mark.situation("P3")
def test_what_was_contracted_before_is_paid(players: Players, village: Village) -> None:
    here = f"/purchases/{village.contracted().id}"
    delist(village)
    players.did("manager", f"{here}/invoices", invoice(village, players.upload("manager")), 201)
    players.did("manager", f"{here}/payment-request")
    players.did("reviewer", f"{here}/payment-review")
    assert (
        players.did("cashier", f"{here}/payment-order", {}, status=201)["payee_name"] == "示例保险"
    )
