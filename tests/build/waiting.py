"""Waiting for what others do: for a condition, never for a time."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Generic, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

# Long enough for any machine that is only busy: whoever waits so long waits for nothing.
PATIENCE_SECONDS = 300.0

Result = TypeVar("Result")


def eventually(true: Callable[[], bool], what: Callable[[], str] = lambda: "") -> float:
    """Wait until it is true, and say how many seconds that took; fails with what `what` knows to
    say."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < PATIENCE_SECONDS, f"waited for nothing: {what()}"
        time.sleep(0.02)
    return time.monotonic() - began


def at_once(acts: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each act returned; all begin at the same moment, each in a thread of its own."""
    start = Barrier(len(acts))

    def begin(act: Callable[[], Result]) -> Result:
        start.wait(PATIENCE_SECONDS)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(begin, acts, timeout=PATIENCE_SECONDS))


def somebody_waits_for_a_lock(sessions: sessionmaker[Session]) -> bool:
    """Whether a transaction in this database stands still for what another one holds."""
    waiting = text(
        "SELECT EXISTS (SELECT FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock')"
    )
    with sessions() as tx:
        return bool(tx.scalar(waiting))


class InBetween(Generic[Result]):
    """What somebody else does in the middle of an act: it begins where the act first comes to
    `begin`, and the act goes on once it is done or stands still for what the act holds."""

    def __init__(self, sessions: sessionmaker[Session], other: Callable[[], Result]) -> None:
        self._sessions, self._other = sessions, other
        self._threads, self._begun = ThreadPoolExecutor(1), False
        self._result: Future[Result] | None = None

    def begin(self, *_: object) -> None:
        """The moment has come; it comes once."""
        if not self._begun:
            self._begun = True
            result = self._result = self._threads.submit(self._other)
            eventually(lambda: result.done() or somebody_waits_for_a_lock(self._sessions))

    def result(self) -> Result:
        """What the other one returned, or raised."""
        assert self._result, "the act never came to the moment"
        self._threads.shutdown()
        return self._result.result(PATIENCE_SECONDS)
