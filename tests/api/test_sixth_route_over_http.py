"""A route of its own states over HTTP, and what everybody reads of it on the light pages."""

from dataclasses import replace
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from backend.domain.local_time import SHANGHAI
from backend.domain.routes import catalogue
from backend.http.parts import ApiParts
from backend.services.base.context import Context
from backend.services.case import steps
from backend.services.public import lift_tokens
from tests.build.calling import refused
from tests.build.looking import open_city_account, serves
from tests.build.players import Players, application, contract, invoice, photograph, plan, policy
from tests.build.sixth_route import CODE, RESTED, RESTING, T6, city_with_it
from tests.build.village import POOL_FEN, Village


@pytest.fixture
def parts(parts: ApiParts, monkeypatch: pytest.MonkeyPatch) -> ApiParts:
    """The parts of the API in a city that also offers the sixth route."""
    monkeypatch.setitem(catalogue.ROUTES, CODE, T6)
    return replace(parts, ctx=replace(parts.ctx, city=city_with_it(parts.ctx.city)))


def test_a_route_of_its_own_states_is_walked_over_http_and_shown_to_everybody(
    players: Players, village: Village, ctx: Context, client: FlaskClient
) -> None:
    village.pool = open_city_account(village, POOL_FEN)
    serves(village, 0, village.units[1])
    token = lift_tokens.issue_token(ctx, village.actor("clerk"), village.lifts[0], "首次张贴").token
    begun = players.did("manager", "/purchases", application(village, route=CODE), 201)
    here = f"/purchases/{begun['id']}"
    for lift in village.lifts:
        found = {"lift_id": str(lift), "result": "passed", "findings": "运行平稳"}
        players.did("insurer", f"{here}/surveys", found, 201)
    planned = players.did("insurer", f"{here}/plans", plan(village), 201)
    assert (planned["state"], planned["state_name"]) == (RESTING, "方案静候中")
    assert players.saw("manager", here)["possible_actions"] == ["withdraw"]
    listed = players.saw("insurer", f"/purchases?state={RESTING}")["items"]
    assert [row["id"] for row in listed] == [begun["id"]]
    early = players.post("manager", f"{here}/notice")
    assert refused(early, 409) == ["step_not_possible"]
    form = {"form_sha256": players.upload("manager")}
    other_way = players.post("manager", f"{here}/application", form)
    assert refused(other_way, 409) == ["step_not_possible"]

    village.clock.set(datetime(2025, 3, 11, 9, tzinfo=SHANGHAI))
    assert steps.sweep(ctx) == 1
    assert players.saw("owner0", here)["state"] == RESTED
    (todo,) = players.saw("manager", "/todos/mine")["items"]
    assert (todo["state_name"], todo["task"]) == ("方案静候期满", "张贴公示并上传照片")
    notice = players.did("manager", f"{here}/notice", status=201)
    assert photograph(players, notice["id"], "start")["state"] == "posted"

    page = client.get(f"/e/{token}")
    assert "投保方案正在公示" in page.text
    page = client.get(f"/n/{notice['number']}")
    assert page.status_code == 200
    assert "公示中" in page.text
    assert client.get(f"/api/v1/public/notices/{notice['number']}").status_code == 200

    village.clock.set(datetime(2025, 3, 19, 9, tzinfo=SHANGHAI))
    photograph(players, notice["id"], "end")
    players.did("clerk", f"{here}/clearance", {"statement": "未收到纸质异议"})
    assert refused(players.post("reviewer", f"{here}/registration"), 409) == ["step_not_possible"]
    players.did("manager", f"{here}/contract", contract(village, players.upload("manager")))
    players.did("manager", f"{here}/invoices", invoice(village, players.upload("manager")), 201)
    players.did("manager", f"{here}/payment-request")
    players.did("reviewer", f"{here}/payment-review")
    players.did("cashier", f"{here}/payment-order", {}, status=201)
    receipt = {"bank_reference": "B-6", "receipt_sha256": players.upload("cashier")}
    players.did("cashier", f"{here}/payment-confirmation", receipt)
    insured = policy(village, players.upload("insurer"), number="PL-6")
    assert players.did("insurer", f"{here}/policy", insured)["state"] == "policy_issued"
    village.clock.set(datetime(2025, 4, 1, 0, 1, tzinfo=SHANGHAI))
    assert steps.sweep(ctx) == 1
    assert players.saw("owner1", here)["state"] == "in_force"
    assert "这台电梯已投保" in client.get(f"/e/{token}").text
