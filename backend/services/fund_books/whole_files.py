"""Files that others wait for in a folder: there whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO


@contextmanager
def whole(path: Path) -> Iterator[IO[str]]:
    """Write to it; it gets its name when all of it is on the disk. UTF-8 with a mark, so that
    spreadsheets read it. Raises OSError."""
    with NamedTemporaryFile(
        "w", dir=path.parent, prefix=".", delete=False, encoding="utf-8-sig", newline=""
    ) as part:
        try:
            yield part.file
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).chmod(0o640)
            Path(part.name).replace(path)
        finally:
            Path(part.name).unlink(missing_ok=True)
