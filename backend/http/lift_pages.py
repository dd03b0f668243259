"""The public pages, ready to send, in this process's memory.

A page is kept only while the database's notifications are heard, until the moment at which time
alone changes it, and never longer than MAX_AGE. Whatever changes a row is told to `forget`.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backend.clock import Clock

CACHE_CONTROL = "no-cache"  # whoever keeps a copy asks each time whether it still holds
MAX_PAGES = 5000
MAX_AGE_SECONDS = 60.0
NO_LIFT = "-"


@dataclass(frozen=True, slots=True)
class LiftPage:
    """The bytes of an answer, true from `read_at` until `changes_at` (business time).

    `lift_id` is whose page it is (NO_LIFT for a notice's); `policy` what a browser may load for it.
    """

    lift_id: str
    body: bytes
    etag: str
    media_type: str
    policy: str
    read_at: datetime
    changes_at: datetime


class LiftPages:
    """path → page. Reading takes no lock; the few writers share one."""

    def __init__(self, clock: Clock, max_pages: int = MAX_PAGES) -> None:
        self._clock = clock
        self._max_pages = max_pages
        self._pages: dict[str, tuple[LiftPage, float]] = {}
        self._lock = threading.Lock()
        self._hearing = False
        self._changes = 0

    def peek(self, path: str) -> LiftPage | None:
        """The page at this path, if it is in memory and still true."""
        entry = self._pages.get(path)
        if entry is None:
            return None
        page, until = entry
        true = page.read_at <= self._clock() < page.changes_at and time.monotonic() < until
        return page if true else None

    def get(self, path: str, make: Callable[[], LiftPage | None]) -> LiftPage | None:
        """The page at this path, from memory or freshly made; None when there is none."""
        page = self.peek(path)
        if page is not None:
            return page
        changes = self._changes
        fresh = make()
        if fresh is not None:
            self._keep(path, fresh, changes)
        return fresh

    def _keep(self, path: str, page: LiftPage, changes: int) -> None:
        with self._lock:
            # What was read before a change was told may be older than the change.
            if not self._hearing or self._changes != changes:
                return
            self._pages.pop(path, None)
            if len(self._pages) >= self._max_pages:
                self._pages.pop(next(iter(self._pages)))
            self._pages[path] = (page, time.monotonic() + MAX_AGE_SECONDS)

    def forget(self, lift_id: str) -> None:
        """Rows behind this lift's pages changed; `*` stands for all pages."""
        with self._lock:
            self._changes += 1
            if lift_id == "*":
                self._pages.clear()
                return
            stale = [path for path, (page, _) in self._pages.items() if page.lift_id == lift_id]
            for path in stale:
                del self._pages[path]

    def link(self, hearing: bool) -> None:
        """Whether changes are heard from now on; what was kept before may be stale either way."""
        with self._lock:
            self._changes += 1
            self._hearing = hearing
            self._pages.clear()
