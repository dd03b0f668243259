"""Pictures that tests drew, read in the tests' own process.

Apart, each costs a fifth of a second of CPU, nearly all of it for starting Python, and a case has a
dozen of them. They go through what runs there all the same, and come back as bytes as from there.
Whatever else is handed in is read apart: papers, signatures, and what is hostile, damaged or large.
"""

import hashlib
from typing import Protocol

from backend.pictures.limited import answered, reader


class InAProcess(Protocol):
    """What a process that reads one file wrote for a task."""

    def __call__(self, task: str, content: bytes) -> bytes: ...


_OURS: set[bytes] = set()


def ours(content: bytes) -> bytes:
    """This picture, which is harmless: a test drew it."""
    _OURS.add(_digest(content))
    return content


def read_here(apart: InAProcess) -> InAProcess:
    """Reads here what `ours` knows and what is kept of it, and everything else `apart`."""

    def read(task: str, content: bytes) -> bytes:
        if _digest(content) not in _OURS:
            return apart(task, content)
        answer = answered(reader(task), content)
        if kept := answer.partition(b"\n")[2]:
            ours(kept)
        return answer

    return read


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
