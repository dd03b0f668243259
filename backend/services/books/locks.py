"""Up to which day the books are locked. Nothing here commits."""

from datetime import date

from sqlalchemy import Date, func, select
from sqlalchemy.orm import Session

LOCKED_UNTIL = func.books_locked_until(type_=Date)
# The guards of the database lock months by this; a month has a number from 0 on.
PERIODS, CHANGES = 88, -1
EARLIEST = date(1999, 12, 31)


def locked_until(tx: Session) -> date | None:
    """The last day that the books take nothing of any more; None where all are open."""
    return tx.scalar(select(LOCKED_UNTIL))


def change_alone(tx: Session) -> None:
    """Wait until nobody else changes the lock; held until the transaction ends. Whoever changes it
    takes this before the moment from which the change counts."""
    tx.execute(select(func.pg_advisory_xact_lock(PERIODS, CHANGES)))


def await_bookings(tx: Session, until_on: date) -> None:
    """Wait until nobody books into days that are open and until `until_on`; held until the
    transaction ends. Who books takes their month before any account, and so does who closes."""
    month = func.generate_series(
        func.month_of_books(func.coalesce(LOCKED_UNTIL, EARLIEST)), func.month_of_books(until_on)
    ).column_valued("month")
    tx.execute(select(func.pg_advisory_xact_lock(PERIODS, month))).all()
