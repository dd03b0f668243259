"""The books of a closed year, and of a month that two officers locked, take nothing more."""

from collections.abc import Callable
from datetime import date
from functools import partial
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, transfer
from backend.domain.local_time import local_date
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.books.locks import locked_until
from backend.services.income import interest, locking, sharing
from backend.services.reads.lock_pages import read_locks
from backend.services.reads.todos import my_todos
from backend.store.audit import AuditEntry
from backend.store.ledger import Entry
from backend.store.period_locks import PeriodLock
from tests.build.fund import SHARED, WORKED, Fund
from tests.build.looking import assert_sound
from tests.build.village import Village
from tests.build.waiting import InBetween, eventually
from tests.build.workbooks import balances_rows, bring_balances, bring_registry, registry_rows

YEAR_END, JANUARY = date(2024, 12, 31), date(2025, 1, 31)


@pytest.fixture
def fund(village: Village) -> Fund:
    found = Fund(village)
    found.holds(WORKED)
    return found


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.refusals[0].code


def books(fund: Fund, on: date) -> None:
    """A fen between the fund's bank and an account of the house, dated so."""
    with fund.village.ctx.sessions() as tx:
        suspense = ledger.house_account(tx, AccountKind.REFUND_SUSPENSE)
        new = NewEntry(f"test {on}", "test", on, transfer(fund.bank, suspense, 1))
        ledger.post(tx, new, fund.village.clock())
        tx.commit()


def test_a_closed_year_takes_no_more_bookings_and_what_comes_late_is_booked_today(
    fund: Fund,
) -> None:
    village = fund.village
    books(fund, date(2014, 12, 31))
    fund.earned()
    fund.closed()
    assert fund.balances() == SHARED
    for day in (YEAR_END, date(2024, 1, 1), date(2015, 1, 1)):
        assert refusal(partial(books, fund, day)) == "period_locked"
    books(fund, date(2014, 12, 31))  # again: that is booked, and stays so
    books(fund, date(2025, 1, 1))
    paid = date(2024, 12, 21)
    late = fund.earned("CD-2", posted_on=paid, until_on=paid, actual_fen=7_000_000)
    assert late.posted_on == date(2024, 12, 21)
    with village.ctx.sessions() as tx:
        key = Entry.natural_key == f"deposit_interest:{late.id}"
        today = local_date(village.clock())
        assert tx.scalars(select(Entry.booked_on).where(key)).one() == today
    revised = fund.closed()
    assert (revised.revision, revised.moved_fen > 0) == (2, True), "it is of that year still"
    assert_sound(village)


def test_two_officers_lock_a_month_and_two_open_it_again(fund: Fund) -> None:
    village, ctx = fund.village, fund.village.ctx
    clerk, reviewer = village.actor("clerk"), village.actor("reviewer")
    books(fund, JANUARY)
    asked = locking.ask(ctx, clerk, JANUARY, "1月的账已经对完")
    assert refusal(lambda: locking.ask(ctx, reviewer, YEAR_END, "另一个")) == "lock_waiting"
    books(fund, date(2025, 1, 30))  # nothing is locked yet
    assert my_todos(ctx, reviewer).period_lock == asked
    assert refusal(lambda: locking.confirm(ctx, clerk, asked.id)) == "own_lock"
    assert locking.confirm(ctx, reviewer, asked.id).confirmed
    assert refusal(lambda: locking.confirm(ctx, reviewer, asked.id)) == "lock_decided"
    assert refusal(lambda: books(fund, date(2025, 1, 29))) == "period_locked"
    books(fund, date(2025, 2, 1))
    assert refusal(lambda: locking.ask(ctx, clerk, JANUARY, "再锁")) == "lock_unchanged"
    back = locking.ask(ctx, reviewer, None, "补记一笔")
    assert locking.turn_down(ctx, clerk, back.id, "不用了").confirmed is False
    assert refusal(lambda: books(fund, date(2025, 1, 29))) == "period_locked"
    back = locking.ask(ctx, reviewer, None, "补记一笔")
    locking.confirm(ctx, clerk, back.id)
    books(fund, date(2025, 1, 29))
    page = read_locks(ctx, village.actor("auditor"), 1)
    assert (page.locked_until, page.waiting, page.may_work) == (None, None, False)
    assert [line.view.confirmed for line in page.changes.rows] == [True, False, True]
    with ctx.sessions() as tx:
        of_locks = AuditEntry.subject_kind == "period_lock"
        actions = tx.scalars(select(AuditEntry.action).where(of_locks).order_by(AuditEntry.seq))
        asked_and = ["period_lock.enter", "period_lock.confirm", "period_lock.turn_down"]
        enter, confirm, refuse = asked_and
        assert list(actions) == [enter, confirm, enter, refuse, enter, confirm]
    for forbidden in (
        update(PeriodLock).where(PeriodLock.id == asked.id).values(confirmed=False),
        update(PeriodLock).where(PeriodLock.id == asked.id).values(until_on=YEAR_END),
        delete(PeriodLock),
    ):
        with ctx.sessions() as tx, pytest.raises(DBAPIError):
            tx.execute(forbidden)


def test_an_opening_of_a_locked_day_is_refused_at_its_cell(fund: Fund) -> None:
    fund.locked_until(YEAR_END)
    ctx = fund.village.ctx
    assert bring_registry(ctx, registry_rows()).applied
    (problem,) = bring_balances(ctx, balances_rows()).problems
    assert (problem.sheet, problem.column) == ("银行", "C")
    assert problem.message == "账已锁到2024年12月31日，请改用那以后的银行余额和分户余额"
    fund.locked_until(None)
    assert bring_balances(ctx, balances_rows()).applied
    fund.locked_until(YEAR_END)
    assert not bring_balances(ctx, balances_rows()).problems, "what is booked stays booked"


def test_a_close_that_comes_between_makes_the_asked_change_stale(fund: Fund) -> None:
    ctx, village = fund.village.ctx, fund.village
    fund.earned()
    asked = locking.ask(ctx, village.actor("clerk"), date(2024, 11, 30), "11月")
    fund.closed()
    reviewer = village.actor("reviewer")
    assert refusal(lambda: locking.confirm(ctx, reviewer, asked.id)) == "lock_moved"
    with ctx.sessions() as tx:
        assert locked_until(tx) == YEAR_END


def test_books_that_are_locked_further_stay_so_when_a_year_is_closed(fund: Fund) -> None:
    fund.earned()
    fund.locked_until(JANUARY)
    fund.closed()
    with fund.village.ctx.sessions() as tx:
        assert locked_until(tx) == JANUARY


def test_a_lock_waits_for_what_is_being_booked_into_its_days_and_for_nothing_else(
    fund: Fund,
) -> None:
    """And what is booked into them after that is refused, however the two meet."""
    ctx, village = fund.village.ctx, fund.village
    assert fund.bank is not None
    asked = locking.ask(ctx, village.actor("clerk"), JANUARY, "1月")
    confirming = Thread(target=locking.confirm, args=(ctx, village.actor("reviewer"), asked.id))
    waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with ctx.sessions() as tx:
        suspense = ledger.house_account(tx, AccountKind.REFUND_SUSPENSE)
        new = NewEntry("in January", "test", JANUARY, transfer(fund.bank, suspense, 1))
        ledger.post(tx, new, village.clock())
        confirming.start()
        with ctx.sessions() as other:
            eventually(lambda: other.scalar(waits))
        tx.commit()
    confirming.join()
    with ctx.sessions() as tx:
        assert tx.scalar(select(Entry.id).where(Entry.natural_key == "in January")) is not None
        assert locked_until(tx) == JANUARY
    assert refusal(lambda: books(fund, JANUARY)) == "period_locked"


def in_the_middle_of_its_close(
    fund: Fund, monkeypatch: pytest.MonkeyPatch, other: Callable[[], object]
) -> InBetween[object]:
    """The year, closed while somebody else does this."""
    between = InBetween(fund.village.ctx.sessions, other)
    book = sharing.book

    def booked(*args: Any) -> UUID:
        fund.village.clock.advance(minutes=1)
        between.begin()
        return book(*args)

    monkeypatch.setattr(sharing, "book", booked)
    fund.closed()
    return between


def test_a_close_and_late_interest_of_its_year_never_wait_for_each_other(
    fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interest comes into the year in the middle of its close: it is told so, and then booked on
    the day of its confirmation."""
    fund.earned()
    ctx, reviewer = fund.village.ctx, fund.village.actor("reviewer")
    paid = date(2024, 12, 21)
    late = fund.paid(fund.deposit(number="CD-2").id, posted_on=paid, until_on=paid)
    confirm = partial(interest.confirm, ctx, reviewer, late.id)
    between = in_the_middle_of_its_close(fund, monkeypatch, confirm)
    assert refusal(between.result) == "period_locked"
    assert confirm().confirmed
    assert_sound(fund.village)


def test_a_change_of_the_lock_in_the_middle_of_a_close_comes_after_it(
    fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A close that takes long is not undone by what somebody confirmed while it went on."""
    fund.earned()
    fund.locked_until(date(2023, 12, 31))
    ctx, village = fund.village.ctx, fund.village
    opened = locking.ask(ctx, village.actor("clerk"), None, "补记一笔")
    confirm = partial(locking.confirm, ctx, village.actor("cashier"), opened.id)
    between = in_the_middle_of_its_close(fund, monkeypatch, confirm)
    assert refusal(between.result) == "lock_moved"
    with ctx.sessions() as tx:
        assert locked_until(tx) == YEAR_END
