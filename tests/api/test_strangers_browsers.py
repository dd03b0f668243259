"""What the browser of somebody who opened another site can be made to do here: nothing."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.routing import Rule

from backend.http.routes import DECLARATIONS, PREFIX
from backend.services.base.context import Context
from tests.build.calling import refused
from tests.build.players import Players, nothing_written, post_notice
from tests.build.village import TOKEN, Village

SAFE = {"GET", "HEAD", "OPTIONS"}
ELSEWHERE = {"Origin": "https://elsewhere.example", "Referer": "https://elsewhere.example/"}
# What a form of any site may send without asking first.
OF_A_FORM = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b")


@pytest.fixture
def notice(players: Players) -> str:
    """A notice that hangs."""
    return post_notice(players)[1]


def concrete(rule: Rule, village: Village, notice: str) -> str:
    """An address of the rule, of something that is there where the public may see it."""
    known = {"notice_id": notice, "token": "0" * 26, "lift_id": str(village.lifts[0])}
    path = rule.rule
    for name in rule.arguments:
        converter = path[path.index("<") : path.index(">") + 1]
        path = path.replace(converter, known.get(name, str(uuid4())), 1)
    return path


def everywhere(app: Flask, village: Village, notice: str) -> list[tuple[str, str]]:
    """Method and address of everything that is served."""
    return [
        (method, concrete(rule, village, notice))
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
    ]


def test_no_other_site_is_let_in_and_nothing_is_kept_in_the_browser(
    app: Flask, players: Players, village: Village, notice: str
) -> None:
    asked = everywhere(app, village, notice)
    assert len(asked) > 150
    preflight = {"Access-Control-Request-Method": "POST"}
    for method, path in asked:
        for session in ({}, players.headers("clerk")):
            headers = ELSEWHERE | preflight | session
            answer = players.client.open(path, method=method, headers=headers)
            named = {name.lower() for name, _ in answer.headers}
            assert not {name for name in named if name.startswith("access-control")}, path
            assert "set-cookie" not in named, path


def test_every_answer_shuts_what_a_browser_might_do_with_it(
    app: Flask, players: Players, village: Village, notice: str
) -> None:
    policies = set()
    for method, path in everywhere(app, village, notice):
        for session in ({}, players.headers("clerk")):
            answer = players.client.open(path, method=method, headers=session)
            policy = answer.headers["Content-Security-Policy"]
            directives = {part.strip() for part in policy.split(";")}
            policies.add(policy)
            assert {
                "object-src 'none'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            } <= directives, path
            assert any(part.startswith("default-src ") for part in directives), path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert answer.headers["Referrer-Policy"] == "no-referrer", path
            if (answer.mimetype or "").startswith("text/"):
                assert answer.content_type.endswith("charset=utf-8"), path
    assert len(policies) > 1


def test_a_form_of_another_site_changes_nothing(
    app: Flask, players: Players, village: Village, ctx: Context, notice: str
) -> None:
    """It carries no session, since there is no cookie; with one it is still no JSON."""
    writing = [
        (method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - SAFE)
    ]
    assert len(writing) > 50
    body = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n{}\r\n--b--\r\n'
    with nothing_written(ctx):
        for method, rule in writing:
            declared = DECLARATIONS.get(rule.endpoint)
            path = concrete(rule, village, notice)
            for kind in OF_A_FORM:
                sent: dict[str, Any] = {"method": method, "data": body, "content_type": kind}
                answer = players.client.open(path, headers=ELSEWHERE, **sent)
                assert answer.status_code in (401, 403, 404, 415), (path, answer.status_code)
                if declared and declared.takes_json and declared.auth == "person":
                    answer = players.client.open(path, headers=players.headers("clerk"), **sent)
                    assert refused(answer, 415) == ["unsupported_media_type"], path


def test_a_session_is_taken_from_its_header_alone(client: FlaskClient, players: Players) -> None:
    token = TOKEN.format("clerk")
    for name in ("token", "access_token", "session", "Authorization", "authorization"):
        client.set_cookie(name, token)
        for value in (token, f"Bearer {token}"):
            answer = client.get(f"{PREFIX}/me", query_string={name: value})
            assert answer.status_code == 401, name
    assert players.get("clerk", "/me").status_code == 200


@pytest.fixture
def take_no_writes(engine: Engine) -> Iterator[Callable[[], None]]:
    """From when it is called, the database refuses whoever writes."""

    def read_only(*seen: Any) -> None:
        seen[-1]["options"] += " -c default_transaction_read_only=on"

    def begin() -> None:
        event.listen(engine, "do_connect", read_only)
        engine.dispose()

    yield begin
    event.remove(engine, "do_connect", read_only)
    engine.dispose()  # its connections are the next test's too


def test_what_reads_writes_nothing(
    app: Flask,
    players: Players,
    village: Village,
    notice: str,
    take_no_writes: Callable[[], None],
) -> None:
    take_no_writes()
    wrong = {"what": "房屋", "text": "应为 102"}
    assert players.post("owner0", "/me/rectification-requests", wrong).status_code >= 500
    seen = 0
    for method, path in everywhere(app, village, notice):
        if method in SAFE:
            for who in ("clerk", "manager", "owner0", "auditor", "member0"):
                answer = players.client.open(path, method=method, headers=players.headers(who))
                assert answer.status_code < 500, (method, path)
                seen += answer.status_code == 200
    assert seen > 100


def test_methods_that_nothing_here_has_are_refused(
    app: Flask, players: Players, village: Village, notice: str
) -> None:
    for path in {path for _, path in everywhere(app, village, notice)}:
        for method in ("TRACE", "CONNECT", "PROPFIND"):
            answer = players.client.open(path, method=method, headers=players.headers("clerk"))
            assert answer.status_code in (404, 405), (method, path)
            assert TOKEN.format("clerk") not in answer.text
