"""Waking workers: ids only, in batches, and never at the price of the request."""

import json
import os
import signal
import zlib
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from redis import Connection, exceptions
from rq.serializers import JSONSerializer

from backend.jobs import cron, sweeps
from backend.jobs.names import QueueName
from backend.jobs.queues import (
    BATCH,
    WAITING_SECONDS,
    NotIds,
    WakeUp,
    connect,
    ids_of_job,
    queue_of,
    waiting,
    wake,
)
from backend.local.processes import free_port
from backend.local.throwaway import throwaway_valkey
from backend.local.valkey import redis_url as address


def test_ids_travel_in_batches_and_arrive_in_order(redis_url: str) -> None:
    with connect(redis_url) as redis:
        ids = [uuid4() for _ in range(BATCH + 1)]
        wake(redis, QueueName.DELIVERIES)(ids)
        assert waiting(redis, QueueName.DELIVERIES) == 2
        names = queue_of(redis, QueueName.DELIVERIES).job_ids
        jobs = [WakeUp.fetch(name, redis, JSONSerializer) for name in names]
        assert [job.args for job in jobs] == [(ids[:BATCH],), (ids[BATCH:],)]


def test_no_ids_wake_nobody(redis_url: str) -> None:
    with connect(redis_url) as redis:
        wake(redis, QueueName.DELIVERIES)([])
        assert waiting(redis, QueueName.DELIVERIES) == 0


def test_what_waits_without_a_worker_evaporates(redis_url: str) -> None:
    with connect(redis_url) as redis:
        wake(redis, QueueName.PRINTING)([uuid4()])
        [job_id] = queue_of(redis, QueueName.PRINTING).job_ids
        assert 0 < redis.ttl(f"rq:job:{job_id}") <= WAITING_SECONDS


def test_what_a_stranger_put_in_the_queues_place_is_thrown_away(redis_url: str) -> None:
    with connect(redis_url) as redis:
        for name in ("rq:queue:printing", "rq:queues"):
            redis.set(name, "x")
        wake(redis, QueueName.PRINTING)([uuid4()])
        assert waiting(redis, QueueName.PRINTING) == 1


def written(ids: list[UUID], times: int = 1) -> bytes:
    """A job as RQ writes it, with all of its ids so many times."""
    return json.dumps(["wake up", None, [[str(one) for one in ids] * times], {}]).encode()


@given(st.lists(st.uuids(), min_size=1, max_size=BATCH), st.booleans())
def test_what_we_write_is_read(ids: list[UUID], packed: bool) -> None:
    assert ids_of_job(zlib.compress(written(ids)) if packed else written(ids)) == ids


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
ALMOST = st.tuples(st.text(), st.none() | JSON, JSON | st.lists(st.lists(JSON)), JSON)


@given(st.binary() | (JSON | ALMOST).map(lambda value: json.dumps(value).encode()), st.booleans())
@example(b"[" * 20_000, True)
@example(b"1" * 10_000, True)
@example(b"0" * 100_000_000, True)
@example(written([uuid4()] * (BATCH + 1)), False)
@example(written([uuid4()], times=1_000_000), True)
@example(json.dumps(["wake up", None, [[str(uuid4()), 7]], {}]).encode(), False)
@example(b'["\xff"]', False)
def test_whatever_else_is_written_is_no_job(data: bytes, packed: bool) -> None:
    with pytest.raises(NotIds):
        ids_of_job(zlib.compress(data) if packed else data)


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
        wake(redis, QueueName.DELIVERIES)([uuid4()])
        assert Patient.in_vain == [0.5]


def test_a_redis_that_hangs_costs_half_a_second(tmp_path: Path) -> None:
    with throwaway_valkey(tmp_path / "valkey") as port, connect(address(port)) as redis:
        redis.connection_pool.connection_class = Patient
        hand_over = wake(redis, QueueName.DELIVERIES)
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


def test_every_sweep_is_periodic() -> None:
    swept = {periodic.sweep.__name__ for periodic in cron.PERIODIC}
    assert swept == {name for name in vars(sweeps) if name.startswith("sweep_")}
