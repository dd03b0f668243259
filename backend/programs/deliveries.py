"""The program that sends messages."""

from backend.config import Settings
from backend.domain.channels import CHANNELS, CHAT, SUBSCRIBE, TEMPLATE, App
from backend.jobs import deliveries
from backend.runtime import Runtime, join, subscribe_template_ids, template_ids
from backend.services.messages.sending import deliver
from backend.wechat.channels.chat import chat_sender
from backend.wechat.channels.sending import Channels
from backend.wechat.channels.subscribe import subscribe_sender
from backend.wechat.channels.template import template_sender


def start(settings: Settings) -> None:
    """Make this process the one that works on the queue."""
    install(join(settings, kinds={}))


def install(runtime: Runtime) -> None:
    """Give the jobs of the queue what they work with."""
    send = channels(runtime).send
    deliveries.work.install(lambda ids: deliver(runtime.ctx, ids, send))


def channels(runtime: Runtime) -> Channels:
    """A sender for each way that messages leave by."""
    settings, account = runtime.settings, runtime.service_account
    asked = {
        App.SERVICE_ACCOUNT: account.fetch_access_token,
        App.MINI_PROGRAM: runtime.mini_program.fetch_access_token,
    }
    return Channels(
        {
            TEMPLATE.name: template_sender(
                account, template_ids(settings), settings.mini_appid, settings.public_url
            ),
            CHAT.name: chat_sender(account, runtime.ctx.cipher),
            SUBSCRIBE.name: subscribe_sender(
                runtime.mini_program, subscribe_template_ids(settings)
            ),
        },
        {name: asked[channel.app] for name, channel in CHANNELS.items()},
    )
