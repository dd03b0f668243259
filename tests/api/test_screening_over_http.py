"""Shaoguan's first two steps over HTTP: what is sent, what is refused, what is answered."""

from dataclasses import replace
from uuid import uuid4

import pytest

from backend.http.parts import ApiParts
from backend.store.city_files import load_city
from tests.build.calling import told
from tests.build.players import Players
from tests.build.screened import MET, Shaoguan, let_in, of_shaoguan


@pytest.fixture
def parts(parts: ApiParts) -> ApiParts:
    return replace(parts, ctx=replace(parts.ctx, city=load_city("shaoguan")))


@pytest.fixture
def city(players: Players) -> Shaoguan:
    return of_shaoguan(players.village)


def findings(**changed: bool) -> list[dict[str, object]]:
    return [
        {"criterion": code, "met": changed.get(code, True), "finding": words}
        for code, words in MET.items()
    ]


def sheet(players: Players, **changed: bool) -> dict[str, object]:
    return {"findings": findings(**changed), "sheet_sha256": players.upload("district")}


def test_an_estate_is_screened_and_guided_and_taken_back(players: Players, city: Shaoguan) -> None:
    path = f"/estates/{city.estate}/screenings"
    wrong = players.post("district", path, sheet(players, willing=False))
    assert wrong.status_code == 409
    (error,) = wrong.get_json()["errors"]
    assert (error["code"], error["field"]) == ("criterion_not_met", "willing")
    once = findings()
    twice = sheet(players) | {"findings": [*once, once[0]]}
    assert players.post("district", path, twice).status_code == 422
    assert players.post("stranger", path, sheet(players)).status_code == 404

    body, key = sheet(players), {"Idempotency-Key": "8f14e45f-ceea-467f-a0e6-4b4e1c1f1a01"}
    first = players.post("district", path, body, **key)
    assert (first.status_code, told(first)["state"]) == (201, "screened")
    assert told(players.post("district", path, body, **key)) == told(first), "sent twice"
    assert players.post("district", path, sheet(players)).status_code == 409

    case = f"/purchases/{told(first)['id']}"
    guidance = {
        "lift_ids": [str(lift) for lift in city.lifts],
        "insurer_id": str(city.insurer),
        "account_ids": [str(pool) for pool in city.years],
    }
    alien = {**guidance, "account_ids": [str(city.pool)]}
    assert players.post("clerk", f"{case}/guidance", alien).status_code == 422
    assert players.did("clerk", f"{case}/guidance", guidance)["state"] == "guided"
    why = {"reason": "漏了一台电梯"}
    assert players.did("district", f"{case}/guidance-reversal", why)["state"] == "screened"
    players.did("district", f"{case}/guidance", guidance)
    seen = players.saw("district", case)
    assert [each["number"] for each in seen["source"]] == ["CITY-2023", "CITY-2024"]
    assert players.did("district", f"{case}/screening-reversal", why)["state"] == "terminated"


def test_another_district_finds_nothing_of_it(players: Players, city: Shaoguan) -> None:
    with city.ctx.sessions() as tx:
        let_in(tx, city, "elsewhere", uuid4())
        tx.commit()
    purchase, guidance = (
        city.guided(),
        {
            "lift_ids": [str(lift) for lift in city.lifts],
            "insurer_id": str(city.insurer),
            "account_ids": [str(pool) for pool in city.years],
        },
    )
    case, estate = f"/purchases/{purchase.id}", f"/estates/{city.estate}"
    for path, body in (
        (f"{estate}/screenings", sheet(players)),
        (f"{case}/guidance", guidance),
        (f"{case}/guidance-reversal", {"reason": "不是本区"}),
        (f"{case}/screening-reversal", {"reason": "不是本区"}),
    ):
        assert players.post("elsewhere", path, body).status_code == 404, path
    for path in (case, f"{estate}/accounts", f"{estate}/lifts"):
        assert players.get("elsewhere", path).status_code == 404, path
    assert players.saw("elsewhere", "/purchases")["items"] == []
    (paper,) = (each for each in players.saw("district", case)["papers"] if each["file_sha256"])
    assert players.get("district", f"/files/{paper['file_sha256']}").status_code == 200
    assert players.get("elsewhere", f"/files/{paper['file_sha256']}").status_code == 404


def test_where_the_district_may_screen_it_finds_estate_lifts_and_pools(
    players: Players, city: Shaoguan
) -> None:
    (estate,) = players.saw("district", "/estates")["items"]
    assert (estate["district"], estate["id"]) == ("示例区", str(city.estate))
    accounts = players.saw("district", f"/estates/{city.estate}/accounts")["items"]
    assert [each["name"] for each in accounts if not each["building"]] == [
        "2023年度公共设施设备使用管理收益",
        "2024年度公共设施设备使用管理收益",
    ]
    asked = {
        "route": "SG",
        "estate_id": str(city.estate),
        "applicant": "property_company",
        "lift_ids": [str(city.lifts[0])],
    }
    refused = players.post("manager", "/purchases", asked)
    assert refused.get_json()["errors"][0]["code"] == "route_takes_no_applications"
