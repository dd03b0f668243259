"""The time of the rules: days and midnights in Asia/Shanghai, whatever zone a moment came in."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
YEARS = range(2000, 2101)  # of a day that somebody types


def local_date(moment: datetime) -> date:
    """The Asia/Shanghai date of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


def midnight_after(on: date) -> datetime:
    """24:00 Asia/Shanghai of `on`, written as 0:00 of the next day."""
    return datetime.combine(on + timedelta(days=1), time(), SHANGHAI)
