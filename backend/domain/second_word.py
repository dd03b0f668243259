"""两人办理: how long what one officer entered may wait for the other one.

Nothing is confirmed by waiting, and nothing lapses: an account, a company, a balance is so or not.
Who may answer is reminded, and the supervisors hear when nobody does [D].
"""

from datetime import datetime, timedelta

# Days of the calendar, from the entry on [D].
REMINDED_AFTER = timedelta(days=3)
ESCALATED_AFTER = timedelta(days=10)


def is_late(entered_at: datetime, now: datetime) -> bool:
    """Whether the supervisors are to hear of it."""
    return now - entered_at >= ESCALATED_AFTER
