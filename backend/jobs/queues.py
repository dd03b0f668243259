"""The queues and how to wake them. They carry ids and nothing of value: PostgreSQL is the truth."""

import logging
import time
from collections.abc import Callable, Sequence
from uuid import UUID

from redis import Redis, RedisError
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.retry import Retry as RedisRetry
from rq import Queue, Retry

from backend.jobs.names import QueueName
from backend.services.base.wake import Wake

logger = logging.getLogger(__name__)


BATCH = 500
JOB_SECONDS = 120
RETRY = Retry(max=3)
FAILURES_KEPT_SECONDS = 86_400
PATIENCE_SECONDS = 0.5
HEARTBEAT_SECONDS = 30


def connect(redis_url: str) -> Redis:
    """Connections for short commands: tried once, since nobody should wait for a server that hangs.

    By itself redis-py 8 would try ten times and block for more than four seconds.
    """
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=PATIENCE_SECONDS,
        socket_timeout=PATIENCE_SECONDS,
        retry=RedisRetry(NoBackoff(), 0),
    )


def wake(connection: Redis, queue_name: QueueName, job: Callable[[list[str]], None]) -> Wake:
    """A function that hands ids to the queue's worker, in batches; it never raises.

    When Redis does not answer it says so in the log: the sweep finds the rows.
    """
    queue = Queue(queue_name, connection=connection)

    def hand_over(ids: Sequence[UUID]) -> None:
        try:
            for start in range(0, len(ids), BATCH):
                batch = [str(row_id) for row_id in ids[start : start + BATCH]]
                queue.enqueue(
                    job,
                    batch,
                    retry=RETRY,
                    job_timeout=JOB_SECONDS,
                    result_ttl=0,
                    failure_ttl=FAILURES_KEPT_SECONDS,
                    description=f"{len(batch)} ids",
                )
        except RedisError as error:
            logger.warning("%s not woken, left to the sweep: %s", queue_name, error)

    return hand_over


def waiting(connection: Redis, queue_name: QueueName) -> int:
    """How many jobs wait in a queue."""
    return Queue(queue_name, connection=connection).count


def patient(redis_url: str) -> Redis:
    """Connections that outlive a restart of the server of a second or two.

    RQ itself makes their read time-out long enough for waiting on a queue.
    """
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=2,
        retry=RedisRetry(ExponentialBackoff(cap=1, base=0.1), 5),
        health_check_interval=HEARTBEAT_SECONDS,
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
