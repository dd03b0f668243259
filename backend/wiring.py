"""The composition root: the only module that knows every part."""

from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine

from backend.api.lift_pages import LiftPages
from backend.api.parts import Parts as ApiParts
from backend.clock import Clock, SettableClock, system_clock
from backend.config import Settings
from backend.domain.city import CityProfile, parse_city
from backend.services.context import Context
from backend.services.sessions import SessionCache
from backend.store import tables
from backend.store.cipher import Cipher
from backend.store.database import make_engine, make_sessions
from backend.store.files import FileStore
from backend.store.listener import Listener
from backend.wechat.client import ServiceAccount, mini_program, service_account
from backend.wechat.platform import WeChatPlatform

CITIES = Path(__file__).parent / "cities"
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


def load_city(code: str) -> CityProfile:
    """The profile in `backend/cities/<code>.toml`."""
    return parse_city((CITIES / f"{code}.toml").read_text(encoding="utf-8"))


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
