"""Waking workers: ids only, in batches, and never at the price of the request."""

import json
import logging
import os
import signal
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from redis import Connection, exceptions

from backend.jobs import cron, sweeps
from backend.jobs.names import QueueName
from backend.jobs.queues import (
    BATCH,
    MOST_WAITING,
    NotIds,
    connect,
    ids_in,
    key,
    next_entry,
    waiting,
    wake,
)
from backend.local.processes import free_port
from backend.local.valkey import redis_url as address
from backend.local.valkey import throwaway_valkey
from backend.seldom import Seldom


def test_ids_travel_in_batches_and_arrive_in_order(redis_url: str) -> None:
    with connect(redis_url) as redis:
        ids = [uuid4() for _ in range(BATCH + 1)]
        wake(redis, QueueName.DELIVERIES)(ids)
        assert waiting(redis, QueueName.DELIVERIES) == 2
        entries = [next_entry(redis, QueueName.DELIVERIES) for _ in range(2)]
        assert [ids_in(entry or b"") for entry in entries] == [ids[:BATCH], ids[BATCH:]]


def test_no_ids_wake_nobody(redis_url: str) -> None:
    with connect(redis_url) as redis:
        wake(redis, QueueName.DELIVERIES)([])
        assert waiting(redis, QueueName.DELIVERIES) == 0


def test_a_queue_without_a_worker_does_not_grow_for_ever(redis_url: str) -> None:
    with connect(redis_url) as redis:
        redis.rpush(key(QueueName.PRINTING), *(["[]"] * MOST_WAITING))
        last = uuid4()
        wake(redis, QueueName.PRINTING)([last])
        assert waiting(redis, QueueName.PRINTING) == MOST_WAITING
        [newest] = redis.lrange(key(QueueName.PRINTING), -1, -1)
        assert ids_in(newest) == [last]


@given(st.lists(st.uuids(), min_size=1, max_size=BATCH))
def test_what_we_write_is_read(ids: list[UUID]) -> None:
    assert ids_in(json.dumps([str(one) for one in ids]).encode()) == ids


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 20_000)
@example(b"1" * 10_000)
@example(json.dumps([str(uuid4())] * (BATCH + 1)).encode())
@example(json.dumps([str(uuid4())] * 1_000_000).encode())
@example(b'["\xff"]')
def test_whatever_else_is_written_is_no_entry(entry: bytes) -> None:
    with pytest.raises(NotIds):
        ids_in(entry)


def test_a_sentence_that_would_fill_the_log_is_said_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 0.0
    monkeypatch.setattr("backend.seldom.time.monotonic", lambda: now)
    noisy = logging.getLogger("noisy")
    noisy.addFilter(Seldom())
    for number in range(1000):
        noisy.warning("thrown away: %s", number)
    noisy.warning("something else")
    now = 61.0
    noisy.warning("thrown away: %s", 1000)
    assert caplog.messages == [
        "thrown away: 0",
        "something else",
        "thrown away: 1000 (and 999 times before)",
    ]


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
