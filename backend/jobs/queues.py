"""The queues of RQ and how to wake them: their jobs are JSON and hold ids.

Whoever can write to Redis can wake a worker for rows that it would find by itself, and no more: of
a job that lies there the ids are read, and nothing else. PostgreSQL is the truth.
"""

import json
import time
import zlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from redis import Redis, RedisError
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from backend.jobs.names import QueueName
from backend.seldom import logger_of
from backend.services.base.wake import Wake

logger = logger_of(__name__)

BATCH = 500
LONGEST_ENTRY = (BATCH + 5) * 40  # bytes: an id with quotes, a comma and a blank; what is around
JOB_SECONDS = 120
# While no worker runs, jobs evaporate instead of piling up: the sweep finds their rows.
WAITING_SECONDS = 600
FAILURES_KEPT_SECONDS = 86_400
PATIENCE_SECONDS = 0.5
HEARTBEAT_SECONDS = 30


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
    """A worker's connections, which outlive a restart of the server of a second or two.

    RQ itself makes their read time-out long enough for waiting on a queue.
    """
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=2,
        retry=Retry(ExponentialBackoff(cap=1, base=0.1), 5),
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


class WakeUp(Job):
    """A job of RQ, of which nothing but the ids is believed once it has lain in Redis.

    RQ itself would take from there which function to call, for how long, what to call afterwards
    and which addresses to tell: the worker knows what is done with ids of its queue, and nothing
    follows.
    """

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Take the ids; raises NoSuchJobError, which RQ passes over, for whatever holds none."""
        try:
            ids = ids_of_job(raw_data.get(b"data", b""))
        except NotIds:
            logger.warning("thrown away: a job that is no list of ids")
            raise NoSuchJobError from None
        self._func_name, self._instance = "wake up", None
        self._args, self._kwargs = (ids,), {}
        self.timeout, self.result_ttl = JOB_SECONDS, 0
        self.failure_ttl = FAILURES_KEPT_SECONDS


def queue_of(connection: Redis, queue: QueueName) -> Queue:
    """RQ's handle on a queue of ours."""
    return Queue(queue, connection=connection, job_class=WakeUp, serializer=JSONSerializer)


def wake(connection: Redis, queue: QueueName) -> Wake:
    """A function that hands ids to the queue's worker, in batches; it never raises.

    When Redis does not take them it says so in the log: the sweep finds the rows.
    """
    jobs = queue_of(connection, queue)

    def hand_over(ids: Sequence[UUID]) -> None:
        texts = [str(row_id) for row_id in ids]
        try:
            for start in range(0, len(texts), BATCH):
                _enqueue(jobs, texts[start : start + BATCH])
        except RedisError as error:
            logger.warning("%s not woken, left to the sweep: %s", queue, error)

    return hand_over


def _enqueue(jobs: Queue, ids: Sequence[str]) -> None:
    try:
        jobs.enqueue_call("wake up", (ids,), ttl=WAITING_SECONDS, description=f"{len(ids)} ids")
    except ResponseError:
        clear_what_rq_cannot_read(jobs)
        jobs.enqueue_call("wake up", (ids,), ttl=WAITING_SECONDS, description=f"{len(ids)} ids")


def clear_what_rq_cannot_read(jobs: Queue) -> None:
    """Remove what lies under RQ's names and is of another type: it would stop the queue for as long
    as it lies there. Nothing of value is lost, the sweeps find the rows. Raises RedisError."""
    for key, kind in {
        jobs.key: b"list",
        jobs.intermediate_queue_key: b"list",
        jobs.redis_queues_keys: b"set",
        SimpleWorker.redis_workers_keys: b"set",
        WORKERS_BY_QUEUE_KEY % jobs.name: b"set",
        jobs.started_job_registry.key: b"zset",
        jobs.finished_job_registry.key: b"zset",
        jobs.failed_job_registry.key: b"zset",
    }.items():
        if jobs.connection.type(key) not in (kind, b"none"):
            logger.warning("thrown away: what lay at %s and is no %s", key, kind.decode())
            jobs.connection.delete(key)


def waiting(connection: Redis, queue: QueueName) -> int:
    """How many jobs wait in a queue. Raises RedisError."""
    return queue_of(connection, queue).count


def ids_of_job(data: bytes) -> list[UUID]:
    """The ids of a job as RQ writes it: packed, a function, None, its arguments, no names.

    Raises NotIds for whatever else lies there, however large or deep, packed or not.
    """
    unpacking = zlib.decompressobj()
    try:
        entry = unpacking.decompress(data, LONGEST_ENTRY)
    except zlib.error:
        entry = data
    if len(entry) >= LONGEST_ENTRY:
        raise NotIds
    return _ids(_json(entry))


def _json(entry: bytes) -> Any:
    try:
        return json.loads(entry)
    except (ValueError, RecursionError):
        raise NotIds from None


def _ids(job: Any) -> list[UUID]:
    match job:
        case [_, None, [[*texts]], _] if 0 < len(texts) <= BATCH:
            try:
                ids = [UUID(text) for text in texts if isinstance(text, str)]
            except ValueError:
                raise NotIds from None
            if len(ids) == len(texts):
                return ids
    raise NotIds
