"""Cover is over, and the insurer still owes a part of the premium."""

from datetime import datetime
from typing import Any

import pytest

from backend.domain.local_time import SHANGHAI
from backend.services.case import steps
from tests.build.calling import refused
from tests.build.looking import letters
from tests.build.players import Players
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village

DUE_FEN = 2 * PREMIUM_FEN


def on(village: Village, year: int, month: int, day: int) -> None:
    village.clock.set(datetime(year, month, day, 9, tzinfo=SHANGHAI))
    steps.sweep(village.ctx)


def available(players: Players) -> int:
    estate = players.village.estate
    return int(players.saw("manager", f"/estates/{estate}/accounts")["items"][0]["available_fen"])


def entered(players: Players, here: str, fen: int, why: str, kind: str = "give_back") -> Any:
    """By the cashier, with the bank's receipt; nothing has moved."""
    before = available(players)
    receipt = players.upload("cashier")
    body = {"kind": kind, "refund_fen": fen, "receipt_sha256": receipt, "reason": why}
    refund = players.did("cashier", f"{here}/refunds", body, 201)
    assert available(players) == before
    return refund


def to_do(players: Players, name: str) -> list[str]:
    return [each["task"] for each in players.saw(name, "/todos/mine")["items"] if each["mine"]]


@pytest.mark.situation("P42", "give_back")
def test_what_an_audit_finds_after_the_end_comes_back_by_two_officers_and_the_case_stays_over(
    players: Players, village: Village
) -> None:
    purchase = village.insured()
    here = f"/purchases/{purchase.id}"
    on(village, 2026, 4, 20)
    over = {"kind": "cancel", "refund_fen": 1, "receipt_sha256": players.upload("cashier")}
    late = players.post("cashier", f"{here}/refunds", over | {"reason": "退保"})
    assert refused(late, 409) == ["cover_ended"]
    refund = entered(players, here, 20_000, "审计发现费率多算")
    assert to_do(players, "reviewer") == ["核对回单，确认退费或退保"]
    answer = players.post("cashier", f"/refunds/{refund['id']}/confirmation")
    assert refused(answer, 403) == ["role_required"]
    assert players.did("reviewer", f"/refunds/{refund['id']}/confirmation")["state"] == "expired"
    assert available(players) == POOL_FEN - DUE_FEN + 20_000
    assert to_do(players, "reviewer") == []
    seen = players.saw("manager", here)
    assert [limit for limit in seen["deadlines"] if limit["state"] == "open"] == []
    assert seen["transitions"][-1]["reason"] == "审计发现费率多算"
    told = {who for who, _, data in letters(village, purchase) if "记回原账户" in str(data)}
    assert told == {"manager", "insurer", "cashier", "member0", "member1", "member2"}
    assert players.saw("auditor", "/ledger/trial-balance")["total_fen"] == 0


@pytest.mark.situation("P42", "give_back")
def test_money_of_a_cancellation_that_comes_late_never_sums_to_more_than_was_paid(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.insured().id}"
    first = entered(players, here, 100_000, "小区拆迁", "cancel")
    assert players.did("reviewer", f"/refunds/{first['id']}/confirmation")["state"] == "cancelled"
    much = {"kind": "give_back", "refund_fen": DUE_FEN - 100_000 + 1, "reason": "补退"}
    answer = players.post("cashier", f"{here}/refunds", much | {"receipt_sha256": "0" * 64})
    assert refused(answer, 409) == ["refund_out_of_range"]
    rest = entered(players, here, DUE_FEN - 100_000, "补退")
    assert players.did("reviewer", f"/refunds/{rest['id']}/confirmation")["state"] == "cancelled"
    assert available(players) == POOL_FEN
    assert players.saw("auditor", "/ledger/trial-balance")["total_fen"] == 0


@pytest.mark.situation("P43", "give_back")
def test_a_lift_scrapped_in_the_year_and_heard_of_after_it_is_asked_for(
    players: Players, village: Village
) -> None:
    purchase = village.insured()
    here = f"/purchases/{purchase.id}"
    on(village, 2026, 4, 20)
    gone = {"on": "2025-12-01", "reason": "报废，事后得知", "replaced_by": None}
    assert players.post("clerk", f"/lifts/{village.lifts[0]}/retirement", gone).status_code == 204
    assert to_do(players, "cashier") == ["向保险机构办理拆除电梯的退费"]
    told = {who for who, _, data in letters(village, purchase) if "已拆除" in str(data)}
    assert told == {"cashier", "manager", "insurer"}
    refund = entered(players, here, 43_000, "1号梯拆除，按日退费")
    assert to_do(players, "cashier") == []
    # It is not confirmed: the wait for the insurer runs on.
    why = {"reason": "回单是另一笔"}
    players.did("reviewer", f"/refunds/{refund['id']}/refusal", why)
    assert to_do(players, "cashier") == ["向保险机构办理拆除电梯的退费"]
    refund = entered(players, here, 43_000, "1号梯拆除，按日退费")
    assert players.did("reviewer", f"/refunds/{refund['id']}/confirmation")["state"] == "expired"
    assert available(players) == POOL_FEN - DUE_FEN + 43_000
