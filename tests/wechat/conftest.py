"""A WeChat emulator of one's own for each test, over HTTP on a free port."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from flask import Flask, Response, request
from pydantic import SecretStr
from sqlalchemy import Engine
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from backend.config import Settings
from backend.programs import callbacks as callbacks_program
from backend.programs import deliveries as deliveries_program
from backend.services.base.context import Context
from backend.store.purchases import Purchase
from backend.wechat.bot import ChatBot
from backend.wechat.callbacks import Credentials
from backend.wechat.routes import MINI_PATH, SERVICE_PATH, callbacks
from backend.wechat.sandbox.app import create_sandbox
from tests.build.clock import ManualClock
from tests.build.databases import Database
from tests.build.runtime import runtime_at
from tests.build.talk import Talk
from tests.build.village import Village


class _KeepAlive(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, kind: str, message: str, *args: Any) -> None:
        """Keep the tests' output quiet."""


@dataclass
class Sandbox:
    """A running emulator, its settings, and its control API."""

    settings: Settings

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the control API, which must succeed."""
        answer = self.raw(method, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def raw(self, method: str, path: str, body: Any = None) -> requests.Response:
        """One call of the control API, whatever comes of it."""
        url = f"{self.settings.wechat_url}/sandbox{path}"
        return requests.request(method, url, json=body, timeout=20)

    def person(self, name: str, follows: bool = True) -> str:
        """Make a person; returns the openid under the service account."""
        made = self.control("POST", "/people", {"name": name, "subscribed": follows})
        return str(made["openids"]["service"])

    def heard(self, name: str) -> list[dict[str, Any]]:
        """What was delivered to a person."""
        messages = self.control("GET", f"/people/{name}/messages")["messages"]
        return [message for message in messages if message["direction"] == "in"]

    def calls(self, path: str) -> int:
        """How often a platform path was called."""
        return int(self.control("GET", "/calls")["calls"].get(path, 0))


def service_credentials(settings: Settings) -> Credentials:
    """What the service account's callbacks are sealed with."""
    return Credentials(
        settings.service_appid,
        settings.service_token.get_secret_value(),
        settings.service_aes_key.get_secret_value(),
    )


def mini_credentials(settings: Settings) -> Credentials:
    """What the mini-program's callbacks are sealed with."""
    return Credentials(
        settings.mini_appid,
        settings.mini_token.get_secret_value(),
        settings.mini_aes_key.get_secret_value(),
    )


class Receiver:
    """Stands where our API stands: answers callbacks and remembers them."""

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.seen_mini: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.echo = True
        self.app = Flask("receiver")
        self.app.add_url_rule("/wechat/service/callback", "callback", self._take, methods=["POST"])
        self.app.add_url_rule("/wechat/service/callback", "echo", self._echo)
        self.app.add_url_rule("/wechat/mini/callback", "mini", self._take_mini, methods=["POST"])

    def _take(self) -> Response:
        self.seen.append((request.args.to_dict(), request.get_data()))
        status = self.answers.pop(0) if self.answers else 200
        return Response("success", status)

    def _take_mini(self) -> Response:
        self.seen_mini.append((request.args.to_dict(), request.get_data()))
        return Response("success")

    def _echo(self) -> Response:
        return Response(request.args["echostr"] if self.echo else "no")


def serve(app: Flask) -> tuple[BaseWSGIServer, str]:
    """Serve an app from a thread; returns the server and its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_KeepAlive)
    server.daemon_threads = True  # type: ignore[attr-defined]  # of the threaded server class
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def serve_app() -> Iterator[Callable[[Flask], str]]:
    """Serves apps until the test ends; returns their address."""
    servers = []

    def start(app: Flask) -> str:
        server, url = serve(app)
        servers.append(server)
        return url

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def start_sandbox(tmp_path: Path, serve_app: Callable[[Flask], str]) -> Callable[[str], Sandbox]:
    """Starts emulators on the same data directory and clock."""

    def start(public_url: str) -> Sandbox:
        settings = Settings(
            _env_file=None,
            data_dir=tmp_path,
            clock_file=tmp_path / "clock",
            public_url=public_url,
            service_secret=SecretStr("secret-of-the-service-account"),
            mini_secret=SecretStr("secret-of-the-mini-program"),
            wechat_timeout_seconds=1,
        )
        url = serve_app(create_sandbox(settings))
        return Sandbox(settings.model_copy(update={"wechat_url": url}))

    return start


@pytest.fixture
def sandbox(
    receiver: Receiver,
    serve_app: Callable[[Flask], str],
    start_sandbox: Callable[[str], Sandbox],
) -> Sandbox:
    """An emulator whose callbacks reach `receiver`."""
    return start_sandbox(serve_app(receiver.app))


@pytest.fixture
def talk(
    database: Database,
    engine: Engine,
    redis_url: str,
    start_sandbox: Callable[[str], Sandbox],
    clock: ManualClock,
) -> Iterator[Talk]:
    app = Flask("ours")
    server, url = serve(app)
    sandbox = start_sandbox(url)
    sandbox.control("PUT", "/clock", {"now": clock().isoformat()})
    settings = sandbox.settings.model_copy(
        update={"database_url": database.url, "redis_url": redis_url}
    )
    with runtime_at(settings, engine, clock) as runtime:
        bot = ChatBot(lambda plan_id: f"{url}/p/{plan_id}")
        handle = callbacks_program.handle_callbacks(runtime, bot)
        talk = Talk(runtime.ctx, sandbox, handle, deliveries_program.channels(runtime))
        for path, credentials in (
            (SERVICE_PATH, service_credentials(settings)),
            (MINI_PATH, mini_credentials(settings)),
        ):
            app.register_blueprint(callbacks(runtime.ctx, path, credentials, talk.woken.extend))
        yield talk
        talk.silence()
        server.shutdown()
        server.server_close()


@pytest.fixture
def ctx(talk: Talk) -> Context:
    return talk.ctx


@pytest.fixture
def village(village: Village, talk: Talk) -> Village:
    """The village, where those whom the bot speaks with follow the account."""
    for name in ("member0", "member1", "member2", "manager", "clerk", "owner0"):
        talk.knows(name, village.actor(name).person_id)
    return village


@pytest.fixture
def purchase(village: Village, talk: Talk) -> Purchase:
    """A case with a plan before the committee."""
    purchase = village.planned()
    talk.pump()
    return purchase
