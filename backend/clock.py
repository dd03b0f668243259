"""The clock that business time is read from.

Production reads the machine's clock. Sandbox mode may be given a file that holds an offset in
seconds; every process of the house reads the same file, so all of them move together. Leases,
retries and timeouts never use this clock: they read the machine's own.
"""

import mmap
import os
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]

# A clock file: what tells it from others, and the offset in seconds as the machine keeps numbers,
# which is read and written in one piece.
MARK = b"tibao 1\n"
OFFSET = struct.Struct("@d")
SIZE = len(MARK) + OFFSET.size


def system_clock() -> datetime:
    """The machine's time, aware, in UTC."""
    return datetime.now(UTC)


class SettableClock:
    """The machine's time plus an offset kept in a file (sandbox mode only).

    All processes have the file's bytes in memory, shared: reading asks the system for nothing, and
    what one sets the others see in the same moment. So a file of ours is never replaced or removed
    while programs run; only one of the version before, which held the offset as text, is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._shared: mmap.mmap | None = None

    def __call__(self) -> datetime:
        """Now, aware, in UTC. Raises ValueError and OverflowError for a file without an offset."""
        content = self._content() if self._shared is None else self._shared
        if self._shared is None:
            offset = float(content)
        else:
            (offset,) = OFFSET.unpack_from(content, len(MARK))
        return datetime.now(UTC) + timedelta(seconds=offset)

    def _content(self) -> bytes:
        """What the file holds, as text while there is none; ours is from now on in memory."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return b"0"
        with file:
            content = file.read()
            if content.startswith(MARK):
                self._shared = mmap.mmap(file.fileno(), SIZE, access=mmap.ACCESS_READ)
        return content

    def set(self, moment: datetime) -> None:
        """Make `moment` (aware) the present; time runs on from there in every process."""
        offset = (moment - datetime.now(UTC)).total_seconds()
        if self._content().startswith(MARK):
            with self._path.open("r+b") as file, mmap.mmap(file.fileno(), SIZE) as shared:
                OFFSET.pack_into(shared, len(MARK), offset)
            return
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        fresh.write_bytes(MARK + OFFSET.pack(offset))
        os.replace(fresh, self._path)
