"""The working time of a process: one piece of work after another, until it is told to stop."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from backend.seldom import logger_of

logger = logger_of(__name__)

WORK_SECONDS = 120


class TimeIsUp(Exception):
    """A piece of work took longer than WORK_SECONDS."""


class Shift:
    """Ends on SIGTERM or SIGINT: at once while idle, else after the piece of work at hand; told a
    second time, at once.

    It ends by SystemExit, from wherever the process waits. Begin it in the main thread.
    """

    def __init__(self) -> None:
        self._at_work = self._told = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._tell)

    def do(self, name: str, work: Callable[[], object]) -> None:
        """One piece of work, within its time. What goes wrong in it is logged and ends nothing."""
        self._at_work = True
        try:
            with _time_limit():
                work()
        except Exception:
            logger.exception("%s failed", name)
        self._at_work = False
        if self._told:
            raise SystemExit(0)

    def _tell(self, _number: int, _frame: FrameType | None) -> None:
        if not self._at_work or self._told:
            raise SystemExit(0)
        self._told = True


def _ring(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TimeIsUp


@contextmanager
def _time_limit() -> Iterator[None]:
    signal.signal(signal.SIGALRM, _ring)  # each time: RQ takes it for its jobs, and lets go of it
    signal.setitimer(signal.ITIMER_REAL, WORK_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
