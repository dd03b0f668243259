"""What each program costs until it is ready: seconds of CPU and memory, medians of several starts.

    .venv/bin/python -m bench.start_up

Each program of a town is started alone beside throwaway servers and is ready when it answers or has
put its name down in Redis. Then one machine does all of it, as `tibao run` starts it, for what its
processes share and how long that took: `pss_mb` divides a shared page among its users, `rss_mb`
counts it for each. `aims` are what all of them together may take, databases included.
"""

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import DEVNULL

import click
import psutil
import redis

from backend.config import Settings, environment
from backend.http.serving import API, GRANIAN, SERVING
from backend.jobs.names import QUEUES
from backend.local.postgres import database_url
from backend.local.processes import LOOPBACK, free_port, wait_until
from backend.local.stack import TIBAO, on_free_ports
from backend.local.throwaway import throwaway_postgres, throwaway_valkey
from backend.local.valkey import redis_url

ROUNDS = 5
TOGETHER = 3
AIMS = {"ready_seconds": 12, "pss_mb": 350}  # of a machine that does nothing else
AT_WORK_SECONDS = 8  # every sweep but the hourly one has run by then
MB = 1024 * 1024

Ready = Callable[[], bool]
Figures = dict[str, float]


@contextmanager
def servers() -> Iterator[Settings]:
    """Migrated throwaway servers for as long as the block runs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tibao-bench-")))
        settings = Settings(
            data_dir=folder,
            database_url=database_url(stack.enter_context(throwaway_postgres(folder / "pg"))),
            redis_url=redis_url(stack.enter_context(throwaway_valkey(folder / "valkey"))),
            wechat_url=f"http://{LOOPBACK}:{free_port()}",
            api_port=free_port(),
        )
        subprocess.run([TIBAO, "migrate"], env=_env(settings), check=True, stdout=DEVNULL)
        yield settings


def programs(settings: Settings) -> Mapping[str, tuple[Sequence[str], Ready]]:
    """How each program is started, and how one sees that it is ready."""
    client = redis.Redis.from_url(settings.redis_url)

    def asks(command: str) -> Ready:
        return lambda: any(one["cmd"] == command for one in client.client_list())

    api = (GRANIAN, *SERVING, API, "--port", str(settings.api_port))
    client.flushall()
    return {
        "api": (api, lambda: _answers(settings.api_port, "/healthz")),
        **{f"worker-{queue}": ((TIBAO, "worker", queue), asks("blmove")) for queue in QUEUES},
        "cron": ((TIBAO, "cron"), asks("llen")),
        "sandbox": (
            (TIBAO, "sandbox"),
            lambda: _answers(int(settings.wechat_url.rsplit(":", 1)[1]), "/"),
        ),
    }


def alone(settings: Settings, name: str) -> Figures:
    """One start of one program."""
    words, ready = programs(settings)[name]
    with subprocess.Popen(words, env=_env(settings), stdout=DEVNULL, stderr=DEVNULL) as process:
        try:
            wait_until(ready, name)
            family = _family(psutil.Process(process.pid))
            return {
                "cpu_seconds": sum(sum(member.cpu_times()[:2]) for member in family),
                "rss_mb": sum(member.memory_info().rss for member in family) / MB,
            }
        finally:
            process.terminate()


def together() -> Mapping[str, Figures]:
    """Memory of all programs while they run beside each other, as `tibao run` keeps them, and of
    all of them together; how long the first start took until it was ready."""
    with tempfile.TemporaryDirectory(prefix="tibao-bench-") as folder:
        settings = on_free_ports(Settings(), Path(folder))
        words, began = [TIBAO, "run"], time.monotonic()
        with subprocess.Popen(words, env=_env(settings), stdout=subprocess.PIPE) as run:
            assert run.stdout is not None
            try:
                for line in run.stdout:
                    if b"Ctrl-C" in line:
                        break
                ready = time.monotonic() - began
                time.sleep(AT_WORK_SECONDS)
                found = _by_program(psutil.Process(run.pid))
                sums = {key: sum(each[key] for each in found.values()) for key in found["run"]}
                return {**found, "all": sums | {"ready_seconds": ready}}
            finally:
                run.terminate()
                run.stdout.read()


def _by_program(run: psutil.Process) -> Mapping[str, Figures]:
    found: dict[str, Figures] = defaultdict(lambda: {"rss_mb": 0.0, "pss_mb": 0.0})
    for process in _family(run):
        name = _name(process)
        if name:
            memory = process.memory_full_info()
            found[name]["rss_mb"] += memory.rss / MB
            found[name]["pss_mb"] += memory.pss / MB
    return found


def _name(process: psutil.Process) -> str:
    """What a process goes by: a fork of supervisord has the name of its program."""
    words = process.cmdline()
    if process.name() == "tibao" and words[-1:] == ["run"]:
        return "run"
    return "supervisord" if process.name() == Path(words[0]).name else process.name()


def _env(settings: Settings) -> Mapping[str, str]:
    """As in production, where what was compiled once stays compiled."""
    values = environment(settings)
    values.pop("PYTHONDONTWRITEBYTECODE", None)
    return values


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _answers(port: int, path: str) -> bool:
    words = ["curl", "--silent", "--fail", f"http://{LOOPBACK}:{port}{path}"]
    return subprocess.run(words, stdout=DEVNULL, check=False).returncode == 0


def measure(rounds: int, runs: int) -> dict[str, object]:
    """Medians by program: alone (CPU and RSS when ready), together (RSS and PSS at work)."""
    with servers() as settings:
        names = list(programs(settings))
        for name in names:
            alone(settings, name)  # compiles what is not compiled yet
        starts = {name: [alone(settings, name) for _ in range(rounds)] for name in names}
    beside = [together() for _ in range(runs)]
    return {
        "cpus": os.cpu_count(),
        "aims": AIMS,
        "alone": {name: _medians(figures) for name, figures in starts.items()},
        "together": {name: _medians([run[name] for run in beside]) for name in beside[0]},
    }


def _medians(figures: Sequence[Figures]) -> Figures:
    return {key: round(statistics.median(one[key] for one in figures), 2) for key in figures[0]}


@click.command()
@click.option("--rounds", default=ROUNDS, help="starts of each program alone")
@click.option("--runs", default=TOGETHER, help="runs of all programs together")
def main(rounds: int, runs: int) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(measure(rounds, runs), indent=2))


if __name__ == "__main__":
    main()
