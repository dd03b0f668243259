"""A process for one file, begun by one that waits with the readers loaded (see `apart`, `limited`).

Loading a decoder costs ten times what reading a file does. So a template loads them once, when a
file comes in, forks for each, and ends by itself when none came for a while. It was begun as any
program, not forked from us: it has nothing of ours in its memory, and neither have its forks.
"""

import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from backend.pictures.limited import NAMES

TEMPLATE = (sys.executable, "-I", "-m", "backend.pictures.limited")
CHUNK = 1 << 20
LOADED_SECONDS = 30  # most that a template may take; it needs half a second


class Forks:
    """The template of this process; `words` begin it."""

    def __init__(self, words: Sequence[str] = TEMPLATE) -> None:
        self._words = words
        self._guard = threading.Lock()
        self._template: socket.socket | None = None
        self._at_the_end: weakref.finalize[[], Forks] | None = None

    def told(self, task: str, content: bytes, seconds: float) -> bytes:
        """All that a fork says of this content until it ends, b"" when none began.

        Raises OSError when no template begins, TimeoutError of them when the fork has not ended
        within so long; it is no concern of ours any more then, and ends by its own limits.
        """
        for _ in range(2):  # a template may end in the moment in which it is asked
            with self._fork(task) as line:
                try:
                    words = _exchange(line, content, seconds)
                except TimeoutError:
                    self._leave()
                    raise
                if words:
                    return words
        return b""

    def _fork(self, task: str) -> socket.socket:
        """Our end of the line to a fresh fork."""
        with ExitStack() as until_it_is_asked:
            ours, theirs = socket.socketpair()
            until_it_is_asked.enter_context(ours)
            with theirs, self._guard:
                try:
                    self._ask(task, theirs)
                except ConnectionError:
                    self._begin()
                    self._ask(task, theirs)
            until_it_is_asked.pop_all()
        return ours

    def _ask(self, task: str, line: socket.socket) -> None:
        if self._template is None:
            raise BrokenPipeError
        socket.send_fds(self._template, [bytes([NAMES.index(task)])], [line.fileno()])

    def _begin(self) -> None:
        """Begin a template; raises OSError where that is not possible."""
        self._close()
        with ExitStack() as until_it_runs:
            ours, theirs = socket.socketpair()
            until_it_runs.enter_context(ours)
            with theirs:
                # Back when it has loaded the readers, and goes on in the background.
                try:
                    ran = subprocess.run(
                        self._words,
                        stdin=theirs.fileno(),
                        capture_output=True,
                        timeout=LOADED_SECONDS,
                        check=False,
                        env={},
                    )
                except subprocess.TimeoutExpired:
                    raise TimeoutError("no template") from None
            if ran.returncode != 0:
                last = ran.stderr.decode(errors="replace").strip().rpartition("\n")[2]
                raise OSError(f"exit {ran.returncode} {last[:200]}")
            until_it_runs.pop_all()
        self._template = ours
        self._at_the_end = weakref.finalize(self, ours.close)

    def _leave(self) -> None:
        """Ask this template nothing more: perhaps it was it that hung."""
        with self._guard:
            self._close()

    def _close(self) -> None:
        """A template reads what it was asked before, and ends."""
        if self._at_the_end is not None:
            self._at_the_end()
        self._template = self._at_the_end = None


def _exchange(line: socket.socket, content: bytes, seconds: float) -> bytes:
    until = time.monotonic() + seconds
    line.settimeout(seconds)
    with suppress(BrokenPipeError, ConnectionResetError):  # it ended; what it said before stands
        line.sendall(content)
        line.shutdown(socket.SHUT_WR)
    words = bytearray()
    with suppress(ConnectionResetError):
        while part := _part(line, until):
            words += part
    return bytes(words)


def _part(line: socket.socket, until: float) -> bytes:
    """What is said next; raises TimeoutError when the time is over, also to who speaks on."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    line.settimeout(left)
    return line.recv(CHUNK)
