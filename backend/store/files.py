"""Uploaded files on disk, stored once under the SHA-256 of their bytes."""

import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile, mkstemp
from typing import IO

# What a full disk says, or one whose share for us is used up.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

# Inside the store's folder, and no beginning of any hash.
UNFINISHED = "unfinished"


class FileStore:
    """A folder of immutable files; the database row beside each says what it is.

    What is stored is on the disk itself, with its name, when `put` returns. What fails leaves
    nothing; what was killed leaves a piece that `forget_unfinished` finds.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, sha256: str) -> Path:
        """Where the file with this hash lies."""
        return self._root / sha256[:2] / sha256

    def put(self, content: bytes) -> str:
        """Store bytes and return their SHA-256 in hex; the same bytes again change nothing.

        Raises OSError, with one of NO_ROOM when the disk is full.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        if not self.path(sha256).exists():
            self.put_written(lambda file: file.write(content))
        return sha256

    def put_written(self, write: Callable[[IO[bytes]], object]) -> tuple[str, int]:
        """Store what `write` puts into a file, however large; its SHA-256 in hex, and its bytes.

        Raises OSError as `put` does, and whatever `write` raises.
        """
        folder = _folder(self._root / UNFINISHED)
        handle, name = mkstemp(dir=folder)
        fresh = Path(name)
        try:
            with open(handle, "w+b") as file:
                write(file)
                file.flush()
                os.fsync(handle)
                file.seek(0)
                sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
            path = self.path(sha256)
            fresh.replace(_folder(path.parent) / path.name)
            _to_disk(path.parent)
        finally:
            fresh.unlink(missing_ok=True)
        return sha256, size

    def can_keep(self) -> bool:
        """Whether a file could be stored now: the folder is there, ours, and its disk has room."""
        try:
            with NamedTemporaryFile(dir=_folder(self._root / UNFINISHED)) as tried:
                tried.write(b"\0" * 4096)
                tried.flush()
        except OSError:
            return False
        return True

    def read(self, sha256: str) -> bytes:
        """The bytes; raises FileNotFoundError when there are none."""
        return self.path(sha256).read_bytes()

    def forget(self, sha256: str) -> None:
        """Drop a file that nobody may ask for any more."""
        self.path(sha256).unlink(missing_ok=True)

    def older_than(self, seconds: float, part: str) -> Iterator[str]:
        """The SHA-256 of every file that was stored so many seconds ago, or earlier, of those that
        begin with these two digits."""
        before = time.time() - seconds
        for path in (self._root / part).glob("*"):
            if self._is_older(path, before):
                yield path.name

    def forget_older(self, sha256: str, seconds: float) -> bool:
        """Drop a file unless it was stored anew within so many seconds; whether it was dropped."""
        path = self.path(sha256)
        old = self._is_older(path, time.time() - seconds)
        if old:
            path.unlink(missing_ok=True)
        return old

    @staticmethod
    def _is_older(path: Path, before: float) -> bool:
        try:
            return path.stat().st_mtime < before
        except FileNotFoundError:  # dropped meanwhile
            return False

    def forget_unfinished(self, seconds: float) -> None:
        """Drop the pieces that killed processes left so many seconds ago, or earlier."""
        before = time.time() - seconds
        for piece in (self._root / UNFINISHED).glob("*"):
            if self._is_older(piece, before):
                piece.unlink(missing_ok=True)  # finished meanwhile


def _folder(path: Path) -> Path:
    """The folder, made on the disk itself if it was not there."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        _to_disk(path.parent)
    return path


def _to_disk(folder: Path) -> None:
    """Names are kept in the folder, which has a place of its own on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
