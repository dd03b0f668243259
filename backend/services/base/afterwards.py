"""What may only happen once everything written is there for good.

A service commits, and then wakes a worker. Where its transaction is only
a part of a request's whole one (`whole`), its commit is not the end yet, and such acts wait.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session, sessionmaker

from backend.services.base.context import Context

LATER = "acts that wait for the whole"

Act = Callable[[], None]


def afterwards(tx: Session, act: Act) -> None:
    """Call `act` now that `tx` was committed, or at the end of the whole that it is a part of.

    `act` must not raise: what was written is written.
    """
    waiting: list[Act] | None = tx.info.get(LATER)
    if waiting is None:
        act()
    else:
        waiting.append(act)


@dataclass
class Whole:
    """One transaction in which services write: whether one of its parts did, how many are open."""

    connection: Connection
    written: bool = False
    open: int = 0
    waiting: list[Act] = field(default_factory=list)


class Part(Session):
    """What one service does in a whole.

    Before anything else was written a part needs no savepoint, which would be two statements more:
    where it is not committed, the whole is undone, and begins anew with the next part.
    """

    def __init__(self, *, part_of: Whole, **options: Any) -> None:
        self._whole = part_of
        self._first = not part_of.written and not part_of.open
        self._kept = self._over = False
        mode = "rollback_only" if self._first else "create_savepoint"
        bound = {"bind": part_of.connection, "info": {LATER: part_of.waiting}}
        if not part_of.connection.in_transaction():
            part_of.connection.begin()
        super().__init__(**{**options, **bound, "join_transaction_mode": mode})
        part_of.open += 1

    def commit(self) -> None:
        """This part stays, if the whole does."""
        super().commit()
        self._kept = self._whole.written = True

    def close(self) -> None:
        """What was not committed is undone."""
        super().close()
        if not self._over:
            self._over = True
            self._whole.open -= 1
            if self._first and not self._kept:
                self._whole.connection.rollback()
                self._whole.written = False


def _part_of(sessions: type[Session]) -> type[Session]:
    """Parts to which happens what happens to these sessions (what listens to their commits)."""
    return type("PartOf", (Part, sessions), {})


@contextmanager
def whole(ctx: Context, connection: Connection) -> Iterator[Context]:
    """A context whose services write as parts of one transaction, each undoing only itself when it
    fails.

    What the connection did before is undone with the first of them. The caller commits it inside
    the block; leaving it calls what was to happen afterwards.
    """
    of_all = Whole(connection)
    parts = sessionmaker(
        class_=_part_of(ctx.sessions.class_), **ctx.sessions.kw | {"part_of": of_all}
    )
    yield replace(ctx, sessions=parts)
    for act in of_all.waiting:
        act()
