"""What to do when the platform says no.

Errors arrive as HTTP 200 with `{"errcode", "errmsg"}`. Every code maps to one reaction, so callers
never compare numbers.

A code is the message's own fault only where it speaks of this receiver or these words. Whatever
speaks of our account, its address list, its templates or its pages is our set-up's, and so is a
code we do not know: the message waits, and the operator hears of it
(`docs/decisions/0026-what-never-left-waits.md`).
"""

from enum import StrEnum


class Reaction(StrEnum):
    """One way to react to an error of the platform; the value is short enough for a row."""

    REFRESH = "RT"  # the token is bad; the client refreshed once already, so back off
    BACK_OFF = "BO"  # try again later, with jitter
    TOMORROW = "DAY"  # the day's quota is used up: keep the queue until 00:00 in Beijing, alert
    DROP = "DROP"  # this message will never be accepted
    UNSUBSCRIBED = "UNSUB"  # the person cannot be reached here: remember it, use the next channel
    NEXT_CHANNEL = "NEXT"  # the conversation window is closed: use the next channel, this time
    RELOGIN = "RELOGIN"  # ask the person's client for a fresh login code
    OPERATOR = "CFG"  # something is set up wrongly: alert the operator; messages wait for them


# Verdicts on our account, our address or the platform itself: the next message would meet the same.
# A code that we do not know is none, since it may speak of one message alone; nor is one of a
# template or a page, beside which others go out.
OF_ACCOUNT = frozenset(
    {40013, 40125, 40164, 41001, 41002, 41004, 48001, 48004, 50002, 61024, 89503}
)
OF_PLATFORM = frozenset({-1, 45009, 45011})

TRANSIENT = frozenset({Reaction.REFRESH, Reaction.BACK_OFF, Reaction.TOMORROW})

TOKEN_REJECTED = frozenset({40001, 40014, 42001})

# The quota of these calls is counted by the minute, that of all others by the day.
BY_MINUTE = frozenset({"/wxa/getwxacodeunlimit", "/wxa/msg_sec_check"})
QUOTA_USED_UP = 45009

_REACTIONS = {
    **dict.fromkeys(TOKEN_REJECTED, Reaction.REFRESH),
    # 43108: two messages to one person at once.
    **dict.fromkeys((-1, 43108, 45011), Reaction.BACK_OFF),
    **dict.fromkeys((QUOTA_USED_UP,), Reaction.TOMORROW),
    # No such receiver; nothing to say, or too much of it; not the JSON that it should be.
    **dict.fromkeys((40003, 43002, 44002, 44004, 45002, 47001), Reaction.DROP),
    # A bad scene; a text of somebody who has not opened the mini-program for two hours.
    **dict.fromkeys((40169, 61010), Reaction.DROP),
    **dict.fromkeys((43004, 43101, 50005), Reaction.UNSUBSCRIBED),
    **dict.fromkeys((45015, 45047), Reaction.NEXT_CHANNEL),
    **dict.fromkeys((40029, 40163), Reaction.RELOGIN),
}


def reaction_to(errcode: int, path: str = "") -> Reaction:
    """The reaction to a platform error code of a call; codes not listed go to the operator."""
    if errcode == QUOTA_USED_UP and path in BY_MINUTE:
        return Reaction.BACK_OFF
    return _REACTIONS.get(errcode, Reaction.OPERATOR)


class PlatformError(Exception):
    """The platform refused, or was not reached at all: surely nothing was sent.

    `errcode` is None when there was no answer to read one from (no connection, a strange HTTP
    status). `transient` says whether the same call may succeed later. `of_token`: it is the
    account's token that was refused us.
    """

    def __init__(
        self, errcode: int | None, errmsg: str, rid: str | None, reaction: Reaction
    ) -> None:
        super().__init__(f"errcode {errcode}: {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg
        self.rid = rid
        self.reaction = reaction
        self.of_token = False

    @property
    def reason(self) -> str:
        """What is wrong in a few characters: the code, or what came instead of one."""
        return self.errmsg if self.errcode is None else str(self.errcode)

    @property
    def of_channel(self) -> bool:
        """Whether the fault is the channel's, and no message's: without a token none leaves."""
        if self.of_token:
            return True
        if self.errcode is None:
            return self.reaction in (Reaction.BACK_OFF, Reaction.OPERATOR)
        return self.errcode in TOKEN_REJECTED | OF_ACCOUNT | OF_PLATFORM

    @property
    def transient(self) -> bool:
        """Whether trying the same call again later makes sense."""
        return self.reaction in TRANSIENT


class SendUnknown(Exception):
    """The request left us and no readable answer came back: it may or may not have been done."""
