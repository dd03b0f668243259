"""How an outbox row becomes a call to the platform, and an answer becomes an outcome."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock

from backend.clock import SHANGHAI, system_clock
from backend.services.messages.delivery_results import Outcome
from backend.services.messages.outbox import Delivery
from backend.wechat.client import ServiceAccount
from backend.wechat.mini_program import MiniProgram
from backend.wechat.reactions import PlatformError, Reaction, SendUnknown
from backend.wechat.templates import SUBSCRIBE_TEMPLATES, TEMPLATES, fit_subscribe, platform_data

logger = logging.getLogger(__name__)

TOO_FAST = 45011
BUSY_TRIES = 3


class Channels:
    """Template and chat messages of the service account, subscribe messages of the mini-program.

    Shared by all threads of a worker. The ids are the platform's, by our keys.
    """

    def __init__(
        self,
        account: ServiceAccount,
        mini_program: MiniProgram,
        template_ids: Mapping[str, str],
        subscribe_template_ids: Mapping[str, str],
    ) -> None:
        self._account = account
        self._mini_program = mini_program
        self._template_ids = template_ids
        self._subscribe_template_ids = subscribe_template_ids
        self._calls: dict[str, Callable[[Delivery], str | None]] = {
            "template": self._template,
            "chat": self._chat,
            "subscribe": self._subscribe,
        }
        self._stopped: dict[str, datetime] = {}
        self._lock = Lock()

    def send(self, delivery: Delivery) -> Outcome:
        """Send one delivery and say how that ended. Raises only on our own mistakes."""
        now = system_clock()
        stopped = self._stopped.get(delivery.channel)
        if stopped is not None and now < stopped:
            return Outcome("later", "daily_quota", not_before=stopped)
        try:
            return Outcome("sent", "accepted", self._calls[delivery.channel](delivery))
        except SendUnknown:
            return Outcome("unknown", "no_answer")
        except PlatformError as error:
            return self._refused(delivery.channel, error, now)

    def _template(self, delivery: Delivery) -> str | None:
        page, values = _page_apart(delivery)
        data = platform_data(TEMPLATES[delivery.template], values)
        opens = {"appid": str(self._mini_program.appid), "pagepath": page} if page else None
        return self._account.send_template(
            delivery.openid,
            self._template_ids[delivery.template],
            data,
            client_msg_id=str(delivery.id),
            miniprogram=opens,
        )

    def _subscribe(self, delivery: Delivery) -> str | None:
        page, values = _page_apart(delivery)
        data = platform_data(SUBSCRIBE_TEMPLATES[delivery.template], values)
        return self._mini_program.send_subscribe(
            delivery.openid,
            self._subscribe_template_ids[delivery.template],
            page,
            {keyword: fit_subscribe(keyword, value) for keyword, value in data.items()},
        )

    def _chat(self, delivery: Delivery) -> str | None:
        data = delivery.data
        if delivery.template == "menu":
            choices = [(choice, label) for choice, label in data["choices"]]
            self._account.send_menu(delivery.openid, data["head"], choices, data["tail"])
        else:
            self._account.send_text(delivery.openid, data["text"])
        return None  # chat messages have no id of their own

    def _refused(self, channel: str, error: PlatformError, now: datetime) -> Outcome:
        """What a refusal means for the row; see `reactions.Reaction`."""
        reason = error.reaction.value if error.errcode is None else str(error.errcode)
        match error.reaction:
            case Reaction.TOMORROW:
                return Outcome("later", "daily_quota", not_before=self._stop(channel, now))
            case Reaction.BACK_OFF if error.errcode is None:
                return Outcome("later", "not_reached")
            case Reaction.BACK_OFF if error.errcode == TOO_FAST:
                return Outcome("later", reason, not_before=now + timedelta(minutes=1))
            case Reaction.BACK_OFF | Reaction.REFRESH:
                return Outcome("later", reason, tries=BUSY_TRIES)
            case Reaction.UNSUBSCRIBED:
                # Without a consent for this template the person still hears the service account.
                return Outcome("failed", reason, unreachable=channel != "subscribe")
            case Reaction.NEXT_CHANNEL:
                return Outcome("failed", "window_closed")
            case _:
                logger.error("message refused for good: errcode %s, rid %s", reason, error.rid)
                return Outcome("failed", reason)

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


def _page_apart(delivery: Delivery) -> tuple[str, dict[str, str]]:
    """What a tap opens in the mini-program, empty for nothing, and the fields."""
    values = dict(delivery.data)
    return values.pop("page", ""), values
