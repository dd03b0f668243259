"""What stands between the web server and the app, without either."""

import asyncio
import json
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any, TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from backend.http import served
from backend.http.served import MOST_WITHIN, READERS, SMALL, MostBytes, Served, environ_of
from tests.build.waiting import PATIENCE_SECONDS

Result = TypeVar("Result")

MOST_BODY = 100_000  # bytes, of those who may send much
SAFE = [("X-Content-Type-Options", "nosniff")]


def scope(method: str, path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": headers,
        "client": ("192.0.2.7", 1234),
        "server": ("127.0.0.1", 8400),
    }


class Talk:
    """One request and its answer."""

    def __init__(self, *pieces: bytes, ends: bool = True) -> None:
        self._pieces = list(pieces)
        self._ends = ends
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""

    async def receive(self) -> dict[str, Any]:
        if not self._pieces and not self._ends:
            await asyncio.Event().wait()
        body = self._pieces.pop(0) if self._pieces else b""
        more = bool(self._pieces) or not self._ends
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.body += message["body"]

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["errors"][0]["code"])


class Trickle(Talk):
    """A request whose body comes byte by byte, for ever."""

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"a", "more_body": True}


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["CONTENT_LENGTH"].encode(), b" ", environ["wsgi.input"].read()]


def nothing_at_once(environ: WSGIEnvironment, start_response: StartResponse) -> None:
    return None


def run(awaited: Coroutine[Any, Any, Result]) -> Result:
    """In a thread of its own: a browser of the tests has its loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, awaited).result(PATIENCE_SECONDS)


def everybody(environ: WSGIEnvironment) -> int:
    return MOST_BODY


def nobody(environ: WSGIEnvironment) -> int:
    return SMALL


def asked(app: Any, request: dict[str, Any], talk: Talk, most: MostBytes = everybody) -> Talk:
    run(Served(app, nothing_at_once, most, SAFE)(request, talk.receive, talk.send))
    return talk


def test_a_body_in_pieces_arrives_whole() -> None:
    talk = asked(echo, scope("POST", "/"), Talk(b"ab", b"", b"c"))
    assert (talk.status, talk.body) == (200, b"3 abc")


def test_a_body_that_nobody_could_accept_is_heard_and_dropped() -> None:
    announced = (b"content-length", b"300000")
    talk = asked(echo, scope("POST", "/", announced), Talk(b"x" * 150_000, b"y" * 150_000))
    assert talk.body == b"300000 "
    talk = asked(echo, scope("POST", "/"), Talk(*[b"x" * 40_000] * 4))
    assert talk.body.startswith(b"160000 "), "the app sees that it is too large"


@pytest.mark.parametrize("announced", [(), ((b"content-length", b"80000"),)])
def test_only_who_may_send_much_is_given_room_for_it(
    announced: tuple[tuple[bytes, bytes], ...],
) -> None:
    request, pieces = scope("POST", "/", *announced), [b"x" * 20_000] * 4
    assert asked(echo, request, Talk(*pieces)).body == b"80000 " + b"x" * 80_000
    dropped = asked(echo, request, Talk(*pieces), nobody).body
    assert dropped.startswith(b"80000 ")
    assert len(dropped) <= len(b"80000 ") + SMALL


@pytest.mark.parametrize("pieces", [(), (b"a",), (b"a",) * 5])
def test_a_body_that_does_not_come_is_waited_for_only_so_long(
    pieces: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "BODY_SECONDS", 0.1)
    request = scope("POST", "/", (b"content-length", b"10"))
    talk = asked(echo, request, Talk(*pieces, ends=False))
    assert (talk.status, talk.code) == (408, "body_too_slow")
    assert talk.headers[b"x-content-type-options"] == b"nosniff"
    assert talk.headers[b"cache-control"] == b"no-store"
    assert talk.headers[b"server"] == b"tibao"


def test_a_body_that_trickles_is_given_up_however_long_it_trickles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each byte comes in time, and they never end."""
    monkeypatch.setattr(served, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(served, "LEAST_BYTES_A_SECOND", 10**9)
    monkeypatch.setattr(served, "MOST_HEARD_OUT", 100_000)
    talk = asked(echo, scope("POST", "/"), Trickle())
    assert (talk.status, talk.code) == (408, "body_too_slow")


def test_whoever_finds_the_queue_full_is_sent_away_at_once_and_other_kinds_are_served() -> None:
    go_on = Event()

    def stuck(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            go_on.wait(PATIENCE_SECONDS)
        return echo(environ, start_response)

    async def play() -> tuple[Talk, Talk, list[Talk]]:
        one = Served(stuck, nothing_at_once, everybody, SAFE)

        async def ask(method: str, path: str = "/") -> Talk:
            talk = Talk()
            await one(scope(method, path), talk.receive, talk.send)
            return talk

        waiting = [asyncio.create_task(ask("GET")) for _ in range(MOST_WITHIN)]
        while one._reads._within < MOST_WITHIN:
            await asyncio.sleep(0)
        late = await ask("GET")
        write, login = await ask("POST"), await ask("POST", "/api/v1/sessions")
        assert {write.status, login.status} == {200}
        go_on.set()
        return late, write, list(await asyncio.gather(*waiting))

    late, write, waited = run(play())
    assert (late.status, late.code, late.headers[b"retry-after"]) == (503, "busy", b"2")
    assert write.status == 200
    assert {talk.status for talk in waited} == {200}
    assert len(waited) > READERS


def test_a_header_that_would_pass_for_a_proxys_is_dropped() -> None:
    environ = environ_of(
        scope(
            "GET",
            "/%E6%A2%AF",
            (b"x_forwarded_for", b"198.51.100.1"),
            (b"accept", b"a"),
            (b"accept", b"b"),
        )
    )
    assert "HTTP_X_FORWARDED_FOR" not in environ
    assert environ["HTTP_ACCEPT"] == "a,b"
    assert environ["REMOTE_ADDR"] == "192.0.2.7"


@pytest.mark.parametrize("path", ["/电梯", "/a b", "/%2F"])
def test_a_path_is_what_wsgi_makes_of_its_bytes(path: str) -> None:
    assert environ_of(scope("GET", path))["PATH_INFO"].encode("latin-1").decode() == path


def test_large_bodies_that_take_all_their_room_keep_out_no_small_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Figures before: six of them silenced every write for as long as they liked to drip."""
    monkeypatch.setattr(served, "MOST_LARGE_HELD", 70_000)

    async def play() -> tuple[Talk, Talk]:
        one = Served(echo, nothing_at_once, everybody, SAFE)
        slow = Talk(b"x" * 69_999, ends=False)
        large = scope("POST", "/", (b"content-length", b"90000"))
        waiting = asyncio.create_task(one(large, slow.receive, slow.send))
        while one._large._held < 69_999:
            await asyncio.sleep(0.001)
        late, small = Talk(b"x" * 90_000), Talk(b"small")
        await one(large, late.receive, late.send)
        await one(scope("POST", "/", (b"content-length", b"5")), small.receive, small.send)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert (one._large._held, one._small._held) == (0, 0)
        return late, small

    late, small = run(play())
    assert (late.status, late.code) == (503, "busy")
    assert (small.status, small.body) == (200, b"5 small")


def test_all_room_for_small_bodies_taken_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "MOST_SMALL_HELD", 5)
    talk = asked(echo, scope("POST", "/"), Talk(b"abc", b"def"), nobody)
    assert (talk.status, talk.code) == (503, "busy")
