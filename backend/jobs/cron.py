"""The periodic jobs, in one table. Each is harmless when it runs twice or not at all."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis, RedisError
from rq.cron import CronScheduler
from rq.exceptions import StopRequested

from backend.config import Settings
from backend.jobs import sweeps
from backend.jobs.names import QueueName
from backend.jobs.queues import JOB_SECONDS, patient, wait_for


@dataclass(frozen=True)
class Periodic:
    """A job on the `sweeps` queue every so many seconds of real time."""

    job: Callable[[], None]
    seconds: int


# Seconds, so that a settable clock moves cases on at once; an idle sweep costs a millisecond.
PERIODIC = (
    Periodic(sweeps.sweep_outbox, 3),
    Periodic(sweeps.sweep_inbox, 3),
    Periodic(sweeps.sweep_printing, 3),
    Periodic(sweeps.sweep_deadlines, 5),
    Periodic(sweeps.sweep_purchases, 5),
    Periodic(sweeps.sweep_endings, 5),
    Periodic(sweeps.sweep_remains, 3600),
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


def run_cron(settings: Settings) -> None:
    """Enqueue the periodic jobs until told to stop. Raises SystemExit when Redis goes away."""
    logging.getLogger("rq.cron").setLevel(logging.WARNING)
    connection = patient(settings.redis_url)
    wait_for(connection)
    try:
        scheduler(connection).start()  # type: ignore[no-untyped-call]  # rq says no types here
    except StopRequested:  # told to stop while it was saying goodbye to a dead Redis
        return
    except RedisError as error:
        raise SystemExit(f"cron lost Redis: {error}") from None
