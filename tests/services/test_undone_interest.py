"""Interest confirmed by mistake is undone by two officers, while its income waits for the close."""

from collections.abc import Callable
from datetime import date
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from backend.domain.deposits import InterestStatus
from backend.domain.errors import Refused
from backend.services.case import unanswered
from backend.services.income import deposits, interest, undoing
from backend.services.reads import income_pages as pages
from backend.services.reads.income_accounts import read_accounts
from backend.services.reads.todos import my_todos
from backend.store.audit import AuditEntry
from backend.store.income import DepositInterest, InterestUndo
from backend.store.queries.income_list import InterestFilter
from tests.build.fund import SHARED, WORKED, Fund
from tests.build.looking import assert_sound
from tests.build.village import Village

ENDED = date(2025, 1, 1)


@pytest.fixture
def fund(village: Village) -> Fund:
    found = Fund(village)
    found.holds(WORKED)
    return found


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.refusals[0].code


def test_wrong_interest_is_reversed_by_another_officer_and_its_days_are_entered_anew(
    fund: Fund,
) -> None:
    ctx, village = fund.village.ctx, fund.village
    assert fund.bank is not None
    before = fund.stands("STATUTORY-INTEREST"), fund.stands("OLD-BANK")
    wrong = fund.earned(actual_fen=9_999_999)
    undo = fund.undo_asked(wrong.id)
    assert refusal(lambda: fund.undo_asked(wrong.id, "clerk")) == "undo_waiting"
    cashier, reviewer = village.actor("cashier"), village.actor("reviewer")
    assert my_todos(ctx, reviewer).interest_undos == [undo]
    assert refusal(lambda: undoing.confirm(ctx, cashier, undo.id)) == "own_undo"
    assert not pages.read_interest(ctx, reviewer, wrong.id).may_undo, "it waits"
    done = undoing.confirm(ctx, reviewer, undo.id)
    assert (done.confirmed, done.interest.undone_at is not None) == (True, True)
    assert refusal(lambda: undoing.confirm(ctx, reviewer, undo.id)) == "undo_decided"
    assert refusal(lambda: fund.undo_asked(wrong.id)) == "interest_not_booked"
    assert (fund.stands("STATUTORY-INTEREST"), fund.stands("OLD-BANK")) == before
    assert fund.stands("UNALLOCATED-INCOME-2024") == 0
    page = pages.read_interest(ctx, reviewer, wrong.id)
    assert page.line.status is InterestStatus.UNDONE
    found = pages.page_of_interest(ctx, reviewer, InterestFilter(status=InterestStatus.UNDONE), 1)
    assert [line.view.id for line in found.rows] == [wrong.id]
    right = fund.paid(wrong.deposit_id, bank_reference=wrong.bank_reference)
    assert (right.from_on, right.until_on) == (wrong.from_on, wrong.until_on)
    fund.confirmed(right.id)
    fund.closed()
    assert fund.balances() == SHARED
    assert_sound(village)
    with ctx.sessions() as tx:
        query = select(AuditEntry.action).where(AuditEntry.subject_id == str(wrong.id))
        assert list(tx.scalars(query.order_by(AuditEntry.seq)))[2:] == [
            "deposit_interest.ask_undo",
            "deposit_interest.undo",
        ]
    for forbidden in (
        update(DepositInterest).where(DepositInterest.id == wrong.id).values(undone_at=None),
        update(DepositInterest).where(DepositInterest.id == right.id).values(actual_fen=1),
        update(InterestUndo).values(reason="anders"),
        delete(InterestUndo),
    ):
        with ctx.sessions() as tx, pytest.raises(DBAPIError, match=r"refused|denied"):
            tx.execute(forbidden)


def test_what_the_pools_were_given_and_what_was_followed_is_not_undone(fund: Fund) -> None:
    ctx, reviewer = fund.village.ctx, fund.village.actor("reviewer")
    first = fund.earned()
    rest = fund.paid(first.deposit_id, until_on=ENDED, actual_fen=3_314_320)
    assert refusal(lambda: fund.undo_asked(first.id)) == "interest_followed"
    assert refusal(lambda: fund.undo_asked(rest.id)) == "interest_not_booked"
    interest.turn_down(ctx, reviewer, rest.id, "不对")
    undo = fund.undo_asked(first.id)
    fund.closed()
    assert refusal(lambda: undoing.confirm(ctx, reviewer, undo.id)) == "interest_allocated"
    assert refusal(lambda: undoing.turn_down(ctx, reviewer, undo.id, " ")) == "text_required"
    undoing.turn_down(ctx, reviewer, undo.id, "已经分配")
    assert refusal(lambda: fund.undo_asked(first.id)) == "interest_allocated"
    late = fund.paid(first.deposit_id, until_on=ENDED, actual_fen=3_314_320)
    fund.confirmed(late.id)
    again = fund.undo_asked(late.id)
    assert undoing.confirm(ctx, reviewer, again.id).confirmed, "the close did not count it"
    assert refusal(fund.previewed) == "year_closed"
    assert_sound(fund.village)


def test_interest_of_nothing_is_undone_without_an_entry_and_its_deposit_may_go(fund: Fund) -> None:
    ctx, village = fund.village.ctx, fund.village
    nothing = fund.earned(actual_fen=0)
    undo = fund.undo_asked(nothing.id)
    village.clock.advance(days=20)
    assert unanswered.sweep(ctx) == 1
    undoing.confirm(ctx, village.actor("clerk"), undo.id)
    assert read_accounts(ctx, village.actor("auditor"), 1).short == 0
    deposits.withdraw(ctx, village.actor("clerk"), nothing.deposit_id, "录错")
    for name, code in (("auditor", "role_required"), ("manager", "not_found")):
        actor = village.actor(name)
        acts = (
            partial(undoing.ask, interest_id=nothing.id, reason="错", file_sha256="0"),
            partial(undoing.confirm, undo_id=undo.id),
            partial(undoing.turn_down, undo_id=undo.id, reason="错"),
        )
        assert {refusal(partial(act, ctx, actor)) for act in acts} == {code}, name
    clerk = village.actor("clerk")
    assert refusal(lambda: undoing.confirm(ctx, clerk, uuid4())) == "not_found"
    assert refusal(lambda: undoing.ask(ctx, clerk, uuid4(), "错", "0")) == "not_found"
