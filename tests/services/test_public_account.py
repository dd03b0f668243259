"""What everybody may read of an estate's money, and that it is what the books say."""

import csv
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import select, update

from backend.domain.public_account import Flow
from backend.services.public import account as books_shown
from backend.services.public import lift_tokens
from backend.services.public.account import PublicAccount, as_csv, read_public_account
from backend.store.ledger import Account
from backend.store.purchases import Plan
from backend.store.queries.public_account import moved_since
from tests.build.looking import add_income
from tests.build.machine_world import correct_opening
from tests.build.village import PREMIUM_FEN, Village


@pytest.fixture
def token(village: Village) -> str:
    """The printed code of a lift of the village."""
    village.insured()
    return issued(village)


def issued(village: Village) -> str:
    clerk = village.actor("clerk")
    return lift_tokens.issue_token(village.ctx, clerk, village.lifts[0], "新装电梯").token


def read(village: Village, token: str) -> PublicAccount:
    account = read_public_account(village.ctx, token)
    assert account
    return account


def test_the_account_says_what_the_books_say(village: Village, token: str) -> None:
    account = read(village, token)
    with village.ctx.sessions() as tx:
        pool = tx.get_one(Account, village.pool)
        premium = tx.scalars(select(Plan.premium_fen)).one()
    [shown] = [each for each in account.pools if each.row.account_id == village.pool]
    assert shown.years[0].ended_fen == shown.row.balance_fen == pool.balance_fen
    moved = dict(shown.years[0].moved)
    assert moved[Flow.PREMIUM] == -premium
    assert sum(moved.values()) == pool.balance_fen - shown.years[0].began_fen


def test_what_is_booked_while_it_is_read_is_in_all_of_it_or_in_none(
    village: Village, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read(village, token)

    def meanwhile(*asked: Any) -> Any:
        add_income(village, 700)
        return moved_since(*asked)

    monkeypatch.setattr(books_shown, "moved_since", meanwhile)
    (shown,) = [it for it in read(village, token).pools if it.row.account_id == village.pool]
    assert shown.years[0].ended_fen == shown.row.balance_fen
    assert [shown] == [it for it in before.pools if it.row.account_id == village.pool]


def test_policies_and_notices_are_told_with_what_was_objected(village: Village, token: str) -> None:
    account = read(village, token)
    [policy] = account.policies
    assert policy.lifts == len(village.lifts)
    assert [(len(each.objections), each.waiting) for each in account.notices] == [(0, 0)]


def test_the_premium_of_a_policy_is_what_its_contract_asked_for_not_the_dearer_plan(
    village: Village,
) -> None:
    case, less = village.cleared().id, 2 * PREMIUM_FEN - 9
    village.reviewer.registers(case)
    village.manager.signs_contract(case, village.contract(premium_fen=less))
    village.manager.adds_invoice(case, village.invoice(amount_fen=less))
    village.manager.requests_payment(case)
    village.reviewer.reviews_payment(case)
    village.cashier.orders_payment(case)
    village.cashier.confirms_payment(case, "BANK-1", village.upload("cashier"))
    village.person("insurer").issues_policy(case, village.policy(premium_fen=less))
    account = read(village, issued(village))
    assert [each.premium_fen for each in account.policies] == [less]
    assert dict(account.pools[0].years[0].moved)[Flow.PREMIUM] == -less


def test_a_corrected_opening_is_no_premium_that_came_back(village: Village, token: str) -> None:
    before = read(village, token).pools[0].years[0]
    correct_opening(village, 0)
    village.clock.advance(days=1)
    correct_opening(village, 0)
    village.clock.advance(days=1)
    correct_opening(village, 0)
    after = read(village, token).pools[0].years[0]
    more = after.ended_fen - before.ended_fen
    assert more > 0
    assert dict(after.moved) == {
        **dict(before.moved),
        Flow.OPENING: dict(before.moved).get(Flow.OPENING, 0) + more,
    }


def test_a_code_that_is_none_has_no_account(village: Village, token: str) -> None:
    lift_tokens.revoke_token(village.ctx, village.actor("clerk"), village.lifts[0], "码牌损坏")
    for code in (token, "x" * 26, "..", ""):
        assert read_public_account(village.ctx, code) is None


def test_the_table_opens_as_text_and_amounts(village: Village, token: str) -> None:
    with village.ctx.sessions() as tx:
        tx.execute(update(Account).where(Account.id == village.pool).values(name="＝1+1"))
        tx.commit()
    account = read(village, token)
    table = as_csv(account)
    assert table.startswith("\ufeff账户,年度,项目,金额（元）\r\n")
    rows = list(csv.DictReader(StringIO(table.removeprefix("\ufeff"))))
    assert {row["账户"] for row in rows} == {"'＝1+1"}
    assert rows[-1]["项目"] == "现在余额"
    assert Decimal(rows[-1]["金额（元）"]) * 100 == account.pools[0].row.balance_fen
