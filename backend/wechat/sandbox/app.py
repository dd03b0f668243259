"""The WeChat emulator: a server of its own that speaks the platform's protocol to us.

Run by `granian --interface wsgi --blocking-threads 128 --factory
backend.wechat.sandbox.app:from_environment`: one worker, since the state is in its memory, and many
threads, since latency must not make callers queue.
"""

from pathlib import Path

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from backend.clock import SettableClock, system_clock
from backend.config import Settings, load_settings
from backend.wechat.sandbox.control import control_api
from backend.wechat.sandbox.credentials import OneUseCodes, Tokens
from backend.wechat.sandbox.faults import Faults
from backend.wechat.sandbox.mini import BUILD, mini_program
from backend.wechat.sandbox.page import bench_page
from backend.wechat.sandbox.parts import SandboxParts
from backend.wechat.sandbox.protocol import platform_calls
from backend.wechat.sandbox.push import Pusher, accounts
from backend.wechat.sandbox.sends import RecentSends
from backend.wechat.sandbox.state import State


class _Json(DefaultJSONProvider):
    """Chinese as it is, and a template's lines in their own order."""

    ensure_ascii = False
    sort_keys = False


def create_sandbox(settings: Settings, mini_build: Path = BUILD) -> Flask:
    """The emulator for these settings, with the mini-program's web build in `mini_build`.

    Raises ValueError in production mode.
    """
    if not settings.sandbox:
        raise ValueError("the WeChat emulator does not start in production mode")
    settable = SettableClock(settings.clock_file) if settings.clock_file else None
    clock = settable or system_clock
    state = State(settings, clock)
    service, mini = accounts(settings)
    parts = SandboxParts(
        settings=settings,
        clock=clock,
        settable=settable,
        state=state,
        tokens=Tokens(),
        codes=OneUseCodes(clock),
        phone_codes=OneUseCodes(clock),
        faults=Faults(),
        sends=RecentSends(),
        pusher=Pusher(service, clock, state),
        mini_pusher=Pusher(mini, clock, state),
    )
    app = Flask("tibao-wechat-sandbox", static_folder=None)
    app.json = _Json(app)
    app.register_blueprint(platform_calls(parts))
    app.register_blueprint(control_api(parts))
    app.register_blueprint(mini_program(parts, mini_build))
    app.register_blueprint(bench_page())
    return app


def from_environment() -> Flask:
    """The emulator as the environment configures it: what the server loads."""
    return create_sandbox(load_settings())
