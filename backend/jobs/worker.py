"""The processes that run jobs: one worker per queue, and one cron.

Both wait for Redis before they begin. An idle worker waits for it to come back, too; whoever needs
it in the middle of something ends, and the supervisor starts them again. A worker runs its jobs in
its own process and not in a fork for each: database and HTTP connections stay open, and a job costs
a quarter. Nothing rests on RQ's recovery of killed jobs, since the sweeps find the rows.
"""

import logging
import time

from redis import Redis, RedisError
from redis.backoff import ExponentialBackoff
from redis.retry import Retry
from rq import SimpleWorker
from rq.exceptions import StopRequested

from backend.config import Settings
from backend.jobs import cron, functions
from backend.jobs.queues import QUEUES

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 30
UPKEEP_SECONDS = 10
LONGEST_PAUSE_SECONDS = 5  # between tries to reach a Redis that went away; RQ's own is a minute


def run_worker(settings: Settings, queue: str, parts: functions.WorkerParts) -> None:
    """Work on one of QUEUES until told to stop. Raises SystemExit when Redis goes away."""
    if queue not in QUEUES:
        raise SystemExit(f"unknown queue {queue}: choose one of {', '.join(QUEUES)}")
    functions.install(parts)
    connection = _patient(settings.redis_url)
    _wait_for(connection)
    worker = SimpleWorker(
        [queue],
        connection=connection,
        worker_ttl=HEARTBEAT_SECONDS,
        maintenance_interval=UPKEEP_SECONDS,
        log_job_description=False,
    )
    worker.max_connection_wait_time = LONGEST_PAUSE_SECONDS
    try:
        worker.work(logging_level="WARNING")
    except RedisError as error:
        raise SystemExit(f"worker {queue} lost Redis: {error}") from None


def run_cron(settings: Settings) -> None:
    """Enqueue the periodic jobs until told to stop. Raises SystemExit when Redis goes away."""
    logging.getLogger("rq.cron").setLevel(logging.WARNING)
    connection = _patient(settings.redis_url)
    _wait_for(connection)
    try:
        cron.scheduler(connection).start()  # type: ignore[no-untyped-call]  # rq says no types here
    except StopRequested:  # told to stop while it was saying goodbye to a dead Redis
        return
    except RedisError as error:
        raise SystemExit(f"cron lost Redis: {error}") from None


def _patient(redis_url: str) -> Redis:
    """Connections that outlive a restart of the server of a second or two.

    RQ itself makes their read time-out long enough for waiting on a queue.
    """
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=2,
        retry=Retry(ExponentialBackoff(cap=1, base=0.1), 5),
        health_check_interval=HEARTBEAT_SECONDS,
    )


def _wait_for(connection: Redis) -> None:
    """Until Redis answers; says so once when it does not."""
    said = False
    while True:
        try:
            connection.ping()
            return
        except RedisError as error:
            if not said:
                logger.warning("waiting for Redis: %s", error)
                said = True
            time.sleep(1)
