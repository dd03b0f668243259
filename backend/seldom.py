"""Warnings that a stranger or an outage can cause without end, said once a minute."""

import logging
import threading
import time

SILENT_SECONDS = 60


class Seldom(logging.Filter):
    """Lets each sentence of a logger through once in SILENT_SECONDS, and then says how often it was
    held back. A sentence is known by its words before anything is filled in."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}
        self._held_back: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this one is said."""
        words = str(record.msg)
        with self._lock:
            now = time.monotonic()
            if words in self._said and now < self._said[words] + SILENT_SECONDS:
                self._held_back[words] = self._held_back.get(words, 0) + 1
                return False
            self._said[words] = now
            if count := self._held_back.pop(words, 0):
                record.msg = f"{words} (and {count} times before)"
        return True
