"""Warnings that a stranger or an outage can cause without end, said once a minute.

Every module of the house that warns does it through this.
"""

import logging
import threading
import time
from collections.abc import Hashable

SILENT_SECONDS = 60
MOST_REMEMBERED = 1000


def logger_of(name: str) -> logging.Logger:
    """The logger of a module, which says each thing seldom."""
    logger = logging.getLogger(name)
    logger.addFilter(Seldom())
    return logger


class Seldom(logging.Filter):
    """Lets each sentence of a logger through once in SILENT_SECONDS, and then says how often it was
    held back. A sentence is known by its words before anything is filled in, by what was raised
    where, and by `extra={"kind": …}` where the same words mean several things."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._said: dict[Hashable, float] = {}
        self._held_back: dict[Hashable, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this one is said."""
        sentence = (str(record.msg), getattr(record, "kind", None), _raised(record))
        with self._lock:
            now = time.monotonic()
            if sentence in self._said and now < self._said[sentence] + SILENT_SECONDS:
                self._held_back[sentence] = self._held_back.get(sentence, 0) + 1
                return False
            if len(self._said) >= MOST_REMEMBERED:
                self._said.clear()
            self._said[sentence] = now
            if count := self._held_back.pop(sentence, 0):
                record.msg = f"{record.msg} (and {count} times before)"
        return True


def _raised(record: logging.LogRecord) -> Hashable:
    """Which error, and the line that raised it."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return None
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    return type(error), place and (place.tb_frame.f_code.co_filename, place.tb_lineno)
