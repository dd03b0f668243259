"""A WeChat emulator that runs in this process, and what may stand where our API stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

import requests
from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from backend.config import Settings
from backend.wechat.callbacks import Credentials

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ANSWER = "tests.answer"


class _KeepAlive(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, kind: str, message: str, *args: Any) -> None:
        """Keep the tests' output quiet."""

    def connection_dropped(
        self, error: BaseException, environ: "WSGIEnvironment | None" = None
    ) -> None:
        """Close what was being sent, a file perhaps: werkzeug leaves it open if the browser went
        while it read what else that browser may have said."""
        close = getattr((environ or {}).get(ANSWER), "close", None)
        if close is not None:
            close()


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


def _known(app: Flask) -> "WSGIApplication":
    def answered(environ: "WSGIEnvironment", start: "StartResponse") -> "Iterable[bytes]":
        environ[ANSWER] = answer = app(environ, start)
        return answer

    return answered


def serve(app: Flask) -> tuple[BaseWSGIServer, str]:
    """Serve an app from a thread; returns the server and its address."""
    server = make_server("127.0.0.1", 0, _known(app), threaded=True, request_handler=_KeepAlive)
    server.daemon_threads = True  # type: ignore[attr-defined]  # of the threaded server class
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"
