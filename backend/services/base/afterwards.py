"""What may only happen once everything written is there for good.

A service commits, and then wakes a worker. Where its transaction is only
a part of a request's whole one (`whole`), its commit is not the end yet, and such acts wait.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

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


@contextmanager
def whole(ctx: Context, tx: Session) -> Iterator[Context]:
    """A context whose services write as parts of `tx`, each undoing only itself when it fails.

    The caller commits `tx` inside the block; leaving it calls what was to happen afterwards.
    """
    waiting: list[Act] = []
    parts = sessionmaker(
        class_=ctx.sessions.class_,
        **ctx.sessions.kw
        | {
            "bind": tx.connection(),
            "join_transaction_mode": "create_savepoint",
            "info": {LATER: waiting},
        },
    )
    yield replace(ctx, sessions=parts)
    for act in waiting:
        act()
