"""Uploaded files on disk, stored once under the SHA-256 of their bytes."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import IO


class FileStore:
    """A folder of immutable files; the database row beside each says what it is."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, sha256: str) -> Path:
        """Where the file with this hash lies."""
        return self._root / sha256[:2] / sha256

    def put(self, content: bytes) -> str:
        """Store bytes and return their SHA-256 in hex; the same bytes again change nothing."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=path.parent, delete=False) as fresh:
                fresh.write(content)
                fresh.flush()
                os.fsync(fresh.fileno())
            os.replace(fresh.name, path)
        return sha256

    def put_written(self, write: Callable[[IO[bytes]], None]) -> tuple[str, int]:
        """Store what `write` puts into a file, however large; its SHA-256 in hex, and its bytes."""
        self._root.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._root) as folder:
            fresh = Path(folder) / "fresh"
            with fresh.open("w+b") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
                file.seek(0)
                sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
            path = self.path(sha256)
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(fresh, path)
        return sha256, size

    def can_keep(self) -> bool:
        """Whether a file could be stored now: the folder is there, ours, and its disk has room."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._root) as tried:
                tried.write(b"\0" * 4096)
                tried.flush()
        except OSError:
            return False
        return True

    def read(self, sha256: str) -> bytes:
        """The bytes; raises FileNotFoundError when there are none."""
        return self.path(sha256).read_bytes()
