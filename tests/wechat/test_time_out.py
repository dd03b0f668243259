"""One time-out for a whole call: token, connection, head, body and the second try together."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from socket import create_server, socket
from threading import Event, Thread

import pytest

from backend.config import Settings
from backend.wechat.client import ServiceAccount, service_account
from backend.wechat.reactions import PlatformError, SendUnknown

SECONDS = 0.6
# For tests that must be answered in time: a busy machine may sleep as long as the difference.
AMPLE = 2.5
# A call that waited anew for each byte would take as long as this many bytes come in.
DRIPS = 400
DRIPPED: list[int] = []
TOKEN = b'{"access_token": "t-1", "expires_in": 7200}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

Serve = Callable[[socket, bytes], None]


def requests(connection: socket) -> Iterator[bytes]:
    """Each request whole, however many pieces the network made of its head and body."""
    with connection.makefile("rb") as stream:
        while line := stream.readline():
            head, length = line, 0
            while (line := stream.readline()).strip():
                head += line
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            yield head + line + stream.read(length)


@contextmanager
def platform(serve: Serve, seconds: float = SECONDS) -> Iterator[ServiceAccount]:
    """A platform that does with each request what `serve` does."""
    ended = Event()

    def answer(connection: socket) -> None:
        with connection, suppress(OSError):
            for request in requests(connection):
                serve(connection, request)

    def accept() -> None:
        with suppress(OSError):
            while not ended.is_set():
                Thread(target=answer, args=(server.accept()[0],), daemon=True).start()

    with create_server(("127.0.0.1", 0)) as server:
        Thread(target=accept, daemon=True).start()
        host = f"http://127.0.0.1:{server.getsockname()[1]}"
        yield service_account(replace(Settings(), wechat_url=host, wechat_timeout_seconds=seconds))
        ended.set()


def whole(body: bytes) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


def drip(connection: socket, what: bytes) -> None:
    """A byte now and then, each well within the time-out, until nobody listens any more."""
    for byte in what:
        connection.sendall(bytes([byte]))
        DRIPPED.append(byte)
        Event().wait(SECONDS / 20)


def head_by_bytes(connection: socket, request: bytes) -> None:
    if b"stable_token" in request:
        connection.sendall(whole(TOKEN))
    else:
        drip(connection, HEAD + b"X: " + b"x" * DRIPS)


def body_by_bytes(connection: socket, request: bytes) -> None:
    if b"stable_token" in request:
        connection.sendall(whole(TOKEN))
    else:
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % DRIPS)
        drip(connection, b" " * DRIPS)


def chunks_by_bytes(connection: socket, request: bytes) -> None:
    if b"stable_token" in request:
        connection.sendall(whole(TOKEN))
    else:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        drip(connection, b"1\r\n \r\n" * DRIPS)


@pytest.mark.parametrize("serve", [head_by_bytes, body_by_bytes, chunks_by_bytes])
def test_a_server_that_sends_a_byte_now_and_then_holds_no_call(serve: Serve) -> None:
    with platform(serve) as service:
        DRIPPED.clear()
        with pytest.raises(SendUnknown):
            service.user_info("o-1")
        assert len(DRIPPED) < DRIPS


def test_a_token_that_comes_by_bytes_is_no_token_and_nothing_was_sent() -> None:
    heard = []

    def serve(connection: socket, request: bytes) -> None:
        heard.append(request.split(b" ", 2)[1])
        drip(connection, HEAD + b"X: " + b"x" * DRIPS)

    with platform(serve) as service, pytest.raises(PlatformError) as caught:
        service.user_info("o-1")
    assert caught.value.transient
    assert heard == [b"/cgi-bin/stable_token"]


def test_what_the_token_took_is_gone_for_the_call() -> None:
    """Each answer alone comes in time; token, call, new token and second try do not."""
    heard = []

    def serve(connection: socket, request: bytes) -> None:
        heard.append(request.split(b"?")[0].split(b" ")[1])
        Event().wait(AMPLE * 0.6)
        rejected = b'{"errcode": 40001, "errmsg": "invalid credential"}'
        connection.sendall(whole(TOKEN if b"stable_token" in request else rejected))

    with platform(serve, AMPLE) as service, pytest.raises((SendUnknown, PlatformError)):
        service.user_info("o-1")
    assert heard == [b"/cgi-bin/stable_token", b"/cgi-bin/user/info"]


def test_whoever_waits_for_a_token_waits_no_longer_than_for_the_call() -> None:
    with platform(lambda connection, _: connection.sendall(whole(TOKEN))) as service:
        service._token_lock.acquire()  # somebody fetches it and gets nowhere
        with pytest.raises(PlatformError) as caught:
            service.user_info("o-1")
        assert caught.value.transient


def test_a_connection_is_used_again_and_has_its_full_time_then() -> None:
    connections = set()

    def serve(connection: socket, request: bytes) -> None:
        connections.add(connection.getpeername())
        Event().wait(AMPLE * 0.3)
        followed = b'{"subscribe": 1}'
        connection.sendall(whole(TOKEN if b"stable_token" in request else followed))

    with platform(serve, AMPLE) as service:
        assert all(service.user_info("o-1").subscribed for _ in range(3))
    assert len(connections) == 1
