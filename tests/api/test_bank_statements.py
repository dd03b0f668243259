"""A month of the bank over HTTP: checked, imported, matched, and agreed to the fen."""

from datetime import UTC, datetime

from tests.build.calling import refused
from tests.build.players import Players
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village


def test_a_statement_is_imported_matched_and_agreed_over_http(
    players: Players, village: Village
) -> None:
    village.paid()
    village.clock.set(datetime(2025, 4, 2, 1, tzinfo=UTC))
    paid = 2 * PREMIUM_FEN
    line = {
        "day": "2025-03-11",
        "amount_fen": -paid,
        "bank_reference": "Ｂank -1",
        "purpose": "BF-2025-000001",
    }
    body = {
        "bank_id": str(village.bank),
        "from_on": "2025-03-04",
        "until_on": "2025-03-31",
        "opening_fen": POOL_FEN,
        "closing_fen": POOL_FEN - paid,
        "lines": [line],
    }
    checked = players.did("cashier", "/bank-statement-checks", body | {"closing_fen": POOL_FEN})
    assert [each["code"] for each in checked["faults"]] == ["statement_sum_differs"]
    wrong = players.post("cashier", "/bank-statements", body | {"closing_fen": POOL_FEN})
    assert refused(wrong, 422) == ["statement_sum_differs"]
    made = players.did("cashier", "/bank-statements", body, 201)
    assert players.did("clerk", "/bank-statements", body, 201) == made
    (listed,) = players.saw("auditor", "/bank-statements")["items"]
    assert (listed["id"], listed["matched"]) == (made["id"], 0)
    path = f"/bank-statements/{made['id']}"
    (seen,) = players.saw("supervisor", path)["lines"]
    assert seen["bank_reference"] == "BANK-1", "as a file has it"
    assert (seen["fit"], len(seen["fits"])) == ("proposed", 1)
    assert players.saw("supervisor", path)["next_cursor"] is None
    after = players.saw("supervisor", f"{path}?page_size=1&cursor={seen['row']}")
    assert (after["lines"], after["next_cursor"]) == ([], None)
    thing = {"kind": seen["fits"][0]["kind"], "thing_id": seen["fits"][0]["id"]}
    at = f"/bank-lines/{seen['id']}"
    assert players.did("cashier", f"{at}/match", thing)["matched"]["number"] == "BF-2025-000001"
    sheet = players.saw("auditor", f"/banks/{village.bank}/reconciliation")
    assert (sheet["agrees"], sheet["only_bank"], sheet["only_ledger"]) == (True, [], [])
    assert players.did("clerk", f"{at}/unmatch", {"reason": "核对错了"})["matched"] is None
    sheet = players.saw("auditor", f"/banks/{village.bank}/reconciliation?on=2025-03-31")
    assert [each["days_old"] for each in sheet["only_bank"]] == [22]
    assert sheet["only_ledger"][0]["thing"]["number"] == "BF-2025-000001"
    players.did("cashier", f"{path}/withdrawal", {"reason": "导错了"})
    gone = players.get("cashier", f"/banks/{village.bank}/reconciliation")
    assert refused(gone, 422) == ["statement_missing"]
