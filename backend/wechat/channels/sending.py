"""How an outbox row becomes a call to the platform, and an answer becomes an outcome.

What the channels are stands in `domain.channels`; each has a sender in this folder.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.clock import system_clock
from backend.domain.local_time import SHANGHAI
from backend.domain.messages import SET_UP
from backend.domain.outages import Closing
from backend.seldom import logger_of
from backend.services.messages.delivery_results import Outcome
from backend.services.messages.leases import Delivery
from backend.services.messages.unanswered import NO_ANSWER
from backend.wechat.alarms import OperatorAlarm
from backend.wechat.reactions import PlatformError, Reaction, SendUnknown

logger = logger_of(__name__)

TOO_FAST = 45011  # calls are counted by the minute

# Makes the call for one delivery and returns the platform's id of the message, where it has one.
# Raises PlatformError or SendUnknown.
Sender = Callable[[Delivery], str | None]


class Channels:
    """One sender for each channel, by its name. Shared by all threads of a worker.

    `askers` ask the platform of each channel for something harmless: a message that tries a closed
    channel is posted only after that went well, so that a platform which does not answer at all
    spends no message.
    """

    def __init__(
        self,
        senders: Mapping[str, Sender],
        askers: Mapping[str, Callable[[], object]] | None = None,
    ) -> None:
        self.senders = senders
        self._askers = askers or {}
        self._alarm = OperatorAlarm()

    def send(self, delivery: Delivery) -> Outcome:
        """Send one delivery and say how that ended. Raises only on our own mistakes."""
        now = system_clock()
        try:
            if delivery.probing and delivery.channel in self._askers:
                self._askers[delivery.channel]()
            return Outcome("sent", "accepted", self.senders[delivery.channel](delivery))
        except SendUnknown:
            return Outcome("unknown", NO_ANSWER, closes=Closing(NO_ANSWER))
        except PlatformError as error:
            return self._refused(error, now)

    def _refused(self, error: PlatformError, now: datetime) -> Outcome:
        """What a refusal means for the row and for its channel; see `reactions.Reaction`."""
        if error.of_channel:
            closing = _closing(error, now)
            return Outcome("later", closing.reason, closes=closing)
        match error.reaction:
            case Reaction.BACK_OFF:
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


def _closing(error: PlatformError, now: datetime) -> Closing:
    """What a verdict on the channel says."""
    match error.reaction:
        case Reaction.TOMORROW:
            midnight = (now.astimezone(SHANGHAI) + timedelta(days=1)).replace(
                hour=0, minute=0, second=0, microsecond=0
            )
            return Closing("daily_quota", error.errcode, until=midnight)
        case Reaction.OPERATOR:
            return Closing(SET_UP + error.reason, error.errcode, ours=True)
        case _ if error.errcode is None:
            return Closing("not_reached")
        case _ if error.errcode == TOO_FAST:
            return Closing(error.reason, error.errcode, until=now + timedelta(minutes=1))
        case _:
            return Closing(error.reason, error.errcode)


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
