"""A process for one file, begun by one that waits with the readers loaded (see `apart`, `limited`).

Loading a decoder costs ten times what reading a file does. So a template loads them once, when a
file comes in, forks for each, and ends by itself when none came for a while. It was begun as any
program, not forked from us: it has nothing of ours in its memory, and neither have its forks.
"""

import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from backend.pictures.limited import NAMES

TEMPLATE = (sys.executable, "-I", "-m", "backend.pictures.limited")
CHUNK = 1 << 20


class Forks:
    """The template of this process; `words` begin it."""

    def __init__(self, words: Sequence[str] = TEMPLATE) -> None:
        self._words = words
        self._guard = threading.Lock()
        self._template: socket.socket | None = None

    def told(self, task: str, content: bytes, seconds: float) -> bytes:
        """All that a fork says of this content until it ends, b"" when none began.

        Raises OSError when no template begins, TimeoutError of them when the fork is silent for so
        long; it is no concern of ours any more then, and ends by its own limits.
        """
        for _ in range(2):  # a template may end in the moment in which it is asked
            with self._fork(task) as line:
                line.settimeout(seconds)
                if words := _exchange(line, content):
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
                except BrokenPipeError:
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
        if self._template is not None:
            self._template.close()
        self._template = None
        with ExitStack() as until_it_runs:
            ours, theirs = socket.socketpair()
            until_it_runs.enter_context(ours)
            with theirs:
                # Back when it has loaded the readers, and goes on in the background.
                ran = subprocess.run(
                    self._words, stdin=theirs.fileno(), capture_output=True, check=False, env={}
                )
            if ran.returncode != 0:
                last = ran.stderr.decode(errors="replace").strip().rpartition("\n")[2]
                raise OSError(f"exit {ran.returncode} {last[:200]}")
            until_it_runs.pop_all()
        self._template = ours
        weakref.finalize(self, ours.close)


def _exchange(line: socket.socket, content: bytes) -> bytes:
    with suppress(BrokenPipeError, ConnectionResetError):  # it ended; what it said before stands
        line.sendall(content)
        line.shutdown(socket.SHUT_WR)
    words = bytearray()
    with suppress(ConnectionResetError):
        while part := line.recv(CHUNK):
            words += part
    return bytes(words)
