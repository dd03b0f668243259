"""A clock that moves only when a test says so."""

from datetime import UTC, datetime, timedelta

from backend.domain.local_time import SHANGHAI

MORNING = datetime(2025, 3, 3, 9, tzinfo=SHANGHAI)  # of a working day


class ManualClock:
    """Stands still at `moment` (aware); call it for the time, in UTC."""

    def __init__(self, moment: datetime) -> None:
        self.set(moment)

    def __call__(self) -> datetime:
        return self._moment

    def set(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("a clock needs an aware moment")
        self._moment = moment.astimezone(UTC)

    def advance(self, **units: float) -> None:
        """Move on by `days=`, `hours=`, `minutes=`, `seconds=`."""
        self._moment += timedelta(**units)
