"""The second factor at the officers' desk (二次验证): who needs one, and how long it holds. Pure.

A code of six digits from an authenticator (RFC 6238), besides the phone that lets somebody in.
Everything here is ours: the plans say nothing of it; 等保 of the third level asks for two kinds of
proof, for an answer to wrong ones, and names no figures.
"""

from datetime import datetime, timedelta

from backend.domain.roles import Role

# Who pays, and who says who may do what.
NEEDED_BY = frozenset({Role.ADMINISTRATOR, Role.CASHIER})
TRIES = 5  # wrong codes one after the other, and the person is kept out
RECENT = timedelta(minutes=10)
STEP_SECONDS = 30
DRIFT_STEPS = 1  # a phone's clock may be as many steps before or behind ours


def is_recent(proved_at: datetime | None, now: datetime) -> bool:
    """Whether what was proved then still holds for what is asked again: rights and payments."""
    return proved_at is not None and now - proved_at < RECENT
