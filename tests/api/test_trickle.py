"""Clients that send a byte a second to the web server of production, as long as it lets them."""

import selectors
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

import pytest
import requests

from backend.http.served import LOGINS, WRITERS
from backend.local.processes import LOOPBACK
from tests.build.players import Players
from tests.build.waiting import PATIENCE_SECONDS, eventually

pytestmark = pytest.mark.deep

REQUESTS = "/api/v1/me/rectification-requests"
PROMISED = 100_000  # bytes of a body: a day of them, one by one
OF_EACH_KIND = 4 * (LOGINS + WRITERS)
HEADER = b"GET /healthz HTTP/1.1\r\nHost: tibao\r\nX-Slow: "


def body(path: str, session: str = "") -> bytes:
    """The head of a request with a body."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: tibao\r\nContent-Type: application/json\r\n"
        f"{session}Content-Length: {PROMISED}\r\n\r\n"
    ).encode()


class Trickle:
    """One client: how many bytes it has sent after its first words, and what it was answered."""

    def __init__(self, port: int, words: bytes) -> None:
        self._connection = socket.create_connection((LOOPBACK, port), PATIENCE_SECONDS)
        self._connection.sendall(words)
        self.sent = 0
        self.answer: bytes | None = None

    def go_on(self) -> None:
        """One more byte, or the answer when there is one."""
        if self.answer is not None:
            return
        with selectors.DefaultSelector() as heard:
            heard.register(self._connection, selectors.EVENT_READ)
            ended = bool(heard.select(0))
        said = b""
        try:
            if not ended:
                self._connection.sendall(b" ")
                self.sent += 1
                return
            while piece := self._connection.recv(10_000):
                said += piece
        except ConnectionError:
            pass  # a byte of ours was on its way when the connection was closed
        self.answer = said

    def close(self) -> None:
        self._connection.close()


@contextmanager
def trickling(port: int, words: Sequence[bytes]) -> Iterator[list[Trickle]]:
    """Clients that begin with these words each and send a byte a second from then on."""
    clients = [Trickle(port, first) for first in words]
    over = Event()

    def send() -> None:
        while not over.wait(1):
            for client in clients:
                client.go_on()

    sender = Thread(target=send)
    sender.start()
    try:
        yield clients
    finally:
        over.set()
        sender.join()
        for client in clients:
            client.close()


def test_whoever_sends_a_byte_a_second_is_ended_and_holds_up_nobody_meanwhile(
    port: int, players: Players
) -> None:
    """Figures before: a body had as long as its bytes came, and six of them silenced everything."""
    address = f"http://{LOOPBACK}:{port}"
    headers = players.headers("owner1")
    session = f"Authorization: {headers['Authorization']}\r\nIdempotency-Key: trickle-0001\r\n"

    def written() -> int:
        complaint = {"what": "房屋", "text": "应为 102"}
        answer = requests.post(
            address + REQUESTS, json=complaint, headers=headers, timeout=PATIENCE_SECONDS
        )
        return answer.status_code

    of_bodies = [body("/api/v1/sessions"), body(REQUESTS, session)] * OF_EACH_KIND
    with trickling(port, [HEADER] * OF_EACH_KIND + of_bodies) as clients:
        eventually(lambda: all(client.sent for client in clients))
        for path in ("/healthz", "/readyz", "/"):
            assert requests.get(address + path, timeout=PATIENCE_SECONDS).status_code == 200
        assert written() == 201
        assert all(client.answer is None for client in clients), "all this came while they sent"
        eventually(lambda: all(client.answer is not None for client in clients))
        assert written() == 201
    assert all(0 < client.sent < PROMISED for client in clients)
    answers = [client.answer or b"" for client in clients]
    told = [answer for answer in answers if answer]
    assert all(answer.startswith(b"HTTP/1.1 408") for answer in told)
    # Who had a byte on its way when the connection was closed may not see the answer.
    assert sum(b"body_too_slow" in answer for answer in told) > OF_EACH_KIND
