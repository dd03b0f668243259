"""Servers for as long as a test or a bench runs, and whether one answers.

Apart from what starts them for `tibao run`, which has no use for a client of either.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from backend.local import postgres, valkey
from backend.local.processes import LOOPBACK, free_port, server


@contextmanager
def throwaway_postgres(data_dir: Path, *settings: str) -> Iterator[int]:
    """A fast server without durability for as long as the block runs; gives its port.

    `settings` are more of them, `name=value`. The folder may hold what an earlier one left there.
    """
    postgres.prepare(data_dir)
    port = free_port()
    more = [word for setting in settings for word in ("-c", setting)]
    words = [*postgres.command(data_dir, port, durable=False), *more]
    log = data_dir.with_suffix(".log")

    def ready() -> bool:
        return postgres.postmaster(data_dir, port) is not None and postgres_answers(port)

    with server(words, log, ready, stop_with=signal.SIGINT):
        yield port


@contextmanager
def throwaway_valkey(data_dir: Path) -> Iterator[int]:
    """A server for as long as the block runs; gives its port."""
    port = free_port()
    words = valkey.command(data_dir, port)
    log = data_dir.with_suffix(".log")
    with server(words, log, lambda: valkey_answers(port), stop_with=signal.SIGTERM):
        yield port


def postgres_answers(port: int) -> bool:
    """Whether the server on this port takes connections."""
    try:
        psycopg.connect(
            host=LOOPBACK, port=port, user=postgres.PROGRAMS, dbname="tibao", connect_timeout=2
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def valkey_answers(port: int) -> bool:
    """Whether a server takes commands on this port; not while it still loads its data."""
    client = redis.Redis(host=LOOPBACK, port=port, socket_timeout=2, retry=Retry(NoBackoff(), 0))
    try:
        with client:
            client.ping()
    except redis.RedisError:
        return False
    return True
