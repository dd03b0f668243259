"""Whether every file that is used, or may be, is there as it was handed in."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.store.files import FileStore
from backend.store.notices import StoredFile
from backend.store.queries.files import named_files

AT_ONCE = 1000


@dataclass(frozen=True)
class FilesFound:
    """How many files are named, and the SHA-256 of those that are missing or other than named."""

    named: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Every file is there and is what it was."""
        return not (self.missing or self.changed)


def verify_files(tx: Session, files: FileStore) -> FilesFound:
    """Read every file that must be there, one after the other, and compare it with its name."""
    named, missing, changed = 0, [], []
    for sha256 in file_names(tx):
        named += 1
        try:
            with files.path(sha256).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            missing.append(sha256)
            continue
        if found != sha256:
            changed.append(sha256)
    return FilesFound(named, tuple(missing), tuple(changed))


def file_names(tx: Session) -> Iterator[str]:
    """The SHA-256 of every file that must be there, in order, a thousand in memory at a time."""
    rows = select(StoredFile.sha256).where(named_files()).order_by(StoredFile.sha256)
    yield from tx.scalars(rows.execution_options(yield_per=AT_ONCE))
