"""The public lift page and its API beside a bare Flask hello, on the same web server, in one run.

    .venv/bin/python -m bench.lift_page

Both servers run all the time with the settings of `tibao run`; the client asks each in turn over
keep-alive connections from a process of its own; medians of the rounds are compared. The lift has a
notice with a plan; the server-rendered page and the API's answer are each asked for as a first
visitor does (200) and as one who has them (304). `first_visit_bytes` is the whole of a first visit,
since the page loads nothing else: as sent, and as a web server in front compresses it.
"""

import gzip
import json
import selectors
import signal
import socket
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import click
from flask import Flask

from backend.config import Settings, environment
from backend.local.processes import LOOPBACK, free_port, server
from backend.local.stack import API, GRANIAN, SERVING
from bench.scene import BUILDING, demo_estate, throwaway_settings

CONNECTIONS = 16
NAMES = ("hello", "page", "page_not_modified", "api", "api_not_modified")
ROUNDS = 5
SECONDS = 2.0
Pages = dict[str, str]

hello = Flask(__name__)


@hello.get("/")
def say_hello() -> str:
    """What a web page costs at least."""
    return "Hello, World!"


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
    request = f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\n{known}\r\n"
    return Target(port, request.encode(), b"304" if etag else b"200")


def _etag(page: Target) -> str:
    for line in _one_answer(page).split(b"\r\n"):
        if line.lower().startswith(b"etag:"):
            return line.partition(b":")[2].strip().decode()
    raise ValueError("the page has no ETag")


@contextmanager
def served() -> Iterator[tuple[list[Target], Pages]]:
    """Both servers, and a lift whose notice hangs, for as long as the block runs."""
    with ExitStack() as stack:
        settings = stack.enter_context(throwaway_settings())
        folder, pages = settings.data_dir, _post_notice(settings)
        ours, bare = free_port(), free_port()
        bare_words = ["--interface", "wsgi", "--blocking-threads", "4", "bench.lift_page:hello"]
        for port, app in ((ours, [*SERVING, API]), (bare, bare_words)):
            words = [*_granian(settings, port), *app]
            log = folder / f"{port}.log"
            stack.enter_context(server(words, log, partial(answers, port), signal.SIGTERM))
        page, data = _get(pages["page"], ours), _get(pages["api"], ours)
        known = (_get(pages["page"], ours, _etag(page)), _get(pages["api"], ours, _etag(data)))
        yield [_get("/", bare), page, known[0], data, known[1]], pages


def _granian(settings: Settings, port: int) -> list[str]:
    return [
        *with_settings(settings),
        *(GRANIAN, "--host", LOOPBACK, "--port", str(port)),
    ]


def with_settings(settings: Settings) -> list[str]:
    """What begins the command line of a program that goes by these settings."""
    wanted = environment(settings).items()
    return ["env", *(f"{name}={value}" for name, value in wanted if name.startswith("TIBAO_"))]


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def _post_notice(settings: Settings) -> Pages:
    """The demo's estate with a notice that hangs; where a first visit goes."""
    with demo_estate(settings) as scene:
        case, _ = scene.posted()
        number = scene.stage.act("clerk", "GET", case)["notice"]["number"]
        token = scene.city.lifts_of(BUILDING)[0]["token"]
    return {
        "page": f"/e/{token}",
        "notice_page": f"/n/{number}",
        "api": f"/api/v1/public/lifts/{token}",
    }


def _first_visit_bytes(port: int, pages: Pages) -> dict[str, dict[str, int]]:
    sizes = {}
    for name, path in pages.items():
        body = _one_answer(_get(path, port)).partition(b"\r\n\r\n")[2]
        sizes[name] = {"sent": len(body), "compressed": len(gzip.compress(body, 6))}
    return sizes


def measure(rounds: int, seconds: float) -> dict[str, object]:
    """Medians of the rounds in requests per second, after one round that does not count."""
    seen: dict[str, list[float]] = {name: [] for name in NAMES}
    spawn = get_context("spawn")
    with served() as (targets, pages), ProcessPoolExecutor(1, mp_context=spawn) as client:
        sizes = _first_visit_bytes(targets[1].port, pages)
        for number in range(rounds + 1):
            for name, target in zip(NAMES, targets, strict=True):
                figure = client.submit(load, target, seconds).result()
                if number:
                    seen[name].append(figure)
    medians = {name: statistics.median(figures) for name, figures in seen.items()}
    return {
        "requests_per_second": {name: round(median) for name, median in medians.items()},
        "ratio": {name: round(medians[name] / medians["hello"], 2) for name in NAMES[1:]},
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
