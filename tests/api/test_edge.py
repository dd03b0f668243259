"""What harmful or unlucky clients, a silent platform and killed parents do to the web server."""

import http.client
import os
import selectors
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest
import requests
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.config import Settings
from backend.domain.tokens import token_text
from backend.http.room import make_room
from backend.http.served import LOGINS
from backend.local.processes import LOOPBACK, port_is_free
from backend.store.database import make_engine
from backend.store.people import RectificationRequest
from backend.store.registry import Lift, LiftToken
from tests.build.clock import MORNING
from tests.build.databases import Databases
from tests.build.players import Players
from tests.build.served import LOG, served, village_for_all
from tests.build.snapshots import Snapshots
from tests.build.waiting import PATIENCE_SECONDS, eventually

LIFT = token_text(bytes(range(16)))
PAGE = f"/e/{LIFT}"
REQUESTS = "/api/v1/me/rectification-requests"
LOGIN = (
    b"POST /api/v1/sessions HTTP/1.1\r\nHost: tibao\r\nContent-Type: application/json\r\n"
    b"Content-Length: 15\r\n\r\n"
)
HALF_A_HEADER = b"GET /healthz HTTP/1.1\r\nHost: "
HTTP_2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
CHAIN_LOCK = 7105002
WRITERS = 200
IDLE = 1200
LARGE = 25 * 1024 * 1024
CODE = b'{"code": "abc"}'
LARGE_LOGIN = LOGIN.replace(b"15", b"60000000")


@contextmanager
def said(port: int, count: int, words: bytes) -> Iterator[list[socket.socket]]:
    """So many connections on which this was sent, and nothing more."""
    with ExitStack() as all_of_them:
        connections = []
        for _ in range(count):
            one = socket.create_connection((LOOPBACK, port), PATIENCE_SECONDS)
            connections.append(all_of_them.enter_context(one))
            one.sendall(words)
        yield connections


def unanswered(connections: list[socket.socket]) -> int:
    with selectors.DefaultSelector() as heard:
        for one in connections:
            heard.register(one, selectors.EVENT_READ)
        return len(connections) - len(heard.select(0))


def status(port: int, path: str, method: str = "GET", **headers: str) -> int:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def written(port: int, players: Players) -> int:
    answer = requests.post(
        f"http://{LOOPBACK}:{port}{REQUESTS}",
        json={"what": "房屋", "text": "应为 102"},
        headers=players.headers("owner1"),
        timeout=PATIENCE_SECONDS,
    )
    return answer.status_code


@pytest.fixture(autouse=True)
def hanging_code(players: Players) -> None:
    """A lift of the village has a code that can be scanned."""
    with players.village.ctx.sessions() as tx:
        hang_a_code(tx)


def hang_a_code(tx: Session) -> None:
    lift = tx.scalars(select(Lift.id)).first()
    tx.add(LiftToken(token=LIFT, lift_id=lift, issued_at=MORNING, revoked_at=None))
    tx.commit()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server of all writes."""
    return tmp_path_factory.mktemp("edge") / LOG


@pytest.fixture(scope="module")
def port_of_all(
    databases: Databases, snapshots: Snapshots, valkey_port: int, log: Path
) -> Iterator[int]:
    """One server for all tests after which it stands as before."""
    with village_for_all(databases, snapshots, valkey_port, log.parent) as settings:
        engine = make_engine(settings.database_url)
        with Session(engine) as tx:
            hang_a_code(tx)
        engine.dispose()
        with served(settings, MORNING, log.parent) as port:
            yield port


def test_no_answer_says_which_web_server_it_comes_from(port_of_all: int) -> None:
    for path, expected in (("/healthz", 200), (PAGE, 200), ("/nothing", 404)):
        answer = requests.get(f"http://{LOOPBACK}:{port_of_all}{path}", timeout=PATIENCE_SECONDS)
        assert answer.status_code == expected
        assert answer.headers["Server"] == "tibao"


def test_whoever_asks_for_a_web_socket_is_answered_like_anybody_and_fills_no_log(
    port_of_all: int, log: Path
) -> None:
    """Figures before: a traceback for each, and the server's own name."""
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    for path, expected in (("/healthz", 200), ("/api/v1/public/city", 400)):
        url = f"http://{LOOPBACK}:{port_of_all}{path}"
        answer = requests.get(url, headers=upgrade, timeout=PATIENCE_SECONDS)
        assert (answer.status_code, answer.headers["Server"]) == (expected, "tibao")
    assert "Traceback" not in log.read_text("utf-8")


def test_headers_that_never_end_are_refused_before_they_fill_the_memory(port_of_all: int) -> None:
    """Figures before: 400 KB of each connection, 3 GB of all that the server takes."""
    head = b"GET /healthz HTTP/1.1\r\nHost: tibao\r\nX-Much: " + b"x" * 20_000
    with said(port_of_all, 1, head + b"\r\n\r\n") as (fine,):
        assert fine.recv(100).startswith(b"HTTP/1.1 200")
    with said(port_of_all, 1, head + b"x" * 100_000) as (endless,):
        assert endless.recv(100).startswith(b"HTTP/1.1 431")


def test_nobody_speaks_another_http_than_we_do(port_of_all: int) -> None:
    """HTTP/2 without TLS would go past what the edge knows of headers and bodies."""
    with said(port_of_all, 1, HTTP_2) as (speaker,):
        heard = speaker.recv(1000)
    assert heard.startswith(b"HTTP/1.1 400") or heard == b""


def test_bodies_that_never_come_hold_up_nobody(port: int, players: Players) -> None:
    """Figures before: six of them, and nobody was answered for as long as they liked."""
    with said(port, 200, LOGIN) as idle:
        assert status(port, "/healthz") == 200
        assert status(port, PAGE) == 200
        assert status(port, "/readyz") == 200
        assert status(port, "/api/v1/me", **players.headers("owner1")) == 200
        assert written(port, players) == 201
        assert unanswered(idle) == len(idle), "all this came while they were waited for"
        idle[0].sendall(CODE)
        assert idle[0].recv(100).startswith(b"HTTP/1.1 4"), "who sends at last is answered"


def test_strangers_large_bodies_that_never_end_keep_out_no_write(
    port: int, players: Players
) -> None:
    """Figures before: six strangers on an address that takes nothing, and every write and login
    was refused with 503 for 52 minutes."""
    for path, headers in (("/nowhere", ""), ("/api/v1/uploads", "Authorization: Bearer no\r\n")):
        head = f"POST {path} HTTP/1.1\r\nHost: tibao\r\n{headers}Content-Length: {LARGE}\r\n\r\n"
        with said(port, 6, head.encode() + b"x" * (LARGE - 1)) as large:
            assert written(port, players) == 201
            assert status(port, "/api/v1/uploads", "POST", **players.headers("owner1")) != 503
            assert unanswered(large) == len(large)
            large[0].sendall(b"x")
            assert large[0].recv(100).startswith(b"HTTP/1.1 40"), "who sends all is answered"


@pytest.mark.deep
def test_more_idle_connections_than_a_server_takes_untold_hold_up_nobody(
    port: int, players: Players
) -> None:
    """Figures before: after 1,024 of them nobody was answered for 30 seconds, and so on."""
    make_room()  # this process holds the other ends
    with said(port, IDLE, HALF_A_HEADER) as idle:
        assert status(port, "/healthz") == 200
        assert status(port, PAGE) == 200
        assert status(port, "/api/v1/me", **players.headers("owner1")) == 200
        assert unanswered(idle) == len(idle), "all this came while they were waited for"
        eventually(lambda: unanswered(idle) == 0)


def test_a_body_that_never_comes_is_given_up_and_its_connection_closed(port_of_all: int) -> None:
    with said(port_of_all, 1, LOGIN) as (idle,):
        answer = b""
        while piece := idle.recv(1000):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"body_too_slow" in answer


@pytest.fixture
def silent(own_settings: Settings, players: Players, tmp_path: Path) -> Iterator[int]:
    """The API before a platform that takes every call and never says a word."""
    with socket.create_server((LOOPBACK, 0), backlog=128) as platform:
        url = f"http://{LOOPBACK}:{platform.getsockname()[1]}"
        ours = replace(own_settings, wechat_url=url, wechat_timeout_seconds=60)
        with served(ours, players.village.clock(), tmp_path) as port:
            yield port


def test_logins_before_a_silent_platform_hold_up_nobody_else(silent: int, players: Players) -> None:
    """Figures before: six logins, and the cab page and /healthz took up to five seconds."""
    with said(silent, 8 * LOGINS, LOGIN + CODE) as logins:
        assert status(silent, "/healthz") == 200
        assert status(silent, PAGE) == 200
        assert status(silent, "/nowhere") == 404
        assert status(silent, "/api/v1/me", **players.headers("owner1")) == 200
        assert written(silent, players) == 201
        assert unanswered(logins) == len(logins), "all this came while they waited"


def workers_of(port: int) -> list[psutil.Process]:
    """The web server's processes, the main one first."""
    found = [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and f"--port {port}" in " ".join(_words(process))
    ]
    main = next(one for one in found if one.parent() not in found)
    return [main, *main.children()]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_killing_the_main_process_leaves_no_worker_that_serves_on(
    own_settings: Settings, players: Players, tmp_path: Path
) -> None:
    """Figures before: a worker more after each kill, on old code and old settings."""
    with served(own_settings, players.village.clock(), tmp_path) as port:
        main, *workers = workers_of(port)
        assert workers
        main.kill()
        eventually(lambda: not any(one.is_running() for one in workers))
        eventually(lambda: port_is_free(port))


@contextmanager
def sending(port: int) -> Iterator[None]:
    """A client whose large body comes fast enough, and takes its time."""
    over = Event()
    with said(port, 1, LARGE_LOGIN) as (connection,):

        def go_on() -> None:
            with suppress(OSError):  # until the server is gone
                while not over.wait(0.2):
                    connection.sendall(b" " * 20_000)

        sender = Thread(target=go_on)
        sender.start()
        yield
        over.set()
        sender.join()


@pytest.mark.deep
def test_a_server_told_to_stop_waits_for_nobody_who_is_slow(
    own_settings: Settings, players: Players, tmp_path: Path
) -> None:
    """Figures before: one that was idle, one half-sent, and it was there after 45 seconds."""
    with served(own_settings, players.village.clock(), tmp_path) as port, ExitStack() as slow:
        main, *workers = workers_of(port)
        for words in (b"", HALF_A_HEADER, LOGIN):
            slow.enter_context(said(port, 2, words))
        slow.enter_context(sending(port))
        assert status(port, "/healthz") == 200
        main.terminate()
        try:
            eventually(lambda: not any(one.is_running() for one in workers))
            eventually(lambda: port_is_free(port))
        finally:
            main.kill()


@pytest.mark.deep
def test_two_hundred_writers_behind_a_locked_row_are_told_to_come_again(
    port: int, players: Players
) -> None:
    """With six slow bodies beside them. Figures before: 190 of 200 got 500 after 30 seconds."""
    body = b'{"what": "x", "text": "y"}'
    headers = players.headers("owner1")

    def request(number: int) -> bytes:
        head = (
            f"POST {REQUESTS} HTTP/1.1\r\nHost: tibao\r\nContent-Type: application/json\r\n"
            f"Authorization: {headers['Authorization']}\r\nIdempotency-Key: writer-{number:04}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body

    with players.village.ctx.sessions() as stuck, ExitStack() as clients:
        stuck.execute(select(func.pg_advisory_xact_lock(CHAIN_LOCK)))
        clients.enter_context(said(port, 6, LOGIN))
        writers = [
            clients.enter_context(said(port, 1, request(number)))[0] for number in range(WRITERS)
        ]
        assert status(port, "/healthz") == 200
        assert status(port, PAGE) == 200
        heard = [answer(writer) for writer in writers]
    assert {line for line, _ in heard} == {b"HTTP/1.1 503 Service Unavailable"}
    assert all(b"retry-after:" in rest.lower() and b'"busy"' in rest for _, rest in heard)
    assert open_requests(players) == 0
    assert written(port, players) == 201


def answer(connection: socket.socket) -> tuple[bytes, bytes]:
    """The first line of what came, and the rest."""
    with connection.makefile("rb") as received:
        return received.readline().strip(), received.read()


def open_requests(players: Players) -> int:
    with players.village.ctx.sessions() as tx:
        return tx.scalar(select(func.count()).select_from(RectificationRequest)) or 0
