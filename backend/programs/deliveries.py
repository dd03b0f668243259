"""The program that sends messages."""

from backend.domain.channels import CHAT, SUBSCRIBE, TEMPLATE
from backend.jobs import deliveries
from backend.services.messages.delivery import deliver
from backend.wechat.channels.chat import chat_sender
from backend.wechat.channels.sending import Channels
from backend.wechat.channels.subscribe import subscribe_sender
from backend.wechat.channels.template import template_sender
from backend.wiring import House, subscribe_template_ids, template_ids


def install(house: House) -> None:
    """Give the jobs of the queue what they work with."""
    send = channels(house).send
    deliveries.work.install(lambda ids: deliver(house.ctx, ids, send))


def channels(house: House) -> Channels:
    """A sender for each way that messages leave by."""
    settings, account = house.settings, house.service_account
    return Channels(
        {
            TEMPLATE.name: template_sender(account, template_ids(settings), settings.mini_appid),
            CHAT.name: chat_sender(account),
            SUBSCRIBE.name: subscribe_sender(house.mini_program, subscribe_template_ids(settings)),
        }
    )
