"""What many connections and many large bodies at once do to everybody else.

    .venv/bin/python -m bench.crowd

The API is served by the README's command, without a proxy before it. First connections are opened
and say nothing: `IDLE` of them, more than the web server works on at once if it is not told
otherwise. Then senders of bodies of 25 MB hand them in at once, some of strangers, some of people
who are signed in. Meanwhile the cab page and /healthz are asked in turn, as before it while all was
quiet. `api_mb` is the API's own memory (RSS): at rest, at most, and what stays afterwards.
"""

import json
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

import click
import requests

from backend.config import Settings
from backend.http.serving import API, GRANIAN, SERVING
from backend.local.processes import LOOPBACK, free_port, server
from bench.hostile_pictures import MB, PEOPLE, asked, memory, memory_of
from bench.lift_page import answers, with_settings
from bench.scene import BUILDING, Scene, demo_estate, throwaway_settings

IDLE = 1500
BODY = b"%PDF-1.4\n" + bytes(25 * MB - 4096)
SENDERS = 24


@contextmanager
def idle(port: int, number: int) -> Iterator[Counter[str]]:
    """Connections that say nothing, or half a header, for as long as the block runs; what became
    of them by its end."""
    told: Counter[str] = Counter()
    connections = []
    for n in range(number):
        one = socket.create_connection((LOOPBACK, port), timeout=5)
        if n % 2:
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-")
        connections.append(one)
    yield told
    for one in connections:
        one.setblocking(False)
        try:
            told["closed" if one.recv(1000) == b"" else "told"] += 1
        except BlockingIOError:
            told["open"] += 1
        one.close()


@contextmanager
def bodies(address: str, sessions: Sequence[Mapping[str, str]]) -> Iterator[Counter[int]]:
    """Large bodies again and again, for as long as the block runs; `told` by status."""
    told: Counter[int] = Counter()
    over = threading.Event()

    def send(headers: Mapping[str, str]) -> None:
        while not over.is_set():
            try:
                answer = requests.post(
                    f"{address}/api/v1/uploads",
                    files={"file": ("a", BODY)},
                    headers=headers,
                    timeout=120,
                )
                told[answer.status_code] += 1
            except requests.RequestException:
                told[0] += 1

    senders = [
        threading.Thread(target=send, args=(sessions[n % len(sessions)],)) for n in range(SENDERS)
    ]
    for sender in senders:
        sender.start()
    yield told
    over.set()
    for sender in senders:
        sender.join()


def one_run(settings: Settings, scene: Scene, seconds: float) -> dict[str, object]:
    """Quiet, then among idle connections, then among large bodies."""
    port = free_port()
    address = f"http://{LOOPBACK}:{port}"
    token = scene.city.lifts_of(BUILDING)[0]["token"]
    paths = {"page": f"/e/{token}", "healthz": "/healthz"}
    signed_in = [scene.stage.headers(key)["Authorization"] for key in PEOPLE]
    sessions = [{}, *({"Authorization": session} for session in signed_in)]
    served = (GRANIAN, *SERVING, API, "--host", LOOPBACK, "--port", str(port))
    log = settings.data_dir / f"{port}.log"
    with server([*with_settings(settings), *served], log, partial(answers, port), signal.SIGTERM):
        asked(address, paths, seconds / 4)
        rest = round(memory(port)["api_mb"] / MB, 1)
        took = {"quiet": asked(address, paths, seconds)}
        with memory_of(port) as among_idle, idle(port, IDLE) as connections:
            took["idle"] = asked(address, paths, seconds)
        with memory_of(port) as among_bodies, bodies(address, sessions) as told:
            took["bodies"] = asked(address, paths, seconds)
        time.sleep(seconds)
        stays = round(memory(port)["api_mb"] / MB, 1)
    return {
        "worst_ms": {
            when: {name: round(max(these), 1) for name, these in found.items()}
            for when, found in took.items()
        },
        "connections": dict(connections),
        "bodies": dict(told),
        "api_mb": {
            "rest": rest,
            "idle": among_idle["api_mb"],
            "bodies": among_bodies["api_mb"],
            "stays": stays,
        },
    }


@click.command()
@click.option("--seconds", default=15.0, show_default=True, help="for each of the three")
def main(seconds: float) -> None:
    """Print one JSON document."""
    with ExitStack() as stack:
        settings = stack.enter_context(throwaway_settings())
        scene = stack.enter_context(demo_estate(settings))
        scene.posted()
        found = one_run(settings, scene, seconds)
    click.echo(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
