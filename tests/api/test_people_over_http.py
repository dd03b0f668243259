"""Over HTTP: a part ends, somebody else has it, and what was open goes on with them."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.build.looking import add_person
from tests.build.players import Players
from tests.build.village import Village, sign_in

FLAT = {"estate_code": "E1", "building": "1栋", "unit": "1单元", "room": "101", "name": "冯样零"}


@pytest.fixture(autouse=True)
def administrator(village: Village) -> None:
    comes(village, "administrator", "administrator")


def comes(village: Village, name: str, role: str | None = None) -> str:
    """Somebody new who is signed in; their id."""
    actor = add_person(village, name, role)
    with village.ctx.sessions() as tx:
        sign_in(tx, village, name)
        tx.commit()
    return str(actor.person_id)


def grant_of(players: Players, village: Village, name: str) -> str:
    person_id = str(village.actor(name).person_id)
    grants = players.saw("clerk", "/grants?page_size=50")["items"]
    (own,) = [each["id"] for each in grants if each["person_id"] == person_id]
    return str(own)


def applied(village: Village) -> UUID:
    purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    return purchase.id


def test_the_manager_changes_and_the_new_one_goes_on(players: Players, village: Village) -> None:
    purchase_id = applied(village)
    new = comes(village, "new manager")
    body = {
        "person_id": new,
        "role": "property_manager",
        "scope_id": str(village.estate),
    }
    players.did("clerk", "/grants", body, 201)
    ended = f"/api/v1/grants/{grant_of(players, village, 'manager')}"
    assert players.client.delete(ended, headers=players.headers("clerk")).status_code == 204
    assert players.get("manager", f"/purchases/{purchase_id}").status_code == 404
    assert players.saw("manager", "/todos/mine")["items"] == []
    (todo,) = players.saw("new manager", "/todos/mine")["items"]
    assert todo["purchase_id"] == str(purchase_id)
    players.did("new manager", f"/purchases/{purchase_id}/withdrawal", {"reason": "不办了"})


@pytest.mark.situation("P14")
def test_the_clerk_leaves_and_the_administrator_sees_it(players: Players, village: Village) -> None:
    applied(village)
    ended = f"/api/v1/grants/{grant_of(players, village, 'clerk')}"
    answer = players.client.delete(ended, headers=players.headers("administrator"))
    assert answer.status_code == 204
    (lack,) = players.saw("administrator", "/todos/mine")["unattended"]
    assert (lack["role"], lack["role_name"], lack["cases"]) == ("clerk", "中心经办", 1)
    new = comes(village, "new clerk")
    players.did("administrator", "/grants", {"person_id": new, "role": "clerk"}, 201)
    assert players.saw("administrator", "/todos/mine")["unattended"] == []


def test_a_flat_is_sold_and_that_is_taken_back(players: Players, village: Village) -> None:
    homes = players.saw("owner0", "/me")["homes"]
    ended = players.post("clerk", "/ownership-endings", FLAT | {"reason": "已过户"})
    assert ended.status_code == 204
    assert players.saw("owner0", "/me")["homes"] == []
    restored = players.post("clerk", "/ownership-restorations", FLAT | {"reason": "登记错误"})
    assert restored.status_code == 204
    assert players.saw("owner0", "/me")["homes"] == homes
    gone = f"/api/v1/me/homes/{homes[0]['owner_id']}"
    assert players.client.delete(gone, headers=players.headers("owner0")).status_code == 204
    assert players.saw("owner0", "/me")["homes"] == []
    assert players.client.delete(gone, headers=players.headers("owner0")).status_code == 404


def test_the_clerk_is_away_and_a_colleague_stands_in(players: Players, village: Village) -> None:
    purchase_id = applied(village)
    own = grant_of(players, village, "clerk")
    until = (village.clock() + timedelta(days=7)).isoformat()
    body = {"person_id": str(village.actor("cashier").person_id), "until": until}
    given = players.did("clerk", f"/grants/{own}/delegation", body, 201)["id"]
    (kept,) = [each for each in players.saw("clerk", "/grants")["items"] if each["id"] == given]
    assert kept["stands_in_for"] == str(village.actor("clerk").person_id)
    path = f"/purchases/{purchase_id}/funds-query"
    seen = {"upkeep_statement": "正常", "upkeep_record_sha256": players.upload("cashier")}
    players.did("cashier", path, seen)
    assert players.saw("cashier", f"/purchases/{purchase_id}")["state"] == "funds_queried"
