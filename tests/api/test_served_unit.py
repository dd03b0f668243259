"""What stands between the web server and the app, without either."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any, NoReturn, TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug import Request as WsgiRequest

from backend.http import served
from backend.http.served import (
    MOST_WITHIN,
    READERS,
    SMALL,
    UNREADABLE,
    WHO_ASKS,
    MostBytes,
    Served,
    environ_of,
)
from tests.build.exchange import Request, Talk, Trickle
from tests.build.waiting import PATIENCE_SECONDS

Result = TypeVar("Result")

MOST_BODY = 100_000  # bytes, of those who may send much
IN_PIECES = ("transfer-encoding", "chunked")
SAFE = [("X-Content-Type-Options", "nosniff")]


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["CONTENT_LENGTH"].encode(), b" ", environ["wsgi.input"].read()]


def nothing_at_once(path: str, header: Callable[[str], str | None]) -> None:
    return None


def run(awaited: Coroutine[Any, Any, Result]) -> Result:
    """In a thread of its own: a browser of the tests has its loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asyncio.wait_for(awaited, PATIENCE_SECONDS)).result()


def everybody(environ: WSGIEnvironment) -> int:
    return MOST_BODY


def nobody(environ: WSGIEnvironment) -> int:
    return SMALL


def asked(app: Any, request: Request, talk: Talk, most: MostBytes = everybody) -> Talk:
    run(Served(app, nothing_at_once, most, SAFE).__rsgi__(request, talk))
    return talk


def test_a_body_in_pieces_arrives_whole() -> None:
    talk = asked(echo, Request("POST", "/", IN_PIECES), Talk(b"ab", b"c"))
    assert (talk.status, talk.body) == (200, b"3 abc")


def test_a_body_that_nobody_could_accept_is_heard_and_dropped() -> None:
    announced = ("content-length", "300000")
    talk = asked(echo, Request("POST", "/", announced), Talk(b"x" * 150_000, b"y" * 150_000))
    assert talk.body == b"300000 "
    talk = asked(echo, Request("POST", "/", IN_PIECES), Talk(*[b"x" * 40_000] * 4))
    assert talk.body.startswith(b"160000 "), "the app sees that it is too large"


@pytest.mark.parametrize("announced", [IN_PIECES, ("content-length", "80000")])
def test_only_who_may_send_much_is_given_room_for_it(announced: tuple[str, str]) -> None:
    request, pieces = Request("POST", "/", announced), [b"x" * 20_000] * 4
    assert asked(echo, request, Talk(*pieces)).body == b"80000 " + b"x" * 80_000
    dropped = asked(echo, request, Talk(*pieces), nobody).body
    assert dropped.startswith(b"80000 ")
    assert len(dropped) <= len(b"80000 ") + SMALL


@pytest.mark.parametrize("pieces", [(), (b"a",), (b"a",) * 5])
def test_a_body_that_does_not_come_is_waited_for_only_so_long(
    pieces: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "BODY_SECONDS", 0.1)
    request = Request("POST", "/", ("content-length", "10"))
    talk = asked(echo, request, Talk(*pieces, ends=False))
    assert (talk.status, talk.code) == (408, "body_too_slow")
    assert talk.headers["X-Content-Type-Options"] == "nosniff"
    assert talk.headers["Cache-Control"] == "no-store"
    assert talk.headers["Server"] == "tibao"


def test_a_body_that_trickles_is_given_up_however_long_it_trickles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each byte comes in time, and they never end."""
    monkeypatch.setattr(served, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(served, "LEAST_BYTES_A_SECOND", 10**9)
    monkeypatch.setattr(served, "MOST_HEARD_OUT", 100_000)
    talk = asked(echo, Request("POST", "/", IN_PIECES), Trickle())
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
            await one.__rsgi__(Request(method, path), talk)
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
    assert (late.status, late.code, late.headers["Retry-After"]) == (503, "busy", "2")
    assert write.status == 200
    assert {talk.status for talk in waited} == {200}
    assert len(waited) > READERS


def test_a_header_that_would_pass_for_a_proxys_is_dropped() -> None:
    environ = environ_of(
        Request(
            "GET",
            "/梯",
            ("x_forwarded_for", "198.51.100.1"),
            ("accept", "a"),
            ("accept", "b"),
        )
    )
    assert "HTTP_X_FORWARDED_FOR" not in environ
    assert environ["HTTP_ACCEPT"] == "a,b"
    assert environ["REMOTE_ADDR"] == "192.0.2.7"


def test_a_header_that_is_no_text_is_there_all_the_same() -> None:
    """Else a key that no route would take would be no key."""
    request = Request("POST", "/", ("idempotency-key", None))
    assert environ_of(request)["HTTP_IDEMPOTENCY_KEY"] == UNREADABLE


def test_whom_a_proxy_heard_from_is_nobody_where_that_is_no_text() -> None:
    """Else all who send such a header are one caller to every limit."""
    assert "HTTP_X_FORWARDED_FOR" not in environ_of(Request("GET", "/", (WHO_ASKS, None)))
    one_of_two = Request("GET", "/", (WHO_ASKS, None), (WHO_ASKS, "198.51.100.1"))
    assert environ_of(one_of_two)["HTTP_X_FORWARDED_FOR"] == "198.51.100.1"


@pytest.mark.parametrize(
    ("sent", "read"), [("q=梯", "梯"), ("q=%E6%A2%AF", "梯"), ("q=a b", "a b"), ("q=\udce9", "?")]
)
def test_a_query_is_what_wsgi_makes_of_its_bytes(sent: str, read: str) -> None:
    request = Request("GET", "/")
    request.query_string = sent
    assert WsgiRequest(environ_of(request)).args["q"] == read


@pytest.mark.parametrize("at", ["page", "app", "limit"])
def test_what_breaks_before_the_app_or_in_its_place_is_told_as_our_fault(
    at: str, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> NoReturn:
        raise ValueError(at)

    app, page, most = (broken if at == each else None for each in ("app", "page", "limit"))
    request = Request("GET", "/", IN_PIECES, ("x-request-id", "request-0001"))
    talk = Talk(b"a")
    run(Served(app or echo, page or nothing_at_once, most or nobody, SAFE).__rsgi__(request, talk))
    assert (talk.status, talk.code) == (500, "internal_error")
    assert talk.headers["X-Request-Id"] == "request-0001"
    assert talk.headers["X-Content-Type-Options"] == "nosniff"
    assert "Retry-After" not in talk.headers
    assert "unanswered, request request-0001" in caplog.text
    assert f"ValueError: {at}" in caplog.text


@pytest.mark.parametrize("path", ["/电梯", "/a b", "/%2F"])
def test_a_path_is_what_wsgi_makes_of_its_bytes(path: str) -> None:
    assert environ_of(Request("GET", path))["PATH_INFO"].encode("latin-1").decode() == path


@pytest.mark.parametrize(
    ("announced", "talk"),
    [(("content-length", "10"), Talk(b"abc")), (IN_PIECES, Talk(b"abc", b""))],
)
def test_a_body_that_broke_off_is_not_taken_for_a_whole_one(
    announced: tuple[str, str], talk: Talk
) -> None:
    asked(echo, Request("POST", "/", announced), talk)
    assert (talk.status, talk.code) == (408, "body_too_slow")


def test_large_bodies_that_take_all_their_room_keep_out_no_small_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Figures before: six of them silenced every write for as long as they liked to drip."""
    monkeypatch.setattr(served, "MOST_LARGE_HELD", 70_000)

    async def play() -> tuple[Talk, Talk]:
        one = Served(echo, nothing_at_once, everybody, SAFE)
        slow = Talk(b"x" * 69_999, ends=False)
        large = Request("POST", "/", ("content-length", "90000"))
        waiting = asyncio.create_task(one.__rsgi__(large, slow))
        while one._large._held < 69_999:
            await asyncio.sleep(0.001)
        late, small = Talk(b"x" * 90_000), Talk(b"small")
        await one.__rsgi__(large, late)
        await one.__rsgi__(Request("POST", "/", ("content-length", "5")), small)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert (one._large._held, one._small._held) == (0, 0)
        return late, small

    late, small = run(play())
    assert (late.status, late.code) == (503, "busy")
    assert (small.status, small.body) == (200, b"5 small")


def test_all_room_for_small_bodies_taken_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "MOST_SMALL_HELD", 5)
    talk = asked(echo, Request("POST", "/", IN_PIECES), Talk(b"abc", b"def"), nobody)
    assert (talk.status, talk.code) == (503, "busy")
