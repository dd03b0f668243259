"""Waking workers: ids only, in batches, and never at the price of the request."""

import os
import signal
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from redis import Connection, Redis, exceptions
from rq import Queue
from rq.cron import CronJob

from backend.jobs import cron, sweeps
from backend.jobs.deliveries import send_messages
from backend.jobs.names import QUEUES, QueueName
from backend.jobs.queues import BATCH, connect, waiting, wake
from backend.local.processes import free_port
from backend.local.valkey import redis_url as address
from backend.local.valkey import throwaway_valkey


def test_ids_travel_in_batches_and_every_job_may_be_retried(redis_url: str) -> None:
    with connect(redis_url) as redis:
        ids = [uuid4() for _ in range(BATCH + 1)]
        wake(redis, QueueName.DELIVERIES, send_messages)(ids)
        jobs = Queue(QueueName.DELIVERIES, connection=redis).get_jobs()
        assert [job.args for job in jobs] == [
            ([str(row_id) for row_id in ids[:BATCH]],),
            ([str(ids[BATCH])],),
        ]
        assert {job.retries_left for job in jobs} == {3}
        assert waiting(redis, QueueName.DELIVERIES) == 2


def test_no_ids_wake_nobody(redis_url: str) -> None:
    with connect(redis_url) as redis:
        wake(redis, QueueName.DELIVERIES, send_messages)([])
        assert waiting(redis, QueueName.DELIVERIES) == 0


class Patient(Connection):
    """Counts how often somebody waited for Redis in vain, and for how long at most."""

    in_vain: ClassVar[list[float | None]] = []

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[no-untyped-call]  # redis says no types here
        except exceptions.ConnectionError:
            self.in_vain.append(self.socket_connect_timeout)
            raise

    def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return super().read_response(*args, **options)
        except exceptions.TimeoutError:
            self.in_vain.append(self.socket_timeout)
            raise


def test_a_dead_redis_neither_raises_nor_is_tried_twice() -> None:
    with connect(f"redis://127.0.0.1:{free_port()}/0") as redis:
        redis.connection_pool.connection_class = Patient
        Patient.in_vain.clear()
        wake(redis, QueueName.DELIVERIES, send_messages)([uuid4()])
        assert Patient.in_vain == [0.5]


def test_a_redis_that_hangs_costs_half_a_second(tmp_path: Path) -> None:
    with throwaway_valkey(tmp_path / "valkey") as port, connect(address(port)) as redis:
        redis.connection_pool.connection_class = Patient
        hand_over = wake(redis, QueueName.DELIVERIES, send_messages)
        hand_over([uuid4()])
        pid = int(redis.info("server")["process_id"])
        Patient.in_vain.clear()
        os.kill(pid, signal.SIGSTOP)
        try:
            hand_over([uuid4()])
            assert Patient.in_vain == [0.5]
            hand_over([uuid4()])
            assert Patient.in_vain == [0.5, 0.5]
        finally:
            os.kill(pid, signal.SIGCONT)
        redis.flushall()
        hand_over([uuid4()])
        assert waiting(redis, QueueName.DELIVERIES) == 1


def test_periodic_jobs_go_to_a_queue_that_has_a_worker_and_leave_nothing_behind(
    redis_url: str,
) -> None:
    with Redis.from_url(redis_url) as redis:
        jobs: list[CronJob] = cron.scheduler(redis).get_jobs()
        assert {job.queue_name for job in jobs} == {"sweeps"} < set(QUEUES)
        assert all(job.job_options["result_ttl"] == 0 for job in jobs)
        assert all(job.job_options["ttl"] > (job.interval or 0) for job in jobs)


def test_every_function_that_takes_no_ids_is_periodic() -> None:
    scheduled = {periodic.job.__name__ for periodic in cron.PERIODIC}
    assert scheduled == {name for name in vars(sweeps) if name.startswith("sweep_")}
