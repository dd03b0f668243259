"""The WeChat emulator: a server of its own that speaks the platform's protocol to us.

A product beside the house: it knows of ours what both sides of the protocol must agree on
(`wechat.templates`), and nothing of ours knows it. Its rooms, each resting on those before it:

- `memory`: people and their messages, tokens and codes, faults to come, what was sent lately;
- `callbacks`: what the platform pushes to us, sealed, tried three times and logged;
- `parts`: all of that, handed to every endpoint;
- `calls`: what we ask of the platform: the table of calls, and how each is answered;
- `play`: the control API, by which tests and people play phones, move the clock, cause faults;
  and a PC of an office, at which one click signs somebody in;
- `pages`: the bench with phones at `/`, and the mini-program's web build at `/mini/`.

Run by `tibao sandbox` in one process, since the state is in its memory, with a thread for each
connection, since latency must not make callers queue.
"""

from pathlib import Path

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from backend.clock import SettableClock, system_clock
from backend.config import Settings
from backend.wechat.sandbox.callbacks.messages import accounts
from backend.wechat.sandbox.callbacks.pusher import Pusher
from backend.wechat.sandbox.calls.table import platform_calls
from backend.wechat.sandbox.memory.credentials import OneUseCodes, Tokens
from backend.wechat.sandbox.memory.faults import Faults
from backend.wechat.sandbox.memory.sends import RecentSends
from backend.wechat.sandbox.memory.state import State
from backend.wechat.sandbox.pages.bench import bench_page
from backend.wechat.sandbox.pages.phone import BUILD, mini_program
from backend.wechat.sandbox.parts import SandboxParts
from backend.wechat.sandbox.play.office_pc import office_pc
from backend.wechat.sandbox.play.routes import control_api


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
        sends=RecentSends(lambda: system_clock().timestamp()),
        pusher=Pusher(service, clock, state),
        mini_pusher=Pusher(mini, clock, state),
    )
    app = Flask("tibao-wechat-sandbox", static_folder=None)
    app.json = _Json(app)
    app.register_blueprint(platform_calls(parts))
    app.register_blueprint(control_api(parts))
    app.register_blueprint(mini_program(parts, mini_build))
    app.register_blueprint(bench_page())
    app.register_blueprint(office_pc(parts))
    return app
