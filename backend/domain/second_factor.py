"""The second factor of an officer (二次验证): who needs one, and how long it holds. Pure.

A code of six digits from an authenticator (RFC 6238), besides the phone that lets somebody in.
Everything here is ours: the plans say nothing of it; 等保 of the third level asks for two kinds of
proof, for an answer to wrong ones, and names no figures.
"""

from datetime import datetime, timedelta

from backend.domain.errors import refuse
from backend.domain.roles import Role

# Who pays, and who says who may do what.
NEEDED_BY = frozenset({Role.ADMINISTRATOR, Role.CASHIER})
TRIES = 5  # wrong codes one after the other, and the person is kept out
RECENT = timedelta(minutes=10)
STEP_SECONDS = 30
DRIFT_STEPS = 1  # a phone's clock may be as many steps before or behind ours

NEEDED, MISSING = "second_factor_needed", "second_factor_missing"
ASKED = frozenset({NEEDED, MISSING})  # refusals of who can come back with a proof
ENROL_FIRST = (
    "办这件事要先绑定验证器：请在电脑上打开工作台，用手机扫码登录，按页面提示绑定，再回来办理。"
)


def is_recent(proved_at: datetime | None, now: datetime) -> bool:
    """Whether what was proved then still holds for what is asked again."""
    return proved_at is not None and now - proved_at < RECENT


def check_proved(
    *, has_factor: bool, needs_factor: bool, proved_at: datetime | None, now: datetime
) -> None:
    """Whoever holds an office that needs a second factor, or has one, proved it a moment ago.

    Raises Refused: `second_factor_missing` for who needs one and has none, `second_factor_needed`
    for who did not prove it within `RECENT`. Others, whom nobody asks for one, pass.
    """
    if needs_factor and not has_factor:
        raise refuse(MISSING, ENROL_FIRST, kind="conflict")
    if has_factor and not is_recent(proved_at, now):
        message = "办这件事要再验证一次：请输入验证器上现在的六位数字。"
        raise refuse(NEEDED, message, kind="forbidden")
