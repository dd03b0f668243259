"""The public lift page and its API beside a bare Flask hello and a bare function that sends the
same bytes, on the same web server, in one run.

    .venv/bin/python -m bench.lift_page

All servers run all the time with the settings of `tibao run`; the client asks each in turn over
keep-alive connections from a process of its own, and takes gzip as browsers do. Turns are short and
every second round goes backwards, so that whatever else runs hits all alike; ratios are taken
within the rounds, and medians told. The lift has a notice with a plan; the server-rendered page and
the API's answer are each asked for as a first visitor does (200) and as one who has them (304).
Ours goes by the settable clock, as in `tibao run`: a read of shared memory more than the machine's
clock, by which a city's programs go.
`page_under_changes` is asked while other lifts' cases and accounts change CHANGES times a second.
`first_visit_bytes` is the whole of a first visit, since the page loads nothing else: as made, and
as sent.
"""

import gzip
import json
import os
import selectors
import signal
import socket
import statistics
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread
from wsgiref.types import StartResponse, WSGIEnvironment

import click
from flask import Flask
from sqlalchemy import create_engine, make_url, text

from backend.config import LOCAL_OWNER, Settings, environment
from backend.demo.city import DemoBuilding
from backend.http.serving import API, GRANIAN, SERVING
from backend.local.processes import LOOPBACK, free_port, server
from bench.scene import BUILDING, demo_estate, throwaway_settings

CONNECTIONS = 16
UNDER_CHANGES = "page_under_changes"
NAMES = ("hello", "same_bytes", "page", "page_not_modified", "api", "api_not_modified")
# Another lift's, whose unit has an account of its own.
OTHER = DemoBuilding("2栋", "DEMO-TC-0201", "2025-04-10", "2026-04-10")
CHANGES = 50  # a second
# What a purchase changes on its way, and who shows it.
CHANGING = (
    "UPDATE purchase SET state = state WHERE id = :purchase",
    "UPDATE public_notice SET state = state WHERE purchase_id = :purchase",
    "UPDATE account SET held_fen = held_fen WHERE id IN "
    "(SELECT account_id FROM purchase_source WHERE purchase_id = :purchase)",
)
BARE = ("--interface", "wsgi", "--blocking-threads", "4")
SAME_BYTES = "TIBAO_BENCH_BYTES"  # names the file with them
ORDER = ("hello", "same_bytes", "page", UNDER_CHANGES, *NAMES[3:])
ROUNDS = 25
SECONDS = 0.4
Pages = dict[str, str]

hello = Flask(__name__)


@hello.get("/")
def say_hello() -> str:
    """What a web page costs at least."""
    return "Hello, World!"


def same_bytes(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """What sending such a page costs at least."""
    body = _bytes_to_send()
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]


@cache
def _bytes_to_send() -> bytes:
    return Path(os.environ[SAME_BYTES]).read_bytes()


@dataclass(frozen=True)
class Target:
    """One request to be sent again and again."""

    port: int
    request: bytes
    status: bytes


def load(target: Target, seconds: float) -> float:
    """Answers per second over CONNECTIONS connections, each with one request under way.

    Every answer to the same request has the same length, so counting bytes is enough.
    """
    size = len(_one_answer(target))
    waiting = selectors.DefaultSelector()
    connections = [socket.create_connection((LOOPBACK, target.port)) for _ in range(CONNECTIONS)]
    missing = dict.fromkeys((c.fileno() for c in connections), size)
    for connection in connections:
        connection.sendall(target.request)
        waiting.register(connection, selectors.EVENT_READ, connection)
    count = 0
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        for key, _ in waiting.select():
            missing[key.fd] -= len(key.data.recv(65536))
            if missing[key.fd] == 0:
                count += 1
                missing[key.fd] = size
                key.data.sendall(target.request)
    spent = time.perf_counter() - started
    for connection in connections:
        connection.close()
    return count / spent


def _one_answer(target: Target) -> bytes:
    """The whole answer; raises ValueError when it is not what the target expects."""
    with socket.create_connection((LOOPBACK, target.port), timeout=10) as connection:
        connection.sendall(target.request)
        answer = connection.recv(65536)
        head, _, body = answer.partition(b"\r\n\r\n")
        if target.status not in head.partition(b"\r\n")[0]:
            raise ValueError(answer[:300])
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:") and target.status != b"304":
                while len(body) < int(line.partition(b":")[2]):
                    body += connection.recv(65536)
        return head + b"\r\n\r\n" + body


def _get(path: str, port: int, etag: str = "") -> Target:
    known = f"If-None-Match: {etag}\r\n" if etag else ""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nAccept-Encoding: gzip\r\n{known}\r\n"
    )
    return Target(port, request.encode(), b"304" if etag else b"200")


def _etag(page: Target) -> str:
    for line in _one_answer(page).split(b"\r\n"):
        if line.lower().startswith(b"etag:"):
            return line.partition(b":")[2].strip().decode()
    raise ValueError("the page has no ETag")


@dataclass(frozen=True)
class Places:
    """Where a first visit goes, by what it sees; and the case of other lifts."""

    paths: Pages
    other_case: str


@contextmanager
def served() -> Iterator[tuple[list[Target], Settings, Places]]:
    """All servers, and a lift whose notice hangs, for as long as the block runs."""
    with ExitStack() as stack:
        settings = stack.enter_context(throwaway_settings())
        places = _post_notices(settings)
        pages, bytes_file = places.paths, settings.data_dir / "page"

        def start(*app: str) -> int:
            port = free_port()
            words = [*with_settings(settings), *(GRANIAN, "--host", LOOPBACK, "--port", str(port))]
            words[1:1] = [f"{SAME_BYTES}={bytes_file}"]
            log = settings.data_dir / f"{port}.log"
            stack.enter_context(server([*words, *app], log, partial(answers, port), signal.SIGTERM))
            return port

        ours = start(*SERVING, API)
        page, data = _get(pages["page"], ours), _get(pages["api"], ours)
        bytes_file.write_bytes(_one_answer(page).partition(b"\r\n\r\n")[2])
        bare, function = (start(*BARE, f"bench.lift_page:{name}") for name in NAMES[:2])
        known = (_get(pages["page"], ours, _etag(page)), _get(pages["api"], ours, _etag(data)))
        targets = [_get("/", bare), _get("/", function), page, known[0], data, known[1]]
        yield targets, settings, places


def with_settings(settings: Settings) -> list[str]:
    """What begins the command line of a program that goes by these settings."""
    wanted = environment(settings).items()
    return ["env", *(f"{name}={value}" for name, value in wanted if name.startswith("TIBAO_"))]


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def _post_notices(settings: Settings) -> Places:
    """The demo's estate with a notice that hangs, and one for another lift."""
    with demo_estate(settings) as scene:
        case, _ = scene.posted()
        number = scene.stage.act("clerk", "GET", case)["notice"]["number"]
        token = scene.city.lifts_of(BUILDING)[0]["token"]
        # Each unit of that building has an account of its own.
        scene.city.lifts = [lift for lift in scene.city.lifts if lift["unit"] == "1单元"]
        other = scene.city.plan(OTHER)
        scene.city.approve(other)
        scene.city.post(other, OTHER)
    paths = {
        "page": f"/e/{token}",
        "notice_page": f"/n/{number}",
        "api": f"/api/v1/public/lifts/{token}",
    }
    return Places(paths, other.rpartition("/")[2])


@contextmanager
def changing(settings: Settings, purchase: str) -> Iterator[None]:
    """What other lifts show changes CHANGES times a second, as long as the block runs."""
    over = Event()
    # As the owner: the programs may not book on an account by hand.
    as_owner = make_url(settings.database_url).set(username=LOCAL_OWNER)
    engine = create_engine(as_owner, isolation_level="AUTOCOMMIT")

    def change() -> None:
        with engine.connect() as connection:
            for words in cycle(CHANGING):
                if over.wait(1 / CHANGES):
                    return
                connection.execute(text(words), {"purchase": purchase})

    thread = Thread(target=change, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        engine.dispose()


def _first_visit_bytes(port: int, pages: Pages) -> dict[str, dict[str, int]]:
    sizes = {}
    for name, path in pages.items():
        body = _one_answer(_get(path, port)).partition(b"\r\n\r\n")[2]
        sizes[name] = {"made": len(gzip.decompress(body)), "sent": len(body)}
    return sizes


def measure(rounds: int, seconds: float) -> dict[str, object]:
    """Medians of the rounds in requests per second, after one round that does not count; ratios are
    medians too, of those within each round."""
    seen: dict[str, list[float]] = {name: [] for name in ORDER}
    spawn = get_context("spawn")
    with served() as (targets, settings, places), ProcessPoolExecutor(1, spawn) as client:
        by_name = dict(zip(NAMES, targets, strict=True))
        sizes = _first_visit_bytes(by_name["page"].port, places.paths)
        for number in range(rounds + 1):
            for name in ORDER if number % 2 else reversed(ORDER):
                with ExitStack() as meanwhile:
                    if name == UNDER_CHANGES:
                        meanwhile.enter_context(changing(settings, places.other_case))
                    target = by_name.get(name, by_name["page"])
                    figure = client.submit(load, target, seconds).result()
                if number:
                    seen[name].append(figure)

    def beside(name: str, other: str) -> float:
        pairs = zip(seen[name], seen[other], strict=True)
        return round(statistics.median(one / of for one, of in pairs), 2)

    return {
        "requests_per_second": {name: round(statistics.median(seen[name])) for name in ORDER},
        "ratio": {name: beside(name, "hello") for name in NAMES[1:]},
        "page_beside_same_bytes": beside("page", "same_bytes"),
        "page_under_changes_beside_itself": beside(UNDER_CHANGES, "page"),
        "first_visit_bytes": sizes,
        "connections": CONNECTIONS,
        "rounds": {name: [round(figure) for figure in figures] for name, figures in seen.items()},
    }


@click.command()
@click.option("--rounds", default=ROUNDS, show_default=True)
@click.option("--seconds", default=SECONDS, show_default=True, help="per target and round")
def main(rounds: int, seconds: float) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(measure(rounds, seconds), indent=2))


if __name__ == "__main__":
    main()
