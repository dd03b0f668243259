"""The table of channels holds together."""

from datetime import timedelta

import pytest

from backend.domain.channels import (
    CHANNELS,
    CHAT,
    SUBSCRIBE,
    TEMPLATE,
    Channel,
    ways_after,
    ways_from,
)


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)
def test_from_every_channel_the_ways_come_to_an_end(channel: Channel) -> None:
    ways = [way.name for _, way in zip(range(len(CHANNELS) + 1), ways_from(channel), strict=False)]
    assert len(ways) == len(set(ways))
    assert ways == [channel.name, *(way.name for way in ways_after(channel))]


def test_a_resident_hears_by_subscribe_message_and_else_by_template_message() -> None:
    assert list(ways_from(SUBSCRIBE)) == [SUBSCRIBE, TEMPLATE]


def test_only_a_message_with_a_key_of_its_own_is_ever_repeated() -> None:
    """The platform keeps client_msg_id for ten minutes; the other calls have no such thing."""
    assert timedelta(0) < TEMPLATE.repeat_safe < timedelta(minutes=10)
    assert CHAT.repeat_safe == SUBSCRIBE.repeat_safe == timedelta(0)
