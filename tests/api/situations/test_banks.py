"""The money of an account lies at a second bank, or at two."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete

from backend.store.database import make_engine
from backend.store.ledger import AccountBank
from backend.store.queries.banks import banks_of_case
from tests.build.banks import second_bank
from tests.build.calling import refused
from tests.build.databases import Database
from tests.build.players import Players
from tests.build.village import PREMIUM_FEN, Village

PREMIUM = 2 * PREMIUM_FEN


def nothing_at_the_first(village: Village, database: Database) -> None:
    """All of the pool lies at the other bank: the first one never held any of it."""
    engine = make_engine(database.owner_url)
    with engine.begin() as owner:
        owner.execute(delete(AccountBank).where(AccountBank.bank_id == village.bank))
    engine.dispose()


def at_the_banks(players: Players, by: str = "auditor") -> dict[str, Any]:
    return {each["number"]: each for each in players.saw(by, "/ledger/banks")["items"]}


def to_pay(players: Players) -> str:
    """A reviewed payment file; the path of its case."""
    return f"/purchases/{players.village.reviewed().id}"


def paid(players: Players, here: str) -> Any:
    receipt = {"bank_reference": "BANK-9", "receipt_sha256": players.upload("cashier")}
    return players.did("cashier", f"{here}/payment-confirmation", receipt)


@pytest.mark.situation("P23")
def test_a_premium_is_paid_from_the_bank_where_its_money_lies(
    players: Players, village: Village, database: Database
) -> None:
    second = second_bank(village, "BANK-2", PREMIUM)
    nothing_at_the_first(village, database)
    first = at_the_banks(players)["BANK"]["balance_fen"]
    here = to_pay(players)
    ordered = players.did("cashier", f"{here}/payment-order", {}, 201)
    assert ordered["bank_id"] == second
    shown = at_the_banks(players, "cashier")["BANK-2"]
    assert (shown["balance_fen"], shown["ordered_fen"], shown["available_fen"]) == (
        PREMIUM,
        PREMIUM,
        0,
    )
    paid(players, here)
    assert at_the_banks(players)["BANK-2"]["balance_fen"] == 0
    assert at_the_banks(players)["BANK"]["balance_fen"] == first
    back = {"receipt_sha256": players.upload("cashier"), "reason": "退票"}
    players.did("cashier", f"{here}/payment-return", back)
    assert at_the_banks(players)["BANK-2"]["balance_fen"] == PREMIUM
    assert players.saw("auditor", "/ledger/trial-balance")["total_fen"] == 0
    account = players.saw("manager", f"/estates/{village.estate}/accounts")["items"][0]
    assert account["banks"] == ["第二银行"]


@pytest.mark.situation("P23")
def test_where_the_money_lies_at_two_banks_the_cashier_says_which_one_pays(
    players: Players, village: Village
) -> None:
    second, here = second_bank(village, "BANK-2", PREMIUM - 1), to_pay(players)
    order = f"{here}/payment-order"
    choose = players.saw("cashier", f"{here}/payment-banks")["items"]
    assert [bank["number"] for bank in choose] == ["BANK", "BANK-2"]
    payee = players.saw("reviewer", f"{here}/payment-banks")["payee"]
    named = (payee["name"], payee["bank"], payee["account"], payee["signed"])
    assert named == ("示例保险", "示例银行", "6222000000000001", True)
    unnamed = players.post("cashier", order, {})
    assert refused(unnamed, 422) == ["bank_required"]
    assert "“银行存款 BANK”、“第二银行 BANK-2”" in unnamed.text
    short = players.post("cashier", order, {"bank_id": second})
    assert refused(short, 409) == ["bank_money_insufficient"]
    assert "可用2,599.99元" in short.text
    elsewhere = players.post("cashier", order, {"bank_id": str(village.pool)})
    assert refused(elsewhere, 422) == ["bank_not_of_source"]
    assert players.saw("cashier", here)["state"] == "payment_reviewed"
    players.did("cashier", order, {"bank_id": str(village.bank)}, 201)
    paid(players, here)
    assert at_the_banks(players)["BANK-2"]["balance_fen"] == PREMIUM - 1


@pytest.mark.situation("P23")
def test_what_a_bank_was_told_to_pay_is_not_ordered_a_second_time(
    players: Players, village: Village, database: Database
) -> None:
    second = second_bank(village, "BANK-2", PREMIUM)
    nothing_at_the_first(village, database)
    here = to_pay(players)
    players.did("cashier", f"{here}/payment-order", {}, 201)
    with village.ctx.sessions() as tx:
        (bank,) = banks_of_case(tx, UUID(here.removeprefix("/purchases/")))
        assert (str(bank.id), bank.available_fen) == (second, 0)
    refusal = {"reason": "银行系统维护"}
    players.did("cashier", f"{here}/payment-rejection", refusal)
    assert at_the_banks(players)["BANK-2"]["available_fen"] == PREMIUM
    players.did("cashier", f"{here}/payment-order", {}, 201)


def test_banks_are_no_business_of_the_public(players: Players, village: Village) -> None:
    here = to_pay(players)
    for path in ("/ledger/banks", f"{here}/payment-banks"):
        assert players.get("manager", path).status_code == 404
        assert players.get("owner0", path).status_code == 404
