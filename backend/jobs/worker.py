"""The process that works on one queue.

It waits for Redis before it begins. An idle worker waits for it to come back, too; whoever needs it
in the middle of something ends, and the supervisor starts it again. A worker runs its jobs in
its own process and not in a fork for each: database and HTTP connections stay open, and a job costs
a quarter. Nothing rests on RQ's recovery of killed jobs, since the sweeps find the rows.
"""

from redis import RedisError
from rq import SimpleWorker

from backend.config import Settings
from backend.jobs.names import QueueName
from backend.jobs.queues import HEARTBEAT_SECONDS, patient, wait_for

UPKEEP_SECONDS = 10
LONGEST_PAUSE_SECONDS = 5  # between tries to reach a Redis that went away; RQ's own is a minute


def run_worker(settings: Settings, queue: QueueName) -> None:
    """Work on a queue whose parts are installed, until told to stop.

    Raises SystemExit when Redis goes away.
    """
    connection = patient(settings.redis_url)
    wait_for(connection)
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
