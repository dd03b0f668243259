"""Real worker and cron processes, killed, flushed and cut off: messages arrive exactly once."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from backend.config import Settings, environment
from backend.jobs.names import QueueName
from backend.jobs.queues import connect, wake
from backend.local import valkey
from backend.local.processes import free_port, server
from backend.local.stack import TIBAO
from backend.local.throwaway import valkey_answers
from backend.services.base.context import Context
from backend.store.messages import Outbox
from tests.build.followers import Follower, Platform, write_reminder
from tests.build.processes import running, seen
from tests.build.waiting import PATIENCE_SECONDS, eventually

Follow = Callable[..., Follower]
pytestmark = [pytest.mark.deep, pytest.mark.usefixtures("database_url")]


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
        wake(client, QueueName.DELIVERIES)(ids)


def leases_run_out(ctx: Context) -> None:
    """As if half a minute had passed since somebody died who had begun to send."""
    with ctx.sessions() as tx:
        tx.execute(update(Outbox).where(Outbox.state == "sending").values(try_at=func.now()))
        tx.commit()


def arrivals(platform: Platform) -> Counter[str]:
    return Counter(message["client_msg_id"] for message in platform.heard())


def test_a_killed_worker_and_a_flushed_queue_lose_and_repeat_nothing(
    settings: Settings, ctx: Context, platform: Platform, follower: Follow
) -> None:
    people = [follower(f"业主{n}") for n in range(20)]
    platform.control("PUT", "/latency", {"ms": 200})
    ids = written(ctx, people, each=20)
    wake_workers(settings, ids)
    programs = (("worker", "deliveries"), ("cron",))
    with running(settings, *programs) as (deliveries, _), connect(settings.redis_url) as client:
        seen(lambda: 0 < len(arrivals(platform)) < len(ids), settings)
        deliveries.kill()
        assert len(arrivals(platform)) < len(ids)
        leases_run_out(ctx)
        client.flushall()
        more = written(ctx, people, each=2)
        wake_workers(settings, more)
        client.flushall()
        seen(lambda: states(ctx) == {"sent": len(ids + more)}, settings)
        assert deliveries.starts == 2
    assert arrivals(platform) == Counter(str(row_id) for row_id in ids + more)


@pytest.mark.parametrize(
    "programs", [(("worker", "deliveries"), ("cron",)), (("workers",),)], ids=["a town", "a laptop"]
)
def test_workers_and_cron_outlive_a_redis_that_goes_away(
    programs: Sequence[tuple[str, ...]],
    settings: Settings,
    ctx: Context,
    platform: Platform,
    follower: Follow,
    tmp_path: Path,
) -> None:
    people = [follower("甲")]
    port = free_port()
    settings = replace(settings, redis_url=valkey.redis_url(port))
    folder = tmp_path / "redis"

    def redis() -> AbstractContextManager[None]:
        words, server_log = valkey.command(folder, port), folder.with_suffix(".log")
        return server(words, server_log, lambda: valkey_answers(port), signal.SIGTERM)

    with running(settings, *programs):
        for _ in range(2):
            with redis():
                written(ctx, people)
                seen(lambda: set(states(ctx)) == {"sent"}, settings)
    assert states(ctx) == {"sent": 2}
    assert len(platform.heard("甲")) == 2


# A worker that waits a day for a job: who sees it end did not see it come to the end of its wait.
WAITS_A_DAY = """
from backend.jobs import queues
queues.HEARTBEAT_SECONDS = 24 * 3600
from backend.cli import main
main(["worker", "deliveries"])
"""


def test_a_worker_told_to_stop_does_not_wait_for_the_end_of_its_pop(settings: Settings) -> None:
    words = [sys.executable, "-c", WAITS_A_DAY]
    with (
        connect(settings.redis_url) as client,
        subprocess.Popen(words, env=environment(settings)) as worker,
    ):

        def idle() -> bool:
            return any(one["cmd"] == "blmove" for one in client.client_list())

        eventually(idle)
        worker.terminate()
        assert worker.wait(PATIENCE_SECONDS) == 0


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


def test_who_works_on_every_queue_sweeps_too_and_ends_when_told(
    settings: Settings, ctx: Context, platform: Platform, follower: Follow
) -> None:
    """Nobody is woken for what was written: it is sent because it is swept and then taken."""
    people = [follower(f"业主{n}") for n in range(3)]
    ids = written(ctx, people, each=2)
    with subprocess.Popen([TIBAO, "workers"], env=environment(settings)) as worker:
        seen(lambda: states(ctx) == {"sent": len(ids)}, settings)
        worker.terminate()
        assert worker.wait(PATIENCE_SECONDS) == 0
    assert arrivals(platform) == Counter(str(row_id) for row_id in ids)
