"""An owner alone over HTTP: what is sent, what is refused, and each of it once."""

from uuid import UUID

import pytest

from backend.store.purchases import Purchase
from tests.build.alone import DEPOSIT_FEN, OWNER, House, house_of
from tests.build.calling import told
from tests.build.looking import today
from tests.build.players import Players
from tests.build.village import PREMIUM_FEN, sign_in


@pytest.fixture
def house(players: Players) -> House:
    village = players.village
    house = house_of(village)
    with village.ctx.sessions() as tx:
        sign_in(tx, village, OWNER)
        tx.commit()
    return house


def test_an_owner_goes_from_the_way_to_a_booked_deposit(players: Players, house: House) -> None:
    village = players.village
    ways = told(players.get(OWNER, f"/estates/{village.estate}/ways"))["ways"]
    (way,) = [way for way in ways if way["route"] == "R3"]
    asked = {
        "route": "R3",
        "estate_id": str(village.estate),
        "insurer_id": str(village.insurer),
        "applicant": way["applicant"],
        "lift_ids": way["lift_ids"],
    }
    begun = players.post(OWNER, "/purchases", asked)
    assert begun.status_code == 201, begun.get_json()
    case = f"/purchases/{told(begun)['id']}"
    papers = {
        "title_sha256": players.upload(OWNER),
        "upkeep_record_sha256": players.upload(OWNER),
    }
    path = f"{case}/own-application"
    assert players.post("stranger", path, papers).status_code == 404
    (error,) = players.post("manager", path, papers).get_json()["errors"]
    assert error["code"] in ("role_required", "not_the_applicant")
    assert told(players.post(OWNER, path, papers))["state"] == "surveying"
    with village.ctx.sessions() as tx:
        purchase = tx.get_one(Purchase, UUID(told(begun)["id"]))
    house.plans(purchase)
    opened = players.post("clerk", f"{case}/special-account", {"title_check": "已核对"})
    assert told(opened)["state"] == "special_account_opened"
    paid = {
        "amount_fen": DEPOSIT_FEN,
        "bank_id": str(village.bank),
        "received_on": today(village).isoformat(),
        "bank_reference": "ZH-HTTP",
        "receipt_sha256": players.upload("cashier"),
    }
    path = f"{case}/special-deposit"
    wrong = players.post("cashier", path, paid | {"amount_fen": PREMIUM_FEN})
    (error,) = wrong.get_json()["errors"]
    assert (wrong.status_code, error["code"], error["field"]) == (
        409,
        "deposit_too_small",
        "amount_fen",
    )
    key = {"Idempotency-Key": "8f14e45f-ceea-467f-a0e6-4b4e1c1f1a95"}
    first = players.post("cashier", path, paid, **key)
    assert told(first)["state"] == "funded"
    assert told(players.post("cashier", path, paid, **key)) == told(first), "sent twice"
    own = told(players.get(OWNER, f"{case}/my-part"))
    assert (own["deposit_fen"], own["held_fen"]) == (None, PREMIUM_FEN)
