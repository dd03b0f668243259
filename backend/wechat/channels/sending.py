"""How an outbox row becomes a call to the platform, and an answer becomes an outcome.

What the channels are stands in `domain.channels`; each has a sender in this folder.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from backend.clock import system_clock
from backend.domain.local_time import SHANGHAI
from backend.seldom import logger_of
from backend.services.messages.delivery_results import SET_UP, Outcome
from backend.services.messages.leases import Delivery
from backend.wechat.alarms import OperatorAlarm
from backend.wechat.reactions import PlatformError, Reaction, SendUnknown

logger = logger_of(__name__)

TOO_FAST = 45011  # calls are counted by the minute
SPREAD_SECONDS = 15  # over which those that came too fast come again

# Makes the call for one delivery and returns the platform's id of the message, where it has one.
# Raises PlatformError or SendUnknown.
Sender = Callable[[Delivery], str | None]


class Channels:
    """One sender for each channel, by its name. Shared by all threads of a worker."""

    def __init__(self, senders: Mapping[str, Sender]) -> None:
        self.senders = senders
        self._stopped: dict[str, datetime] = {}
        self._alarm = OperatorAlarm()
        self._lock = Lock()

    def send(self, delivery: Delivery) -> Outcome:
        """Send one delivery and say how that ended. Raises only on our own mistakes."""
        now = system_clock()
        stopped = self._stopped.get(delivery.channel)
        if stopped is not None and now < stopped:
            return Outcome("later", "daily_quota", not_before=stopped)
        try:
            return Outcome("sent", "accepted", self.senders[delivery.channel](delivery))
        except SendUnknown:
            return Outcome("unknown", "no_answer")
        except PlatformError as error:
            return self._refused(delivery.channel, error, now)

    def _refused(self, channel: str, error: PlatformError, now: datetime) -> Outcome:
        """What a refusal means for the row; see `reactions.Reaction`."""
        match error.reaction:
            case Reaction.TOMORROW:
                return Outcome("later", "daily_quota", not_before=self._stop(channel, now))
            case Reaction.BACK_OFF if error.errcode is None:
                return Outcome("later", "not_reached")
            case Reaction.BACK_OFF if error.errcode == TOO_FAST:
                return Outcome("later", error.reason, not_before=_next_minute(now))
            case Reaction.BACK_OFF | Reaction.REFRESH:
                return Outcome("later", error.reason)
            case Reaction.UNSUBSCRIBED:
                return Outcome("failed", error.reason, unreachable=True)
            case Reaction.NEXT_CHANNEL:
                return Outcome("failed", "window_closed")
            case Reaction.OPERATOR:
                self._alarm.tell(error)
                return Outcome("later", SET_UP + error.reason)
            case _:
                logger.error(
                    "message refused for good: errcode %s, rid %s", error.errcode, error.rid
                )
                return Outcome("failed", error.reason)

    def _stop(self, channel: str, now: datetime) -> datetime:
        """Send nothing more on this channel until midnight in Beijing; tell the operator once."""
        midnight = (now.astimezone(SHANGHAI) + timedelta(days=1)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        with self._lock:
            if self._stopped.get(channel) != midnight:
                logger.error("daily quota of %s messages is used up until %s", channel, midnight)
                self._stopped[channel] = midnight
        return midnight


def _next_minute(now: datetime) -> datetime:
    """Not all at one instant, or they would be too fast again."""
    return now + timedelta(seconds=60 + random.uniform(0, SPREAD_SECONDS))  # noqa: S311 - spreads load


@dataclass(frozen=True)
class Tap:
    """What a tap on a message opens, empty for nothing: a page of the mini-program, or the path of
    a web page of ours for a phone that cannot open that."""

    page: str
    link: str


def tap_apart(delivery: Delivery) -> tuple[Tap, dict[str, str]]:
    """What a tap opens, and the fields."""
    values = dict(delivery.data)
    return Tap(values.pop("page", ""), values.pop("link", "")), values
