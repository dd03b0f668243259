"""The clock that business time is read from.

Production reads the machine's clock. Sandbox mode may be given a file that holds an offset in
seconds; every process of the house reads the same file, so all of them move together. Leases,
retries and timeouts never use this clock: they read the machine's own.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The machine's time, aware, in UTC."""
    return datetime.now(UTC)


class SettableClock:
    """The machine's time plus an offset kept in a file (sandbox mode only).

    Reading costs one `stat`; the file is read again only when it was replaced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._offset = timedelta(0)

    def __call__(self) -> datetime:
        """Now, aware, in UTC."""
        try:
            stat = os.stat(self._path)
        except FileNotFoundError:
            return datetime.now(UTC)
        stamp = (stat.st_mtime_ns, stat.st_ino)
        if stamp != self._seen:
            self._offset = timedelta(seconds=float(self._path.read_text()))
            self._seen = stamp
        return datetime.now(UTC) + self._offset

    def set(self, moment: datetime) -> None:
        """Make `moment` (aware) the present; time runs on from there in every process."""
        offset = (moment - datetime.now(UTC)).total_seconds()
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        fresh.write_text(str(offset))
        os.replace(fresh, self._path)
