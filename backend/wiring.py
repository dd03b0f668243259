"""The composition root: the only module that knows every part."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine

from backend.api.lift_pages import LiftPages
from backend.api.parts import Parts as ApiParts
from backend.clock import Clock, SettableClock, system_clock
from backend.config import BadSettings, Settings
from backend.jobs import queues, tasks
from backend.jobs.queues import connect
from backend.services import outbox
from backend.services.context import Context, Wake
from backend.services.sessions import SessionCache
from backend.store import tables
from backend.store.cipher import Cipher
from backend.store.city_files import load_city
from backend.store.database import make_engine, make_sessions
from backend.store.files import FileStore
from backend.store.listener import Listener
from backend.wechat.bot import ChatBot
from backend.wechat.callbacks import Credentials
from backend.wechat.channels import ServiceAccountChannel
from backend.wechat.client import ServiceAccount, mini_program, service_account
from backend.wechat.platform import WeChatPlatform
from backend.wechat.routes import service_account_callbacks
from backend.wechat.templates import ids_on_platform

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
    ctx: Context


def build(settings: Settings) -> House:
    """Join the parts as configured. Opens no connection yet.

    Raises FileNotFoundError for a city without a file and BadCity for one with a wrong key.
    """
    engine = make_engine(settings.database_url)
    redis = impatient_redis(settings.redis_url)
    account = service_account(settings, redis)
    ctx = Context(
        sessions=make_sessions(engine),
        clock=make_clock(settings),
        city=load_city(settings.city),
        cipher=Cipher(settings.secret_key.get_secret_value()),
        files=FileStore(settings.data_dir / "files"),
        platform=WeChatPlatform(mini_program(settings, redis), account),
    )
    return House(settings, engine, redis, account, ctx)


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
    return ApiParts(house.ctx, SessionCache(house.redis), LiftPages(house.ctx.clock))


def keep_fresh(settings: Settings, pages: LiftPages) -> Listener:
    """Start listening for changed lifts; only then are pages kept in memory."""
    listener = Listener(settings.database_url, "lift_changed", pages.forget, pages.link)
    listener.start()
    return listener


def service_callbacks(house: House) -> Blueprint:
    """Where the service account's callbacks arrive."""
    settings = house.settings
    credentials = Credentials(
        settings.service_appid,
        settings.service_token.get_secret_value(),
        settings.service_aes_key.get_secret_value(),
    )
    wake = queues.wake(connect(settings.redis_url), "callbacks", tasks.work_on_callbacks)
    return service_account_callbacks(house.ctx, credentials, wake)


def wake_deliveries(house: House) -> Wake:
    """From now on, commits that wrote messages wake the deliveries; returns what wakes them."""
    wake = queues.wake(connect(house.settings.redis_url), "deliveries", tasks.send_messages)
    outbox.wake_after_commit(house.ctx.sessions, wake)
    return wake


def template_ids(settings: Settings) -> Mapping[str, str]:
    """The ids of our template messages; raises BadSettings when production lacks one."""
    try:
        return ids_on_platform(settings.template_ids, settings.sandbox)
    except ValueError as problem:
        raise BadSettings(str(problem)) from None


def job_parts(house: House) -> tasks.Parts:
    """What a worker's jobs work with."""
    connection = connect(house.settings.redis_url)
    public_url = house.settings.public_url

    def plan_url(plan_id: UUID) -> str:
        return f"{public_url}/p/{plan_id}"

    return tasks.Parts(
        ctx=house.ctx,
        redis=connection,
        send=ServiceAccountChannel(house.service_account, template_ids(house.settings)).send,
        handle=ChatBot(house.ctx, plan_url).handle,
        wake_deliveries=wake_deliveries(house),
        wake_callbacks=queues.wake(connection, "callbacks", tasks.work_on_callbacks),
    )
