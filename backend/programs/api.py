"""The program that answers HTTP: what the API works with, and where the platform pushes to."""

from flask import Blueprint

from backend.config import Settings
from backend.http.lift_pages import LiftPages
from backend.http.parts import ApiParts
from backend.runtime import Runtime, subscribe_template_ids, wake_callbacks, wake_printing
from backend.store.guesses import Guesses, impatient_redis
from backend.store.listener import Listener
from backend.wechat.callbacks import Credentials
from backend.wechat.proof_files import proof_files
from backend.wechat.routes import MINI_PATH, SERVICE_PATH, callbacks


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
