"""Redis as operators are told to lock it: our programs work, and may do nothing else."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError
from rq.serializers import JSONSerializer

from backend.jobs import worker
from backend.jobs.names import QueueName
from backend.jobs.queues import clear_what_rq_cannot_read, connect, patient, queue_of, waiting, wake
from backend.jobs.worker import WokenUp, Worker
from backend.local.throwaway import throwaway_valkey
from backend.store.guesses import MOST_MISSES, Guesses, impatient_redis

GUIDE = (Path(__file__).parents[2] / "SECURITY.md").read_text("utf-8")
PASSWORD = "pD8sY3hNc6JgW5eM"
PRINTING = QueueName.PRINTING


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server on which the guide's commands were typed."""
    lines = re.findall(r"^ACL .+$", GUIDE, re.MULTILINE)
    with throwaway_valkey(tmp_path_factory.mktemp("locked") / "valkey") as port:
        with Redis(port=port) as operator:
            for line in reversed(lines):  # whoever types them switches off their own way in last
                assert operator.execute_command(*line.replace("PASSWORD", PASSWORD).split())
        yield f"redis://tibao:{PASSWORD}@127.0.0.1:{port}/0"


def test_a_worker_does_its_work(locked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What succeeds and what fails, as in a worker's whole life."""
    ids = [uuid4(), uuid4()]
    done: list[UUID] = []

    def print_all(some: Sequence[UUID]) -> None:
        done.extend(some)
        if some == [ids[1]]:
            raise ValueError

    monkeypatch.setitem(worker.JOBS, PRINTING, print_all)
    with connect(locked) as api, patient(locked) as connection:
        jobs = queue_of(connection, PRINTING)
        clear_what_rq_cannot_read(jobs)
        for row_id in ids:
            wake(api, PRINTING)([row_id])
        assert waiting(api, PRINTING) == 2
        one = Worker([jobs], connection=connection, job_class=WokenUp, serializer=JSONSerializer)
        one.work(max_jobs=2, logging_level="CRITICAL")
        assert done == ids
        assert waiting(api, PRINTING) == 0


def test_guesses_are_counted(locked: str, caplog: pytest.LogCaptureFixture) -> None:
    with impatient_redis(locked) as redis:
        guesses = Guesses(redis, "lifts")
        assert [guesses.miss("203.0.113.7") for _ in range(MOST_MISSES + 1)][-1]
        assert guesses.used_up("203.0.113.7")
        assert guesses.answers()
    assert caplog.messages == []  # nobody had to do without


@pytest.mark.parametrize(
    "command",
    [
        "FLUSHALL",
        "KEYS *",
        "CONFIG GET *",
        "CONFIG SET dir /",
        "EVAL 'return_1' 0",
        "SCRIPT FLUSH",
        "MODULE LIST",
        "SAVE",
        "SHUTDOWN",
        "REPLICAOF 203.0.113.7 6379",
        "ACL SETUSER tibao +@all",
        "MONITOR",
        "CLIENT LIST",
        "CLIENT KILL TYPE normal",
        "PUBLISH rq:pubsub:worker shutdown",
        "GET session:00",
        "SET rq:suspended 1",
        "LRANGE rq:queue:printing 0 -1",
    ],
)
def test_nobody_may_do_anything_else_with_our_password(locked: str, command: str) -> None:
    with connect(locked) as redis, pytest.raises(NoPermissionError):
        redis.execute_command(*command.split())


def test_nobody_comes_in_without_it(locked: str) -> None:
    with (
        connect(locked.replace(f"tibao:{PASSWORD}@", "")) as redis,
        pytest.raises(AuthenticationError),
    ):
        redis.ping()
