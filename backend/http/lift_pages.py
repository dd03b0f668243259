"""The public pages, ready to send, in this process's memory.

A page is kept only while the database's notifications are heard, until the moment at which time
alone changes it, and never longer than MAX_AGE. It knows the ids of the rows that it shows;
whatever changes a row tells `forget` its id, and other pages stay.
"""

import gzip
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backend.clock import Clock
from backend.http.present import etag_of

Header = tuple[str, str]

PACKED = ("Content-Encoding", "gzip")
CACHE_CONTROL = "no-cache"  # whoever keeps a copy asks each time whether it still holds
MAX_PAGES = 10_000  # of 4 kB
MAX_AGE_SECONDS = 60.0
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class LiftPage:
    """The bytes of an answer, true from `read_at` until `changes_at` (business time).

    `about` are the ids of what it shows; `packed` is its body as gzip, `of_packed` what goes with
    that. The tag is weak: the page is the same, packed or not. `headers` go with the page, and with
    the word that it has not changed.
    """

    about: frozenset[str]
    packed: bytes
    etag: str
    media_type: str
    headers: Sequence[Header]
    of_packed: Sequence[Header]
    read_at: datetime
    changes_at: datetime

    def sent(self, packed: bool) -> tuple[bytes, Sequence[Header]]:
        """The bytes for whoever takes gzip, or takes none, and all headers of theirs."""
        if packed:
            return self.packed, self.of_packed
        body = gzip.decompress(self.packed)
        return body, (*self.headers, *_kind(self.media_type, body))


def made(
    body: bytes,
    media_type: str,
    policy: str,
    about: Iterable[UUID],
    read_at: datetime,
    changes_at: datetime,
) -> LiftPage:
    """A page with this body; `policy` says what a browser may load for it."""
    etag, packed = f'W/"{etag_of(body)}"', gzip.compress(body, mtime=0)
    headers = (
        ("ETag", etag),
        ("Cache-Control", CACHE_CONTROL),
        ("Content-Security-Policy", policy),
        ("Vary", "Accept-Encoding"),
    )
    of_packed = (*headers, *_kind(media_type, packed), PACKED)
    ids = frozenset(map(str, about))
    return LiftPage(ids, packed, etag, media_type, headers, of_packed, read_at, changes_at)


def _kind(media_type: str, body: bytes) -> Sequence[Header]:
    return ("Content-Type", media_type), ("Content-Length", str(len(body)))


@dataclass(eq=False)
class Making:
    """A page that somebody makes, whoever else wants it waits for it; `changed` are the ids of what
    has changed meanwhile."""

    page: Future[LiftPage | None] = field(default_factory=Future)
    changed: set[str] = field(default_factory=set)

    def overtook(self, page: LiftPage | None) -> bool:
        """Whether the page may be older than a change that was told meanwhile."""
        if page is None or EVERYTHING in self.changed:
            return bool(self.changed)
        return not self.changed.isdisjoint(page.about)


class LiftPages:
    """path → page. Reading takes no lock; the few writers share one."""

    def __init__(self, clock: Clock, max_pages: int = MAX_PAGES) -> None:
        self._clock = clock
        self._max_pages = max_pages
        self._pages: dict[str, tuple[LiftPage, float]] = {}
        self._paths: dict[str, set[str]] = {}  # of the pages about each id
        self._making: dict[str, Making] = {}
        self._lock = threading.Lock()
        self._hearing = False

    def peek(self, path: str) -> LiftPage | None:
        """The page at this path, if it is in memory and still true."""
        entry = self._pages.get(path)
        if entry is None:
            return None
        page, until = entry
        true = page.read_at <= self._clock() < page.changes_at and time.monotonic() < until
        return page if true else None

    def get(self, path: str, make: Callable[[], LiftPage | None]) -> LiftPage | None:
        """The page at this path, from memory or freshly made; None when there is none.

        Of many who want the same page at once one makes it.
        """
        while True:
            page = self.peek(path)
            if page is not None:
                return page
            if not self._hearing:
                return make()
            with self._lock:
                under_way = self._making.get(path)
                making = under_way or self._making.setdefault(path, Making())
            if under_way is None:
                return self._make(path, making, make)
            page = making.page.result()
            if not making.overtook(page):
                return page

    def _make(
        self, path: str, making: Making, make: Callable[[], LiftPage | None]
    ) -> LiftPage | None:
        try:
            page = make()
        except BaseException as error:
            self._settle(path, making, None)
            making.page.set_exception(error)
            raise
        self._settle(path, making, page)
        making.page.set_result(page)
        return page

    def _settle(self, path: str, making: Making, page: LiftPage | None) -> None:
        """Nobody makes this page any more; what was made is kept if it is true."""
        with self._lock:
            del self._making[path]
            if page is None or not self._hearing or making.overtook(page):
                return
            self._drop(path)
            if len(self._pages) >= self._max_pages:
                self._drop(next(iter(self._pages)))
            self._pages[path] = (page, time.monotonic() + MAX_AGE_SECONDS)
            for each in page.about:
                self._paths.setdefault(each, set()).add(path)

    def forget(self, changed: str) -> None:
        """The row with this id changed, or may show for the first time; `*` stands for any row."""
        with self._lock:
            for making in self._making.values():
                making.changed.add(changed)
            if changed == EVERYTHING:
                self._clear()
            for path in list(self._paths.get(changed, ())):
                self._drop(path)

    def link(self, hearing: bool) -> None:
        """Whether changes are heard from now on; what was kept before may be stale either way."""
        with self._lock:
            self._hearing = hearing
            for making in self._making.values():
                making.changed.add(EVERYTHING)
            self._clear()

    def _clear(self) -> None:
        self._pages.clear()
        self._paths.clear()

    def _drop(self, path: str) -> None:
        page, _ = self._pages.pop(path, (None, 0.0))
        for each in page.about if page else ():
            paths = self._paths[each]
            paths.discard(path)
            if not paths:
                del self._paths[each]
