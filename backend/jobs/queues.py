"""The queues and how to wake them: a Redis list for each, whose entries are JSON lists of ids.

Whoever can write there can wake a worker for rows that it would find by itself, and no more: what
an entry says is an id or it is nothing. PostgreSQL is the truth.
"""

import json
import logging
import time
from collections.abc import Sequence
from typing import cast
from uuid import UUID

from redis import Redis, RedisError
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.retry import Retry

from backend.jobs.names import QueueName
from backend.seldom import Seldom
from backend.services.base.wake import Wake

logger = logging.getLogger(__name__)
logger.addFilter(Seldom())

BATCH = 500
LONGEST_ENTRY = BATCH * 40  # bytes: an id, its quotes, a comma and a blank
MOST_WAITING = 1000  # entries; the oldest are dropped beyond, and the sweep finds their rows
PATIENCE_SECONDS = 0.5
POP_SECONDS = 5


class NotIds(Exception):
    """An entry that none of us wrote."""


def connect(redis_url: str) -> Redis:
    """Connections for short commands: tried once, since nobody should wait for a server that hangs.

    By itself redis-py 8 would try ten times and block for more than four seconds.
    """
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=PATIENCE_SECONDS,
        socket_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def patient(redis_url: str) -> Redis:
    """A worker's connection: it waits for the next entry, and outlives a restart of the server of a
    second or two."""
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=2,
        socket_timeout=2 * POP_SECONDS,
        retry=Retry(ExponentialBackoff(cap=1, base=0.1), 5),
    )


def wait_for(connection: Redis) -> None:
    """Until Redis answers; says so once when it does not."""
    warned = False
    while True:
        try:
            connection.ping()
            return
        except RedisError as error:
            if not warned:
                logger.warning("waiting for Redis: %s", error)
                warned = True
            time.sleep(1)


def key(queue: QueueName) -> str:
    """Where the entries of a queue lie."""
    return f"wake:{queue}"


def wake(connection: Redis, queue: QueueName) -> Wake:
    """A function that hands ids to the queue's worker, in batches; it never raises.

    When Redis does not take them it says so in the log: the sweep finds the rows.
    """

    def hand_over(ids: Sequence[UUID]) -> None:
        if not ids:
            return
        texts = [str(row_id) for row_id in ids]
        entries = [json.dumps(texts[i : i + BATCH]) for i in range(0, len(texts), BATCH)]
        try:
            with connection.pipeline() as pipe:
                pipe.rpush(key(queue), *entries)
                pipe.ltrim(key(queue), -MOST_WAITING, -1)
                pipe.execute()
        except RedisError as error:
            logger.warning("%s not woken, left to the sweep: %s", queue, error)

    return hand_over


def waiting(connection: Redis, queue: QueueName) -> int:
    """How many entries wait in a queue. Raises RedisError."""
    return int(connection.llen(key(queue)))


def next_entry(connection: Redis, queue: QueueName) -> bytes | None:
    """Take an entry, waiting up to POP_SECONDS for one. Raises RedisError."""
    found = connection.blpop([key(queue)], timeout=POP_SECONDS)
    return cast(bytes, found[1]) if found else None


def ids_in(entry: bytes) -> list[UUID]:
    """The ids of an entry; raises NotIds for whatever else it holds, however large or deep."""
    if len(entry) > LONGEST_ENTRY:
        raise NotIds
    try:
        texts = json.loads(entry)
        if not isinstance(texts, list) or not 0 < len(texts) <= BATCH:
            raise NotIds
        ids = [UUID(text) for text in texts if isinstance(text, str)]
    except (ValueError, RecursionError):
        raise NotIds from None
    if len(ids) < len(texts):
        raise NotIds
    return ids
