"""What is over goes some at a time, each time in a transaction of its own: however much there is,
nobody waits long for its locks, and what was done stays done when the process dies."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Delete, delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.services.base.context import Context

AT_ONCE = 500
# As many as come in an hour to the largest city, many times; the rest is the next sweep's.
MOST_BATCHES = 200

# Ends up to so many things of one kind in this transaction; how many there were.
EndSome = Callable[[Session, int], int]


def in_batches(ctx: Context, end_some: EndSome) -> None:
    """Let these end, until none is left or enough is done for now."""
    for _ in range(MOST_BATCHES):
        with ctx.sessions() as tx:
            ended = end_some(tx, AT_ONCE)
            tx.commit()
        if ended < AT_ONCE:
            return


def oldest(
    key: InstrumentedAttribute[Any],
    since: InstrumentedAttribute[datetime],
    *over: ColumnElement[bool],
    most: int,
) -> Delete:
    """Delete up to `most` of these rows, the oldest by `since` first, which an index finds."""
    some = select(key).where(*over).order_by(since).limit(most)
    return delete(key.class_).where(key.in_(some)).execution_options(synchronize_session=False)


def forget(
    ctx: Context,
    key: InstrumentedAttribute[Any],
    since: InstrumentedAttribute[datetime],
    *over: ColumnElement[bool],
) -> None:
    """Delete all of these rows, the oldest by `since` first."""

    def some(tx: Session, most: int) -> int:
        gone = tx.execute(oldest(key, since, *over, most=most))
        assert isinstance(gone, CursorResult)
        return gone.rowcount

    in_batches(ctx, some)
