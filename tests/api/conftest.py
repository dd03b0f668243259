"""The whole API on a test's own database, with people who sign in through the emulator."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from flask import Flask, Response, has_request_context, request
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend import wiring
from backend.app import create_app
from backend.config import Settings
from backend.http.description import operations
from backend.http.kept_pages import KeptPages
from backend.http.lift_pages import LiftPages
from backend.http.parts import NAME, ApiParts, context
from backend.http.routes import DECLARATIONS
from backend.programs import api as api_program
from backend.services.base.context import Context
from backend.wechat.platform import WeChatPlatform
from backend.wechat.sandbox.app import create_sandbox
from tests.build.calling import LoginCode, SignedInPerson, SignIn, told
from tests.build.clock import ManualClock
from tests.build.databases import NO_DATABASE, Database
from tests.build.players import Players
from tests.build.runtime import runtime_at
from tests.build.served import in_thread, served
from tests.build.village import Village
from tests.build.waiting import eventually


@pytest.fixture(scope="session")
def emulator_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The WeChat emulator on a free port."""
    folder = tmp_path_factory.mktemp("emulator")
    with in_thread(create_sandbox(Settings(data_dir=folder))) as address:
        yield address


@pytest.fixture
def settings(redis_url: str, emulator_url: str, tmp_path: Path) -> Settings:
    """Those of an app within the test, which is given the test's `engine`."""
    return Settings(
        database_url=NO_DATABASE,
        redis_url=redis_url,
        wechat_url=emulator_url,
        data_dir=tmp_path,
    )


@pytest.fixture
def parts(settings: Settings, engine: Engine, clock: ManualClock) -> Iterator[ApiParts]:
    """The parts of the API; its business time stands still until the test moves `clock`."""
    with runtime_at(settings, engine, clock) as runtime:
        yield api_program.api_parts(runtime)


@pytest.fixture
def ctx(parts: ApiParts) -> Context:
    return parts.ctx


@pytest.fixture(scope="session")
def shared_app() -> Flask:
    """One app for one test after the other: all that it keeps of a test are its parts."""
    app = create_app(api_program.api_parts(wiring.build(Settings())))
    app.after_request(partial(note_undeclared, described(app)))
    return app


UNDECLARED: list[tuple[str, int, str]] = []
# What any route may answer: a fault of the house, and that it is busy.
ANYWHERE = {500: ["internal_error"], 503: ["busy"]}


def described(app: OpenAPI) -> Mapping[str, set[int]]:
    """By operation the statuses that the description of the API has for it."""
    description = app.api_doc
    return {
        operation["operationId"]: {int(status) for status in operation["responses"]}
        for operation in operations(description)
    }


def note_undeclared(statuses: Mapping[str, set[int]], response: Response) -> Response:
    """Keep what a route answered and does not declare: a status, or a refusal's code."""
    endpoint, status = str(request.endpoint), response.status_code
    declared = DECLARATIONS.get(endpoint)
    if not declared or request.method == "HEAD":  # whose body is cut; GET says the same with it
        return response
    if status < 400:
        if request.method != "OPTIONS" and status not in statuses[endpoint.rpartition(".")[2]]:
            UNDECLARED.append((endpoint, status, ""))
        return response
    codes = [error["code"] for error in (response.get_json(silent=True) or {})["errors"]]
    known = [*declared.by_status.get(status, ()), *ANYWHERE.get(status, ())]
    UNDECLARED.extend((endpoint, status, code) for code in codes if code not in known)
    return response


@pytest.fixture
def app(shared_app: Flask, parts: ApiParts) -> Iterator[Flask]:
    """The app on this test's parts; every status and code that a route gave must be described."""
    shared_app.extensions[NAME] = parts
    routes = partial(Flask.wsgi_app, shared_app)
    shared_app.wsgi_app = KeptPages(routes, parts.lift_pages, parts.public_url)  # type: ignore[method-assign]  # as create_app does
    UNDECLARED.clear()
    yield shared_app
    assert not UNDECLARED, f"declare these on their routes: {sorted(set(UNDECLARED))}"


@pytest.fixture(autouse=True)
def nothing_waits_for_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a request wrote is there for good before its service asks the platform."""
    for name in ("check_text", "phone_number"):
        ask = getattr(WeChatPlatform, name)

        def asked(*words: Any, ask: Callable[..., Any] = ask) -> Any:
            open_whole = has_request_context() and "part_of" in context().sessions.kw
            assert not open_whole, "mark the view `asks_platform`"
            return ask(*words)

        monkeypatch.setattr(WeChatPlatform, name, asked)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def tx(ctx: Context) -> Iterator[Session]:
    with ctx.sessions() as session:
        yield session


@pytest.fixture
def login_code(emulator_url: str) -> LoginCode:
    """A fresh code from the emulator for a person of this name."""

    def get_code(name: str) -> str:
        people = f"{emulator_url}/sandbox/people"
        requests.post(people, json={"name": name}, timeout=10).raise_for_status()
        answer = requests.post(f"{people}/{name}/login-code", timeout=10)
        answer.raise_for_status()
        return str(answer.json()["code"])

    return get_code


@pytest.fixture
def sign_in(client: FlaskClient, login_code: LoginCode) -> SignIn:
    """Opens a session for a person of this name."""

    def open_session(name: str) -> SignedInPerson:
        answer = client.post("/api/v1/sessions", json={"code": login_code(name)})
        assert answer.status_code == 201, answer.text
        session = told(answer)
        return SignedInPerson(UUID(session["person_id"]), session["token"])

    return open_session


@pytest.fixture
def players(client: FlaskClient, village: Village) -> Players:
    """Everybody of the village, signed in."""
    return Players(client, village)


@pytest.fixture
def fresh(parts: ApiParts, settings: Settings, database: Database) -> Iterator[LiftPages]:
    """Pages kept in memory while the database is listened to."""
    database.create()
    listening = replace(settings, database_url=database.url)
    listener = api_program.keep_fresh(listening, parts.lift_pages)
    eventually(lambda: parts.lift_pages._hearing)
    yield parts.lift_pages
    listener.stop()


@pytest.fixture
def own_settings(settings: Settings, players: Players, database: Database) -> Settings:
    """Those of a process of its own before the database of the village, as that is now."""
    database.create()
    return replace(settings, database_url=database.url)


@pytest.fixture
def port(own_settings: Settings, players: Players, tmp_path: Path) -> Iterator[int]:
    """The API on the web server of production, at the village's time."""
    with served(own_settings, players.village.clock(), tmp_path) as port:
        yield port
