"""The ways by which a message leaves the house: one row each, and what follows from it.

What is written to an outbox row is the channel's `name`. How a message is put and sent is another
matter: `backend/wechat/channels` has one sender for each row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class App(StrEnum):
    """Our two apps on the platform; a person has an identity in each one that they use."""

    MINI_PROGRAM = "mini_program"
    SERVICE_ACCOUNT = "service_account"


class Needs(StrEnum):
    """What a person must have done before we may write to them by a channel."""

    CONSENT = "consent"  # agreed to this one message: each consent is used up by one message
    FOLLOWER = "follower"  # followed the app, and not left it since


@dataclass(frozen=True)
class Channel:
    """One way to a person.

    `repeat_safe` is how long after the first try the platform takes a repeat for the same message;
    no time at all where it has no key for that. `keeps_order`: one person's messages must arrive in
    the order in which they were written. `next` is the way to take when this one is closed.
    """

    name: str
    app: App
    needs: Needs
    repeat_safe: timedelta = timedelta(0)
    keeps_order: bool = False
    next: str | None = None


TEMPLATE = Channel(
    "template",
    App.SERVICE_ACCOUNT,
    Needs.FOLLOWER,
    repeat_safe=timedelta(minutes=9),  # the platform's ten, less our own time-outs
)
CHAT = Channel("chat", App.SERVICE_ACCOUNT, Needs.FOLLOWER, keeps_order=True)
SUBSCRIBE = Channel("subscribe", App.MINI_PROGRAM, Needs.CONSENT, next=TEMPLATE.name)

CHANNELS: Mapping[str, Channel] = {channel.name: channel for channel in (TEMPLATE, CHAT, SUBSCRIBE)}


def ways_from(channel: Channel | None) -> Iterator[Channel]:
    """The channel and those to take after it, in order."""
    while channel is not None:
        yield channel
        channel = CHANNELS[channel.next] if channel.next else None


def ways_after(channel: Channel) -> Iterator[Channel]:
    """The channels to take when this one is closed, in order."""
    return ways_from(CHANNELS[channel.next] if channel.next else None)
