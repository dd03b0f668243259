"""The process that works on one queue, and on one machine on all of them.

It waits for Redis before it begins. An idle worker waits for it to come back, too; whoever needs it
in the middle of something ends, and the supervisor starts it again. A worker runs its jobs in
its own process and not in a fork for each: database and HTTP connections stay open, and a job costs
a quarter. A job that fails, or dies with its worker, is not lost: the sweeps find its rows and wake
somebody for them.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from uuid import UUID

from redis import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.serializers import JSONSerializer

from backend.config import Settings
from backend.jobs import callbacks, deliveries, printing
from backend.jobs.cron import run_cron
from backend.jobs.names import QUEUES, QueueName
from backend.jobs.queues import (
    HEARTBEAT_SECONDS,
    WakeUp,
    clear_what_rq_cannot_read,
    patient,
    queue_of,
    wait_for,
)
from backend.jobs.shift import Shift
from backend.seldom import logger_of

log = logger_of(__name__)

LOG_LEVEL = "WARNING"
LONGEST_PAUSE_SECONDS = 5  # between tries to reach a Redis that went away; RQ's own is a minute

# What is done with the ids of a queue, whoever wrote them there.
JOBS: dict[QueueName, Callable[[Sequence[UUID]], None]] = {
    QueueName.DELIVERIES: deliveries.send_messages,
    QueueName.CALLBACKS: callbacks.work_on_callbacks,
    QueueName.PRINTING: printing.print_posters,
}


class WokenUp(WakeUp):
    """A job in its worker's hands."""

    def _execute(self) -> None:
        (ids,) = self.args
        JOBS[QueueName(self.origin)](ids)


class Worker(SimpleWorker):
    """RQ's worker, which takes no orders from Redis: no commands, no pause, no upkeep that calls
    what is named there. Whoever stops it is its supervisor, by a signal."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        """A job is of the queue that it was taken from, whatever it says."""
        job.origin = queue.name
        super().execute_job(job, queue)

    def subscribe(self) -> None:
        """Listen to nobody."""

    def check_for_suspension(self, burst: bool) -> None:
        """Pause for nobody."""

    def run_maintenance_tasks(self) -> None:
        """Nothing rests on what RQ writes down about killed jobs."""

    def take_turns(self, shift: Shift, seconds: float) -> None:
        """For so many seconds, and once at least, do what comes as pieces of work of a shift that
        does other things, too. Nothing comes while Redis is away, and the others go on."""
        until = time.monotonic() + seconds
        left = None  # what is there already is taken without waiting
        while left is None or left > 0:
            if found := self._next_within(left):
                shift.do(found[1].name, partial(self.execute_job, *found))
            left = until - time.monotonic()

    def _next_within(self, seconds: float | None) -> tuple[Job, Queue] | None:
        try:
            return self.queue_class.dequeue_any(
                self.queues,
                seconds,  # type: ignore[arg-type]  # RQ hands it on, and Redis takes parts of one
                connection=self.connection,
                job_class=self.job_class,
                serializer=self.serializer,
                death_penalty_class=self.death_penalty_class,
            )
        except DequeueTimeout:
            return None
        except RedisError as error:
            log.warning("no job is taken: %s", error)
            return None


def run_worker(settings: Settings, queue: QueueName) -> None:
    """Work on a queue whose parts are installed, until told to stop.

    Raises SystemExit when Redis goes away.
    """
    try:
        _worker(settings, [queue]).work(logging_level=LOG_LEVEL)
    except RedisError as error:
        raise SystemExit(f"worker {queue} lost Redis: {error}") from None


def run_everything(settings: Settings) -> None:
    """Work on every queue and sweep in between, one thing after the other, until told to stop: what
    one machine has in the place of a process for each. It begins when Redis answers; from then on
    the sweeps go on without it.
    """
    worker = _worker(settings, QUEUES)
    try:
        worker.bootstrap(LOG_LEVEL)
        run_cron(worker.take_turns)
    finally:
        with suppress(RedisError):
            worker.teardown()  # type: ignore[no-untyped-call]  # RQ has no type here


def _worker(settings: Settings, queues: Sequence[QueueName]) -> Worker:
    """Who takes from these queues, the first first, as soon as Redis answers."""
    connection = patient(settings.redis_url)
    wait_for(connection)
    jobs = [queue_of(connection, queue) for queue in queues]
    for each in jobs:
        clear_what_rq_cannot_read(each)
    worker = Worker(
        jobs,
        connection=connection,
        job_class=WokenUp,
        serializer=JSONSerializer,
        worker_ttl=HEARTBEAT_SECONDS,
        log_job_description=False,
    )
    worker.max_connection_wait_time = LONGEST_PAUSE_SECONDS
    return worker
