"""The phone that the emulator serves: the mini-program's build, and the way through to our API."""

import json
from collections.abc import Callable
from pathlib import Path
from threading import Barrier

import pytest
import requests
from flask import Flask, Response, request

from backend.config import Settings
from backend.wechat.sandbox.app import create_sandbox
from tests.build.waiting import PATIENCE_SECONDS, at_once

Start = Callable[[Flask], str]


@pytest.fixture
def house(serve_app: Start) -> str:
    """Stands where our API stands, and says what it was asked."""
    app = Flask("house")

    def answer(rest: str) -> Response:
        told = {
            "method": request.method,
            "raw": request.environ["REQUEST_URI"],
            "body": request.get_data(as_text=True),
            "bearer": request.headers.get("Authorization"),
            "host": request.host,
        }
        headers = {"ETag": '"kept"', "X-Request-Id": "r1"}
        return Response(json.dumps(told), 201, headers, mimetype="application/json")

    app.add_url_rule("/api/<path:rest>", "api", answer, methods=["GET", "POST", "DELETE"])
    return serve_app(app)


@pytest.fixture
def start(tmp_path: Path, serve_app: Start) -> Callable[[str], str]:
    """Starts an emulator with a build in tmp_path/dist, before a house at this address."""

    def started(public_url: str) -> str:
        settings = Settings(data_dir=tmp_path, public_url=public_url)
        return serve_app(create_sandbox(settings, tmp_path / "dist"))

    return started


@pytest.fixture
def built(tmp_path: Path) -> None:
    """A build of two files, and one beside it that nobody may have."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "index.html").write_text("<p>小程序", encoding="utf-8")
    (tmp_path / "dist" / "mini.js").write_text("start()")
    (tmp_path / "secret").write_text("secret")


def test_before_the_first_build_a_page_says_what_to_do(
    start: Callable[[str], str], house: str
) -> None:
    answer = requests.get(f"{start(house)}/mini/", timeout=5)
    assert answer.status_code == 503
    assert "make web" in answer.text


@pytest.mark.usefixtures("built")
def test_the_build_is_served_and_nothing_beside_it(start: Callable[[str], str], house: str) -> None:
    at = start(house)
    assert "小程序" in requests.get(f"{at}/mini", timeout=5).text
    script = requests.get(f"{at}/mini/mini.js", timeout=5)
    assert script.headers["Content-Type"].startswith("text/javascript")
    for path in ("nothing.js", "%2e%2e/secret", "..%2fsecret"):
        assert requests.get(f"{at}/mini/{path}", timeout=5).status_code == 404


def test_the_page_learns_what_is_printed_and_what_time_it_is(
    start: Callable[[str], str], house: str
) -> None:
    at = start(house)
    moment = {"now": "2025-01-23T09:00:00+08:00"}
    requests.put(f"{at}/sandbox/clock", json=moment, timeout=5).raise_for_status()
    script = requests.get(f"{at}/mini/host.js", timeout=5).text
    told = json.loads(script.removeprefix("window.miniHost = "))
    assert told["printed"] == f"{house}/e/"
    assert told["now"].startswith("2025-01-23T09:00:0")


def test_a_call_goes_on_to_the_api_as_it_came(start: Callable[[str], str], house: str) -> None:
    answer = requests.post(
        f"{start(house)}/api/v1/public/lifts/%2541%E6%A2%AF?a=%20b&a=c",
        data='{"text": "好"}'.encode(),
        headers={"Authorization": "Bearer t", "Content-Type": "application/json"},
        timeout=5,
    )
    told = answer.json()
    assert told["raw"] == "/api/v1/public/lifts/%2541%E6%A2%AF?a=%20b&a=c"
    assert (told["method"], told["body"]) == ("POST", '{"text": "好"}')
    assert (told["bearer"], told["host"]) == ("Bearer t", house.removeprefix("http://"))
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"kept"')
    assert "X-Sandbox-Now" in answer.headers


def test_a_house_that_does_not_answer_is_told_from_one_that_refuses(
    start: Callable[[str], str], free_port: int
) -> None:
    at = start(f"http://127.0.0.1:{free_port}")
    answer = requests.get(f"{at}/api/v1/public/city", timeout=5)
    assert (answer.status_code, answer.json()) == (502, {"errors": []})


def test_calls_at_once_lose_no_connection(
    start: Callable[[str], str], serve_app: Start, caplog: pytest.LogCaptureFixture
) -> None:
    """A page asks several things at once; a pool that is too small warns for each of them."""
    calls = 8
    together = Barrier(calls)
    app = Flask("slow house")

    def answer(rest: str) -> Response:
        together.wait(PATIENCE_SECONDS)
        return Response(rest)

    app.add_url_rule("/api/<path:rest>", "api", answer)
    at = start(serve_app(app))
    told = at_once([lambda: requests.get(f"{at}/api/v1/me", timeout=PATIENCE_SECONDS)] * calls)
    assert {one.status_code for one in told} == {200}
    assert [record.getMessage() for record in caplog.records if "pool" in record.name] == []
