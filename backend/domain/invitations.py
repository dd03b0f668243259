"""Letting somebody in (邀请): a code that they scan, a number that their own phone shows. Pure.

Everything here is ours: the plans say who may do what, and nothing of how an office lets people in.
"""

from datetime import datetime, timedelta
from enum import StrEnum

LASTS = timedelta(days=1)
DIGITS = 4


class InvitationState(StrEnum):
    """Where an invitation stands: `open` until somebody scans it, `accepted` until the keeper has
    compared the number, then for good `granted`, `refused` (another number) or `withdrawn`."""

    OPEN = "open"
    ACCEPTED = "accepted"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


WAITING = frozenset({InvitationState.OPEN, InvitationState.ACCEPTED})
STATE_NAMES = {
    InvitationState.OPEN: "还没有人扫码",
    InvitationState.ACCEPTED: "已扫码，等核对数字",
    InvitationState.GRANTED: "已授权",
    InvitationState.REFUSED: "数字不符，已作废",
    InvitationState.WITHDRAWN: "已撤回",
}
OVER = "已过期"


def number_of(seed: bytes) -> str:
    """The digits that the phone of whoever scanned shows. `seed` is a keyed hash of the invitation
    and of that person: who was sent the code shows another one than who was meant to scan it."""
    return str(int.from_bytes(seed[:8]) % 10**DIGITS).zfill(DIGITS)


def is_over(invited_at: datetime, now: datetime) -> bool:
    """Whether it is too late to scan it, or to compare its number."""
    return now >= invited_at + LASTS
