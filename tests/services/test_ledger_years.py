"""A year of an account reads that year, and says what it began with however long the books are."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, NullPool, create_engine, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.domain.ledger import transfer
from backend.services.books import ledger, statements
from backend.services.books.ledger import NewEntry
from backend.store.database import make_sessions
from backend.store.ledger import AccountYear, Entry, Posting
from tests.build.databases import Database
from tests.build.sample_case import NOW, SampleCase, sample_case

LAST, FIRST = date(2024, 12, 31), date(2025, 1, 1)


@pytest.fixture
def tx(engine: Engine) -> Iterator[Session]:
    with make_sessions(engine)() as session:
        yield session


@pytest.fixture
def case(tx: Session) -> SampleCase:
    return sample_case(tx)


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    with create_engine(database.owner_url, poolclass=NullPool).connect() as connection:
        yield connection


def book(tx: Session, case: SampleCase, on: date, fen: int) -> None:
    ledger.post(tx, NewEntry(f"{on}/{fen}", "income", on, transfer(case.bank, case.pool, fen)), NOW)


def year(tx: Session, case: SampleCase, of: int) -> list[tuple[date, int, int]]:
    lines = statements.statement(tx, case.pool, date(of, 1, 1), date(of + 1, 1, 1))
    return [(line.booked_on, line.amount_fen, line.balance_fen) for line in lines]


def test_each_year_begins_with_what_the_one_before_ended_with(
    tx: Session, case: SampleCase
) -> None:
    book(tx, case, date(2023, 6, 30), 50)
    book(tx, case, LAST, 100)
    book(tx, case, FIRST, 7)
    assert year(tx, case, 2024) == [(LAST, 100, 150)]
    assert year(tx, case, 2025) == [(FIRST, 7, 157)]
    assert [statements.balance_before(tx, case.pool, on) for on in (LAST, FIRST)] == [50, 150]
    assert statements.balance_before(tx, case.pool, date(2026, 1, 1)) == 157
    assert year(tx, case, 2022) == []
    assert statements.balance_before(tx, case.pool, date(2022, 5, 1)) == 0


def test_what_is_booked_later_for_a_year_that_is_over_is_brought_forward(
    tx: Session, case: SampleCase
) -> None:
    book(tx, case, FIRST, 7)
    book(tx, case, LAST, 100)
    assert year(tx, case, 2025) == [(FIRST, 7, 107)]
    reversed_of = tx.scalars(select(Entry.id).where(Entry.booked_on == LAST)).one()
    ledger.reverse(tx, reversed_of, date(2025, 3, 1), "记错", NOW)
    assert [line[2] for line in year(tx, case, 2025)] == [107, 7]
    assert ledger.drifted(tx) == []


def test_a_part_of_a_year_begins_with_what_was_booked_in_it_before(
    tx: Session, case: SampleCase
) -> None:
    book(tx, case, LAST, 100)
    book(tx, case, FIRST, 7)
    book(tx, case, date(2025, 2, 1), 3)
    (line,) = statements.statement(tx, case.pool, date(2025, 1, 2), date(2025, 3, 1))
    assert (line.amount_fen, line.balance_fen) == (3, 110)
    assert statements.balance_before(tx, case.pool, date(2025, 1, 2)) == 107


def test_lines_of_earlier_years_are_not_looked_at(tx: Session, case: SampleCase) -> None:
    for month in range(1, 13):
        book(tx, case, date(2023, month, 1), month)
    book(tx, case, FIRST, 7)
    tx.commit()
    tx.execute(text("SET LOCAL enable_seqscan = off"))
    seen = text(
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
        " WHERE relname = 'posting'"
    )
    before = tx.execute(seen).scalar_one()
    assert len(year(tx, case, 2025)) == 1
    assert statements.balance_before(tx, case.pool, date(2025, 6, 1)) == 85
    assert tx.execute(seen).scalar_one() - before <= 2, "the one line of the year, twice"


BY_HAND = (
    "UPDATE account_year SET moved_fen = 0",
    "DELETE FROM account_year",
    "INSERT INTO account_year SELECT account_id, 1999, 5 FROM account_year LIMIT 1",
    "UPDATE posting SET booked_on = booked_on - 365",
)


def test_nobody_sets_a_year_or_a_day_by_hand(
    tx: Session, case: SampleCase, owner: Connection
) -> None:
    book(tx, case, LAST, 100)
    tx.commit()
    for words in BY_HAND:
        with pytest.raises(DBAPIError, match="permission denied"):
            tx.execute(text(words))
        tx.rollback()
        with pytest.raises(DBAPIError, match="is refused"):
            owner.execute(text(words))
        owner.rollback()


def test_a_line_has_the_day_of_its_entry_whatever_a_program_says(
    tx: Session, case: SampleCase
) -> None:
    entry = Entry(natural_key="x", kind="income", booked_on=LAST, memo="", lines=2, created_at=NOW)
    tx.add(entry)
    tx.flush()
    line = {"entry_id": entry.id, "booked_on": FIRST}
    both = [(case.bank, 5), (case.pool, -5)]
    tx.execute(insert(Posting), [{**line, "account_id": a, "amount_fen": fen} for a, fen in both])
    assert year(tx, case, 2024) == [(LAST, 5, 5)]
    assert year(tx, case, 2025) == []


def test_a_year_that_was_changed_behind_the_guards_is_found(
    tx: Session, case: SampleCase, owner: Connection
) -> None:
    book(tx, case, LAST, 100)
    tx.commit()
    number = tx.execute(
        text("SELECT number FROM account WHERE id = :id"), {"id": case.pool}
    ).scalar_one()
    owner.execute(text("ALTER TABLE account_year DISABLE TRIGGER USER"))
    more = update(AccountYear).values(moved_fen=AccountYear.moved_fen + 1)
    owner.execute(more.where(AccountYear.account_id == case.pool))
    owner.commit()
    assert ledger.drifted(tx) == [number]
