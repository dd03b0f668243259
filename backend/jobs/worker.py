"""The process that works on one queue.

It waits for Redis before it begins, and again whenever it goes away. Jobs run in this very process:
database and HTTP connections stay open. A job that fails, or dies with its worker, is not lost: the
sweeps find its rows and wake somebody for them.
"""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from redis import Redis, RedisError
from redis.exceptions import ResponseError

from backend.config import Settings
from backend.jobs import callbacks, deliveries, printing
from backend.jobs.names import QueueName
from backend.jobs.queues import NotIds, ids_in, key, next_entry, patient, wait_for
from backend.jobs.shift import Shift
from backend.seldom import Seldom

logger = logging.getLogger(__name__)
logger.addFilter(Seldom())

Job = Callable[[Sequence[UUID]], None]

# What is done with the ids of a queue, whoever wrote them there.
JOBS: dict[QueueName, Job] = {
    QueueName.DELIVERIES: deliveries.send_messages,
    QueueName.CALLBACKS: callbacks.work_on_callbacks,
    QueueName.PRINTING: printing.print_posters,
}


def run_worker(settings: Settings, queue: QueueName) -> None:
    """Work on a queue whose parts are installed, until told to stop by SystemExit."""
    shift = Shift()
    connection = patient(settings.redis_url)
    wait_for(connection)
    while True:
        work_on_next(connection, queue, shift)


def work_on_next(connection: Redis, queue: QueueName, shift: Shift) -> None:
    """Wait a while for an entry of the queue, and do what it wakes us for; never raises an error.

    What is no entry is thrown away, and a key of another kind with it.
    """
    try:
        entry = next_entry(connection, queue)
    except ResponseError as error:
        _clear(connection, queue, error)
    except RedisError as error:
        logger.warning("worker %s lost Redis: %s", queue, error)
        wait_for(connection)
    else:
        if entry is not None:
            _work_on(entry, queue, shift)


def _work_on(entry: bytes, queue: QueueName, shift: Shift) -> None:
    try:
        ids = ids_in(entry)
    except NotIds:
        logger.warning("thrown away: an entry of %s that is no list of ids", queue)
    else:
        shift.do(f"job of {queue}", partial(JOBS[queue], ids))


def _clear(connection: Redis, queue: QueueName, error: ResponseError) -> None:
    """Somebody put something else where the queue is, or Redis takes no commands now."""
    logger.warning("queue %s cannot be read: %s", queue, error)
    time.sleep(1)
    try:
        if connection.type(key(queue)) != b"list":
            connection.delete(key(queue))
    except RedisError as still:
        logger.warning("queue %s cannot be cleared: %s", queue, still)
