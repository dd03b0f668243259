"""Signing in to the officers' desk (工作台) with the phone: how long things hold, and which number
the phone asks for. Pure.

Everything here is ours: the plans say nothing of how an office signs in.
"""

from datetime import datetime, timedelta
from enum import StrEnum

CODE_LASTS = timedelta(minutes=2)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
CHOICES = 3
LEAST, MOST = 10, 99


class SignInOutcome(StrEnum):
    """What became of a code that a phone saw."""

    CONFIRMED = "confirmed"
    WRONG_NUMBER = "wrong_number"
    NOT_ENTITLED = "not_entitled"


def numbers(seed: bytes) -> tuple[int, ...]:
    """The different numbers of two digits that the phone shows, in the order in which it does.

    `seed` is a keyed hash of the code, of 32 bytes: who sees the code alone knows none of them.
    """
    found: list[int] = []
    for byte in seed[1:]:
        each = LEAST + byte % (MOST - LEAST + 1)
        if each not in found:
            found.append(each)
        if len(found) == CHOICES:
            return tuple(found)
    raise ValueError("a hash whose bytes are nearly all the same")


def shown_number(seed: bytes) -> int:
    """The one of `numbers` that stands on the desk's own screen: whoever confirms looks there, so
    that a code which somebody else sent them opens nothing."""
    return numbers(seed)[seed[0] % CHOICES]


def session_end(began_at: datetime, now: datetime) -> datetime:
    """When a session ends that is used now: after half an hour without use, and after twelve hours
    in any case, so that nobody finds an office's PC signed in the next morning."""
    return min(began_at + LONGEST, now + IDLE)
