"""Up to which day the books are locked. Nothing here commits."""

from datetime import date

from sqlalchemy import Date, func, select
from sqlalchemy.orm import Session

LOCKED_UNTIL = func.books_locked_until(type_=Date)


def locked_until(tx: Session) -> date | None:
    """The last day that the books take nothing of any more; None where all are open."""
    return tx.scalar(select(LOCKED_UNTIL))
