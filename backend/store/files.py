"""Uploaded files on disk, stored once under the SHA-256 of their bytes."""

import hashlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile


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

    def read(self, sha256: str) -> bytes:
        """The bytes; raises FileNotFoundError when there are none."""
        return self.path(sha256).read_bytes()
