"""The program that answers HTTP: what the API works with, and where the platform pushes to."""

import logging

from flask import Blueprint

from backend.config import LOG_FORMAT, BadSettings, Settings, load_settings
from backend.domain.city.bad_city import BadCity
from backend.domain.errors import Refused
from backend.http import frame
from backend.http.lift_pages import LiftPages
from backend.http.parts import ApiParts
from backend.http.room import make_room
from backend.http.served import end_with_parent
from backend.runtime import (
    Runtime,
    subscribe_template_ids,
    wake_callbacks,
    wake_deliveries,
    wake_printing,
)
from backend.store import schema
from backend.store.guesses import Guesses, impatient_redis
from backend.store.listener import Listener
from backend.wechat.callbacks import Credentials
from backend.wechat.proof_files import proof_files
from backend.wechat.routes import MINI_PATH, SERVICE_PATH, callbacks
from backend.wiring import build


def begin(name: str, migrating: bool = False) -> Runtime:
    """What a process that answers HTTP begins with, as the environment describes it; its messages
    wake the deliveries. Raises SystemExit, with this name, where it cannot (see `require`)."""
    end_with_parent()
    make_room()
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT)
    frame.access_log.setLevel(logging.INFO)
    try:
        settings = load_settings()
        schema.require(settings, migrating)
        runtime = build(settings)
    except (BadSettings, BadCity, Refused) as error:
        raise SystemExit(f"{name}: {error}") from None
    wake_deliveries(runtime)
    return runtime


def api_parts(runtime: Runtime) -> ApiParts:
    """What the API works with."""
    redis = impatient_redis(runtime.settings.redis_url)
    return ApiParts(
        ctx=runtime.ctx,
        lift_pages=LiftPages(runtime.ctx.clock),
        subscribe_templates=subscribe_template_ids(runtime.settings),
        guesses=Guesses(redis, "lifts"),
        wrong_logins=Guesses(redis, "logins"),
        public_url=runtime.settings.public_url,
        sandbox=runtime.settings.sandbox,
        proxy_hops=runtime.settings.proxy_hops,
        wake_printing=wake_printing(runtime),
    )


def keep_fresh(settings: Settings, pages: LiftPages) -> Listener:
    """Start listening for changed lifts; only then are pages kept in memory."""
    listener = Listener(settings.database_url, "lift_changed", pages.forget, pages.link)
    listener.start()
    return listener


def platform_callbacks(runtime: Runtime) -> tuple[Blueprint, ...]:
    """Where the callbacks of the service account and of the mini-program arrive, and where their
    consoles find that the domain is ours."""
    settings = runtime.settings
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
    wake = wake_callbacks(runtime)
    return (
        callbacks(runtime.ctx, SERVICE_PATH, service, wake),
        callbacks(runtime.ctx, MINI_PATH, mini, wake),
        proof_files(settings.data_dir / "proof"),
    )
