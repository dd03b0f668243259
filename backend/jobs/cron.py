"""The periodic jobs, in one table. Each is harmless when it runs twice or not at all."""

from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis
from rq.cron import CronScheduler

from backend.jobs import tasks
from backend.jobs.queues import JOB_SECONDS, QueueName


@dataclass(frozen=True)
class Periodic:
    """A job on the `sweeps` queue every so many seconds of real time."""

    job: Callable[[], None]
    seconds: int


# Seconds, so that a settable clock moves cases on at once; an idle sweep costs a millisecond.
PERIODIC = (
    Periodic(tasks.sweep_outbox, 3),
    Periodic(tasks.sweep_inbox, 3),
    Periodic(tasks.sweep_printing, 3),
    Periodic(tasks.sweep_deadlines, 5),
    Periodic(tasks.sweep_purchases, 5),
    Periodic(tasks.sweep_endings, 5),
    Periodic(tasks.sweep_remains, 3600),
)


def scheduler(connection: Redis) -> CronScheduler:
    """RQ's scheduler with the table registered."""
    cron = CronScheduler(connection, logging_level="WARNING")
    for periodic in PERIODIC:
        cron.register(
            periodic.job,
            QueueName.SWEEPS,
            interval=periodic.seconds,
            job_timeout=JOB_SECONDS,
            result_ttl=0,
            # While no worker runs, old entries evaporate instead of piling up.
            ttl=10 * periodic.seconds,
            failure_ttl=JOB_SECONDS,
        )
    return cron
