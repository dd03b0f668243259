"""Real worker and cron processes, killed, flushed and cut off: messages arrive exactly once."""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import pytest
from rq import Worker
from sqlalchemy import func, select

from backend.config import Settings, environment
from backend.jobs.deliveries import send_messages
from backend.jobs.names import QueueName
from backend.jobs.queues import connect, wake
from backend.local import valkey
from backend.local.processes import free_port, server
from backend.local.stack import TIBAO
from backend.services.base.context import Context
from backend.store.messages import Outbox
from tests.build.followers import Follower, Platform, write_reminder

Follow = Callable[..., Follower]
PATIENCE_SECONDS = 90


class Supervised:
    """A process that is started again whenever it ends, as the supervisor does."""

    def __init__(self, settings: Settings, words: tuple[str, ...]) -> None:
        self._words = [TIBAO, *words]
        self._env = environment(settings)
        self._log = log(settings)
        self._ending = Event()
        self.starts = 0
        self.process = self._start()
        self._thread = Thread(target=self._keep_alive, daemon=True)
        self._thread.start()

    def _start(self) -> "subprocess.Popen[bytes]":
        self.starts += 1
        with self._log.open("ab") as output:
            return subprocess.Popen(self._words, env=self._env, stdout=output, stderr=output)

    def _keep_alive(self) -> None:
        while True:
            self.process.wait()
            if self._ending.is_set():
                return
            self.process = self._start()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)

    def end(self) -> int:
        self._ending.set()
        self.process.terminate()
        self._thread.join(timeout=20)
        return self.process.wait(timeout=1)


@contextmanager
def running(settings: Settings, *programs: tuple[str, ...]) -> Iterator[list[Supervised]]:
    processes = [Supervised(settings, words) for words in programs]
    try:
        yield processes
    finally:
        for process in processes:
            process.end()


def log(settings: Settings) -> Path:
    return settings.data_dir / "workers.log"


def eventually(condition: Callable[[], bool], settings: Settings) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > give_up_at:
            pytest.fail(log(settings).read_text()[-3000:])
        time.sleep(0.1)


def states(ctx: Context) -> dict[str, int]:
    with ctx.sessions() as tx:
        rows = tx.execute(select(Outbox.state, func.count()).group_by(Outbox.state))
        return dict(rows.all())


def written(ctx: Context, people: list[Follower], each: int = 1) -> list[UUID]:
    with ctx.sessions() as tx:
        ids = [write_reminder(tx, ctx, p.person_id) for _ in range(each) for p in people]
        tx.commit()
    return ids


def wake_workers(settings: Settings, ids: list[UUID]) -> None:
    with connect(settings.redis_url) as client:
        wake(client, QueueName.DELIVERIES, send_messages)(ids)


def arrivals(platform: Platform) -> Counter[str]:
    return Counter(message["client_msg_id"] for message in platform.heard())


def test_a_killed_worker_and_a_flushed_queue_lose_and_repeat_nothing(
    settings: Settings, ctx: Context, platform: Platform, follower: Follow
) -> None:
    people = [follower(f"业主{n}") for n in range(20)]
    platform.control("PUT", "/latency", {"ms": 200})
    ids = written(ctx, people, each=20)
    wake_workers(settings, ids)
    programs = (("worker", "deliveries"), ("worker", "sweeps"), ("cron",))
    with running(settings, *programs) as (deliveries, _, _), connect(settings.redis_url) as client:
        eventually(lambda: 0 < len(arrivals(platform)) < len(ids), settings)
        deliveries.kill()
        assert len(arrivals(platform)) < len(ids)
        client.flushall()
        more = written(ctx, people, each=2)
        wake_workers(settings, more)
        client.flushall()
        eventually(lambda: states(ctx) == {"sent": len(ids + more)}, settings)
        assert deliveries.starts == 2
    assert arrivals(platform) == Counter(str(row_id) for row_id in ids + more)


def test_workers_and_cron_outlive_a_redis_that_goes_away(
    settings: Settings, ctx: Context, platform: Platform, follower: Follow, tmp_path: Path
) -> None:
    people = [follower("甲")]
    port = free_port()
    settings = settings.model_copy(update={"redis_url": valkey.redis_url(port)})
    folder = tmp_path / "redis"

    def redis() -> AbstractContextManager[None]:
        words, server_log = valkey.command(folder, port), folder.with_suffix(".log")
        return server(words, server_log, lambda: valkey.answers(port), signal.SIGTERM)

    programs = (("worker", "deliveries"), ("worker", "sweeps"), ("cron",))
    with running(settings, *programs):
        for _ in range(2):
            with redis():
                written(ctx, people)
                eventually(lambda: set(states(ctx)) == {"sent"}, settings)
    assert states(ctx) == {"sent": 2}
    assert len(platform.heard("甲")) == 2


def test_a_worker_told_to_stop_ends_at_once_and_cleanly(settings: Settings) -> None:
    with connect(settings.redis_url) as client:
        worker = Supervised(settings, ("worker", "deliveries"))

        def idle() -> bool:
            workers = Worker.all(connection=client)
            return [one.get_state() for one in workers] == ["idle"]

        eventually(idle, settings)
        started = time.monotonic()
        assert worker.end() == 0
        # Left to itself it would wait for the end of a blocking pop, 15 seconds.
        assert time.monotonic() - started < 10


def test_an_unknown_queue_is_refused(settings: Settings) -> None:
    done = subprocess.run(
        [TIBAO, "worker", "deliverys"],
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "deliverys" in done.stderr
