"""What every program of the house is joined from; `programs` adds what only one of them needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

import backend.store.tables  # noqa: F401 - every record is known before the first query
from backend.clock import Clock, SettableClock, system_clock
from backend.config import BadSettings, Settings
from backend.jobs import queues
from backend.jobs.names import QueueName
from backend.services.base.context import Context, SubjectKind
from backend.services.base.wake import Wake
from backend.services.messages import outbox
from backend.store.city_files import load_city
from backend.store.database import make_engine, make_sessions
from backend.store.files import FileStore
from backend.store.keys import make_cipher
from backend.wechat.client import ServiceAccount, service_account
from backend.wechat.mini_program import MiniProgram, mini_program
from backend.wechat.platform import WeChatPlatform
from backend.wechat.templates import SUBSCRIBE_TEMPLATES, TEMPLATES, ids_on_platform


@dataclass(frozen=True)
class Runtime:
    """The parts that every process of the house shares."""

    settings: Settings
    engine: Engine
    service_account: ServiceAccount
    mini_program: MiniProgram
    ctx: Context


def join(settings: Settings, kinds: Mapping[str, SubjectKind]) -> Runtime:
    """Join the parts as configured. Opens no connection yet.

    `kinds` are those of `wiring`; a program that moves no subject on does without.

    Raises FileNotFoundError for a city without a file and BadCity for one with a wrong key.
    """
    engine = make_engine(settings.database_url)
    account, mini = service_account(settings), mini_program(settings)
    ctx = Context(
        sessions=make_sessions(engine),
        clock=make_clock(settings),
        city=load_city(settings.city),
        cipher=make_cipher(settings),
        files=FileStore(settings.data_dir / "files"),
        platform=WeChatPlatform(mini, account),
        kinds=kinds,
        document_fonts=settings.document_fonts,
    )
    return Runtime(settings, engine, account, mini, ctx)


def make_clock(settings: Settings) -> Clock:
    """The machine's clock, or in sandbox mode the settable one."""
    return SettableClock(settings.clock_file) if settings.clock_file else system_clock


def wake_deliveries(runtime: Runtime) -> Wake:
    """From now on, commits that wrote messages wake the deliveries; returns what wakes them."""
    wake = _wake(runtime, QueueName.DELIVERIES)
    outbox.wake_after_commit(runtime.ctx.sessions, wake)
    return wake


def wake_callbacks(runtime: Runtime) -> Wake:
    """Wakes the worker of the inbox."""
    return _wake(runtime, QueueName.CALLBACKS)


def wake_printing(runtime: Runtime) -> Wake:
    """Wakes the worker that prints posters."""
    return _wake(runtime, QueueName.PRINTING)


def _wake(runtime: Runtime, queue: QueueName) -> Wake:
    return queues.wake(queues.connect(runtime.settings.redis_url), queue)


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
