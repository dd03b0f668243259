"""The demo's estate for measuring: real servers, the API in this process, the demo's people."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import requests
from flask import Flask
from pyotp import TOTP
from requests.adapters import BaseAdapter
from werkzeug.serving import make_server
from werkzeug.test import Client

from backend import wiring
from backend.app import create_app
from backend.config import LOCAL_OWNER, Settings
from backend.demo.cast import ACCOUNT, CAST
from backend.demo.city import BEGINS, City, DemoBuilding
from backend.demo.seed import import_workbooks, let_people_in
from backend.demo.stage import DemoStage, Found
from backend.local.postgres import PROGRAMS, database_url
from backend.local.processes import LOOPBACK, free_port
from backend.local.throwaway import throwaway_postgres, throwaway_valkey
from backend.local.valkey import redis_url
from backend.programs.api import api_parts, keep_fresh
from backend.runtime import Runtime
from backend.services.base.context import Context
from backend.services.people import second_factors, sessions
from backend.store import migrate
from backend.wechat.sandbox.app import create_sandbox

BUILDING = DemoBuilding("1栋", ACCOUNT, "2025-03-10", "2026-03-10")


@contextmanager
def throwaway_settings() -> Iterator[Settings]:
    """Servers of one's own, migrated and empty, for as long as the block runs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tibao-bench-")))
        port = stack.enter_context(throwaway_postgres(folder / "pg"))
        settings = Settings(
            data_dir=folder,
            clock_file=folder / "clock",
            database_url=database_url(port),
            redis_url=redis_url(stack.enter_context(throwaway_valkey(folder / "valkey"))),
            wechat_url=f"http://{LOOPBACK}:{free_port()}",
        )
        migrate.upgrade(database_url(port, role=LOCAL_OWNER), PROGRAMS)
        yield settings


class InThisProcess(BaseAdapter):
    """Answers requests with an app instead of over the network."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._client = Client(app)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]  # how to send is the network's business
        """The app's answer to this request."""
        answer = self._client.open(
            request.path_url,
            method=request.method or "GET",
            headers=list(request.headers.items()),
            data=request.body,
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(answer.headers)
        response.raw = BytesIO(answer.data)
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is open."""


class Indoors(DemoStage):
    """The demo's stage, where the API is in this process and no worker has to be waited for."""

    def __init__(self, settings: Settings, ctx: Context, app: Flask) -> None:
        super().__init__(settings, ctx)
        self._authenticators: dict[str, TOTP] = {}
        self.move_to(ctx, app)

    def move_to(self, ctx: Context, app: Flask) -> None:
        """Go on with the same people in another house that knows them."""
        self._ctx = ctx
        self._http.mount(self._public_url, InThisProcess(app))
        self._http.headers["Accept-Encoding"] = "identity"  # nobody unpacks on this way

    def sits_down(self, key: str) -> None:
        """There is no desk here: what it calls binds an authenticator that is kept here."""
        token = self._tokens[key]
        totp = TOTP(second_factors.new_secret(self._ctx, token))
        actor = sessions.authenticate(self._ctx, token)
        second_factors.enrol(self._ctx, actor, token, totp.now())
        self._authenticators[CAST[key].shown] = totp

    def _next_digits(self, name: str) -> str:
        """Asked for again after ten minutes, it shows others."""
        return self._authenticators[name].now()

    def meanwhile(self, work: Callable[[], Found]) -> Callable[[], Found]:
        """One request at a time, since their statements are counted."""
        done = work()
        return lambda: done

    def catch_up(self, sweeps: bool = True) -> None:
        """Nobody works in the background."""

    def read_file(self, key: str, sha256: str) -> bytes:
        """The bytes of a file, as this person gets them."""
        answer = self._http.get(f"{self._api}/files/{sha256}", headers=self.headers(key))
        answer.raise_for_status()
        return answer.content


@dataclass(frozen=True)
class Scene:
    """The estate on 2 January 2025, before anybody has applied for anything."""

    runtime: Runtime
    app: Flask
    stage: Indoors
    city: City

    def posted(self) -> tuple[str, str]:
        """The paths of a case whose notice hangs in 1栋, and of the notice."""
        case = self.city.plan(BUILDING)
        self.city.approve(case)
        return case, self.city.post(case, BUILDING)


@contextmanager
def demo_estate(settings: Settings) -> Iterator[Scene]:
    """Everybody of the demo is there and signed in, for as long as the block runs."""
    with emulator(settings), house(settings) as (runtime, app):
        import_workbooks(runtime.ctx)
        indoors = Indoors(settings, runtime.ctx, app)
        for account in ("service", "mini"):
            indoors.platform("PUT", "/callback", {"url": None, "app": account})
        indoors.set_clock(BEGINS)
        let_people_in(indoors, runtime.ctx, settings.mini_appid)
        yield Scene(runtime, app, indoors, City(indoors))


@contextmanager
def house(settings: Settings) -> Iterator[tuple[Runtime, Flask]]:
    """The API in this process, on a database that is up to date."""
    with ExitStack() as stack:
        runtime = wiring.build(settings)
        stack.callback(runtime.engine.dispose)
        parts = api_parts(runtime)
        listener = keep_fresh(settings, parts.lift_pages)
        stack.callback(listener.stop)
        yield runtime, create_app(parts)


@contextmanager
def emulator(settings: Settings) -> Iterator[None]:
    """The platform, in this process."""
    port = int(settings.wechat_url.rpartition(":")[2])
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server(LOOPBACK, port, create_sandbox(settings), threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()
