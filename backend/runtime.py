"""What every program of the house is joined from; `programs` adds what only one of them needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine

from backend.clock import Clock, SettableClock, system_clock
from backend.config import BadSettings, Settings
from backend.jobs import queues
from backend.jobs.callbacks import work_on_callbacks
from backend.jobs.deliveries import send_messages
from backend.jobs.names import QueueName
from backend.jobs.printing import print_posters
from backend.services.base.context import Context, SubjectKind
from backend.services.base.wake import Wake
from backend.services.messages import outbox
from backend.store import tables
from backend.store.cipher import Cipher
from backend.store.city_files import load_city
from backend.store.database import make_engine, make_sessions
from backend.store.files import FileStore
from backend.wechat.client import ServiceAccount, service_account
from backend.wechat.mini_program import MiniProgram, mini_program
from backend.wechat.platform import WeChatPlatform
from backend.wechat.templates import SUBSCRIBE_TEMPLATES, TEMPLATES, ids_on_platform

CACHE_TIMEOUT_SECONDS = 0.2


@dataclass(frozen=True)
class Runtime:
    """The parts that every process of the house shares."""

    settings: Settings
    engine: Engine
    redis: Redis
    service_account: ServiceAccount
    mini_program: MiniProgram
    ctx: Context


def join(settings: Settings, kinds: Mapping[str, SubjectKind]) -> Runtime:
    """Join the parts as configured. Opens no connection yet.

    `kinds` are those of `wiring`; a program that moves no subject on does without.

    Raises FileNotFoundError for a city without a file and BadCity for one with a wrong key.
    """
    tables.Base.registry.configure()  # every record is known before the first query
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
        kinds=kinds,
    )
    return Runtime(settings, engine, redis, account, mini, ctx)


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


def wake_deliveries(runtime: Runtime) -> Wake:
    """From now on, commits that wrote messages wake the deliveries; returns what wakes them."""
    wake = _wake(runtime, QueueName.DELIVERIES, send_messages)
    outbox.wake_after_commit(runtime.ctx.sessions, wake)
    return wake


def wake_callbacks(runtime: Runtime) -> Wake:
    """Wakes the worker of the inbox."""
    return _wake(runtime, QueueName.CALLBACKS, work_on_callbacks)


def wake_printing(runtime: Runtime) -> Wake:
    """Wakes the worker that prints posters."""
    return _wake(runtime, QueueName.PRINTING, print_posters)


def _wake(runtime: Runtime, queue: QueueName, job: Callable[[list[str]], None]) -> Wake:
    return queues.wake(queues.connect(runtime.settings.redis_url), queue, job)


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
