"""A year's interest over HTTP: from the bank's paper to what stands in every pool."""

from dataclasses import replace

import pytest

from backend.http.parts import ApiParts
from tests.build.calling import refused
from tests.build.fund import SHARED, WORKED, Fund
from tests.build.household_city import household_city
from tests.build.players import Players, application
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


class TestInACityOfHouseholds:
    """One file of the city, and the income is theirs; nothing is left that R1 could spend."""

    @pytest.fixture
    def parts(self, parts: ApiParts) -> ApiParts:
        return replace(parts, ctx=replace(parts.ctx, city=household_city()))

    def test_the_year_is_given_to_the_flats_and_r1_is_refused(
        self, players: Players, village: Village
    ) -> None:
        fund = Fund(village)
        fund.holds(WORKED)
        fund.earned()
        close = players.did("clerk", "/year-closes", {"year": 2024}, 201)
        assert (close["mode"], close["accounts"], close["households"]) == ("household", 0, 3)
        path = f"/year-closes/{close['id']}"
        assert players.did("reviewer", f"{path}/posting")["moved_fen"] == sum(SHARED.values())
        shares = players.saw("auditor", f"{path}/household-shares")["items"]
        assert sorted(each["value_added_moved_fen"] for each in shares) == sorted(SHARED.values())
        assert all(len(each["explanation"]) >= 5 for each in shares)
        assert fund.balances() == dict.fromkeys("ABC", 0)
        begun = players.post("manager", "/purchases", application(village))
        assert refused(begun, 409) == ["income_of_households"]
        ways = players.saw("manager", f"/estates/{village.estate}/ways")
        assert (ways["ways"], "归各户所有" in ways["hint"]) == ([], True)


def test_an_owner_reads_the_own_flat_in_the_fund_and_nobody_elses(
    players: Players, village: Village
) -> None:
    (home,) = players.saw("owner0", "/me")["homes"]
    here = f"/me/homes/{home['owner_id']}/fund"
    own = players.saw("owner0", here)
    assert (own["balance_fen"], own["years"], own["lines"]) == (0, [], [])
    assert own["place"].endswith(home["room"])
    assert refused(players.get("owner1", here), 404) == ["not_found"]
    theirs = f"/households/{own['household_id']}/fund/look"
    assert players.did("auditor", theirs, {"year": 2024})["year"] == 2024
    assert refused(players.post("owner0", theirs, {}), 404) == ["not_found"]


def test_a_forecast_is_for_those_with_a_part_in_the_estate_and_the_city_s_for_its_books(
    players: Players, village: Village
) -> None:
    found = players.saw("owner0", f"/estates/{village.estate}/forecast")
    (account,) = found["accounts"]
    assert (account["now"], account["when"], account["shortfall_fen"]) == (2, "现在", 0)
    assert [lift["needed_fen"] for lift in account["lifts"]] == [200_000, 400_000]
    (cost,) = account["per_flat"]
    assert (cost["flats"], cost["least_fen"], cost["most_fen"]) == (4, 100_000, 100_000)
    assert found["years"][0] == {"year": 2025, "lifts": 2}
    assert len(found["assumptions"]) == 6
    assert refused(players.get("insurer", f"/estates/{village.estate}/forecast"), 404)
    city = players.saw("supervisor", "/forecast")
    assert (city["lifts"], city["accounts"], city["own"]) == (2, 1, None)
    assert refused(players.get("owner0", "/forecast"), 404) == ["not_found"]


def test_statements_are_an_answer_a_pdf_and_a_workbook_of_the_same_figures(
    players: Players, village: Village
) -> None:
    (home,) = players.saw("owner0", "/me")["homes"]
    own = f"/me/homes/{home['owner_id']}/fund/statement"
    pool = f"/accounts/{village.pool}/statement"
    for here, who, other in ((own, "owner0", "owner1"), (pool, "owner0", "insurer")):
        found = players.saw(who, f"{here}?from_on=2024-01-01")
        sums = found["opening_fen"] + found["received_fen"] - found["paid_fen"]
        assert (found["closing_fen"], found["count"]) == (sums, len(found["lines"]))
        for ending, begins in ((".pdf", b"%PDF"), (".xlsx", b"PK")):
            file = players.get(who, f"{here}{ending}?from_on=2024-01-01")
            assert (file.status_code, file.data[: len(begins)]) == (200, begins)
            assert "no-store" in file.headers["Cache-Control"]
            assert refused(players.get(other, f"{here}{ending}"), 404) == ["not_found"]
        turned = players.get(who, f"{here}?from_on=2025-02-02&until_on=2025-02-01")
        assert refused(turned, 422) == ["statement_period_invalid"]
        ahead = players.get(who, f"{here}?until_on=2099-01-01")
        assert refused(ahead, 422) == ["day_in_future"]
        assert players.get(who, f"{here}?from_on=abc").status_code == 422
        assert players.get(who, f"{here}?from_on=1e30").status_code == 422
