"""The program that works on what the platform pushed to us: the bot, and the platform's reports."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.jobs import callbacks
from backend.services.messages import inbox
from backend.services.messages.inbox import Callback, Handle
from backend.wechat.bot import ChatBot
from backend.wechat.mini_events import MiniProgramEvents
from backend.wechat.service_events import ServiceAccountEvents
from backend.wiring import House, subscribe_template_ids, wake_deliveries


def install(house: House) -> None:
    """Give the jobs of the queue what they work with; their messages wake the deliveries."""
    wake_deliveries(house)
    public_url = house.settings.public_url

    def plan_url(plan_id: UUID) -> str:
        return f"{public_url}/p/{plan_id}"

    handle = handle_callbacks(house, ChatBot(plan_url))
    callbacks.work.install(lambda ids: inbox.process(house.ctx, ids, handle))


def handle_callbacks(house: House, bot: ChatBot) -> Handle:
    """Whoever works on a callback, by the account it is about."""
    service = ServiceAccountEvents(house.ctx, bot)
    mini = MiniProgramEvents(house.ctx, subscribe_template_ids(house.settings))

    def handle(tx: Session, callback: Callback) -> None:
        of_mini = callback.appid == house.settings.mini_appid
        (mini if of_mini else service).handle(tx, callback)

    return handle
