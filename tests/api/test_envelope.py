import shutil
from dataclasses import replace
from typing import Any

import pytest
from flask import Response
from flask.testing import FlaskClient
from pydantic import Field
from sqlalchemy import NullPool, create_engine, text, update

from backend import wiring
from backend.app import create_app
from backend.config import Settings
from backend.domain.errors import Refusal, Refused
from backend.domain.outages import Closing
from backend.domain.tokens import token_text
from backend.http.parts import ApiParts, context
from backend.http.present import Input, nothing
from backend.http.routes import DECLARATIONS, Routes
from backend.programs import api as api_program
from backend.services.base.context import Context
from backend.services.messages.channel_states import close
from backend.store.messages import Outbox
from backend.store.people import Person
from tests.build.calling import refused, told
from tests.build.databases import Database
from tests.build.followers import write_reminder
from tests.build.players import Players


class NoteIn(Input):
    """A body with a limit or two."""

    text: str = Field(min_length=2, max_length=5)
    lines: list[int] = Field(default=[], max_length=2)


trial = Routes("trial", "只在测试里")


@trial.post("/trial/notes", auth="public", answers={204: None})
def take_note(body: NoteIn) -> Response:
    """记一笔"""
    return nothing()


@trial.post("/trial/refusals", auth="public", answers={204: None})
def refuse_all() -> Response:
    """不行"""
    raise Refused(Refusal("first", "第一条", "a"), Refusal("second", "第二条"), kind="conflict")


@trial.get("/trial/constraint", auth="public", answers={204: None})
def break_constraint() -> Response:
    """违反约束"""
    return _run("INSERT INTO upload VALUES (repeat('0', 64), gen_random_uuid(), now())")


@trial.get("/trial/range", auth="public", answers={204: None})
def break_range() -> Response:
    """数值太大"""
    return _run("SELECT 9223372036854775807 + 1")


@trial.get("/trial/crash", auth="public", answers={204: None})
def crash() -> Response:
    """出错"""
    raise ZeroDivisionError("secret detail")


def _run(statement: str) -> Response:
    with context().sessions() as tx:
        tx.execute(text(statement))
    return nothing()


@pytest.fixture
def client(parts: ApiParts) -> FlaskClient:
    return create_app(parts, [trial.blueprint]).test_client()


def test_an_address_that_does_not_exist(client: FlaskClient) -> None:
    assert refused(client.get("/api/v1/nowhere"), 404) == ["not_found"]
    assert refused(client.get("/elsewhere"), 404) == ["not_found"]


def test_a_method_that_is_not_offered_names_those_that_are(client: FlaskClient) -> None:
    answer = client.put("/api/v1/me")
    assert refused(answer, 405) == ["method_not_allowed"]
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b'{"text": NaN}',
        b'{"text": "\\ud800"}',
        b'{"text": "a\\u0000"}',
        b"\xff",
        b"[" * 9000,
    ],
    ids=["cut", "empty", "nan", "half a surrogate", "zero byte", "not UTF-8", "too deep"],
)
def test_json_that_cannot_be_read(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/v1/trial/notes", data=body, content_type="application/json")
    assert refused(answer, 400) == ["malformed_request"]


@pytest.mark.parametrize("body", [b"[]", b'"{}"', b"null", b"7"])
def test_json_that_is_not_an_object(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/v1/trial/notes", data=body, content_type="application/json")
    assert refused(answer, 422) == ["object_expected"]


def test_a_body_that_is_not_json(client: FlaskClient) -> None:
    answer = client.post("/api/v1/trial/notes", data=b"text=ab", content_type="text/plain")
    assert refused(answer, 415) == ["unsupported_media_type"]


def test_a_body_that_is_too_large(client: FlaskClient) -> None:
    answer = client.post("/api/v1/trial/notes", json={"text": "x" * 70_000})
    assert refused(answer, 413) == ["too_large"]


def test_every_wrong_field_is_named_at_once(client: FlaskClient) -> None:
    answer = client.post("/api/v1/trial/notes", json={"lines": [1, "x", 3], "extra": 1})
    assert sorted(refused(answer, 422)) == ["field_missing", "field_unknown", "list_too_long"]
    assert {error["field"] for error in told(answer)["errors"]} == {"text", "lines", "extra"}


@pytest.mark.parametrize(("text", "code"), [("x", "text_too_short"), ("xxxxxx", "text_too_long")])
def test_a_text_of_the_wrong_length_says_the_limit(
    client: FlaskClient, text: str, code: str
) -> None:
    answer = client.post("/api/v1/trial/notes", json={"text": text})
    assert refused(answer, 422) == [code]
    assert ("2" if code == "text_too_short" else "5") in told(answer)["errors"][0]["message"]


def test_a_rule_that_says_no_gives_all_its_reasons(client: FlaskClient) -> None:
    answer = client.post("/api/v1/trial/refusals", json={})
    assert refused(answer, 409) == ["first", "second"]
    assert [error["field"] for error in told(answer)["errors"]] == ["a", None]


def test_what_only_the_database_noticed_is_a_conflict(client: FlaskClient) -> None:
    assert refused(client.get("/api/v1/trial/constraint"), 409) == ["conflicts_with_records"]


def test_a_number_beyond_all_bounds_is_invalid(client: FlaskClient) -> None:
    assert refused(client.get("/api/v1/trial/range"), 422) == ["value_out_of_range"]


def test_a_crash_tells_people_nothing_and_the_log_everything(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/api/v1/trial/crash")
    assert refused(answer, 500) == ["internal_error"]
    assert "secret detail" not in answer.text
    assert "secret detail" in caplog.text
    assert told(answer)["request_id"] in caplog.text


def test_ready_says_what_waits_for_the_operator(client: FlaskClient, ctx: Context) -> None:
    ready: dict[str, Any] = {
        "status": "ok",
        "failing": [],
        "waiting_for_operator": {},
        "kept_too_long": [],
        "closed_channels": {},
    }
    assert client.get("/readyz").json == ready
    with ctx.sessions() as tx:
        person = Person(name_sealed=None, created_at=ctx.clock())
        tx.add(person)
        tx.flush()
        write_reminder(tx, ctx, person.id)
        tx.execute(update(Outbox).values(outcome="set_up/40164"))
        tx.commit()
    ready["waiting_for_operator"] = {"40164": 1}
    assert client.get("/readyz").json == ready
    close(ctx, "template", Closing("set_up/40164", 40164, ours=True), tried=False)
    assert client.get("/readyz").json == {**ready, "closed_channels": {"template": "set_up/40164"}}


def test_a_database_that_is_away_is_said_so(settings: Settings) -> None:
    away = replace(settings, database_url="postgresql+psycopg://x@127.0.0.1:9/x")
    client = create_app(api_program.api_parts(wiring.build(away))).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert told(answer)["failing"] == ["database"]
    answer = client.get(f"/api/v1/public/lifts/{token_text(bytes(16))}")
    assert refused(answer, 503) == ["busy"]
    assert answer.headers["Retry-After"]
    assert client.get("/healthz").json == {"status": "ok"}, "it lives, and a restart helps nobody"


def test_tables_of_an_older_version_are_said_so_and_newer_ones_let_it_work_on(
    client: FlaskClient, database: Database
) -> None:
    database.create()
    owner = create_engine(database.owner_url, poolclass=NullPool)
    expected = {"0001_first": (503, ["schema"]), "9999_later": (200, [])}
    for other, found in expected.items():
        with owner.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": other})
        answer = client.get("/readyz")
        assert (answer.status_code, told(answer)["failing"]) == found, other
    with owner.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert told(client.get("/readyz"))["failing"] == ["schema"]


def test_files_that_cannot_be_kept_are_said_so_and_a_lost_redis_harms_nobody(
    client: FlaskClient, parts: ApiParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts.guesses, "answers", lambda: False)
    answer = client.get("/readyz")
    assert (answer.status_code, told(answer)["failing"]) == (200, ["redis"])
    root = parts.ctx.files.path("0" * 64).parents[1]
    shutil.rmtree(root, ignore_errors=True)
    root.touch()
    answer = client.get("/readyz")
    assert (answer.status_code, told(answer)["failing"]) == (503, ["files", "redis"])


@pytest.mark.parametrize("given", ["0123456789abcdef", "a-request.from_the-gateway"])
def test_a_plain_request_id_is_kept(client: FlaskClient, given: str) -> None:
    answer = client.get("/api/v1/nowhere", headers={"X-Request-Id": given})
    assert told(answer)["request_id"] == given


@pytest.mark.parametrize("given", ["short", "with space and\ttab", "x" * 65, "<script>alert"])
def test_a_strange_request_id_is_replaced(client: FlaskClient, given: str) -> None:
    answer = client.get("/api/v1/nowhere", headers={"X-Request-Id": given})
    assert told(answer)["request_id"] != given


def test_the_access_log_names_the_route_and_no_secret(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "tibao.access")
    client.get("/api/v1/files/0123456789", headers={"Authorization": "Bearer very-secret"})
    assert "GET /api/v1/files/<sha256> 401" in caplog.text
    assert "very-secret" not in caplog.text
    assert "0123456789" not in caplog.text


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/api/v1/nowhere", "/openapi/swagger", "/healthz"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_nobody_is_sent_to_the_host_that_a_caller_names(client: FlaskClient) -> None:
    answer = client.get("/openapi?x=1", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["Location"]) == (308, "/openapi/?x=1")


def test_only_a_host_that_is_reached_by_https_forbids_everything_else(parts: ApiParts) -> None:
    paths = ("/", "/api/v1/nowhere", "/openapi/swagger", "/healthz", "/readyz", "/e/x", "/nowhere")
    for address, told_so in (("https://tibao.example", True), ("http://127.0.0.1:8400", False)):
        client = create_app(replace(parts, public_url=address)).test_client()
        for path in paths:
            policy = client.get(path).headers.get("Strict-Transport-Security", "")
            assert policy.startswith("max-age=31536000") is told_so


def test_what_one_person_may_read_stays_in_no_cache(players: Players) -> None:
    for path in ("/me", "/me/data", "/me/data/export"):
        mine = players.get("owner1", path)
        assert (mine.status_code, mine.headers["Cache-Control"]) == (200, "no-store")
        known = players.get("owner1", path, **{"If-None-Match": mine.headers["ETag"]})
        assert (known.status_code, known.headers["Cache-Control"]) == (304, "no-store")


def test_a_route_that_declares_no_auth_is_not_served(parts: ApiParts) -> None:
    app = create_app(parts)
    app.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "hello")
    assert "forgotten" not in DECLARATIONS
    assert refused(app.test_client().get("/api/v1/forgotten"), 500) == ["internal_error"]
