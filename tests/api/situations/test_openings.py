"""An opening balance was wrong: two officers put it right."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.ledger import AccountKind
from backend.domain.local_time import local_date
from backend.services.books import banks, ledger
from backend.services.registry import openings
from backend.services.registry.openings import RightFigures
from backend.store.audit import AuditEntry
from backend.store.ledger import Account, Entry
from backend.store.messages import Outbox
from backend.store.queries.openings import CorrectionView
from tests.build.calling import refused, told
from tests.build.looking import add_building, also
from tests.build.players import Players
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village

PREMIUM = 2 * PREMIUM_FEN


def second_pool(village: Village) -> UUID:
    """Another building's account at the same bank, to which nothing was booked by mistake."""
    account, _ = add_building(village)
    with village.ctx.sessions() as tx:
        banks.lie_at(tx, [account], [village.bank])
        tx.commit()
    return account


def the_opening(players: Players) -> dict[str, Any]:
    found: dict[str, Any] = players.saw("auditor", "/openings")["items"][0]
    return found


def wrong(players: Players, by: str, **figures: Any) -> Any:
    """What the paper shows, as it is handed in."""
    paper = {"file_sha256": players.upload(by), "reason": "两栋的收益记反了"}
    path = f"/openings/{the_opening(players)['id']}/corrections"
    return players.post(by, path, paper | figures)


def swapped(players: Players, by: str, other: UUID, fen: int) -> Any:
    """So much more is the other building's."""
    village = players.village
    pools = [
        {"account_id": str(village.pool), "fen": POOL_FEN - fen},
        {"account_id": str(other), "fen": fen},
    ]
    return wrong(players, by, pools=pools)


def spendable(players: Players) -> dict[str, int]:
    items = players.saw("clerk", f"/estates/{players.village.estate}/accounts")["items"]
    return {each["number"]: each["available_fen"] for each in items}


def heard(village: Village) -> dict[str, set[str]]:
    names = {actor.person_id: name for name, actor in village.people.items()}
    found: dict[str, set[str]] = {}
    with village.ctx.sessions() as tx:
        for row in tx.scalars(select(Outbox).where(Outbox.natural_key.startswith("opening/"))):
            found.setdefault(row.data["count"], set()).add(names[row.person_id])
    return found


@pytest.mark.situation("P24")
def test_a_wrong_opening_is_put_right_by_two_officers(players: Players, village: Village) -> None:
    other = second_pool(village)
    assert spendable(players) == {"P1": POOL_FEN, "P2": 0}
    entered = swapped(players, "cashier", other, 300_000)
    assert entered.status_code == 201, entered.text
    correction = told(entered)
    path = f"/opening-corrections/{correction['id']}"
    assert spendable(players)["P2"] == 0
    for name in ("clerk", "reviewer"):
        assert players.saw(name, "/todos/mine")["opening_corrections"] == [correction]
    assert not players.saw("supervisor", "/todos/mine")["opening_corrections"]
    assert refused(players.post("cashier", f"{path}/confirmation"), 403) == ["own_correction"]
    done = players.did("reviewer", f"{path}/confirmation")
    assert done["confirmed"]
    assert spendable(players) == {"P1": POOL_FEN - 300_000, "P2": 300_000}
    assert players.saw("auditor", "/ledger/trial-balance")["total_fen"] == 0
    assert the_opening(players)["pools_fen"] == POOL_FEN
    assert not players.saw("clerk", "/todos/mine")["opening_corrections"]
    assert heard(village) == {
        "期初更正待确认": {"clerk", "reviewer"},
        "期初已更正": {"clerk", "cashier", "supervisor", "auditor"},
    }
    with village.ctx.sessions() as tx:
        assert ledger.drifted(tx) == []
        link = select(AuditEntry.body).where(AuditEntry.action == "opening.correct")
        facts = tx.scalars(link).one().decode()
        assert tx.scalars(select(Entry.kind).order_by(Entry.id)).all() == [
            *("opening", "opening", "reversal"),
        ]
    assert '"P2":[0,300000]' in facts
    assert refused(players.post("clerk", f"{path}/confirmation"), 409) == ["correction_decided"]


@pytest.mark.situation("P24")
def test_what_cases_hold_is_not_corrected_away(players: Players, village: Village) -> None:
    other = second_pool(village)
    case, *_ = village.posted()
    said = swapped(players, "clerk", other, POOL_FEN - PREMIUM + 1)
    assert refused(said, 409) == ["balance_insufficient"]
    assert case.number in said.text
    fits = swapped(players, "clerk", other, POOL_FEN - PREMIUM)
    assert fits.status_code == 201, fits.text


@pytest.mark.situation("P24")
def test_what_is_held_meanwhile_stands_before_the_correction(
    players: Players, village: Village
) -> None:
    other = second_pool(village)
    entered = swapped(players, "clerk", other, POOL_FEN)
    assert entered.status_code == 201, entered.text
    path = f"/opening-corrections/{told(entered)['id']}"
    case, *_ = village.posted()
    late = players.post("reviewer", f"{path}/confirmation")
    assert refused(late, 409) == ["balance_insufficient"]
    assert case.number in late.text
    players.did("reviewer", f"{path}/refusal", {"reason": "这笔钱已为申请冻结"})
    assert spendable(players)["P2"] == 0
    assert heard(village)["期初更正已退回"] == {"clerk", "cashier", "supervisor", "auditor"}
    again = swapped(players, "clerk", other, 2)
    assert again.status_code == 201, again.text


@pytest.mark.situation("P24")
def test_money_that_a_bank_has_paid_is_not_corrected_away(
    players: Players, village: Village
) -> None:
    second_pool(village)
    village.paid()
    less = {"account_id": str(village.pool), "fen": PREMIUM - 1}
    said = wrong(players, "clerk", bank_fen=PREMIUM - 1, pools=[less])
    assert refused(said, 409) == ["balance_insufficient"]
    assert "已经拨付" in said.text


def test_figures_that_do_not_add_up_or_change_nothing_are_refused(
    players: Players, village: Village
) -> None:
    other, neighbours = second_pool(village), str(UUID(int=9))
    pool, bank = str(village.pool), POOL_FEN
    for figures, status, code in (
        ({"bank_fen": bank - 1}, 422, "opening_not_reconciled"),
        ({"pools": [{"account_id": pool, "fen": 5}]}, 422, "opening_not_reconciled"),
        ({"bank_fen": bank}, 422, "opening_unchanged"),
        ({}, 422, "opening_unchanged"),
        ({"pools": [{"account_id": pool, "fen": 1}] * 2}, 422, "account_repeated"),
        ({"pools": [{"account_id": neighbours, "fen": 1}]}, 422, "account_not_of_opening"),
        ({"pools": [{"account_id": str(village.bank), "fen": 1}]}, 422, "account_not_of_opening"),
    ):
        assert refused(wrong(players, "clerk", **figures), status) == [code], figures
    # With the bank's and the statutory interest the parts add up again.
    right = wrong(players, "clerk", bank_fen=bank + 7, statutory_fen=7)
    assert right.status_code == 201, right.text
    assert refused(swapped(players, "clerk", other, 2), 409) == ["correction_waiting"]
    for name in ("manager", "owner0"):
        assert refused(wrong_id(players, name), 404) == ["not_found"]


def wrong_id(players: Players, name: str) -> Any:
    body = {"bank_fen": 1, "file_sha256": players.upload(name), "reason": "错了"}
    return players.post(name, f"/openings/{the_opening(players)['id']}/corrections", body)


def test_a_corrected_opening_is_corrected_once_more(players: Players, village: Village) -> None:
    other = second_pool(village)
    opened = the_opening(players)["id"]
    for fen in (2_000, 3_000):
        assert swapped(players, "clerk", other, fen).status_code == 201
        (waits,) = players.saw("reviewer", "/todos/mine")["opening_corrections"]
        players.did("reviewer", f"/opening-corrections/{waits['id']}/confirmation")
        assert spendable(players)["P2"] == fen
        assert the_opening(players)["id"] == opened
    with village.ctx.sessions() as tx:
        assert ledger.trial_balance(tx).by_kind[AccountKind.BANK] == POOL_FEN


def test_what_was_corrected_while_somebody_waited_is_what_they_correct(
    players: Players, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, opened = second_pool(village), UUID(the_opening(players)["id"])
    ctx, clerk, lock = village.ctx, village.actor("clerk"), openings._lock

    def enters(fen: int) -> CorrectionView:
        right = RightFigures(None, None, [(village.pool, POOL_FEN - fen), (other, fen)])
        scan = village.upload("clerk")
        return openings.enter(ctx, clerk, opened, right, scan, "两栋的收益记反了")

    def meanwhile(tx: Session, accounts: Mapping[UUID, object]) -> UUID:
        monkeypatch.setattr(openings, "_lock", lock)
        openings.confirm(ctx, village.actor("reviewer"), enters(2_000).id)
        return lock(tx, accounts)

    monkeypatch.setattr(openings, "_lock", meanwhile)
    assert {(each.former_fen, each.fen) for each in enters(3_000).figures} == {
        (POOL_FEN - 2_000, POOL_FEN - 3_000),
        (2_000, 3_000),
    }


def test_an_account_that_was_split_is_corrected_where_it_goes_on(
    players: Players, village: Village
) -> None:
    other = second_pool(village)
    with village.ctx.sessions() as tx:
        tx.get_one(Account, other).closed_on = local_date(village.clock())
        tx.commit()
    assert refused(swapped(players, "clerk", other, 2), 422) == ["account_not_of_opening"]


def test_an_officer_with_a_flat_behind_the_account_leaves_it_to_others(
    players: Players, village: Village
) -> None:
    other = second_pool(village)
    also(village, "owner0", "clerk")
    assert refused(swapped(players, "owner0", other, 2), 409) == ["officer_is_party"]


def test_an_account_that_is_split_while_a_correction_waits_gets_nothing(
    players: Players, village: Village
) -> None:
    other = second_pool(village)
    entered = told(swapped(players, "clerk", other, 2))
    path = f"/opening-corrections/{entered['id']}"
    with village.ctx.sessions() as tx:
        tx.get_one(Account, other).closed_on = local_date(village.clock())
        tx.commit()
    assert refused(players.post("reviewer", f"{path}/confirmation"), 409) == ["account_closed"]
    with village.ctx.sessions() as tx:
        assert tx.get_one(Account, other).balance_fen == 0
