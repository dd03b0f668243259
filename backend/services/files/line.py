"""The line before a decoder: one file at a time, few that wait, and of one person fewer still."""

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from backend.domain.errors import refuse

# Whoever waits holds a thread that answers requests, so that these stay well below their number.
MOST = 8
MOST_OF_ONE = 3


class Line:
    """Where files wait to be read, one after the other."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._waiting: Counter[Hashable] = Counter()

    @contextmanager
    def turn(self, who: Hashable) -> Iterator[None]:
        """Wait for one's turn and have it. Raises Refused `busy` at once when the line is long, or
        when `who` waits in it several times."""
        with self._guard:
            if self._waiting.total() >= MOST or self._waiting[who] >= MOST_OF_ONE:
                message = "现在上传的人较多，请过几秒再传。"
                raise refuse("busy", message, kind="unavailable")
            self._waiting[who] += 1
        try:
            with self._turn:
                yield
        finally:
            with self._guard:
                self._waiting -= Counter([who])


# What people hand in; and what was kept before, which must not wait behind it.
HANDED_IN = Line()
KEPT = Line()
