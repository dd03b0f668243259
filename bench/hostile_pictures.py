"""What twelve costly pictures at once do to everybody else.

    .venv/bin/python -m bench.hostile_pictures

The API is served by the README's command, which is that of `tibao run` too. Twelve connections of
four people hand in costly pictures (`bench.hostile_files`) again and again; who is told to
come again waits for as long as it is told. Meanwhile the cab page and /healthz are asked in turn.
Before that, the same is asked while all is quiet: ratios count, since the machine may be busy with
other things. `api_mb` is the API's own memory (RSS) at most, `readers_mb` that of its readers.
"""

import json
import signal
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

import click
import psutil
import requests

from backend.config import Settings
from backend.http.serving import API, GRANIAN, SERVING
from backend.local.processes import LOOPBACK, free_port, server
from backend.pictures.forked import TEMPLATE
from bench.hostile_files import HOSTILE
from bench.lift_page import answers, with_settings
from bench.scene import BUILDING, Scene, demo_estate, throwaway_settings

PEOPLE = ("manager", "clerk", "cashier", "insurer")
SENDERS = 12
COSTLY = (
    "png see-through, 16 bits",
    "png palette with glass",
    "webp of one colour",
    "jpeg by steps",
)
PAUSE = 0.01  # seconds
MB = 1024 * 1024


class Pictures:
    """Senders of costly pictures, at work for as long as the block runs; `told` by status."""

    def __init__(self, address: str, sessions: Sequence[Mapping[str, str]]) -> None:
        self.told: Counter[int] = Counter()
        self._address = address
        self._over = threading.Event()
        contents = [HOSTILE[name]() for name in COSTLY]
        self._senders = [
            threading.Thread(
                target=self._send, args=(sessions[n % len(sessions)], contents[n % len(contents)])
            )
            for n in range(SENDERS)
        ]

    def __enter__(self) -> "Pictures":
        for sender in self._senders:
            sender.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for sender in self._senders:
            sender.join()

    def _send(self, headers: Mapping[str, str], content: bytes) -> None:
        while not self._over.is_set():
            answer = requests.post(
                f"{self._address}/api/v1/uploads",
                files={"file": ("a", content)},
                headers=headers,
                timeout=120,
            )
            self.told[answer.status_code] += 1
            self._over.wait(0 if answer.ok else float(answer.headers.get("Retry-After", 60)))


@contextmanager
def memory_of(port: int) -> Iterator[dict[str, float]]:
    """What the API that listens on this port takes at most while the block runs."""
    most, over = {"api_mb": 0.0, "readers_mb": 0.0}, threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            for name, figure in memory(port).items():
                most[name] = max(most[name], round(figure / MB, 1))

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield most
    over.set()
    watcher.join()


def memory(port: int) -> dict[str, float]:
    """What the API that listens on this port takes now, and its readers of files; bytes."""
    sums = {"api_mb": 0.0, "readers_mb": 0.0}
    # Whoever reads files is nobody's child.
    for process in psutil.process_iter():
        try:
            words, rss = " ".join(process.cmdline()), process.memory_info().rss
            parent = process.parent()
            ours = parent is not None and str(port) in " ".join(parent.cmdline())
        except psutil.Error:
            continue
        if words.startswith(" ".join(TEMPLATE)):
            sums["readers_mb"] += rss
        elif str(port) in words or ("spawn_main" in words and ours):
            sums["api_mb"] = max(sums["api_mb"], rss)
    return sums


def asked(address: str, paths: Mapping[str, str], seconds: float) -> dict[str, list[float]]:
    """How long each path took, in milliseconds, asked in turn with short pauses in between."""
    took: dict[str, list[float]] = {name: [] for name in paths}
    until = time.perf_counter() + seconds
    with requests.Session() as session:
        while time.perf_counter() < until:
            for name, path in paths.items():
                started = time.perf_counter()
                session.get(address + path, timeout=120).raise_for_status()
                took[name].append((time.perf_counter() - started) * 1000)
                time.sleep(PAUSE)
    return took


def _p99(took: Sequence[float]) -> float:
    return statistics.quantiles(took, n=100)[-1]


def one_run(settings: Settings, scene: Scene, seconds: float) -> dict[str, object]:
    """Quiet, then under pictures; with the figures of both."""
    port = free_port()
    address = f"http://{LOOPBACK}:{port}"
    token = scene.city.lifts_of(BUILDING)[0]["token"]
    paths = {"page": f"/e/{token}", "healthz": "/healthz"}
    signed_in = [scene.stage.headers(key)["Authorization"] for key in PEOPLE]
    sessions = [{"Authorization": session} for session in signed_in]
    served = (GRANIAN, *SERVING, API, "--host", LOOPBACK, "--port", str(port))
    command = [*with_settings(settings), *served]
    log = settings.data_dir / f"{port}.log"
    with server(command, log, partial(answers, port), signal.SIGTERM):
        asked(address, paths, seconds / 4)
        quiet = asked(address, paths, seconds)
        with memory_of(port) as most, Pictures(address, sessions) as pictures:
            busy = asked(address, paths, seconds)
    return {
        **{
            name: {
                "quiet_p99_ms": round(_p99(quiet[name]), 1),
                "busy_p99_ms": round(_p99(busy[name]), 1),
                "ratio": round(_p99(busy[name]) / _p99(quiet[name]), 2),
            }
            for name in paths
        },
        **most,
        "answers": dict(pictures.told),
    }


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=15.0, show_default=True, help="quiet, and as long again busy")
def main(rounds: int, seconds: float) -> None:
    """Print one JSON document."""
    with ExitStack() as stack:
        settings = stack.enter_context(throwaway_settings())
        scene = stack.enter_context(demo_estate(settings))
        scene.posted()
        found = [one_run(settings, scene, seconds) for _ in range(rounds)]
    click.echo(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
