"""Our callback address over HTTP: what the platform sends is stored once, nothing else is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from backend import seldom
from backend.services.base.context import Context
from backend.store.database import make_sessions
from backend.store.files import FileStore
from backend.store.messages import Inbox, UnreadableCallback
from backend.wechat.callbacks import BODY_LIMIT_BYTES, Credentials, signature
from backend.wechat.routes import SERVICE_PATH, callbacks
from tests.build.callbacks import (
    NOW,
    OURS,
    SAMPLE,
    SAMPLE_BODY,
    SAMPLE_NOW,
    SAMPLE_QUERY,
    body_of,
    message,
    query_for,
    sealed,
)
from tests.build.clock import ManualClock
from tests.build.context import quiet_context
from tests.build.counting import Counter
from tests.build.no_platform import NoPlatform


class OnlyCallbacks(NoPlatform):
    """Receiving a callback asks the platform nothing."""

    service_appid = OURS.appid


@pytest.fixture
def ctx(engine: Engine, clock: ManualClock, tmp_path: Path) -> Context:
    clock.set(NOW)
    quiet = quiet_context(make_sessions(engine), clock, FileStore(tmp_path))
    return replace(quiet, platform=OnlyCallbacks())


@pytest.fixture
def woken() -> list[UUID]:
    return []


@pytest.fixture
def endpoint(ctx: Context, woken: list[UUID]) -> Callable[[Credentials], FlaskClient]:
    """A client of an app with nothing but the address for these credentials."""

    def make(credentials: Credentials) -> FlaskClient:
        app = Flask("ours")
        app.register_blueprint(callbacks(ctx, SERVICE_PATH, credentials, woken.extend))
        return app.test_client()

    return make


@pytest.fixture
def client(endpoint: Callable[[Credentials], FlaskClient]) -> FlaskClient:
    return endpoint(OURS)


def stored(ctx: Context) -> list[Inbox]:
    with ctx.sessions() as tx:
        return list(tx.scalars(select(Inbox).order_by(Inbox.id)))


def unreadable_callbacks(ctx: Context) -> list[str]:
    with ctx.sessions() as tx:
        rows = tx.scalars(select(UnreadableCallback)).all()
    column = UnreadableCallback.body_sealed
    return [ctx.cipher.open(column, row.id, row.body_sealed) for row in rows]


def posted(client: FlaskClient, inner: str) -> tuple[int, str]:
    encrypted = sealed(inner)
    answer = client.post(SERVICE_PATH, query_string=query_for(encrypted), data=body_of(encrypted))
    return answer.status_code, answer.text


def test_the_published_sample_passes_with_its_credentials_and_its_time(
    endpoint: Callable[[Credentials], FlaskClient], ctx: Context, clock: ManualClock
) -> None:
    clock.set(SAMPLE_NOW)
    answer = endpoint(SAMPLE).post(SERVICE_PATH, query_string=SAMPLE_QUERY, data=SAMPLE_BODY)
    assert (answer.status_code, answer.text) == (200, "success")
    (row,) = stored(ctx)
    assert row.dedupe_key.startswith("msg:")
    assert row.appid == SAMPLE.appid
    assert "abcdteT" in ctx.cipher.open(Inbox.body_sealed, row.id, row.body_sealed)


def test_a_message_is_stored_sealed_answered_and_handed_on(
    client: FlaskClient, ctx: Context, woken: list[UUID]
) -> None:
    assert posted(client, message(MsgId="1", Content="保费偏高")) == (200, "success")
    (row,) = stored(ctx)
    assert woken == [row.id]
    assert "保费偏高".encode() not in row.body_sealed


def test_a_repetition_gets_the_same_answer_and_is_stored_once(
    client: FlaskClient, ctx: Context, woken: list[UUID]
) -> None:
    for _ in range(3):
        assert posted(client, message(MsgId="1", Content="同意")) == (200, "success")
    assert len(stored(ctx)) == len(woken) == 1


def test_the_consoles_check_gets_its_echo(client: FlaskClient) -> None:
    timestamp = str(int(NOW.timestamp()))
    query = {
        "signature": signature(OURS.token, timestamp, "7"),
        "timestamp": timestamp,
        "nonce": "7",
        "echostr": "5931",
    }
    answer = client.get(SERVICE_PATH, query_string=query)
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "5931", "text/plain")
    assert client.get(SERVICE_PATH, query_string=query | {"nonce": "8"}).status_code == 403


class TestForbidden:
    @pytest.fixture(autouse=True)
    def _nothing_is_stored(self, ctx: Context, woken: list[UUID]) -> Iterator[None]:
        yield
        assert stored(ctx) == []
        assert unreadable_callbacks(ctx) == []
        assert woken == []

    def post(self, client: FlaskClient, query: dict[str, str], body: bytes) -> int:
        return client.post(SERVICE_PATH, query_string=query, data=body).status_code

    def test_a_forged_signature(self, client: FlaskClient) -> None:
        encrypted = sealed(message(MsgId="1"))
        query = query_for(encrypted, token="guessed")
        assert self.post(client, query, body_of(encrypted)) == 403

    def test_another_body_under_a_good_signature(self, client: FlaskClient) -> None:
        query = query_for(sealed(message(MsgId="1")))
        assert self.post(client, query, body_of(sealed(message(MsgId="2")))) == 403

    def test_a_replay_after_five_minutes(self, client: FlaskClient, clock: ManualClock) -> None:
        encrypted = sealed(message(MsgId="1"))
        clock.advance(seconds=301)
        assert self.post(client, query_for(encrypted), body_of(encrypted)) == 403

    def test_a_message_for_another_account(self, client: FlaskClient) -> None:
        encrypted = sealed(message(MsgId="1"), appid="wx0000000000000000")
        assert self.post(client, query_for(encrypted), body_of(encrypted)) == 403

    def test_plain_text_in_safe_mode(self, client: FlaskClient) -> None:
        assert self.post(client, query_for(""), message(MsgId="1").encode()) == 403

    def test_nothing_at_all(self, client: FlaskClient) -> None:
        assert self.post(client, {}, b"") == 403

    def test_a_body_over_64_kib(self, client: FlaskClient) -> None:
        encrypted = sealed(message(MsgId="1"))
        body = body_of(encrypted) + b" " * BODY_LIMIT_BYTES
        assert self.post(client, query_for(encrypted), body) == 413
        assert self.post(client, {}, b" " * 1024 * 1024) == 413

    def test_however_many_are_refused_the_log_says_so_once_a_minute(
        self,
        client: FlaskClient,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(seldom, "SILENT_SECONDS", 60)
        for number in range(200):
            self.post(client, {}, str(number).encode())
        assert len([each for each in caplog.records if "refused" in each.getMessage()]) <= 1


@pytest.mark.parametrize("inner", ["not XML", "<xml><MsgType>text</MsgType></xml>", "<a>", ""])
def test_what_the_platform_sent_and_nobody_can_read_becomes_a_unreadable_callback(
    client: FlaskClient, ctx: Context, woken: list[UUID], inner: str
) -> None:
    assert posted(client, inner) == (200, "success")
    assert len(unreadable_callbacks(ctx)) == 1
    assert stored(ctx) == woken == []


def test_an_answer_costs_one_statement_and_asks_nobody(client: FlaskClient, ctx: Context) -> None:
    """The platform waits five seconds; everything that takes time comes later."""
    with Counter(ctx) as counter:
        for number in range(20):
            posted(client, message(MsgId=str(number)))
    assert counter.queries == 20
    assert len(stored(ctx)) == 20
