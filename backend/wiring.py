"""The composition root: the only module that knows every part."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.clock import Clock, SettableClock, system_clock
from backend.config import BadSettings, Settings
from backend.domain.channels import CHAT, SUBSCRIBE, TEMPLATE
from backend.http.lift_pages import LiftPages
from backend.http.parts import Parts as ApiParts
from backend.jobs import queues, tasks
from backend.jobs.queues import QueueName, connect
from backend.services.base.context import Context, Wake
from backend.services.messages import outbox
from backend.services.messages.inbox import Callback, Handle
from backend.store import tables
from backend.store.caches import Guesses, SessionCache
from backend.store.cipher import Cipher
from backend.store.city_files import load_city
from backend.store.database import make_engine, make_sessions
from backend.store.files import FileStore
from backend.store.listener import Listener
from backend.wechat.bot import ChatBot
from backend.wechat.callbacks import Credentials
from backend.wechat.channels.chat import chat_sender
from backend.wechat.channels.sending import Channels
from backend.wechat.channels.subscribe import subscribe_sender
from backend.wechat.channels.template import template_sender
from backend.wechat.client import ServiceAccount, service_account
from backend.wechat.mini_events import MiniProgramEvents
from backend.wechat.mini_program import MiniProgram, mini_program
from backend.wechat.platform import WeChatPlatform
from backend.wechat.routes import MINI_PATH, SERVICE_PATH, callbacks
from backend.wechat.service_events import ServiceAccountEvents
from backend.wechat.templates import SUBSCRIBE_TEMPLATES, TEMPLATES, ids_on_platform

CACHE_TIMEOUT_SECONDS = 0.2

# Every table must be known before the first query, whichever service asks it.
METADATA = tables.Base.metadata


@dataclass(frozen=True)
class House:
    """The parts that every process of the house shares."""

    settings: Settings
    engine: Engine
    redis: Redis
    service_account: ServiceAccount
    mini_program: MiniProgram
    ctx: Context


def build(settings: Settings) -> House:
    """Join the parts as configured. Opens no connection yet.

    Raises FileNotFoundError for a city without a file and BadCity for one with a wrong key.
    """
    engine = make_engine(settings.database_url)
    redis = impatient_redis(settings.redis_url)
    account, mini = service_account(settings, redis), mini_program(settings, redis)
    ctx = Context(
        sessions=make_sessions(engine),
        clock=make_clock(settings),
        city=load_city(settings.city),
        cipher=Cipher(settings.secret_key.get_secret_value()),
        files=FileStore(settings.data_dir / "files"),
        platform=WeChatPlatform(mini, account),
    )
    return House(settings, engine, redis, account, mini, ctx)


def impatient_redis(url: str) -> Redis:
    """A client for caches: what is not there at once is done without."""
    return Redis.from_url(
        url,
        socket_timeout=CACHE_TIMEOUT_SECONDS,
        socket_connect_timeout=CACHE_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def make_clock(settings: Settings) -> Clock:
    """The machine's clock, or in sandbox mode the settable one."""
    return SettableClock(settings.clock_file) if settings.clock_file else system_clock


def api_parts(house: House) -> ApiParts:
    """What the API works with."""
    return ApiParts(
        ctx=house.ctx,
        session_cache=SessionCache(house.redis),
        lift_pages=LiftPages(house.ctx.clock),
        subscribe_templates=subscribe_template_ids(house.settings),
        guesses=Guesses(house.redis),
        public_url=house.settings.public_url,
        proxy_hops=house.settings.proxy_hops,
        wake_printing=wake_printing(house),
    )


def keep_fresh(settings: Settings, pages: LiftPages) -> Listener:
    """Start listening for changed lifts; only then are pages kept in memory."""
    listener = Listener(settings.database_url, "lift_changed", pages.forget, pages.link)
    listener.start()
    return listener


def platform_callbacks(house: House) -> tuple[Blueprint, Blueprint]:
    """Where the callbacks of the service account and of the mini-program arrive."""
    settings = house.settings
    service = Credentials(
        settings.service_appid,
        settings.service_token.get_secret_value(),
        settings.service_aes_key.get_secret_value(),
    )
    mini = Credentials(
        settings.mini_appid,
        settings.mini_token.get_secret_value(),
        settings.mini_aes_key.get_secret_value(),
    )
    wake = queues.wake(connect(settings.redis_url), QueueName.CALLBACKS, tasks.work_on_callbacks)
    return (
        callbacks(house.ctx, SERVICE_PATH, service, wake),
        callbacks(house.ctx, MINI_PATH, mini, wake),
    )


def wake_deliveries(house: House) -> Wake:
    """From now on, commits that wrote messages wake the deliveries; returns what wakes them."""
    wake = queues.wake(connect(house.settings.redis_url), QueueName.DELIVERIES, tasks.send_messages)
    outbox.wake_after_commit(house.ctx.sessions, wake)
    return wake


def wake_printing(house: House) -> Wake:
    """Wakes the worker that prints posters."""
    return queues.wake(connect(house.settings.redis_url), QueueName.PRINTING, tasks.print_posters)


def template_ids(settings: Settings) -> Mapping[str, str]:
    """The ids of our template messages; raises BadSettings when production lacks one."""
    try:
        return ids_on_platform(TEMPLATES, settings.template_ids, settings.sandbox)
    except ValueError as problem:
        raise BadSettings(f"TIBAO_TEMPLATE_IDS: {problem}") from None


def subscribe_template_ids(settings: Settings) -> Mapping[str, str]:
    """The same for the subscribe messages of the mini-program."""
    configured = settings.subscribe_template_ids
    try:
        return ids_on_platform(SUBSCRIBE_TEMPLATES, configured, settings.sandbox)
    except ValueError as problem:
        raise BadSettings(f"TIBAO_SUBSCRIBE_TEMPLATE_IDS: {problem}") from None


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


def handle_callbacks(house: House, bot: ChatBot) -> Handle:
    """Whoever works on a callback, by the account it is about."""
    service = ServiceAccountEvents(house.ctx, bot)
    mini = MiniProgramEvents(house.ctx, subscribe_template_ids(house.settings))

    def handle(tx: Session, callback: Callback) -> None:
        of_mini = callback.appid == house.settings.mini_appid
        (mini if of_mini else service).handle(tx, callback)

    return handle


def job_parts(house: House) -> tasks.Parts:
    """What a worker's jobs work with."""
    connection = connect(house.settings.redis_url)
    public_url = house.settings.public_url

    def plan_url(plan_id: UUID) -> str:
        return f"{public_url}/p/{plan_id}"

    return tasks.Parts(
        ctx=house.ctx,
        redis=connection,
        send=channels(house).send,
        handle=handle_callbacks(house, ChatBot(plan_url)),
        wake_deliveries=wake_deliveries(house),
        wake_callbacks=queues.wake(connection, QueueName.CALLBACKS, tasks.work_on_callbacks),
        wake_printing=wake_printing(house),
        public_url=public_url,
    )
