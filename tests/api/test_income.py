"""A year's interest over HTTP: from the bank's paper to what stands in every pool."""

from tests.build.calling import refused
from tests.build.fund import SHARED, WORKED, Fund
from tests.build.players import Players
from tests.build.village import Village

CERTIFICATE = {"number": "CD-1", "principal_fen": 345_678_912, "rate": "1.95", "months": 12}
RECEIPT = {"bank_reference": "INT-1", "posted_on": "2024-07-02", "until_on": "2024-07-02"}


def test_a_year_is_closed_by_two_officers_over_http(players: Players, village: Village) -> None:
    fund = Fund(village)
    fund.holds(WORKED)
    paper = {"file_sha256": players.upload("cashier")}
    body = CERTIFICATE | {"bank_id": str(fund.bank), "value_on": "2024-01-01"} | paper
    wrong = players.post("cashier", "/deposits", body | {"rate": "1.95‰"})
    assert refused(wrong, 422) == ["rate_invalid"]
    deposit = players.did("cashier", "/deposits", body, 201)
    assert (deposit["rate"], deposit["benchmark"], deposit["matures_on"]) == (
        "1.95%",
        "1.5%",
        "2025-01-01",
    )
    path = f"/deposits/{deposit['id']}/interest"
    entered = players.did("cashier", path, RECEIPT | {"actual_fen": 3_426_542} | paper, 201)
    assert (entered["value_added_fen"], entered["confirmed"]) == (790_740, None)
    scan = players.get("reviewer", f"/files/{entered['file_sha256']}")
    assert scan.status_code == 200
    path = f"/deposit-interest/{entered['id']}/confirmation"
    assert players.did("reviewer", path)["confirmed"] is True
    (listed,) = players.saw("auditor", "/deposit-interest")["items"]
    assert listed["value_added_fen"] == 790_740
    close = players.did("clerk", "/year-closes", {"year": 2024}, 201)
    assert (close["state"], close["moved_fen"]) == ("preview", 790_740)
    path = f"/year-closes/{close['id']}"
    mine = players.post("clerk", f"{path}/posting")
    assert refused(mine, 403) == ["own_preview"]
    posted = players.did("reviewer", f"{path}/posting")
    assert posted["state"] == "posted"
    assert players.did("reviewer", f"{path}/posting") == posted
    shares = players.saw("supervisor", f"{path}/shares")["items"]
    assert {each["account_number"]: each["fen"] for each in shares} == SHARED
    assert all(len(each["explanation"]) >= 3 for each in shares)
    assert players.saw("auditor", "/deposits")["items"][0]["actual_fen"] == 3_426_542
    assert [each["id"] for each in players.saw("auditor", "/year-closes")["items"]] == [close["id"]]
