"""Money between the fund's own bank accounts: one entry, by two officers, seen by both banks."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from backend.domain.bank_matching import ThingKind
from backend.domain.errors import Refused
from backend.services.books import banks
from backend.services.income import transfers
from backend.services.reads.todos import my_todos
from backend.services.reads.transfer_pages import read_transfers
from backend.store.audit import AuditEntry
from backend.store.bank_transfers import BankTransfer
from backend.store.queries.bank_things import entries_of
from tests.build.fund import PRINCIPAL_FEN, Fund
from tests.build.looking import assert_sound
from tests.build.village import Village

MOVED_FEN = 100_000_000


@pytest.fixture
def fund(village: Village) -> Fund:
    return Fund(village)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.refusals[0].code


def test_what_two_officers_confirmed_moves_once_and_both_banks_know_it(fund: Fund) -> None:
    village, ctx = fund.village, fund.village.ctx
    other = fund.other_bank()
    asked = fund.moves(other)
    assert (fund.stands("OLD-BANK"), fund.stands("NEW-BANK")) == (PRINCIPAL_FEN, 0)
    cashier, reviewer = village.actor("cashier"), village.actor("reviewer")
    assert my_todos(ctx, reviewer).bank_transfers == [asked]
    assert refusal(lambda: transfers.confirm(ctx, cashier, asked.id)) == "own_transfer"
    assert refusal(lambda: fund.moves(other, "clerk")) == "transfer_known"
    done = transfers.confirm(ctx, reviewer, asked.id)
    assert (done.confirmed, done.booked_on) == (True, date(2025, 2, 3))
    assert refusal(lambda: transfers.confirm(ctx, reviewer, asked.id)) == "transfer_decided"
    assert fund.stands("OLD-BANK") == PRINCIPAL_FEN - MOVED_FEN
    assert fund.stands("NEW-BANK") == MOVED_FEN
    assert_sound(village)
    with ctx.sessions() as tx:
        things = [
            (each.thing.kind, each.thing.amount_fen, each.thing.reference)
            for bank_id in (fund.bank, other)
            for each in entries_of(tx, bank_id)
        ]
        actions = select(AuditEntry.action).where(AuditEntry.subject_id == str(asked.id))
        assert list(tx.scalars(actions.order_by(AuditEntry.seq))) == [
            "bank_transfer.enter",
            "bank_transfer.confirm",
        ]
    transfer = ThingKind.TRANSFER
    assert things == [(transfer, -MOVED_FEN, "MOVE-1"), (transfer, MOVED_FEN, "MOVE-1")]
    for forbidden in (
        update(BankTransfer).values(confirmed=False),
        update(BankTransfer).values(amount_fen=1),
        delete(BankTransfer),
    ):
        with ctx.sessions() as tx, pytest.raises(DBAPIError):
            tx.execute(forbidden)


def test_what_was_turned_down_moves_nothing_and_its_reference_serves_again(fund: Fund) -> None:
    ctx, reviewer = fund.village.ctx, fund.village.actor("reviewer")
    other = fund.other_bank()
    wrong = fund.moves(other, amount_fen=1)
    assert refusal(lambda: transfers.turn_down(ctx, reviewer, wrong.id, " ")) == "text_required"
    assert transfers.turn_down(ctx, reviewer, wrong.id, "金额写错").confirmed is False
    right = fund.moves(other)
    transfers.confirm(ctx, reviewer, right.id)
    page = read_transfers(ctx, fund.village.actor("auditor"), 1)
    assert [line.view.confirmed for line in page.found.rows] == [True, False]
    assert not page.may_work


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount_fen": 0}, "amount_not_positive"),
        ({"amount_fen": PRINCIPAL_FEN + 1}, "bank_money_insufficient"),
        ({"moved_on": date(2099, 1, 1)}, "day_in_future"),
        ({"moved_on": date(2014, 12, 31)}, "transfer_before_opening"),
        ({"bank_reference": " "}, "text_required"),
        ({"note": ""}, "text_required"),
    ],
)
def test_what_no_bank_can_have_done_is_refused(
    fund: Fund, changed: dict[str, Any], code: str
) -> None:
    other = fund.other_bank()
    assert refusal(lambda: fund.moves(other, **changed)) == code


def test_only_between_two_banks_of_the_fund(fund: Fund) -> None:
    assert refusal(lambda: fund.moves(fund.bank)) == "banks_same"
    assert refusal(lambda: fund.moves(fund.village.pool)) == "bank_unknown"


def test_money_that_left_meanwhile_is_not_moved_a_second_time(fund: Fund) -> None:
    ctx, reviewer = fund.village.ctx, fund.village.actor("reviewer")
    other = fund.other_bank()
    both = [
        fund.moves(other, amount_fen=PRINCIPAL_FEN, bank_reference=reference)
        for reference in ("M-1", "M-2")
    ]
    transfers.confirm(ctx, reviewer, both[0].id)
    late = both[1].id
    assert refusal(lambda: transfers.confirm(ctx, reviewer, late)) == "bank_money_insufficient"


def test_a_locked_day_s_transfer_is_booked_today(fund: Fund) -> None:
    village = fund.village
    other = fund.other_bank()
    asked = fund.moves(other, moved_on=date(2025, 1, 15))
    fund.locked_until(date(2025, 1, 31))
    done = transfers.confirm(village.ctx, village.actor("reviewer"), asked.id)
    assert (done.moved_on, done.booked_on) == (date(2025, 1, 15), village.clock().date())
    with village.ctx.sessions() as tx:
        (moved,) = entries_of(tx, other)
    assert (moved.thing.day, moved.thing.bank_on) == (done.booked_on, done.moved_on)


def test_a_pool_s_premium_may_be_paid_from_where_its_money_lies_now(fund: Fund) -> None:
    village, ctx = fund.village, fund.village.ctx
    old, other = fund.bank, fund.other_bank()
    with ctx.sessions() as tx:
        banks.lie_at(tx, [village.pool], [old])
        assert other not in banks.banks_of(tx, [village.pool])
        tx.commit()
    asked = fund.moves(other)
    transfers.confirm(ctx, village.actor("reviewer"), asked.id)
    with ctx.sessions() as tx:
        assert {old, other} <= set(banks.banks_of(tx, [village.pool]))
