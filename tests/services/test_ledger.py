"""Bookings and holds on a real database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, Lines, payment_ordered, transfer
from backend.domain.subject import Subject
from backend.services.books import banks, holds, ledger, statements
from backend.services.books.ledger import NewEntry
from backend.store.database import make_engine, make_sessions
from backend.store.ledger import Account, Entry, Posting
from tests.build.sample_case import NOW, TODAY, SampleCase, fill_pool, sample_case, sample_purchase
from tests.build.waiting import at_once, eventually, somebody_waits_for_a_lock


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    engine = make_engine(database_url)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture
def tx(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        yield session


@pytest.fixture
def case(tx: Session) -> SampleCase:
    case = sample_case(tx)
    fill_pool(tx, case, 1000)
    tx.commit()
    return case


def count(tx: Session, record: type[Entry] | type[Posting]) -> int:
    return tx.scalar(select(func.count()).select_from(record)) or 0


def test_a_repeat_books_once(tx: Session, case: SampleCase) -> None:
    lines = transfer(case.bank, case.pool, 70)
    first = ledger.post(tx, NewEntry("bank:2025-03", "income", TODAY, lines), NOW)
    tx.commit()
    again = ledger.post(
        tx, NewEntry("bank:2025-03", "income", TODAY, lines[::-1]), NOW + timedelta(days=1)
    )
    assert again.id == first.id
    assert ledger.available(tx, case.pool) == 1070


@pytest.mark.parametrize("change", ["amount", "date", "kind", "purchase"])
def test_a_repeat_that_says_something_else_is_refused(
    tx: Session, case: SampleCase, change: str
) -> None:
    lines = transfer(case.bank, case.pool, 70)
    ledger.post(tx, NewEntry("bank:2025-03", "income", TODAY, lines), NOW)
    with pytest.raises(Refused, match="entry_differs"):
        ledger.post(
            tx,
            NewEntry(
                "bank:2025-03",
                "other" if change == "kind" else "income",
                TODAY + timedelta(days=1) if change == "date" else TODAY,
                transfer(case.bank, case.pool, 71) if change == "amount" else lines,
                subject=case.subject if change == "purchase" else None,
            ),
            NOW,
        )


def test_an_account_cannot_be_overdrawn(tx: Session, case: SampleCase) -> None:
    with pytest.raises(Refused, match="balance_insufficient"):
        ledger.post(tx, NewEntry("x", "x", TODAY, transfer(case.pool, case.bank, 1001)), NOW)


def test_money_passes_from_hold_to_payment(tx: Session, case: SampleCase) -> None:
    holds.place(tx, case.subject, {case.pool: 600}, NOW)
    assert ledger.available(tx, case.pool) == 400
    holds.post(tx, case.accounts, case.subject, 550, TODAY, NOW)
    assert ledger.available(tx, case.pool) == 450
    ordered = payment_ordered(case.accounts, 550)
    ledger.post(tx, NewEntry("order", "payment_ordered", TODAY, ordered, subject=case.subject), NOW)
    tx.commit()
    found = ledger.trial_balance(tx)
    assert found.total_fen == 0
    assert found.by_kind[AccountKind.INSURER_PAYABLE] == 550
    assert found.by_kind[AccountKind.HELD_PREMIUM] == 0
    assert ledger.drifted(tx) == []


def test_a_premium_above_what_is_available_is_not_held(tx: Session, case: SampleCase) -> None:
    holds.place(tx, case.subject, {case.pool: 600}, NOW)
    other = sample_purchase(tx, case.estate, {case.pool: 1}, case.insurer, case.person)
    with pytest.raises(Refused, match="premium_above_available") as caught:
        holds.place(tx, other.subject, {case.pool: 401}, NOW)
    assert "4元" in caught.value.refusals[0].message
    holds.place(tx, other.subject, {case.pool: 400}, NOW)


def test_a_purchase_holds_once_at_a_time(tx: Session, case: SampleCase) -> None:
    holds.place(tx, case.subject, {case.pool: 100}, NOW)
    with pytest.raises(Refused, match="premium_already_held"):
        holds.place(tx, case.subject, {case.pool: 100}, NOW)
    holds.void(tx, case.subject, NOW)
    holds.place(tx, case.subject, {case.pool: 100}, NOW)
    assert ledger.available(tx, case.pool) == 900


def test_holding_works_as_often_as_a_connection_lives(tx: Session, case: SampleCase) -> None:
    # The driver prepares a statement when it comes for the sixth time, PostgreSQL plans it anew.
    for _ in range(20):
        holds.place(tx, case.subject, {case.pool: 100}, NOW)
        holds.void(tx, case.subject, NOW)
    assert ledger.available(tx, case.pool) == 1000


def test_a_settled_hold_is_gone(tx: Session, case: SampleCase) -> None:
    holds.place(tx, case.subject, {case.pool: 100}, NOW)
    holds.void(tx, case.subject, NOW)
    with pytest.raises(Refused, match="no_pending_hold"):
        holds.void(tx, case.subject, NOW)
    with pytest.raises(Refused, match="no_pending_hold"):
        holds.post(tx, case.accounts, case.subject, 100, TODAY, NOW)


def test_no_more_falls_due_than_was_held(tx: Session, case: SampleCase) -> None:
    holds.place(tx, case.subject, {case.pool: 100}, NOW)
    with pytest.raises(Refused, match="premium_above_hold"):
        holds.post(tx, case.accounts, case.subject, 101, TODAY, NOW)


def test_the_owners_principal_cannot_be_held(tx: Session, case: SampleCase) -> None:
    principal = ledger.house_account(tx, AccountKind.OWNERS_PRINCIPAL)
    opening = transfer(case.bank, principal, 5000)
    ledger.post(tx, NewEntry("opening", "opening", TODAY, opening), NOW)
    with pytest.raises(Refused, match="account_not_a_source"):
        holds.place(tx, case.subject, {principal: 100}, NOW)


def test_an_entry_is_reversed_once(tx: Session, case: SampleCase) -> None:
    income = transfer(case.bank, case.pool, 70)
    entry = ledger.post(tx, NewEntry("income", "income", TODAY, income), NOW)
    first = ledger.reverse(tx, entry.id, TODAY, "金额有误", NOW)
    again = ledger.reverse(tx, entry.id, TODAY, "金额有误", NOW)
    assert again.id == first.id
    assert first.reverses_id == entry.id
    assert ledger.available(tx, case.pool) == 1000


def test_income_that_is_already_promised_cannot_be_reversed(tx: Session, case: SampleCase) -> None:
    entry = tx.scalars(select(Entry)).one()
    holds.place(tx, case.subject, {case.pool: 1}, NOW)
    with pytest.raises(Refused, match="balance_insufficient"):
        ledger.reverse(tx, entry.id, TODAY, "", NOW)


def test_a_number_belongs_to_one_account(tx: Session, case: SampleCase) -> None:
    first = ledger.open_account(tx, AccountKind.SPECIAL_ACCOUNT, "S1", "专户")
    assert ledger.open_account(tx, AccountKind.SPECIAL_ACCOUNT, "S1", "专户") == first
    with pytest.raises(Refused, match="account_number_taken"):
        ledger.open_account(tx, AccountKind.POOLED_INCOME, "S1", "专户")


def test_without_a_bank_account_nothing_can_be_paid(tx: Session) -> None:
    with pytest.raises(Refused, match="bank_account_missing"):
        banks.to_pay_from(tx, uuid4(), None, 1)


def test_a_statement_shows_movements_and_the_balance_after_each(
    tx: Session, case: SampleCase
) -> None:
    for day, fen in ((4, 70), (6, 5), (5, 20)):
        booked_on = date(2025, 3, day)
        lines = transfer(case.pool, case.bank, fen)
        ledger.post(tx, NewEntry(f"fee:{day}", "fee", booked_on, lines, memo=f"{day}日"), NOW)
    lines_shown = statements.statement(tx, case.pool, date(2025, 3, 4), date(2025, 3, 6))
    assert [(line.memo, line.amount_fen, line.balance_fen) for line in lines_shown] == [
        ("4日", -70, 930),
        ("5日", -20, 910),
    ]


def test_two_people_cannot_promise_the_same_money(
    sessions: sessionmaker[Session], tx: Session, case: SampleCase
) -> None:
    others = [
        sample_purchase(tx, case.estate, {case.pool: 1}, case.insurer, case.person).subject
        for _ in range(4)
    ]
    tx.commit()

    def promise(purchase: Subject) -> str:
        with sessions() as own:
            try:
                holds.place(own, purchase, {case.pool: 400}, NOW)
                own.commit()
            except Refused as refused:
                return refused.refusals[0].code
        return "held"

    outcomes = at_once([partial(promise, purchase) for purchase in others])
    assert sorted(outcomes) == ["held"] * 2 + ["premium_above_available"] * 2
    assert ledger.available(tx, case.pool) == 200


def test_bookings_in_both_directions_never_block_each_other(
    sessions: sessionmaker[Session], tx: Session, case: SampleCase
) -> None:
    ledger.post(tx, NewEntry("more", "x", TODAY, transfer(case.bank, case.pool, 10_000)), NOW)
    tx.commit()
    there = transfer(case.pool, case.bank, 1)

    def book(name: str, lines: Lines) -> None:
        for number in range(30):
            with sessions() as own:
                ledger.post(own, NewEntry(f"{name}:{number}", "x", TODAY, lines), NOW)
                own.commit()

    at_once([partial(book, "there", there), partial(book, "back", there[::-1])])
    assert ledger.available(tx, case.pool) == 11_000 - 60
    assert ledger.drifted(tx) == []


def test_a_premium_that_falls_due_waits_for_its_turn_with_nothing_in_its_hands(
    sessions: sessionmaker[Session], tx: Session, case: SampleCase
) -> None:
    """What is booked on both accounts meanwhile goes by their order too."""
    late = ledger.open_account(tx, AccountKind.POOLED_INCOME, "late", "迟开的统筹账户")
    lines = transfer(case.bank, late, 1000)
    ledger.post(tx, NewEntry("late", "income", TODAY, lines), NOW)
    holds.place(tx, case.subject, {late: 400}, NOW)
    tx.commit()
    assert case.accounts.held_premium < late

    def fall_due() -> None:
        with sessions() as own:
            holds.post(own, case.accounts, case.subject, 400, TODAY, NOW)
            own.commit()

    with ThreadPoolExecutor(1) as pool:
        with sessions() as other:
            lock(other, case.accounts.held_premium)
            due = pool.submit(fall_due)
            eventually(lambda: somebody_waits_for_a_lock(sessions))
            lock(other, late)
        due.result()
    assert ledger.available(tx, late) == 600
    assert ledger.drifted(tx) == []


def lock(tx: Session, account_id: UUID) -> None:
    tx.execute(text("SET lock_timeout = '5s'"))
    mine = select(Account.id).where(Account.id == account_id)
    tx.execute(mine.with_for_update(key_share=True))


def test_promises_given_back_and_falling_due_never_block_each_other(
    sessions: sessionmaker[Session], tx: Session, case: SampleCase
) -> None:
    """Cases that draw on the same two pools, each in the order of its own."""
    other = ledger.open_account(tx, AccountKind.POOLED_INCOME, "other", "2栋统筹账户")
    lines = transfer(case.bank, other, 1000)
    ledger.post(tx, NewEntry("other", "income", TODAY, lines), NOW)
    both = ({case.pool: 1, other: 1}, {other: 1, case.pool: 1})
    subjects = [
        sample_purchase(tx, case.estate, both[number % 2], case.insurer, case.person).subject
        for number in range(4)
    ]
    tx.commit()

    def come_and_go(number: int) -> None:
        for turn in range(12):
            with sessions() as own:
                holds.place(own, subjects[number], both[number % 2], NOW)
                own.commit()
            with sessions() as own:
                if turn % 2:
                    holds.void(own, subjects[number], NOW)
                else:
                    due = holds.post(own, case.accounts, subjects[number], 2, TODAY, NOW)
                own.commit()
            if not turn % 2:
                with sessions() as own:
                    ledger.reverse(own, due.id, TODAY, "退", NOW)
                    own.commit()

    at_once([partial(come_and_go, number) for number in range(4)])
    assert [ledger.available(tx, pool) for pool in (case.pool, other)] == [1000, 1000]
    assert ledger.drifted(tx) == []


def test_two_repeats_at_the_same_moment_book_once(
    sessions: sessionmaker[Session], tx: Session, case: SampleCase
) -> None:

    def book() -> UUID:
        lines = transfer(case.bank, case.pool, 70)
        with sessions() as own:
            entry = ledger.post(own, NewEntry("once", "income", TODAY, lines), NOW)
            own.commit()
        return entry.id

    assert len(set(at_once([book, book]))) == 1
    assert ledger.available(tx, case.pool) == 1070
