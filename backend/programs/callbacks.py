"""The program that works on what the platform pushed to us: the bot, and the platform's reports."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.config import Settings
from backend.jobs import callbacks
from backend.runtime import Runtime, subscribe_template_ids, wake_deliveries
from backend.services.messages import inbox
from backend.services.messages.inbox import Callback, Handle
from backend.wechat.bot import ChatBot
from backend.wechat.mini_events import MiniProgramEvents
from backend.wechat.service_events import ServiceAccountEvents
from backend.wiring import build


def start(settings: Settings) -> None:
    """Make this process the one that works on the queue."""
    runtime = build(settings)
    wake_deliveries(runtime)
    install(runtime)


def install(runtime: Runtime) -> None:
    """Give the jobs of the queue what they work with."""
    public_url = runtime.settings.public_url

    def plan_url(plan_id: UUID) -> str:
        return f"{public_url}/p/{plan_id}"

    handle = handle_callbacks(runtime, ChatBot(plan_url, runtime.ctx.city))
    callbacks.work.install(lambda ids: inbox.process(runtime.ctx, ids, handle))


def handle_callbacks(runtime: Runtime, bot: ChatBot) -> Handle:
    """Whoever works on a callback, by the account it is about."""
    service = ServiceAccountEvents(runtime.ctx, bot)
    mini = MiniProgramEvents(runtime.ctx, subscribe_template_ids(runtime.settings))

    def handle(tx: Session, callback: Callback) -> None:
        of_mini = callback.appid == runtime.settings.mini_appid
        (mini if of_mini else service).handle(tx, callback)

    return handle
