"""When a channel whose fault keeps messages is tried again, and how urgent a message is meanwhile.

Neither plan says any of this: defaults of the house
(`docs/decisions/0085-a-channels-fault-is-not-a-messages.md`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

# The last pause and the way of one message are less than five minutes together.
FIRST_PAUSE = timedelta(seconds=15)
SHORTEST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=4)
LATE_BY = timedelta(seconds=15)  # after the moment that the platform named, at most
MOMENTS = 2  # failures in a row that need not be told to anybody


class Urgency(IntEnum):
    """In which order messages leave; the number is what a row holds."""

    TODAY = 0  # the last day of a limit, or after it; somebody who waits in a conversation
    LIMIT = 1  # a limit of the plan or the law runs
    NEWS = 2
    DIGEST = 3  # could wait for tomorrow


URGENCIES: Mapping[str, Urgency] = {
    "text": Urgency.TODAY,
    "menu": Urgency.TODAY,
    "escalation": Urgency.TODAY,
    "deadline_reminder": Urgency.LIMIT,
    "approval_invitation": Urgency.LIMIT,
    "objection_received": Urgency.LIMIT,
    "objection_answered": Urgency.LIMIT,
    "notice_ending": Urgency.LIMIT,
    "purchase_progress": Urgency.NEWS,
    "cover_changed": Urgency.NEWS,
    "handover": Urgency.DIGEST,
}
LAST_STAGES = ("/due_today/", "/overdue_")  # of a reminder, within its natural key

# How long a message is of use after it was written (business time), where nothing else ends it.
OF_USE: Mapping[str, timedelta] = {
    "text": timedelta(days=2),  # as long as the platform lets us answer
    "menu": timedelta(days=2),
    "handover": timedelta(days=14),
    "notice_ending": timedelta(days=14),
    "purchase_progress": timedelta(days=60),
    "cover_changed": timedelta(days=60),
    "objection_received": timedelta(days=60),
}


@dataclass(frozen=True)
class Closing:
    """Why nothing can leave by a channel now: a word for the row, and the platform's code.

    `until` (real time) is when the platform takes messages again, where it says so; `ours` tells
    that it is our set-up, which an operator has to mend.
    """

    reason: str
    errcode: int | None = None
    until: datetime | None = None
    ours: bool = False


def urgency_of(template: str, natural_key: str) -> Urgency:
    """How urgent a message of this template and cause is."""
    if any(stage in natural_key for stage in LAST_STAGES):
        return Urgency.TODAY
    return URGENCIES.get(template, Urgency.NEWS)


def probe_at(closing: Closing, failures: int, now: datetime, chance: float) -> datetime:
    """When one message tries a closed channel; `failures` counts this one, `chance` is from 0 to 1
    and spreads the tries of many houses."""
    if closing.until is not None:
        return closing.until + LATE_BY * chance
    if failures <= 1:
        return now + FIRST_PAUSE * (0.75 + chance / 2)
    longest = min(SHORTEST_PAUSE * (1 << min(failures, 9) - 1), LONGEST_PAUSE)
    return now + SHORTEST_PAUSE + (longest - SHORTEST_PAUSE) * chance


def is_told(closing: Closing, failures: int, now: datetime) -> bool:
    """Whether an operator has to hear of it: it is no matter of a moment."""
    long = closing.until is not None and closing.until - now > LONGEST_PAUSE
    return closing.ours or long or failures > MOMENTS
